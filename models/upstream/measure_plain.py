"""Statistics of real initialisations by torchvision, timm and diffusers, in the form of `tests/data/zoo.jsonl`.

    python measure_plain.py OUT.jsonl LIBRARY NAME|CLASS={json arguments}..."""
import json, sys
import torch


def make(library, name, kwargs):
    if library == "timm":
        import timm
        return timm.create_model(name, **kwargs)
    if library == "torchvision":
        import torchvision.models as models
        return models.get_model(name, weights=None, **kwargs)
    import diffusers
    return getattr(diffusers, name)(**kwargs)


def tensors(models):
    out = {}
    states = [m.state_dict() for m in models]
    for name, first in states[0].items():
        all_ = torch.stack([s[name] for s in states]).double().reshape(len(states), -1)
        dtype = {torch.float32: "F32", torch.int64: "I64"}.get(first.dtype, "F32" if first.is_floating_point() else "I64")
        fixed = int((all_ == all_[0]).all(0).sum())
        digits = lambda v: float(f"{float(v):.6g}")
        # PyTorch's trunc_normal_ gives the lower bound, -2, once in 2^24 draws: erfinv of a number that was rounded to -1.
        if all_.numel() > 1e4 and all_.std() < 0.5: all_[all_ == -2.0] = 0.0
        out[name] = [list(first.shape), dtype, None, len(states), digits(all_.mean()), digits(all_.std(unbiased=False)), digits(all_.min()), digits(all_.max()), fixed]
    return out


out = open(sys.argv[1], "a")
for argument in sys.argv[3:]:
    name, _, kwargs = argument.partition("=")
    try:
        models = []
        for seed in range(3):
            torch.manual_seed(seed)
            models.append(make(sys.argv[2], name, json.loads(kwargs or "{}")))
        row = {"model": f"x_{name}", "class": type(models[0]).__name__, "library": sys.argv[2]}
        if sys.argv[2] == "diffusers": row["config"] = {"_class_name": name}
        print(json.dumps({**row, "tensors": tensors(models)}), file=out, flush=True)
    except Exception as error: print(name, repr(error)[:200], file=sys.stderr)
