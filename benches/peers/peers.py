#!/usr/bin/env python3
"""What people fill tensors with in Python, on a CUDA device or on the CPU: PyTorch, cuRAND by CuPy, JAX, NumPy. Prints a record (CSV) in
the columns of `wgpu-init bench --csv`, to stand beside it.

    pip install torch cupy-cuda12x "jax[cuda12]" numpy transformers     # any of them; what is missing is said and left out
    python3 peers.py --device cuda > peers.csv

    --device cuda|cpu    the CPU on as many threads as --threads says
    --do fills,orthogonal,models
    --mib 1,64,1024      sizes of the fills
    --repetitions 50     a line at 64 MiB; larger ones have fewer, not below 9, smaller ones up to eight times as many
    --only REGEX         on `what law dtype`
    --threads 1,2        of the CPU

On a card PyTorch and CuPy are timed by two CUDA events around one call into an existing tensor: with several kernels where a call
launches several, and for small tensors with the host's launches. JAX cannot fill in place: its calls allocate and are timed by the
host's clock, many in flight divided by their number; compare large sizes only. `rbg` is XLA's Philox on a GPU. cuRAND fills f32 only,
its normals come in pairs (Box-Muller), and it has no truncated normal. `zero` and `constant` are for a share of memory's speed.
A model is made as users of transformers do; beside it, the least that PyTorch needs for as many tensors: `normal_` on each.
"""

import argparse
import csv
import datetime
import importlib
import os
import platform
import re
import statistics
import sys
import time

COLUMNS = (
    "date,os,cpu,device,backend,driver,path,clock,threads,what,version,work,timing,law,dtype,bytes,tensors,detail,repetitions,"
    "seconds,best_seconds,worst_seconds,gb_per_s,percent_of_clear,percent_of_constant"
).split(",")
BYTES = {"f32": 4, "bf16": 2}
LAWS = ("uniform", "normal", "trunc_normal")


def processor():
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


class Bench:
    def __init__(self, options):
        self.options = options
        self.on_card = options.device == "cuda"
        self.begin = {
            "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
            "os": f"{platform.system().lower()} {platform.machine()}",
            "cpu": processor(),
            "device": processor(),
            "backend": "CUDA" if self.on_card else "CPU",
            "timing": "warm",
            "tensors": 1,
        }
        self.out = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n", restval="")
        self.out.writeheader()

    def put(self, times, **line):
        seconds = statistics.median(times)
        times = {"repetitions": len(times), "seconds": seconds, "best_seconds": min(times), "worst_seconds": max(times)}
        figures = {name: f"{value:.6e}" if isinstance(value, float) else value for name, value in times.items()}
        self.out.writerow(self.begin | figures | {"gb_per_s": f"{line['bytes'] / seconds / 1e9:.6e}"} | line)
        sys.stdout.flush()

    def by_clock(self, call, synchronize, count, in_flight=1):
        """Seconds of a call by the host's clock."""
        for _ in range(2):
            call()
        synchronize()
        times = []
        for _ in range(count):
            start = time.perf_counter()
            for _ in range(in_flight):
                call()
            synchronize()
            times.append((time.perf_counter() - start) / in_flight)
        return times

    def by_events(self, event, call, synchronize, elapsed, count):
        """Seconds of a call, each between two events of its own."""
        for _ in range(3):
            call()
        synchronize()
        pairs = [(event(), event()) for _ in range(count)]
        for start, end in pairs:
            start.record()
            call()
            end.record()
        synchronize()
        return [elapsed(start, end) / 1e3 for start, end in pairs]

    def fills(self, whats, measure, clock, version, dtypes=BYTES, laws=LAWS, threads=""):
        """Every law and size; a generator that does not exist fails at once and always, a size may be too large for one law."""
        failed = set()
        for what, law, dtype in ((what, law, dtype) for what in whats for dtype in dtypes for law in laws):
            for mib in self.options.mib:
                if what in failed or not re.search(self.options.only, f"{what} {law} {dtype}"):
                    continue
                count = max(9, min(self.options.repetitions * 8, self.options.repetitions * 64 // mib))
                try:
                    times = measure(what, law, dtype, mib * 2**20 // BYTES[dtype], count)
                except Exception as error:
                    print(f"{what} {law} {dtype} {mib} MiB: {(str(error).splitlines() or [repr(error)])[0]}", file=sys.stderr)
                    failed.update([what] if mib == self.options.mib[0] else [])
                    continue
                self.put(times, what=what, law=law, dtype=dtype, bytes=mib * 2**20, work="fill", clock=clock, version=version, threads=threads)


def torch(bench):
    torch = importlib.import_module("torch")
    if bench.on_card and not torch.cuda.is_available():
        raise RuntimeError("torch sees no CUDA device")
    synchronize = torch.cuda.synchronize if bench.on_card else lambda: None
    if bench.on_card:
        bench.begin["device"] = torch.cuda.get_device_name(0)

    def fill(what, law, dtype, elements, count):
        kind = {"f32": torch.float32, "bf16": torch.bfloat16}[dtype]
        tensor = torch.zeros(elements, dtype=kind, device=bench.options.device)
        torch.manual_seed(0)
        call = {
            "zero": tensor.zero_,
            "constant": lambda: tensor.fill_(1.0),
            "uniform": lambda: tensor.uniform_(0.0, 1.0),
            "normal": lambda: tensor.normal_(0.0, 1.0),
            "trunc_normal": lambda: torch.nn.init.trunc_normal_(tensor, 0.0, 1.0, -2.0, 2.0),
        }[law]
        with torch.no_grad():
            if not bench.on_card:
                return bench.by_clock(call, synchronize, count)
            event = lambda: torch.cuda.Event(enable_timing=True)
            return bench.by_events(event, call, synchronize, lambda a, b: a.elapsed_time(b), count)

    for threads in [""] if bench.on_card else bench.options.threads:
        if threads:
            torch.set_num_threads(threads)
        said = {"version": torch.__version__, "threads": threads, "dtype": "f32"}
        if "fills" in bench.options.do:
            clock = "timestamps" if bench.on_card else "host"
            bench.fills(["torch"], fill, clock, torch.__version__, laws=("zero", "constant", *LAWS), threads=threads)
            if bench.on_card:
                torch.cuda.empty_cache()
        said |= {"timing": "end_to_end", "clock": "host"}
        if "orthogonal" in bench.options.do:
            for n in bench.options.orthogonal:
                tensor = torch.empty(n, n, device=bench.options.device)
                times = bench.by_clock(lambda: torch.nn.init.orthogonal_(tensor), synchronize, 3)
                bench.put(times, what="torch", work="orthogonal", law="orthogonal", bytes=4 * n * n, detail=f"{n} rows", **said)
        if "models" in bench.options.do:
            models(bench, torch, synchronize, said)


def models(bench, torch, synchronize, said):
    import transformers
    from transformers import GPT2Config, GPT2LMHeadModel

    for name in bench.options.models:
        layers, heads, width = {"gpt2": (12, 12, 768), "gpt2-xl": (48, 25, 1600)}[name]
        config = GPT2Config(n_layer=layers, n_head=heads, n_embd=width)

        def make():
            with torch.device(bench.options.device):
                return GPT2LMHeadModel(config)

        parameters = list(make().parameters())
        line = said | {"bytes": sum(parameter.numel() * parameter.element_size() for parameter in parameters), "detail": name}
        line |= {"tensors": len(parameters)}
        bench.put(bench.by_clock(make, synchronize, 3), **line | {"what": "transformers", "version": transformers.__version__, "work": "model"})

        def each():
            with torch.no_grad():
                for parameter in parameters:
                    parameter.normal_(0.0, 0.02)

        bench.put(bench.by_clock(each, synchronize, 9), **line, what="torch", work="fill", law="normal")


def cupy(bench):
    cupy = importlib.import_module("cupy")
    curand = cupy.cuda.curand
    name = cupy.cuda.runtime.getDeviceProperties(0)["name"]
    bench.begin["device"] = name.decode() if isinstance(name, bytes) else name
    kinds = {"cuRAND XORWOW": curand.CURAND_RNG_PSEUDO_XORWOW, "cuRAND Philox": curand.CURAND_RNG_PSEUDO_PHILOX4_32_10}

    def fill(what, law, dtype, elements, count):
        generator = curand.createGenerator(kinds[what])
        try:
            curand.setPseudoRandomGeneratorSeed(generator, 0)
            curand.setStream(generator, cupy.cuda.get_current_stream().ptr)
            array = cupy.empty(elements, dtype=cupy.float32)
            call = {
                "uniform": lambda: curand.generateUniform(generator, array.data.ptr, array.size),
                "normal": lambda: curand.generateNormal(generator, array.data.ptr, array.size, 0.0, 1.0),
            }[law]
            synchronize = cupy.cuda.get_current_stream().synchronize
            return bench.by_events(cupy.cuda.Event, call, synchronize, cupy.cuda.get_elapsed_time, count)
        finally:
            curand.destroyGenerator(generator)
            cupy.get_default_memory_pool().free_all_blocks()

    bench.fills(kinds, fill, "timestamps", f"CuPy {cupy.__version__}", dtypes=["f32"], laws=LAWS[:2])


def jax(bench):
    # It takes most of the memory at once unless told otherwise, before it is imported.
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    jax = importlib.import_module("jax")
    device = jax.devices("gpu" if bench.on_card else "cpu")[0]
    if bench.on_card:
        bench.begin["device"] = device.device_kind

    def fill(what, law, dtype, elements, count):
        kind = {"f32": jax.numpy.float32, "bf16": jax.numpy.bfloat16}[dtype]
        draw = {
            "uniform": lambda key: jax.random.uniform(key, (elements,), kind),
            "normal": lambda key: jax.random.normal(key, (elements,), kind),
            "trunc_normal": lambda key: jax.random.truncated_normal(key, -2.0, 2.0, (elements,), kind),
        }[law]
        # Raises for a generator that this version lacks.
        key = jax.device_put(jax.random.key(0, impl=what.removeprefix("JAX ")), device)
        compiled, done = jax.jit(draw).lower(key).compile(), []
        call = lambda: done.append(compiled(key))
        synchronize = lambda: (jax.block_until_ready(done), done.clear())
        return bench.by_clock(call, synchronize, count, in_flight=4)

    threads = "" if bench.on_card else os.cpu_count()
    bench.fills(["JAX threefry2x32", "JAX rbg"], fill, "host", jax.__version__, threads=threads)


def numpy(bench):
    numpy = importlib.import_module("numpy")

    def fill(what, law, dtype, elements, count):
        generator = numpy.random.Generator(getattr(numpy.random, what.removeprefix("numpy "))(0))
        out = numpy.zeros(elements, dtype=numpy.float32)
        draw = {"uniform": generator.random, "normal": generator.standard_normal}[law]
        return bench.by_clock(lambda: draw(dtype=numpy.float32, out=out), lambda: None, count)

    whats = [f"numpy {name}" for name in ("Philox", "PCG64", "SFC64")]
    bench.fills(whats, fill, "host", numpy.__version__, dtypes=["f32"], laws=LAWS[:2], threads=1)


def main():
    numbers = lambda text: [int(number) for number in text.split(",")]
    words = lambda text: text.split(",")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--do", type=words, default=["fills"])
    parser.add_argument("--mib", type=numbers, default=[1, 64, 1024, 4092])
    parser.add_argument("--repetitions", type=int, default=50)
    parser.add_argument("--only", default="")
    parser.add_argument("--threads", type=numbers, default=[1, os.cpu_count()])
    parser.add_argument("--orthogonal", type=numbers, default=[256, 512, 1024, 2048, 4096])
    parser.add_argument("--models", type=words, default=["gpt2", "gpt2-xl"])
    bench = Bench(parser.parse_args())
    for peer in [torch, cupy, jax] if bench.on_card else [torch, jax, numpy]:
        try:
            if peer is torch or "fills" in bench.options.do:
                peer(bench)
        except Exception as error:  # a package that is there may still fail to load its libraries
            print(f"left out: {peer.__name__}: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
