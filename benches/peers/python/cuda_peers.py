#!/usr/bin/env python3
"""Fills by PyTorch, cuRAND and JAX on a CUDA device, timed by events. Prints CSV.

Beside this crate, on the same card, one after the other in the same session:

    pip install torch cupy-cuda12x "jax[cuda12]"        # any of them; what is missing is said and left out
    wgpu-init bench --device gpu --csv --size 1,16,64,256,1024,4096 > ours.csv
    python3 benches/peers/python/cuda_peers.py > peers.csv

Columns as of `cargo run --release -- fills` in benches/peers, and the dtype: what,device,law,mib,seconds,gb_per_s,dtype. `seconds` is
the median of the repetitions, warm: memory is written before, kernels are compiled. GB are 10^9 bytes written. `zero` and `constant`
are PyTorch's fills of the same bytes, for a share of memory speed.

    --dry-run          prints what would be measured and what is missing here; needs no GPU
    --mib 1,16,64      sizes; 1,4,16,64,256,1024,4096 unless said
    --repetitions 50   a line at 64 MiB; larger ones have fewer, not below 9, smaller ones up to eight times as many
    --only REGEX       on `what law dtype`

PyTorch and CuPy: two CUDA events around one call into an existing tensor. A call is also what `trunc_normal_` launches: several
kernels. For small tensors the time between events includes the host's launches; the fill itself may be faster.
JAX cannot fill in place: its calls allocate and are timed by the host's clock, many calls in flight divided by their number; compare
large sizes only. `rbg` is XLA's Philox on a GPU. cuRAND fills f32 only and its normals come in pairs (Box-Muller); it has no truncated normal.
"""

import argparse
import importlib
import re
import statistics
import sys
import time

COLUMNS = "what,device,law,mib,seconds,gb_per_s,dtype"
SIZES = [1, 4, 16, 64, 256, 1024, 4096]
BYTES = {"f32": 4, "bf16": 2}

# what, law, dtype, package
PLAN = (
    [("torch", law, dtype, "torch") for dtype in BYTES for law in ("zero", "constant", "uniform", "normal", "trunc_normal")]
    + [(f"curand-{generator}", law, "f32", "cupy") for generator in ("xorwow", "philox") for law in ("uniform", "normal")]
    + [
        (f"jax-{generator}", law, dtype, "jax")
        for generator in ("threefry2x32", "rbg", "unsafe_rbg", "philox4x32")
        for dtype in BYTES
        for law in ("uniform", "normal", "trunc_normal")
    ]
)


def repetitions(base, mib):
    """The base at 64 MiB; fewer for more bytes, more for fewer."""
    return max(9, min(base * 8, base * 64 // mib))


def row(what, device, law, mib, seconds, dtype):
    device = device.replace(",", " ")
    return f"{what},{device},{law},{mib},{seconds:.9f},{mib * 2**20 / seconds / 1e9:.3f},{dtype}"


def missing(package):
    """Why a package cannot be used, or nothing."""
    try:
        module = importlib.import_module(package)
    except Exception as error:  # a package that is there may still fail to load its libraries
        return f"{package} cannot be imported: {error}"
    try:
        if package == "torch" and not module.cuda.is_available():
            return "torch sees no CUDA device"
        if package == "cupy" and module.cuda.runtime.getDeviceCount() < 1:
            return "cupy sees no CUDA device"
        if package == "jax" and not any(device.platform == "gpu" for device in module.devices()):
            return "jax sees no GPU (is jax[cuda12] installed?)"
    except Exception as error:
        return f"{package} sees no CUDA device: {error}"
    return None


def by_events(event, call, synchronize, elapsed, count):
    """Median seconds of a call, each between two events of its own."""
    for _ in range(3):
        call()
    synchronize()
    pairs = []
    for _ in range(count):
        start, end = event(), event()
        start.record()
        call()
        end.record()
        pairs.append((start, end))
    synchronize()
    return statistics.median(elapsed(start, end) for start, end in pairs) / 1e3


class Torch:
    def __init__(self):
        self.torch = importlib.import_module("torch")
        self.device = self.torch.cuda.get_device_name(0)

    def measure(self, what, law, dtype, mib, count):
        torch = self.torch
        kind = {"f32": torch.float32, "bf16": torch.bfloat16}[dtype]
        tensor = torch.empty(mib * 2**20 // BYTES[dtype], dtype=kind, device="cuda")
        torch.manual_seed(0)
        call = {
            "zero": tensor.zero_,
            "constant": lambda: tensor.fill_(1.0),
            "uniform": lambda: tensor.uniform_(0.0, 1.0),
            "normal": lambda: tensor.normal_(0.0, 1.0),
            "trunc_normal": lambda: torch.nn.init.trunc_normal_(tensor, 0.0, 1.0, -2.0, 2.0),
        }[law]
        event = lambda: torch.cuda.Event(enable_timing=True)
        with torch.no_grad():
            return by_events(event, call, torch.cuda.synchronize, lambda a, b: a.elapsed_time(b), count)


class Cupy:
    def __init__(self):
        self.cupy = importlib.import_module("cupy")
        self.curand = self.cupy.cuda.curand
        name = self.cupy.cuda.runtime.getDeviceProperties(0)["name"]
        self.device = name.decode() if isinstance(name, bytes) else name

    def measure(self, what, law, dtype, mib, count):
        cupy, curand = self.cupy, self.curand
        kind = {"curand-xorwow": curand.CURAND_RNG_PSEUDO_XORWOW, "curand-philox": curand.CURAND_RNG_PSEUDO_PHILOX4_32_10}[what]
        generator = curand.createGenerator(kind)
        try:
            curand.setPseudoRandomGeneratorSeed(generator, 0)
            curand.setStream(generator, cupy.cuda.get_current_stream().ptr)
            array = cupy.empty(mib * 2**18, dtype=cupy.float32)
            call = {
                "uniform": lambda: curand.generateUniform(generator, array.data.ptr, array.size),
                "normal": lambda: curand.generateNormal(generator, array.data.ptr, array.size, 0.0, 1.0),
            }[law]
            synchronize = cupy.cuda.get_current_stream().synchronize
            return by_events(cupy.cuda.Event, call, synchronize, cupy.cuda.get_elapsed_time, count)
        finally:
            curand.destroyGenerator(generator)
            cupy.get_default_memory_pool().free_all_blocks()


class Jax:
    IN_FLIGHT = 4

    def __init__(self):
        self.jax = importlib.import_module("jax")
        self.device = next(device for device in self.jax.devices() if device.platform == "gpu").device_kind

    def measure(self, what, law, dtype, mib, count):
        jax = self.jax
        kind = {"f32": jax.numpy.float32, "bf16": jax.numpy.bfloat16}[dtype]
        shape = (mib * 2**20 // BYTES[dtype],)
        draw = {
            "uniform": lambda key: jax.random.uniform(key, shape, kind),
            "normal": lambda key: jax.random.normal(key, shape, kind),
            "trunc_normal": lambda key: jax.random.truncated_normal(key, -2.0, 2.0, shape, kind),
        }[law]
        # Raises for a generator that this version lacks.
        key = jax.random.key(0, impl=what.removeprefix("jax-"))
        compiled = jax.jit(draw).lower(key).compile()
        jax.block_until_ready(compiled(key))
        times = []
        for _ in range(count):
            start = time.perf_counter()
            jax.block_until_ready([compiled(key) for _ in range(self.IN_FLIGHT)])
            times.append((time.perf_counter() - start) / self.IN_FLIGHT)
        return statistics.median(times)


PACKAGES = {"torch": Torch, "cupy": Cupy, "jax": Jax}


def main():
    # JAX takes most of the memory at once unless told otherwise, before it is imported.
    import os

    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--mib", type=lambda text: [int(size) for size in text.split(",")], default=SIZES)
    parser.add_argument("--repetitions", type=int, default=50)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    plan = [line for line in PLAN if re.search(options.only, " ".join(line[:3]))]
    wanted = dict.fromkeys(line[3] for line in plan)
    reasons = {package: missing(package) for package in wanted}
    for reason in filter(None, reasons.values()):
        print(f"left out: {reason}", file=sys.stderr)
    if options.dry_run:
        print("what,law,dtype,mib,repetitions,state")
        for what, law, dtype, package in plan:
            for mib in options.mib:
                state = "left out" if reasons[package] else "measured"
                print(f"{what},{law},{dtype},{mib},{repetitions(options.repetitions, mib)},{state}")
        return
    if all(reasons.values()):
        sys.exit("nothing to measure: no package here sees a CUDA device")
    print(COLUMNS, flush=True)
    for package in wanted:
        if reasons[package]:
            continue
        peer = PACKAGES[package]()
        failed = set()
        for what, law, dtype, _ in (line for line in plan if line[3] == package):
            for mib in options.mib:
                if what in failed:
                    continue
                try:
                    seconds = peer.measure(what, law, dtype, mib, repetitions(options.repetitions, mib))
                    print(row(what, peer.device, law, mib, seconds, dtype), flush=True)
                except Exception as error:
                    first = str(error).splitlines()[:1] or [type(error).__name__]
                    print(f"{what} {law} {dtype} {mib} MiB: {first[0]}", file=sys.stderr)
                    # A generator that does not exist fails at once and always; a size may be too large for one law.
                    if mib == options.mib[0]:
                        failed.add(what)
        if package == "torch":
            peer.torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
