"""What torchvision, timm and diffusers give each tensor of their models: each is built on the meta device, without memory for its
tensors, and what is written into each is recorded, as `trace.py` does for transformers.

    python plain.py OUT.jsonl LIBRARY [NAME...]"""
import importlib.util, inspect, json, os, signal, sys
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import trace  # records; before any library takes functions of torch.nn.init
import torch


def record_timm():
    """timm's initialisers of its own, before its models take them."""
    spec = importlib.util.find_spec("timm")
    path = os.path.join(spec.submodule_search_locations[0], "layers", "weight_init.py")
    spec = importlib.util.spec_from_file_location("timm.layers.weight_init", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["timm.layers.weight_init"] = module
    spec.loader.exec_module(module)
    for name in ["trunc_normal_", "trunc_normal_tf_", "variance_scaling_", "lecun_normal_", "init_weight_vit", "init_weight_jax"]:
        if hasattr(module, name) and name.endswith("_"):
            setattr(module, name, trace.wrap(name + "timm", getattr(module, name)))


def torch_class(module):
    """The first class of torch.nn that the module is of."""
    names = [c.__name__ for c in type(module).__mro__ if c.__module__.startswith("torch.nn") and c.__name__ != "Module"]
    return names[0] if names else None


def rows(model):
    modules = dict(model.named_modules(remove_duplicate=False))
    parameters = {id(p) for p in model.parameters()}
    out, seen = {}, {}
    for name, tensor in model.state_dict(keep_vars=True).items():
        if not isinstance(tensor, torch.Tensor): continue
        owner = modules.get(name.rpartition(".")[0])
        out[name] = dict(shape=[int(s) for s in tensor.shape], dtype=str(tensor.dtype).split(".")[1], module=type(owner).__name__,
                         torch=torch_class(owner), buffer=id(tensor) not in parameters, events=trace.LAW.get(trace.key(tensor), [[None, ["nothing"]]]))
        if id(tensor) in seen: out[name]["same"] = seen[id(tensor)]
        seen.setdefault(id(tensor), name)
    return out


def timm_names():
    import timm
    from timm.models import _registry
    for name in timm.list_models():
        yield name, _registry._model_to_module[name], lambda name=name: timm.create_model(name)


def torchvision_names():
    import torchvision.models as models
    for name in models.list_models():
        extra = {"weights_backbone": None} if "weights_backbone" in inspect.signature(models.get_model_builder(name)).parameters else {}
        if name in ("googlenet", "inception_v3"): extra = {"init_weights": True}
        yield name, models.get_model_builder(name).__module__.split(".")[-1], lambda name=name, extra=extra: models.get_model(name, weights=None, **extra)


def diffusers_names():
    import diffusers
    for name in sorted(dir(diffusers)):
        try: cls = getattr(diffusers, name)
        except Exception: continue
        if inspect.isclass(cls) and issubclass(cls, diffusers.ModelMixin) and cls is not diffusers.ModelMixin:
            yield name, cls.__module__.split(".")[-1], cls


def timeout(*_): raise TimeoutError


def main():
    library, wanted = sys.argv[2], set(sys.argv[3:])
    if library == "timm": record_timm()
    signal.signal(signal.SIGALRM, timeout)
    done = set()
    if os.path.exists(sys.argv[1]):
        done = {json.loads(line)["name"] for line in open(sys.argv[1])}
    out = open(sys.argv[1], "a")
    for name, module, make in {"timm": timm_names, "torchvision": torchvision_names, "diffusers": diffusers_names}[library]():
        if wanted and name not in wanted or name in done: continue
        trace.LAW.clear(); trace.KEEP.clear()
        signal.alarm(60)
        try:
            try:
                with torch.device("meta"), trace.Rec():
                    model = make()
            except NotImplementedError:
                # It computes its sizes with tensors, which need memory.
                trace.LAW.clear(); trace.KEEP.clear()
                with trace.Rec():
                    model = make()
            row = dict(library=library, name=name, file=module, cls=type(model).__name__, tensors=rows(model))
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt): raise
            row = dict(library=library, name=name, file=module, error=repr(error)[:300])
        signal.alarm(0)
        print(json.dumps(row, default=str), file=out, flush=True)


if __name__ == "__main__": main()
