#!/usr/bin/env python3
"""Writes src/layer/norm_classes.rs: what transformers' normalisation classes begin with, read from its source and not from their names.

    pip download transformers==5.24.0 --no-deps && unzip transformers-*.whl && norm_classes.py transformers > src/layer/norm_classes.rs

A class is listed where both its constructor and its model's `_init_weights` are understood and all its tensors are a weight, a bias
and running statistics. A class whose two sources disagree, or that has other tensors or modules, is left out. Needs no packages.
"""

import ast
import pathlib
import re
import sys

OTHERS = {"bias": "zeros", "running_mean": "zeros", "running_var": "ones"}
TORCH = {"nn.LayerNorm", "nn.GroupNorm", "nn.RMSNorm", "nn.BatchNorm1d", "nn.BatchNorm2d", "nn.BatchNorm3d"}
MODULES = re.compile(r"nn\.(Linear|Conv|Embedding|Module|LayerNorm|GroupNorm|BatchNorm)|Norm\w*\(")


def fill(node):
    """`ones`, `zeros` or `empty` for a tensor that is made with it."""
    if not isinstance(node, ast.Call):
        return None
    name = ast.unparse(node.func)
    if name.split(".")[-1] in ("Parameter", "Buffer") and node.args:
        return fill(node.args[0])
    return {"torch.ones": "ones", "torch.zeros": "zeros", "torch.empty": "empty", "torch.Tensor": "empty"}.get(name)


def constructor(cls):
    """The tensors of a class with what its constructor puts into each; None if it holds something else too."""
    tensors = {}
    for init in (node for node in cls.body if isinstance(node, ast.FunctionDef) and node.name == "__init__"):
        for node in ast.walk(init):
            if isinstance(node, ast.Call) and "register_" in ast.unparse(node.func):
                value = fill(node.args[1]) if len(node.args) > 1 else None
                tensors.setdefault(ast.literal_eval(node.args[0]), set()).add(value)
            if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Attribute):
                continue
            text = ast.unparse(node.value)
            if re.search(r"Parameter\(|Buffer\(", text):
                tensors.setdefault(node.targets[0].attr, set()).add(fill(node.value))
            elif MODULES.search(text):
                return None
    return tensors


def override(inits, name):
    """What `_init_weights` does to the weight of this class by its name."""
    for branch in (node for init in inits for node in ast.walk(init) if isinstance(node, ast.If)):
        test = ast.unparse(branch.test)
        by_suffix = test == "'RMSNorm' in module.__class__.__name__" and "RMSNorm" in name
        if by_suffix or re.search(rf"\b{name}\b", test):
            body = "\n".join(map(ast.unparse, branch.body))
            call = re.search(r"init\.(\w+)_\(module\.weight", body)
            if call:
                # T5's relatives: a factor of the configuration, 1 by default.
                return "ones" if "factor * 1.0" in body else call.group(1)
    return None


def classes(root):
    found = {}
    for path in sorted(root.glob("models/**/modeling_*.py")):
        tree = ast.parse(path.read_text())
        inits = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "_init_weights"]
        usual = all("super()._init_weights" in ast.unparse(init) for init in inits)
        for cls in (node for node in tree.body if isinstance(node, ast.ClassDef) and "Norm" in node.name):
            bases = [ast.unparse(base).replace("torch.nn.", "nn.") for base in cls.bases]
            tensors = constructor(cls)
            if tensors is None or not (bases == ["nn.Module"] or TORCH & set(bases)):
                continue
            if TORCH & set(bases):
                tensors = {"weight": {"ones"}, "bias": {"zeros"}} | tensors
            if "weight" not in tensors or set(tensors) - {"weight", "num_batches_tracked"} - set(OTHERS):
                continue
            weights = tensors["weight"] - {None}
            made = weights.pop() if len(weights) == 1 else None
            # PreTrainedModel._init_weights goes by these parts of the name.
            general = "ones" if usual and re.search("LayerNorm|RMSNorm", cls.name) else None
            value = override(inits, cls.name) or (made if general in (None, made) else general if made == "empty" else None)
            if any(tensors[key] - {None, expected} for key, expected in OTHERS.items() if key in tensors):
                value = None
            found.setdefault(cls.name, set()).add(value)
    return {name: values.pop() for name, values in found.items() if len(values) == 1}


def table(name, doc, names):
    lines, line = [], "   "
    for text in (f' "{one}",' for one in sorted(names)):
        if len(line) + len(text) > 130:
            lines.append(line)
            line = "   "
        line += text
    body = "\n".join([*lines, line])
    return f"/// {doc}\n#[rustfmt::skip]\npub(super) const {name}: &[&str] = &[\n{body}\n];\n"


if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1])
    version = re.search(r'__version__ = "(.*)"', (root / "__init__.py").read_text()).group(1)
    of = classes(root)
    ones, zeros = ([name for name in of if of[name] == value] for value in ("ones", "zeros"))
    print(f"//! Normalisations of transformers {version} whose source was read. Written by `tests/independent/norm_classes.py`.\n")
    print(table("ONES", "The weight begins with ones.", ones))
    print(table("ZEROS", "The weight begins with zeros: `forward` adds 1 to it.", zeros), end="")
