#!/usr/bin/env python3
"""Counts the machine instructions of the shipped kernels for an NVIDIA GPU, on a machine that needs none.

    python3 -m venv VENV && VENV/bin/pip install -r benches/sass/requirements.txt
    VENV/bin/python benches/sass/sass.py > benches/record/sass-sm90-DATE.csv
    VENV/bin/python benches/sass/sass.py --unclamped --kernels '^fill_(uniform|normal|truncated)' | tail -n +2 >> benches/record/sass-sm90-DATE.csv

WGSL -> naga -> Metal's language (the exporter beside this file, by cargo) -> CUDA C++ (shim.h and `cuda` below) -> NVRTC
-> ptxas -> nvdisasm. Counted is the loop that stores 16 bytes; `docs/internals/instruction-counts.md` says what the columns are and what they are worth.

    --kernels REGEX    which kernels, by names like fill_normal_f32-native-workgroup or
                       fill_normal_f32_any_phase-portable-storage; else the fills whose work is the same for every group
    --variant FOLDER   shader files that stand for those of the same name in shaders/
    --unchecked        no restricted indices in naga's output
    --unbounded-loops  no bounds on loops in naga's output
    --unclamped        kernels as a fill runs them that cannot reach its bounds
    --arch sm_90       the target
    --table CSV        only prints what is estimated from such a file, as the table of the documentation
    --keep FOLDER      leaves Metal, CUDA, PTX and SASS there
"""

import argparse
import csv
import ctypes
import glob
import os
import pathlib
import re
import subprocess
import sys
import sysconfig
import tempfile

HERE = pathlib.Path(__file__).resolve().parent

# Where an instruction is thought to run on sm_90, by the stem of its name.
CLASSES = {
    "imad": "IMAD",
    "fp32": "FADD FMUL FFMA",
    "alu": "LOP3 SHF LEA IADD3 IADD VIADD VIADDMNMX VIMNMX VIMNMX3 IMNMX PRMT SEL FSEL ISETP FSETP PLOP3 SGXT BMSK IABS MOV P2R R2P",
    "xu": "FLO I2F I2FP POPC F2I BREV",
    "shared": "LDS STS",
    "global_load": "LDG LD",
    "global_store": "STG ST ATOMG RED",
    "branch": "BRA BSSY BSYNC EXIT WARPSYNC BREAK CALL RET BRX BAR",
    "uniform": "ULDC R2UR UMOV UIADD3 ULOP3 USHF UIMAD ULEA UISETP USEL S2UR UFLO UPRMT UPLOP3 CS2R S2R LDC LDCU UVIADD",
    "nop": "NOP",
}
CLASS_OF = {name: kind for kind, names in CLASSES.items() for name in names.split()}
# I2FP runs at the rate of the integer pipe on recent architectures; I2F on the transcendental one.
CLASS_OF["I2FP"] = "alu"


def tool(name):
    """A program of the packages in this environment, else of the path."""
    site = sysconfig.get_paths()["purelib"]
    found = sorted(glob.glob(f"{site}/nvidia/*/bin/{name}"))
    if found:
        found[0] = max(found, key=lambda path: ("cu13" in path, path))
        os.chmod(found[0], os.stat(found[0]).st_mode | 0o111)
        return found[0]
    return name


class Nvrtc:
    def __init__(self):
        site = sysconfig.get_paths()["purelib"]
        found = [p for p in glob.glob(f"{site}/nvidia/*/lib/libnvrtc.so.*") if ".alt." not in p]
        if not found:
            sys.exit("no libnvrtc: pip install -r benches/sass/requirements.txt")
        path = max(found, key=lambda path: ("cu13" in path, path))
        for builtins in glob.glob(f"{os.path.dirname(path)}/libnvrtc-builtins.so.*"):
            ctypes.CDLL(builtins)
        self.lib = ctypes.CDLL(path)
        self.lib.nvrtcGetErrorString.restype = ctypes.c_char_p

    def version(self):
        major, minor = ctypes.c_int(), ctypes.c_int()
        self.lib.nvrtcVersion(ctypes.byref(major), ctypes.byref(minor))
        return f"{major.value}.{minor.value}"

    def ptx(self, source, options):
        program = ctypes.c_void_p()
        self.lib.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"kernel.cu", 0, None, None)
        values = (ctypes.c_char_p * len(options))(*[o.encode() for o in options])
        status = self.lib.nvrtcCompileProgram(program, len(options), values)
        size = ctypes.c_size_t()
        if status != 0:
            self.lib.nvrtcGetProgramLogSize(program, ctypes.byref(size))
            log = ctypes.create_string_buffer(size.value)
            self.lib.nvrtcGetProgramLog(program, log)
            raise RuntimeError(log.value.decode())
        self.lib.nvrtcGetPTXSize(program, ctypes.byref(size))
        text = ctypes.create_string_buffer(size.value)
        self.lib.nvrtcGetPTX(program, text)
        self.lib.nvrtcDestroyProgram(ctypes.byref(program))
        return text.value.decode()


BUILTINS = {
    "threadgroup_position_in_grid": "metal::uint3(blockIdx.x, blockIdx.y, blockIdx.z)",
    "threadgroups_per_grid": "metal::uint3(gridDim.x, gridDim.y, gridDim.z)",
    "thread_position_in_grid": "metal::uint3(blockIdx.x * blockDim.x + threadIdx.x, blockIdx.y, blockIdx.z)",
    "thread_index_in_threadgroup": "threadIdx.x",
}


def cuda(metal, threads):
    """naga's Metal text as CUDA C++, after shim.h."""
    text = re.sub(r"^#include.*$|^using metal::uint;$", "", metal, flags=re.M)
    # What SPIR-V says in one instruction.
    text = re.sub(r"metal::select\(31 - metal::clz\((\w+)\), uint\(-1\), \1 == 0\)", r"metal::first_leading_bit(\1)", text)
    text = re.sub(r"\.([xyzw]{2,4})\b", r".\1()", text)
    text = re.sub(r"(?<![:\w])((?:u?int|ulong)[234])\b", r"metal::\1", text)
    # Metal has no double.
    text = re.sub(r"(?<![\w.])(\d+\.\d+(?:e[-+]?\d+)?)(?![\w.])", r"\1f", text)
    # An array of unknown length is written as one of length 1.
    text = re.sub(r"^(typedef .*)\[1\];$", r"\1[0x100000];", text, flags=re.M)
    text = re.sub(r"^constant ", "static constexpr ", text, flags=re.M)
    head, body = re.split(r"(?:\[\[[^]]*\]\] )?kernel void main_\(", text)
    head = re.sub(r"\b(device|threadgroup|thread|constant) ", "", head)
    arguments, body = body.split(") {\n", 1)
    parameters, names = [], []
    for argument in arguments.replace("\n", " ").split(", "):
        argument = argument.strip().lstrip(",").strip()
        attribute = re.search(r"\[\[(\w+)", argument)
        argument = re.sub(r"\s*\[\[.*\]\]", "", argument).strip()
        space, kind, name = re.fullmatch(r"(device |threadgroup |constant )?(.*[ &])(\w+)", argument).groups()
        if space == "device ":
            pointer = kind.strip().rstrip("&").strip()
            parameters.append(f"{pointer}* at_{name}")
            names.append(f"{pointer}& {name} = *at_{name};")
        elif space == "threadgroup ":
            names.append(f"__shared__ {kind.strip().rstrip('&')} {name};")
        elif space == "constant ":
            parameters.append(f"{kind.strip().rstrip('&').strip()} {name}")
        else:
            names.append(f"{kind}{name} = {BUILTINS[attribute[1]]};")
    start = f'extern "C" __global__ void __launch_bounds__({threads}) main_({", ".join(parameters)}) {{\n'
    return (HERE / "shim.h").read_text() + head + start + "    " + "\n    ".join(names) + "\n" + body


LINE = re.compile(r"/\*([0-9a-f]{4,})\*/\s+(@!?U?P\w+ )?\s*([A-Z0-9_]+)((?:\.[\w]+)*)\s*(.*?);")


class Instruction:
    def __init__(self, address, predicate, stem, suffix, rest):
        self.address, self.predicate, self.stem, self.suffix, self.rest = address, predicate, stem, suffix, rest
        self.target = None

    @property
    def name(self):
        return self.stem + self.suffix


def disassembled(text):
    """Instructions of the one kernel, branches resolved to indices."""
    instructions, labels = [], {}
    for line in text.splitlines():
        label = re.match(r"^\s*(\.L_\w+):", line)
        if label:
            labels[label[1]] = len(instructions)
            continue
        match = LINE.search(line)
        if match:
            address, predicate, stem, suffix, rest = match.groups()
            instructions.append(Instruction(int(address, 16), (predicate or "").strip(), stem, suffix, rest))
    for instruction in instructions:
        if instruction.stem in ("BRA", "BSSY", "CALL"):
            target = re.search(r"`\((\.L_\w+)\)", instruction.rest)
            if target:
                instruction.target = labels[target[1]]
    return instructions


def successors(instructions, i):
    instruction = instructions[i]
    always = not instruction.predicate or instruction.predicate == "@PT"
    # `BRA P0, P1, ...` has conditions among its operands, `BRA.DIV`, `BRA.U !UP0` too.
    conditions = instruction.stem == "BRA" and re.match(r"!?U?P\d", instruction.rest)
    if instruction.stem == "BRA":
        return [instruction.target] + ([] if always and not conditions else [i + 1])
    if instruction.stem in ("EXIT", "RET") and always:
        return []
    return [i + 1] if i + 1 < len(instructions) else []


def hot_loop(instructions):
    """First and all indices of the innermost loop that stores most to global memory, as a natural loop; or why there is none.

    Groups are stored several an iteration, and what is left over one by one, by a loop beside it."""
    before = {i: [] for i in range(len(instructions))}
    backs = []
    for i in range(len(instructions)):
        for s in successors(instructions, i):
            before[s].append(i)
            if s <= i and s != i:
                backs.append((s, i))
    loops = {}
    for head, back in backs:
        body, todo = {head}, [back]
        while todo:
            i = todo.pop()
            if i not in body:
                body.add(i)
                todo += before[i]
        loops.setdefault(head, set()).update(body)
    stores = lambda body: sum(instructions[i].stem in ("STG", "ST") for i in body)
    storing = [(head, body) for head, body in loops.items() if stores(body)]
    if not storing:
        return None, "no loop that stores"
    innermost = [(head, body) for head, body in storing if not any(other != head and other in body for other in loops)]
    if not innermost:
        return None, "a loop inside the loop that stores: its work depends on data"
    head, body = max(innermost, key=lambda loop: stores(loop[1]))
    return (head, body), None


def shortest(instructions, head, body):
    """Instructions on the shortest way once around the loop."""
    distance = {head: 1}
    for i in sorted(body):
        for s in successors(instructions, i):
            if s == head:
                distance["around"] = min(distance.get("around", 1 << 30), distance.get(i, 1 << 30))
            elif s in body and i in distance:
                distance[s] = min(distance.get(s, 1 << 30), distance[i] + 1)
    return distance["around"]


def count(instructions, indices):
    counts = dict.fromkeys(list(CLASSES) + ["other"], 0)
    wide = high = 0
    for i in indices:
        instruction = instructions[i]
        kind = CLASS_OF.get(instruction.stem, "other")
        counts[kind] += 1
        if kind == "imad":
            wide += ".WIDE" in instruction.suffix
            high += ".HI" in instruction.suffix
    counts["imad_wide"], counts["imad_hi"] = wide, high
    return counts


def estimates(path):
    """Samples a second on 132 SM at 1.8 GHz, the least over what issues 128, 64, 16 lanes a clock, and the reads of the table."""
    lanes = 132 * 1.8e9
    print("| kernel | products | table | slots | ALU | IMAD | samples/s (est.) | limit | % of 4.4 TB/s (est.) |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for row in csv.DictReader(open(path)):
        samples = int(row["elements"]) * int(row["groups_per_iteration"])
        each = {name: int(row[name]) / samples for name in ("slots", "alu", "imad", "xu", "shared")}
        limits = {name: lanes * rate / each[name] for name, rate in (("slots", 128), ("alu", 64), ("imad", 64), ("xu", 16)) if each[name]}
        # 5.73 conflict phases for a read of the table by a warp, one for the store of an element: half a warp each.
        if each["shared"]:
            limits["table"] = lanes * 32 / 6.73
        limits["memory"] = 4.4e12 * int(row["elements"]) / 16
        limit = min(limits, key=limits.get)
        share = limits[limit] * 16 / int(row["elements"]) / 4.4e12
        numbers = " | ".join(f"{each[name]:.1f}" for name in ("slots", "alu", "imad"))
        where = row["table"] if "normal" in row["kernel"] or "truncated" in row["kernel"] else ""
        print(f"| {row['kernel']} | {row['products']} | {where} | {numbers} | {limits[limit]:.2e} | {limit} | {100 * share:.0f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kernels", default="^fill_(constant|listed|uniform|normal|truncated)")
    parser.add_argument("--variant", type=pathlib.Path)
    parser.add_argument("--unchecked", action="store_true")
    parser.add_argument("--unbounded-loops", action="store_true")
    parser.add_argument("--unclamped", action="store_true")
    parser.add_argument("--arch", default="sm_90")
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--table")
    options = parser.parse_args()
    if options.table:
        estimates(options.table)
        return
    nvrtc, ptxas, nvdisasm = Nvrtc(), tool("ptxas"), tool("nvdisasm")
    folder = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="sass-"))
    folder.mkdir(parents=True, exist_ok=True)
    export = ["cargo", "run", "--quiet", "--manifest-path", str(HERE / "Cargo.toml"), "--", str(folder)]
    export += ["--unchecked"] * options.unchecked + ["--unbounded-loops"] * options.unbounded_loops
    export += ["--unclamped"] * options.unclamped
    export += ["--variant", str(options.variant)] if options.variant else []
    lines = subprocess.run(export, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    said = subprocess.run([ptxas, "--version"], check=True, capture_output=True, text=True).stdout
    version = re.search(r"\bV([\d.]+)", said)[1]
    print(f"NVRTC {nvrtc.version()}, ptxas {version}, {options.arch}", file=sys.stderr)
    columns = "kernel,products,table,elements,slots,shortest,slots_per_element,alu,imad,imad_wide,imad_hi,fp32,xu,shared,global_load,global_store"
    columns += ",branch,uniform,other,groups_per_iteration,registers,shared_bytes,spill_bytes"
    out = csv.DictWriter(sys.stdout, columns.split(","), lineterminator="\n", extrasaction="ignore")
    out.writeheader()
    for line in lines:
        stem, kernel, products, table, size, threads = line.split(",")
        if not re.search(options.kernels, stem):
            continue
        source = cuda((folder / f"{stem}.metal").read_text(), int(threads))
        (folder / f"{stem}.cu").write_text(source)
        # The WGSL's arithmetic: nothing contracted, nothing flushed.
        try:
            target = f"--gpu-architecture={options.arch.replace('sm', 'compute')}"
            ptx = nvrtc.ptx(source, [target, "--device-as-default-execution-space", "--std=c++17", "--fmad=false"])
        except RuntimeError as error:
            sys.exit(f"{stem}: {error}")
        (folder / f"{stem}.ptx").write_text(ptx)
        cubin = folder / f"{stem}.cubin"
        run = [ptxas, f"-arch={options.arch}", "-v", "--fmad=false", str(folder / f"{stem}.ptx"), "-o", str(cubin)]
        usage = subprocess.run(run, check=True, capture_output=True, text=True).stderr
        sass = subprocess.run([nvdisasm, "-c", str(cubin)], check=True, capture_output=True, text=True).stdout
        (folder / f"{stem}.sass").write_text(sass)
        instructions = disassembled(sass)
        loop, reason = hot_loop(instructions)
        if loop is None:
            print(f"{stem}: {reason}", file=sys.stderr)
            continue
        head, body = loop
        counts = count(instructions, body)
        groups = max(1, sum(instructions[i].stem == "STG" and ".128" in instructions[i].suffix for i in body))
        slots = len(body) - counts["nop"]
        # Words for kernels of any dtype.
        elements = 16 // (int(size) or 4)
        number = lambda pattern: int((re.search(pattern, usage) or [0, 0])[1])
        out.writerow(counts | {
            "kernel": kernel + "_unclamped" * options.unclamped, "products": products, "table": table, "elements": elements, "slots": slots,
            "slots_per_element": f"{slots / groups / elements:.2f}",
            "shortest": shortest(instructions, head, body), "groups_per_iteration": groups,
            "registers": number(r"Used (\d+) registers"), "shared_bytes": number(r"(\d+) bytes smem"),
            "spill_bytes": number(r"(\d+) bytes spill stores"),
        })
        sys.stdout.flush()


if __name__ == "__main__":
    main()
