#!/usr/bin/env python3
"""Counts the machine instructions of the shipped kernels for an NVIDIA GPU, on a machine that needs none.

    python3 -m venv VENV && VENV/bin/pip install -r benches/sass/requirements.txt
    VENV/bin/python benches/sass/sass.py > benches/record/sass-sm90-DATE.csv
    VENV/bin/python benches/sass/sass.py --unclamped --kernels '^fill_(uniform|normal|truncated)' | tail -n +2 >> benches/record/sass-sm90-DATE.csv

WGSL -> naga -> Metal's language (the exporter beside this file, by cargo) -> CUDA C++ (shim.h and `cuda` below) -> NVRTC -> nvdisasm.
Counted is the loop that stores 16 bytes; `docs/internals/instruction-counts.md` says what the columns are and what they are worth.

    --kernels REGEX    which kernels, by names like fill_normal_f32-native-workgroup; else the fills whose work is the same for every group
    --variant FOLDER   shader files that stand for those of the same name in shaders/
    --unclamped        kernels as a fill runs them that cannot reach its bounds
    --arch sm_90       the target
    --keep FOLDER      leaves Metal, CUDA and machine code there
"""

import argparse
import csv
import io
import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent

# Where an instruction is thought to run on sm_90, by the stem of its name. I2FP runs at the rate of the integer pipe on recent
# architectures; I2F on the transcendental one.
CLASSES = {
    "imad": "IMAD",
    "fp32": "FADD FMUL FFMA",
    "alu": "LOP3 SHF LEA IADD3 IADD VIADD VIADDMNMX VIMNMX VIMNMX3 IMNMX PRMT SEL FSEL ISETP FSETP PLOP3 SGXT BMSK IABS MOV P2R R2P I2FP",
    "xu": "FLO I2F POPC F2I BREV",
    "shared": "LDS STS",
    "global_load": "LDG LD",
    "global_store": "STG ST ATOMG RED",
    "branch": "BRA BSSY BSYNC EXIT WARPSYNC BREAK CALL RET BRX BAR",
    "uniform": "ULDC R2UR UMOV UIADD3 ULOP3 USHF UIMAD ULEA UISETP USEL S2UR UFLO UPRMT UPLOP3 CS2R S2R LDC LDCU UVIADD",
    "nop": "NOP",
}
CLASS_OF = {name: kind for kind, names in CLASSES.items() for name in names.split()}
COLUMNS = (
    "kernel,products,table,elements,slots,shortest,slots_per_element,alu,imad,imad_wide,imad_hi,fp32,xu,shared,global_load,global_store,"
    "branch,uniform,other,groups_per_iteration,registers,shared_bytes,spill_bytes"
).split(",")

BUILTINS = {
    "threadgroup_position_in_grid": "{blockIdx.x, blockIdx.y, blockIdx.z}",
    "threadgroups_per_grid": "{gridDim.x, gridDim.y, gridDim.z}",
    "thread_position_in_grid": "{blockIdx.x * blockDim.x + threadIdx.x, blockIdx.y, blockIdx.z}",
    "thread_index_in_threadgroup": "threadIdx.x",
}


def cuda(metal, threads):
    """naga's Metal text as CUDA C++, after shim.h."""
    for pattern, text in [
        (r"^#include.*$|^using metal::uint;$", ""),
        # What SPIR-V says in one instruction.
        (r"metal::select\(31 - metal::clz\((\w+)\), uint\(-1\), \1 == 0\)", r"metal::first_leading_bit(\1)"),
        (r"\.([xyzw]{2,4})\b", r".\1()"),
        # Metal has no double.
        (r"(?<![\w.])(\d+\.\d+(?:e[-+]?\d+)?)(?![\w.])", r"\1f"),
        # An array of unknown length is written as one of length 1.
        (r"^(typedef .*)\[1\];$", r"\1[0x100000];"),
        (r"^constant ", "static constexpr "),
    ]:
        metal = re.sub(pattern, text, metal, flags=re.M)
    head, body = re.split(r"(?:\[\[[^]]*\]\] )?kernel void main_\(", metal)
    head = re.sub(r"\b(device|threadgroup|thread|constant) ", "", head)
    arguments, body = body.split(") {\n", 1)
    parameters, names = [], []
    for argument in arguments.strip().split("\n, "):
        space, kind, name, attribute = re.fullmatch(r"(\w+ )??([^\s&]+(?: const)?)&? (\w+)(?: \[\[(\w+).*)?", argument).groups()
        if space == "device ":
            parameters.append(f"{kind}* at_{name}")
            names.append(f"{kind}& {name} = *at_{name};")
        elif space == "threadgroup ":
            names.append(f"__shared__ {kind} {name};")
        elif space == "constant ":
            parameters.append(f"{kind} {name}")
        else:
            names.append(f"{kind} {name} = {BUILTINS[attribute]};")
    start = f'extern "C" __global__ void __launch_bounds__({threads}) main_({", ".join(parameters)}) {{\n'
    return (HERE / "shim.h").read_text() + head + start + "    " + "\n    ".join(names) + "\n" + body + "\n}\n"


def compiled(source, arch):
    """The machine's code, and what the assembler says of it. The WGSL's arithmetic: nothing contracted, nothing flushed."""
    from cuda.core import Program, ProgramOptions

    said = io.StringIO()
    options = ProgramOptions(arch=arch, std="c++17", fma=False, device_as_default_execution_space=True, ptxas_options="-v")
    return Program(source, "c++", options).compile("cubin", logs=said).code, said.getvalue()


def disassembled(cubin):
    """A graph of the one kernel's instructions, by their places: which may run after which."""
    import networkx
    from cuda.pathfinder import find_nvidia_binary_utility

    nvdisasm = find_nvidia_binary_utility("nvdisasm")
    text = subprocess.run([nvdisasm, "-json", cubin], check=True, capture_output=True, text=True).stdout
    code = json.loads(text)[1][0]["sass-instructions"]
    graph = networkx.DiGraph()
    for i, instruction in enumerate(code):
        stem, _, suffix = instruction["opcode"].partition(".")
        graph.add_node(i, stem=stem, suffix=suffix)
        operands, jumps = instruction.get("operands", ""), stem == "BRA"
        # `BRA P0, P1, ...` has conditions among its operands, `BRA.DIV`, `BRA.U !UP0` too.
        always = instruction.get("predicate", "@PT") == "@PT" and not (jumps and re.match(r"!?U?P\d", operands))
        if jumps:
            graph.add_edge(i, int(operands.split(",")[-1], 16) // 16)
        if i + 1 < len(code) and not (always and stem in ("BRA", "EXIT", "RET")):
            graph.add_edge(i, i + 1)
    return graph


def hot_loop(graph):
    """The innermost loop that stores most to global memory, as the part of the graph that is its natural loop, and its first place; or
    why there is none.

    Groups are stored several an iteration, and what is left over one by one, by a loop beside it."""
    import networkx

    loops = {}
    for back, head in graph.edges:
        if head < back:
            body = networkx.ancestors(networkx.restricted_view(graph, [head], []), back) | {head, back}
            loops.setdefault(head, set()).update(body)
    stores = lambda body: sum(graph.nodes[i]["stem"] in ("STG", "ST") for i in body)
    storing = {head: body for head, body in loops.items() if stores(body)}
    innermost = {head: body for head, body in storing.items() if not any(other != head and other in body for other in loops)}
    if not innermost:
        return None, "a loop inside the loop that stores: its work depends on data" if storing else "no loop that stores"
    head = max(innermost, key=lambda head: stores(innermost[head]))
    return graph.subgraph(innermost[head]), head


def counts(loop, head, size):
    """The columns of a row that the loop gives."""
    import networkx

    row = dict.fromkeys([*CLASSES, "other", "imad_wide", "imad_hi"], 0)
    groups = 0
    for _, instruction in loop.nodes.items():
        stem, suffix = instruction["stem"], instruction["suffix"]
        row[CLASS_OF.get(stem, "other")] += 1
        row["imad_wide"] += stem == "IMAD" and "WIDE" in suffix
        row["imad_hi"] += stem == "IMAD" and "HI" in suffix
        groups += stem == "STG" and "128" in suffix
    groups = max(1, groups)
    slots = len(loop) - row["nop"]
    # Words for kernels of any dtype.
    elements = 16 // (size or 4)
    # Instructions on the shortest way once around.
    shortest = min(networkx.shortest_path_length(loop, after, head) for after in loop.successors(head)) + 1
    row |= {"elements": elements, "slots": slots, "slots_per_element": f"{slots / groups / elements:.2f}"}
    return row | {"shortest": shortest, "groups_per_iteration": groups}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernels", default="^fill_(constant|listed|uniform|normal|truncated)")
    parser.add_argument("--arch", default="sm_90")
    parser.add_argument("--keep", type=pathlib.Path)
    options, export = parser.parse_known_args()
    folder = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="sass-"))
    folder.mkdir(parents=True, exist_ok=True)
    cargo = ["cargo", "run", "--quiet", "--manifest-path", str(HERE / "Cargo.toml"), "--", str(folder), *export]
    exported = subprocess.run(cargo, stdout=subprocess.PIPE, text=True)
    if exported.returncode:
        sys.exit(exported.returncode)
    out = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n", extrasaction="ignore")
    out.writeheader()
    for line in exported.stdout.splitlines():
        stem, kernel, products, table, size, threads = line.split(",")
        if not re.search(options.kernels, stem):
            continue
        source, cubin = folder / f"{stem}.cu", folder / f"{stem}.cubin"
        source.write_text(cuda((folder / f"{stem}.metal").read_text(), threads))
        code, said = compiled(source.read_text(), options.arch)
        cubin.write_bytes(code)
        loop, head = hot_loop(disassembled(cubin))
        if loop is None:
            print(f"{stem}: {head}", file=sys.stderr)
            continue
        number = lambda pattern: int((re.search(pattern, said) or [0, 0])[1])
        row = {"kernel": kernel + "_unclamped" * ("--unclamped" in export), "products": products, "table": table}
        row |= {"registers": number(r"Used (\d+) registers"), "shared_bytes": number(r"(\d+) bytes smem")}
        out.writerow(row | counts(loop, head, int(size)) | {"spill_bytes": number(r"(\d+) bytes spill stores")})
        sys.stdout.flush()


if __name__ == "__main__":
    main()
