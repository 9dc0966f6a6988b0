"""Makes models with torchvision, timm and diffusers, as people do, and saves each as a folder with the recipe that it is audited by.

    python make_plain.py OUT [--dtype bfloat16] [--seed 0]"""
import argparse, json, pathlib, sys
import torch
from safetensors.torch import save_file

parser = argparse.ArgumentParser()
parser.add_argument("out", type=pathlib.Path)
parser.add_argument("--dtype", default="float32")
parser.add_argument("--seed", type=int, default=0)
arguments = parser.parse_args()

NAMES = {
    "torchvision": ["resnet18", "resnet50", "densenet121", "efficientnet_b0", "mobilenet_v2", "mobilenet_v3_small", "shufflenet_v2_x0_5",
                    "squeezenet1_1", "mnasnet0_5", "regnet_y_400mf", "swin_t", "convnext_tiny"],
    "timm": ["resnet18", "convnext_atto", "swin_tiny_patch4_window7_224", "vit_tiny_patch16_224", "deit_tiny_patch16_224", "efficientnet_b0",
             "mobilenetv3_small_050", "regnetx_002", "mixer_s32_224", "ghostnet_050"],
}
zoo = pathlib.Path(__file__).parent.parent / "tests/data/zoo.jsonl"


def plain(value):
    """Numbers that JSON does not have are written as {"__float__": "Infinity"}."""
    if isinstance(value, dict):
        return float(value["__float__"]) if "__float__" in value else {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


def jobs():
    import diffusers, timm, torchvision.models
    for name in NAMES["torchvision"]:
        yield f"torchvision/{name}", None, lambda: torchvision.models.get_model(name, weights=None)
    for name in NAMES["timm"]:
        yield f"timm/{name}", {"architecture": name}, lambda: timm.create_model(name)
    for model in map(json.loads, zoo.open()):
        if model["library"] == "diffusers":
            config = plain(model["config"])
            yield f"diffusers/{model['class']}", config, lambda: getattr(diffusers, model["class"]).from_config(config)


failed, made = [], 0
for recipe, config, make in jobs():
    try:
        torch.manual_seed(arguments.seed)
        state = make().to(getattr(torch, arguments.dtype)).state_dict()
        folder = arguments.out / recipe.replace("/", "-")
        folder.mkdir(parents=True)
        save_file({name: tensor.contiguous().clone() for name, tensor in state.items()}, folder / "model.safetensors")
        (folder / "recipe").write_text(recipe)
        if config is not None:
            (folder / "config.json").write_text(json.dumps(config))
        made += 1
    except Exception as error:
        failed.append(recipe)
        print(f"{recipe}: {type(error).__name__}: {error}"[:300], file=sys.stderr)
print(f"made {made}, not made: {' '.join(failed) or 'none'}", file=sys.stderr)
