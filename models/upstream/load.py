"""Whether transformers loads what the command makes of a `config.json` alone: of each family of the tests' data a folder is written, and
loaded by its class, which must find all that it looks for and nothing else.

    python load.py PATH_TO/wgpu-init ../tests/data/architectures"""
import json, logging, os, subprocess, sys, tempfile
import torch, transformers
transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
logging.disable(logging.WARNING)

# What the lists leave out on purpose: the running statistics of batch norms.
LEFT_OUT = ("running_mean", "running_var", "num_batches_tracked")


def main():
    command, data = sys.argv[1:3]
    wrong = 0
    for file in sorted(os.listdir(data)):
        with open(os.path.join(data, file)) as lines:
            row = json.loads(lines.read().split("\n")[1])
        with tempfile.TemporaryDirectory() as folder:
            config, out = os.path.join(folder, "config.json"), os.path.join(folder, "out")
            with open(config, "w") as target:
                json.dump(row["saved"], target)
            subprocess.run([command, "init", config, "--device", "cpu", "-o", out + "/"], check=True, capture_output=True)
            model, info = getattr(transformers, row["class"]).from_pretrained(out, output_loading_info=True)
        missing = [key for key in info["missing_keys"] if not key.endswith(LEFT_OUT)]
        others = {key: value for key, value in info.items() if key != "missing_keys" and value}
        finite = all(bool(torch.isfinite(parameter).all()) for parameter in model.parameters())
        right = not missing and not others and finite
        wrong += not right
        print(row["class"], "right" if right else f"WRONG {missing} {others} finite: {finite}", flush=True)
    sys.exit(wrong)


main()
