#!/usr/bin/env python3
"""Writes tests/data/dtensor.json: which part of a tensor each process holds, by torch.distributed.tensor, fully_shard and torch.

Each process of a small gloo group on the CPU holds its shard of a tensor whose elements are their own indices; the box that it holds is
read off them. The numbers of elements along an axis are even and uneven, fewer than the processes, and none. Needs the package torch.
"""

import json
import pathlib
import socket

import torch
import torch.distributed as dist
import torch.multiprocessing
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import Replicate, Shard, distribute_tensor

PATH = pathlib.Path(__file__).resolve().parent.parent / "data/dtensor.json"
PROCESSES = 4
SIZES = [8, 7, 10, 5, 3, 1, 0]


def placements():
    """Mesh, placements on its axes, shapes."""
    first = [[size, 3] for size in SIZES]
    second = [[3, size] for size in SIZES]
    both = [[8, 6], [7, 5], [5, 3], [3, 1], [1, 7], [0, 4], [2, 3, 2], [5, 7, 2]]
    yield [4], [Shard(0)], [[size] for size in SIZES] + first + [[7, 2, 3], [5, 1, 4], [2, 3, 5]]
    yield [4], [Shard(1)], second + [[2, 7, 3], [2, 5, 1], [1, 2, 5]]
    yield [4], [Shard(2)], [[2, 1, 7], [3, 2, 4]]
    yield [3], [Shard(0)], first
    yield [2, 2], [Shard(0), Shard(1)], both
    yield [2, 2], [Shard(1), Shard(0)], both
    yield [2, 2], [Shard(0), Shard(0)], first + [[6, 3], [9, 2], [7, 2, 3]]
    yield [2, 2], [Shard(1), Shard(1)], [[2, 7], [2, 5], [2, 3], [2, 1]]
    yield [2, 2], [Replicate(), Shard(1)], both
    yield [2, 2], [Shard(0), Replicate()], both
    yield [2, 2], [Replicate(), Replicate()], [[5, 3]]


FULLY_SHARDED = [[size, 3] for size in SIZES if size > 0] + [[size] for size in SIZES if size > 0] + [[7, 2, 3]]


def box(local, shape):
    """Start and end along each axis of the indices that a shard holds; null where it holds none."""
    local = local.to(torch.int64)
    if local.numel() == 0:
        return None
    found, least, stride = [], int(local.min()), 1
    for size, extent in zip(reversed(shape), reversed(local.shape)):
        start = least // stride % size
        found.insert(0, [start, start + extent])
        stride *= size
    whole = torch.arange(stride).reshape(shape)
    assert torch.equal(whole[tuple(slice(*pair) for pair in found)], local), "the shard is a box"
    return found


def numbered(shape):
    count = 1
    for size in shape:
        count *= size
    return torch.arange(count, dtype=torch.float64).reshape(shape)


def gathered(entry):
    """Every process' entry, in the order of ranks."""
    entries = [None] * dist.get_world_size()
    dist.all_gather_object(entries, entry)
    return entries


def text(placement):
    return "Shard(%d)" % placement.dim if placement.is_shard() else "Replicate()"


def distributed(mesh_shape):
    mesh = init_device_mesh("cpu", tuple(mesh_shape))
    for shape, placed, shapes in placements():
        if shape != mesh_shape:
            continue
        for dims in shapes:
            local = distribute_tensor(numbered(dims), mesh, placed).to_local()
            ranks = gathered({"at": list(mesh.get_coordinate()), "shape": list(local.shape), "box": box(local, dims)})
            yield {"mesh": mesh_shape, "placements": [text(each) for each in placed], "shape": dims, "ranks": ranks}


def fully_sharded():
    mesh = init_device_mesh("cpu", (PROCESSES,))
    for dims in FULLY_SHARDED:
        module = torch.nn.Module()
        module.weight = torch.nn.Parameter(numbered(dims))
        fully_shard(module, mesh=mesh)
        local = module.weight.to_local().detach()
        ranks = gathered({"at": list(mesh.get_coordinate()), "shape": list(local.shape), "box": box(local, dims)})
        yield {"mesh": [PROCESSES], "placements": [text(each) for each in module.weight.placements], "shape": dims, "ranks": ranks}


def split():
    """torch.chunk, which may give fewer parts than asked for, and torch.tensor_split, which gives them all."""
    for size in SIZES + [9, 16]:
        for parts in [1, 2, 3, 4, 8]:
            whole, row = torch.arange(size), {"size": size, "parts": parts}
            for name, pieces in [("chunk", whole.chunk(parts)), ("tensor_split", whole.tensor_split(parts))]:
                ends = torch.tensor([len(piece) for piece in pieces]).cumsum(0).tolist()
                row[name] = [[end - len(piece), end] for end, piece in zip(ends, pieces)]
                assert all(torch.equal(whole[start:end], piece) for (start, end), piece in zip(row[name], pieces))
            yield row


def work(rank, processes, port):
    dist.init_process_group("gloo", init_method="tcp://127.0.0.1:%d" % port, rank=rank, world_size=processes)
    if processes == PROCESSES:
        found = {"distribute_tensor": [*distributed([4]), *distributed([2, 2])], "fully_shard": [*fully_sharded()]}
    else:
        found = {"distribute_tensor": [*distributed([processes])]}
    if rank == 0:
        PATH.with_suffix(".%d" % processes).write_text(json.dumps(found))
    dist.barrier()
    dist.destroy_process_group()


def measured(processes):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    torch.multiprocessing.spawn(work, args=(processes, port), nprocs=processes)
    part = PATH.with_suffix(".%d" % processes)
    found = json.loads(part.read_text())
    part.unlink()
    return found


def main():
    tables = measured(PROCESSES)
    tables["distribute_tensor"] += measured(3)["distribute_tensor"]
    tables["split"] = list(split())
    origin = "tests/independent/dtensor.py, torch %s (git %s), %d and 3 processes with gloo on the CPU" % (
        torch.__version__.split("+")[0],
        torch.version.git_version[:8],
        PROCESSES,
    )
    notes = "at: place in the mesh. shape: of the local tensor. box: [start, end] along each axis of the whole tensor, null if empty."
    lines = ["{", ' "origin": %s,' % json.dumps(origin), ' "notes": %s,' % json.dumps(notes)]
    for name, rows in tables.items():
        lines += [' "%s": [' % name, ",\n".join("  " + json.dumps(row, separators=(",", ":")) for row in rows), " ],"]
    lines[-1] = " ]"
    PATH.write_text("\n".join(lines + ["}"]) + "\n")


if __name__ == "__main__":
    main()
