"""Makes the models of the zoo with transformers itself, as people do, and saves each as a folder.

    python make.py OUT [--dtype bfloat16] [--seed 0] [MODEL...]"""
import argparse, json, pathlib, sys, time
import torch, transformers

transformers.logging.set_verbosity_error()
parser = argparse.ArgumentParser()
parser.add_argument("out", type=pathlib.Path)
parser.add_argument("models", nargs="*")
parser.add_argument("--dtype", default="float32")
parser.add_argument("--seed", type=int, default=0)
arguments = parser.parse_intermixed_args()

def plain(value):
    """Numbers that JSON does not have are written as {"__float__": "Infinity"}."""
    if isinstance(value, dict):
        return float(value["__float__"]) if "__float__" in value else {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value

zoo = pathlib.Path(__file__).parent.parent / "tests/data/zoo.jsonl"
failed = []
for line in zoo.open():
    model = json.loads(line)
    name = model["model"]
    if model["library"] != "transformers" or (arguments.models and name not in arguments.models):
        continue
    try:
        config = transformers.AutoConfig.for_model(**plain(model["config"]))
        torch.manual_seed(arguments.seed)
        # What `from_config` of the auto classes does.
        made = getattr(transformers, model["class"])._from_config(config, dtype=getattr(torch, arguments.dtype))
        made.save_pretrained(arguments.out / name)
    except Exception as error:
        failed.append(name)
        print(f"{name}: {type(error).__name__}: {error}"[:300], file=sys.stderr)
print(f"made {len(list(arguments.out.iterdir()))}, not made: {' '.join(failed) or 'none'}", file=sys.stderr)
