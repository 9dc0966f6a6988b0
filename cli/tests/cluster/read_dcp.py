"""Reads a folder of `init --format dcp` by PyTorch's own reader, on one process or on several, each with its shard of every tensor, and
compares every element with the same model in one file.

usage: [torchrun --nproc-per-node N] read_dcp.py FOLDER ONE.safetensors
"""

import os
import sys

import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
from safetensors import safe_open
from torch.distributed.checkpoint import HuggingFaceStorageReader
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import Shard, distribute_tensor

folder, one = sys.argv[1:]
ranks = int(os.environ.get("WORLD_SIZE", "1"))
mesh = None
if ranks > 1:
    dist.init_process_group("gloo")
    mesh = init_device_mesh("cpu", (ranks,))

expected, state = {}, {}
with safe_open(one, "pt") as file:
    for name in file.keys():
        expected[name] = file.get_tensor(name)
        empty = torch.full_like(expected[name], 7)
        # Along the last axis, and not as the folder was written.
        state[name] = distribute_tensor(empty, mesh, [Shard(empty.dim() - 1)]) if mesh and empty.dim() else empty
dcp.load(state, storage_reader=HuggingFaceStorageReader(folder), no_dist=mesh is None)
elements = 0
for name, tensor in state.items():
    whole = tensor.full_tensor() if mesh and tensor.dim() else tensor
    same = torch.equal(whole.view(torch.uint8), expected[name].view(torch.uint8)) if whole.dim() else torch.equal(whole, expected[name])
    assert same, f"{name} differs"
    elements += whole.numel()
if int(os.environ.get("RANK", "0")) == 0:
    print(f"{len(state)} tensors, {elements} elements are equal, read by {ranks} processes")
if mesh:
    # Everything is compared. Threads of gloo's (PyTorch 2.15) sometimes abort a process that ends in the usual way.
    dist.barrier()
    sys.stdout.flush()
    os._exit(0)
