#!/usr/bin/env python3
"""Whole models and orthogonal matrices made by PyTorch on a CUDA device. Prints CSV: what,device,law,dtype,bytes,seconds.

Beside `wgpu-init bench --model` and `peers orthogonal` on the same card. Seconds are the host's, from before the call until the device
is done, the median after one uncounted call. `transformers` makes a model on the device as its users do: `with torch.device("cuda")`.
Beside it, the least that PyTorch needs for as many tensors: `normal_` on each parameter, in a loop.

    --device cpu     a rehearsal without a card
"""

import argparse
import statistics
import sys
import time


def median_seconds(call, synchronize, repetitions):
    call()
    synchronize()
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        call()
        synchronize()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def gpt2(name):
    from transformers import GPT2Config

    sizes = {"gpt2": (12, 12, 768), "gpt2-xl": (48, 25, 1600)}
    layers, heads, width = sizes[name]
    return GPT2Config(n_layer=layers, n_head=heads, n_embd=width)


def main():
    import torch

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--orthogonal", type=lambda text: [int(n) for n in text.split(",")], default=[256, 512, 1024, 2048, 4096])
    parser.add_argument("--models", type=lambda text: text.split(","), default=["gpt2", "gpt2-xl"])
    options = parser.parse_args()
    on_card = options.device == "cuda"
    if on_card and not torch.cuda.is_available():
        sys.exit("torch sees no CUDA device")
    device = torch.cuda.get_device_name(0) if on_card else "cpu"
    synchronize = torch.cuda.synchronize if on_card else lambda: None
    print("what,device,law,dtype,bytes,seconds", flush=True)

    def row(what, law, size, seconds):
        print(f"{what},{device.replace(',', ' ')},{law},f32,{size},{seconds:.9f}", flush=True)

    for n in options.orthogonal:
        tensor = torch.empty(n, n, device=options.device)
        row(f"torch {torch.__version__}", f"orthogonal {n}", 4 * n * n,
            median_seconds(lambda: torch.nn.init.orthogonal_(tensor), synchronize, 3))
    try:
        import transformers
        from transformers import GPT2LMHeadModel
    except Exception as error:
        sys.exit(f"left out: models ({error})")
    for name in options.models:
        config = gpt2(name)

        def make():
            with torch.device(options.device):
                return GPT2LMHeadModel(config)

        model = make()
        parameters = list(model.parameters())
        size = sum(parameter.numel() * parameter.element_size() for parameter in parameters)
        row(f"transformers {transformers.__version__}", name, size, median_seconds(make, synchronize, 3))

        def loop():
            with torch.no_grad():
                for parameter in parameters:
                    parameter.normal_(0.0, 0.02)

        row(f"torch {torch.__version__}", f"{name}: normal_ on each of {len(parameters)} tensors", size,
            median_seconds(loop, synchronize, 9))
        del model, parameters


if __name__ == "__main__":
    main()
