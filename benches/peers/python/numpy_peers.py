#!/usr/bin/env python3
"""Fills of f32 by NumPy's generators on one thread of the CPU. Prints CSV.

    pip install numpy
    python3 benches/peers/python/numpy_peers.py

Columns as of `cargo run --release -- fills` in benches/peers, then dtype and nanoseconds an element. `seconds` is the least of the
repetitions, which alternate between all lines of a size, on memory written before. NumPy's normals are a ziggurat: not addressed by an
index, as this crate's are.

`benches/record/numpy-cpu-2026-11-24.csv`: NumPy 2.4.6 on a machine of two cores that was not quiet (load 5.7 of other work). Read it to one
digit.
"""

import os
import platform
import sys
import time

import numpy

GENERATORS = ("Philox", "PCG64", "SFC64")
MIB = (1, 16, 64)
REPETITIONS = 15


def processor():
    try:
        with open("/proc/cpuinfo") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip().replace(",", " ")
    except OSError:
        pass
    return platform.processor() or platform.machine()


def main():
    device = processor()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"NumPy {numpy.__version__}, {device}, load {load:.2f}", file=sys.stderr)
    print("what,device,law,mib,seconds,gb_per_s,dtype,ns_per_element")
    for mib in MIB:
        out = numpy.zeros(mib * 2**18, dtype=numpy.float32)
        calls = {("numpy-fill", "constant"): lambda: out.fill(1.0)}
        for name in GENERATORS:
            generator = numpy.random.Generator(getattr(numpy.random, name)(0))
            calls[f"numpy-{name}", "uniform"] = lambda g=generator: g.random(dtype=numpy.float32, out=out)
            calls[f"numpy-{name}", "normal"] = lambda g=generator: g.standard_normal(dtype=numpy.float32, out=out)
        least = dict.fromkeys(calls, float("inf"))
        for _ in range(REPETITIONS):
            for line, call in calls.items():
                start = time.perf_counter()
                call()
                least[line] = min(least[line], time.perf_counter() - start)
        for (what, law), seconds in least.items():
            speed, each = out.nbytes / seconds / 1e9, seconds / out.size * 1e9
            print(f"{what},{device},{law},{mib},{seconds:.6f},{speed:.3f},f32,{each:.3f}", flush=True)


if __name__ == "__main__":
    main()
