#!/usr/bin/env python3
"""One record of this crate beside others on a card, from what `benches/card/run` wrote: its folder is the argument. Prints CSV.

The others' lines are python.csv's; this crate's are the warm fills of bench.csv and large.csv, by the device's timestamps, as the others'
are by CUDA's events. The largest size is the same but for the last MiB, which no buffer of Vulkan's has.
"""

import csv
import pathlib
import sys

LARGEST = 4096


def main():
    folder = pathlib.Path(sys.argv[1])
    theirs = list(csv.DictReader((folder / "python.csv").open()))
    device = theirs[0]["device"]
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["what", "device", "law", "mib", "seconds", "gb_per_s", "dtype", "driver"])
    sizes = {int(row["mib"]) for row in theirs}
    seen = set()
    for name in ("bench.csv", "large.csv"):
        for row in csv.DictReader((folder / name).open()):
            mib = int(row["bytes"]) / 2**20
            size = LARGEST if LARGEST * 0.99 < mib < LARGEST else int(mib)
            key = (row["distribution"], row["dtype"], size)
            if row["work"] != "fill" or row["timing"] != "warm" or row["tensors"] != "1" or size not in sizes or key in seen:
                continue
            if row["dtype"] not in ("f32", "bf16"):
                continue
            seen.add(key)
            # Seconds of the whole size: the last MiB are missing, a thousandth.
            seconds = float(row["seconds"]) * size / mib
            out.writerow(["wgpu-init", device, row["distribution"], size, f"{seconds:.9f}", f"{float(row['gb_per_s']):.3f}", row["dtype"], row["driver"]])
    for row in theirs:
        out.writerow([row[column] for column in ("what", "device", "law", "mib", "seconds", "gb_per_s", "dtype")] + ["CUDA"])


if __name__ == "__main__":
    main()
