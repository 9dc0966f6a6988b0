"""Loads a folder of `init` by transformers' `from_pretrained`, and compares every tensor with what the files hold; and compares the index
with the split of `huggingface_hub`.

usage: load_hf.py FOLDER MAX_SHARD_SIZE
"""

import json
import os
import sys

import torch
from huggingface_hub import split_torch_state_dict_into_shards
from safetensors import safe_open
from transformers import AutoModelForCausalLM

folder, size = sys.argv[1:]
model = AutoModelForCausalLM.from_pretrained(folder, dtype="auto")
loaded, stored = model.state_dict(), {}
for name in sorted(os.listdir(folder)):
    if name.endswith(".safetensors"):
        with safe_open(os.path.join(folder, name), "pt") as file:
            stored.update({key: file.get_tensor(key) for key in file.keys()})
for name, tensor in stored.items():
    assert torch.equal(loaded[name], tensor), f"{name} differs"
tied = set(loaded) - set(stored)
assert tied <= {"lm_head.weight"}, tied
with open(os.path.join(folder, "model.safetensors.index.json")) as file:
    index = json.load(file)
split = split_torch_state_dict_into_shards({name: stored[name] for name in loaded if name in stored}, max_shard_size=size)
assert split.tensor_to_filename == index["weight_map"], "another split"
assert split.metadata == index["metadata"], (split.metadata, index["metadata"])
print(f"{len(stored)} tensors are equal in {len(set(index['weight_map'].values()))} files")
