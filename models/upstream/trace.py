"""Which law transformers' own initialisation gives each tensor: every model class is built on the meta device, and what is
written into each parameter is recorded, with the fields of the configuration as symbols.

    python trace.py OUT.jsonl [MODEL_TYPE...]"""
import sys, math, json, re, inspect, importlib, traceback, signal, os, copy
import numpy, torch
from torch.utils._python_dispatch import TorchDispatchMode

# ---- numbers that remember where they are from ------------------------------------------------
def text(x):
    if isinstance(x, (SymI, SymF)): return x.text
    if isinstance(x, bool): return str(int(x))
    return repr(float(x)) if isinstance(x, float) else repr(x)
def paren(t):
    return t if re.fullmatch(r"[A-Za-z_][\w.]*|-?[\d.]+(e-?\d+)?|(sqrt|min|max)\([^()]*\)", t) else f"({t})"
def make(v, t):
    if isinstance(v, bool) or v is NotImplemented: return v
    if isinstance(v, complex): return v
    if isinstance(v, int): return SymI(v, t)
    if isinstance(v, float): return SymF(v, t)
    return v
import operator
sign_of = {'+': operator.add, '-': operator.sub, '*': operator.mul, '/': operator.truediv}
def binary(op, sign, swap=False):
    def f(self, other):
        if not isinstance(other, (int, float)): return op(self, other)
        base = int if isinstance(self, int) else float
        a, b = base(self), (int(other) if isinstance(other, int) else float(other))
        v = sign_of[sign](b, a) if swap else sign_of[sign](a, b)
        a, b = paren(text(self)), paren(text(other))
        if swap: a, b = b, a
        return make(v, f"{a} {sign} {b}")
    return f
def power(base):
    def f(self, other, mod=None):
        if not isinstance(other, (int, float)): return base.__pow__(self, other)
        v = base(self) ** (int(other) if isinstance(other, int) else float(other))
        p = paren(text(self))
        o = float(other)
        t = {0.5: f"sqrt({text(self)})", -0.5: f"1 / sqrt({text(self)})", 2.0: f"{p}^2", -1.0: f"1 / {p}"}.get(o, f"{p}^{other!r}")
        return make(v, t)
    return f
class Sym: pass
def methods(base):
    d = {}
    for n, s in [("add", "+"), ("sub", "-"), ("mul", "*"), ("truediv", "/")]:
        d[f"__{n}__"] = binary(getattr(base, f"__{n}__"), s)
        d[f"__r{n}__"] = binary(getattr(base, f"__r{n}__"), s, True)
    d["__pow__"] = power(base)
    d["__neg__"] = lambda self: make(base.__neg__(self), f"-{paren(text(self))}")
    d["__deepcopy__"] = lambda self, memo: self
    d["__copy__"] = lambda self: self
    d["__hash__"] = base.__hash__
    d["__reduce__"] = lambda self: (base, (base(self),))
    return d
def new(base):
    def f(cls, v, t):
        o = base.__new__(cls, v); o.text = t; return o
    return f
SymI = type("SymI", (int, Sym), {**methods(int), "__new__": new(int)})
SymF = type("SymF", (float, Sym), {**methods(float), "__new__": new(float)})
def floordiv(self, o):
    v = int.__floordiv__(self, o)
    return make(v, f"floor({paren(text(self))} / {paren(text(o))})") if isinstance(o, int) else v
SymI.__floordiv__ = floordiv
def patch_sqrt(mod):
    old = mod.sqrt
    def sqrt(x, *a, **k):
        v = old(x, *a, **k)
        return SymF(float(v), f"sqrt({x.text})") if isinstance(x, Sym) else v
    mod.sqrt = sqrt
patch_sqrt(math); patch_sqrt(numpy)

# ---- what is written --------------------------------------------------------------------------
KEEP = []                      # storages stay alive, so that their addresses stay theirs
LAW = {}                       # storage -> list of events
HIGH = [0]
def key(t):
    try: s = t.untyped_storage()
    except Exception: return None
    return s._cdata
def is_whole(t):
    try: return t.untyped_storage().nbytes() == t.numel() * t.element_size()
    except Exception: return True
def where(t):
    return None if is_whole(t) else [list(t.shape), list(t.stride()), t.storage_offset()]
def write(t, law):
    k = key(t)
    if k is None: return
    w = where(t)
    if w is None: LAW[k] = [[None, law]]
    else: LAW.setdefault(k, []).append([w, law])
    KEEP.append(t)
def law_of(t):
    e = LAW.get(key(t))
    if not e: return None
    if len(e) == 1 and e[0][0] is None: return e[0][1]
    return ["mixed"]

NAMES = ["uniform_","normal_","constant_","ones_","zeros_","eye_","dirac_","xavier_uniform_","xavier_normal_","kaiming_uniform_",
         "kaiming_normal_","trunc_normal_","orthogonal_","sparse_"]
def wrap(name, fn):
    sig = inspect.signature(fn)
    def f(tensor, *a, **k):
        if HIGH[0]: return fn(tensor, *a, **k)
        HIGH[0] += 1
        try: r = fn(tensor, *a, **k)
        finally: HIGH[0] -= 1
        b = sig.bind(tensor, *a, **k); b.apply_defaults()
        args = {n: (text(v) if isinstance(v, (int, float)) else v) for n, v in list(b.arguments.items())[1:] if n != "generator"}
        write(tensor, [name, args])
        return r
    return f
for n in NAMES: setattr(torch.nn.init, n, wrap(n, getattr(torch.nn.init, n)))

def const(law):
    return float(law[1]["val"]) if law and law[0] == "constant_" and isinstance(law[1]["val"], (int, float, str)) and re.fullmatch(r"-?[\d.]+(e[-+]?\d+)?|-?inf|nan", str(law[1]["val"])) else None
C = lambda v: ["constant_", {"val": text(v) if not isinstance(v, complex) else "complex"}]

_tensor = torch.tensor
def tensor(data, *a, **k):
    HIGH[0] += 1
    try: t = _tensor(data, *a, **k)
    finally: HIGH[0] -= 1
    flatd = data
    while isinstance(flatd, (list, tuple)) and len(flatd) == 1: flatd = flatd[0]
    write(t, C(flatd) if isinstance(flatd, (int, float)) else ["computed", "tensor"])
    return t
torch.tensor = tensor
class Rec(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        out = func(*args, **kwargs)
        if HIGH[0]: return out
        try: self.note(func._schema.name.split("::")[1], args, kwargs, out)
        except Exception as e: print("note", func, repr(e)[:200], file=sys.stderr)
        return out
    def note(self, n, args, kwargs, out):
        if not isinstance(out, torch.Tensor):
            if isinstance(out, (tuple, list)):
                for o in out:
                    if isinstance(o, torch.Tensor) and key(o) not in LAW: write(o, ["computed", n])
            return
        if n in ("zero_", "zeros", "zeros_like", "new_zeros"): return write(out, C(0.0))
        if n in ("ones", "ones_like", "new_ones"): return write(out, C(1.0))
        if n == "fill_": return write(out, C(args[1]) if not isinstance(args[1], torch.Tensor) else law_of(args[1]) or ["computed", n, [], []])
        if n in ("full", "full_like", "new_full"): return write(out, C(args[1] if n != "new_full" else args[2]))
        if n in ("scalar_tensor",): return write(out, C(args[0]))
        if n in ("empty", "empty_like", "new_empty", "empty_strided", "new_empty_strided", "empty_permuted"): 
            if key(out) not in LAW: write(out, ["empty"])
            return
        if n in ("randn", "randn_like"): return write(out, ["normal_", {"mean": "0.0", "std": "1.0"}])
        if n in ("rand", "rand_like"): return write(out, ["uniform_", {"a": "0.0", "b": "1.0"}])
        if n == "normal_": return write(out, ["normal_", {"mean": text(args[1] if len(args)>1 else kwargs.get("mean",0.0)), "std": text(args[2] if len(args)>2 else kwargs.get("std",1.0))}])
        if n == "uniform_": return write(out, ["uniform_", {"a": text(args[1] if len(args)>1 else kwargs.get("from",0.0)), "b": text(args[2] if len(args)>2 else kwargs.get("to",1.0))}])
        if n == "copy_": return write(args[0], law_of(args[1]) or ["computed", n])
        if n in ("clone", "_to_copy", "detach", "alias", "lift_fresh", "lift", "contiguous"):
            if key(out) not in LAW or n in ("clone", "_to_copy"): write(out, law_of(args[0]) or ["computed", n])
            return
        ins = [a for a in args if isinstance(a, torch.Tensor)]
        if any(key(out) == key(a) for a in ins) and not n.endswith("_"): return  # a view
        tgt = args[0] if n.endswith("_") and isinstance(args[0], torch.Tensor) else out
        base = n.rstrip("_")
        if base in ("mul", "add", "sub", "div", "neg", "rsub", "pow") :
            vals = [const(law_of(a)) if isinstance(a, torch.Tensor) else float(a) for a in args[:2] if not isinstance(a, complex)]
            if all(v is not None for v in vals):
                r = {"mul": lambda a,b: a*b, "add": lambda a,b: a+b, "sub": lambda a,b: a-b, "div": lambda a,b: a/b, "rsub": lambda a,b: b-a, "pow": lambda a,b: a**b, "neg": lambda a: -a}[base](*vals)
                return write(tgt, C(r))
            l = law_of(args[0]) if isinstance(args[0], torch.Tensor) else None
            if l and base in ("mul", "div") and len(args) > 1 and not isinstance(args[1], torch.Tensor):
                s = args[1] if base == "mul" else 1.0 / args[1]
                if l[0] == "normal_" and float(l[1]["mean"]) == 0: return write(tgt, ["normal_", {"mean": "0.0", "std": f"{paren(text(s))} * {paren(l[1]['std'])}"}])
                if l[0] == "uniform_": return write(tgt, ["uniform_", {"a": f"{paren(text(s))} * {paren(l[1]['a'])}", "b": f"{paren(text(s))} * {paren(l[1]['b'])}"}])
        if base in ("cat", "stack"):
            ls = [law_of(a) for a in args[0]]
            if ls and all(l == ls[0] and l for l in ls): return write(out, ls[0])
        if base in ("repeat", "expand", "index_select", "view", "slice") and ins:
            l = law_of(ins[0])
            if const(l) is not None: return write(out, l)
        scalars = [a if isinstance(a, (int, float, bool)) else None for a in args if not isinstance(a, torch.Tensor)]
        scalars = [text(a) if isinstance(a, (int, float)) else a for a in scalars]
        write(tgt, ["computed", n, [law_of(a) for a in ins], scalars])

import transformers
from transformers import PreTrainedModel, PreTrainedConfig
from transformers.models.auto.configuration_auto import CONFIG_MAPPING
transformers.logging.set_verbosity_error()
import transformers.modeling_utils as mu

def symbolise(cfg, prefix=""):
    for name, v in list(vars(cfg).items()):
        if name.startswith("_"): continue
        path = f"{prefix}{name}"
        if isinstance(v, PreTrainedConfig): symbolise(v, path + ".")
        elif isinstance(v, bool): pass
        elif isinstance(v, int): 
            try: object.__setattr__(cfg, name, SymI(v, path))
            except Exception: pass
        elif isinstance(v, float):
            try: object.__setattr__(cfg, name, SymF(v, path))
            except Exception: pass

def untie(cfg):
    for v in [cfg, *[v for v in vars(cfg).values() if isinstance(v, PreTrainedConfig)]]:
        for c in [v]:
            if getattr(c, "tie_word_embeddings", None): 
                try: c.tie_word_embeddings = False
                except Exception: pass
        if v is not cfg: untie(v)

def pads(cfg, n=[0]):
    """A padding token of its own for each configuration, so that a row of zeros tells whose it is."""
    out = {}
    def walk(c, prefix):
        for f in ("pad_token_id",):
            if hasattr(c, f):
                n = 3 + len(out)
                try: setattr(c, f, n); out[n] = prefix + f
                except Exception: pass
        for k, v in list(vars(c).items()):
            if isinstance(v, PreTrainedConfig) and not k.startswith("_"): walk(v, prefix + k + ".")
    walk(cfg, "")
    return out

def classes(cfg_cls):
    pkg = cfg_cls.__module__.rsplit(".", 1)[0]
    folder = importlib.import_module(pkg).__path__[0]
    found = []
    for f in sorted(os.listdir(folder)):
        if f.startswith("modeling_") and f.endswith(".py") and "_tf_" not in f and "_flax_" not in f:
            m = importlib.import_module(f"{pkg}.{f[:-3]}")
            for n, c in vars(m).items():
                if inspect.isclass(c) and issubclass(c, PreTrainedModel) and c.__module__ == m.__name__ and not re.search(r"PreTrainedModel$|PretrainedModel$", n):
                    if getattr(c, "config_class", None) is cfg_cls: found.append(c)
    return found

# Options that give a model other tensors than its usual configuration.
VARIANTS = {
    "t5 mt5 umt5 longt5 switch_transformers pix2struct udop": [{"feed_forward_proj": "gated-gelu"}],
    "deberta deberta-v2": [{"relative_attention": True, "pos_att_type": ["c2p", "p2c"], "position_biased_input": False}, {"relative_attention": True, "pos_att_type": ["c2p", "p2c"], "norm_rel_ebd": "layer_norm", "position_buckets": 256, "share_att_key": True, "conv_kernel_size": 3}],
    "beit data2vec-vision": [{"use_relative_position_bias": True, "use_absolute_position_embeddings": True}, {"use_shared_relative_position_bias": True, "use_mask_token": True}],
    "falcon": [{"new_decoder_architecture": True, "bias": True}, {"parallel_attn": False, "alibi": True}],
    "cohere": [{"use_qk_norm": True}, {"attention_bias": True}], "stablelm": [{"qk_layernorm": True}, {"use_parallel_residual": True}], "phi": [{"qk_layernorm": True}],
    "opt": [{"word_embed_proj_dim": 512}, {"do_layer_norm_before": False}],
    "wav2vec2 hubert unispeech unispeech-sat wavlm data2vec-audio": [{"feat_extract_norm": "layer", "do_stable_layer_norm": True, "conv_bias": True}],
    "dinov2 dinov2_with_registers": [{"use_swiglu_ffn": True}], "swin swinv2 donut-swin": [{"use_absolute_embeddings": True}],
    "deepseek_v3": [{"q_lora_rank": None}, {"attention_bias": True}], "deepseek_v2": [{"q_lora_rank": None}, {"attention_bias": True, "mlp_bias": True, "first_k_dense_replace": 1}], "glm4_moe": [{"use_qk_norm": True}, {"attention_bias": True}], "phimoe": [{"lm_head_bias": True}],
    "gpt2": [{"add_cross_attention": True}], "bert roberta electra xlm-roberta camembert": [{"is_decoder": True, "add_cross_attention": True}],
    "gpt_bigcode": [{"multi_query": False}], "resnet": [{"layer_type": "basic"}], "olmoe": [{"clip_qkv": 8.0}, {"attention_bias": True}],
    "granitemoeshared": [{"shared_intermediate_size": 64}], "vit deit": [{"qkv_bias": False}], "convnext": [{"layer_scale_init_value": 0.0}],
    "olmo olmo2 olmo3 cohere2 gemma gemma2 gemma3_text qwen3 qwen3_moe": [{"attention_bias": True}], "granite smollm3": [{"attention_bias": True, "mlp_bias": True}],
    "modernbert": [{"norm_bias": True, "attention_bias": True, "mlp_bias": True, "classifier_bias": True}],
    "starcoder2": [{"norm_type": "layer_norm"}], "gpt_neox": [{"use_parallel_residual": False}], "xlm flaubert": [{"sinusoidal_embeddings": True}],
}
MAIN = re.compile(r"For(CausalLM|MaskedLM|ConditionalGeneration|ImageClassification|CTC|PreTraining|SequenceClassification)$|Model$|LMHeadModel$")

def timeout(*_): raise TimeoutError
signal.signal(signal.SIGALRM, timeout)

def flat(cfg, prefix=""):
    out = {}
    for name, v in vars(cfg).items():
        if name.startswith("_"): continue
        if isinstance(v, PreTrainedConfig): out.update(flat(v, f"{prefix}{name}."))
        elif isinstance(v, (bool, int, float)) or v is None: out[prefix + name] = v
    return out

def build(cls, cfg_cls, kwargs):
    LAW.clear(); KEEP.clear()
    cfg = cfg_cls(**kwargs)
    defaults = flat(cfg)
    amap = {}
    def maps(c, p):
        for a, b in (getattr(c, "attribute_map", None) or {}).items(): amap[p + a] = p + b
        for k, v in vars(c).items():
            if isinstance(v, PreTrainedConfig): maps(v, f"{p}{k}.")
    maps(cfg, "")
    untie(cfg)
    pad = pads(cfg)
    symbolise(cfg)
    with torch.device("meta"), Rec():
        model = cls(cfg)
        for p in model.parameters(): p._is_hf_initialized = False
        for m in model.modules(): m._is_hf_initialized = False
        model.initialize_weights()
    return model, cfg, defaults, amap, pad

def run(model_type, cls, cfg_cls, kwargs):
    model, cfg, defaults, amap, pad = build(cls, cfg_cls, kwargs)
    mods = dict(model.named_modules(remove_duplicate=False))
    sd = model.state_dict(keep_vars=True)
    rows = {}
    ids, stand = {}, {}
    sig = []
    for name, t in sd.items():
        if not isinstance(t, torch.Tensor): continue
        owner = mods.get(name.rpartition(".")[0])
        ev = LAW.get(key(t), [[None, ["nothing"]]])
        extra = {}
        rows[name] = dict(shape=[int(s) for s in t.shape], dtype=str(t.dtype), module=type(owner).__name__, events=ev, buffer=not isinstance(t, torch.nn.Parameter))
        stand[name] = torch.full((), float(len(sig) + 1)).expand(t.shape); sig.append(name)
    # Biases that another configuration would have
    absent = []
    for mname, m in mods.items():
        for p, v in m._parameters.items():
            if v is None: absent.append([f"{mname}.{p}" if mname else p, type(m).__name__])
    saved = None
    try:
        from transformers.core_model_loading import revert_weight_conversion
        try:
            small = {n: torch.full([min(int(d), 8) for d in sd[n].shape], float(i + 1)) for i, n in enumerate(sig)}
            out = revert_weight_conversion(model, small)
        except Exception:
            if sum(t.numel() for t in stand.values()) > 10**9: raise
            out = revert_weight_conversion(model, dict(stand))
        saved = {}
        for n, t in out.items():
            u = t
            while u.dim(): u = u[0]
            e = t
            for d in range(t.dim()): e = e.narrow(d, t.shape[d] - 1, 1)
            a, b = int(u.item()), int(e.reshape(-1)[0].item())
            saved[n] = [sig[a - 1], sig[b - 1], [int(s) for s in t.shape]]
    except Exception as e:
        saved = {"error": repr(e)[:300]}
    ties = None
    try: ties = {k: v for k, v in (model._tied_weights_keys or {}).items()} if isinstance(model._tied_weights_keys, dict) else model._tied_weights_keys
    except Exception: pass
    sub = {}
    for mname, m in mods.items():
        if isinstance(m, PreTrainedModel) and m is not model and m._tied_weights_keys: sub[mname] = m._tied_weights_keys if isinstance(m._tied_weights_keys, dict) else list(m._tied_weights_keys)
    return dict(model_type=model_type, cls=cls.__name__, kwargs={k: v for k, v in kwargs.items()}, defaults=defaults, amap=amap, pad=pad, tensors=rows, absent=absent, saved=saved, ties=ties, subties=sub, base=model.base_model_prefix)

def main():
    out = open(sys.argv[1], "a")
    wanted = sys.argv[2:]
    part = None
    if wanted and wanted[0].startswith("@"): part = [int(x) for x in wanted[0][1:].split("/")]; wanted = []
    first = os.environ.get("FIRST", "").split()
    keys = [k for k in first if k in CONFIG_MAPPING] + [k for k in CONFIG_MAPPING.keys() if k not in first]
    for i, mt in enumerate(keys):
        if wanted and mt not in wanted: continue
        if part and i % part[1] != part[0]: continue
        try: cfg_cls = CONFIG_MAPPING[mt]; found = classes(cfg_cls)
        except BaseException as e:
            print(json.dumps(dict(model_type=mt, error=repr(e)[:300])), file=out, flush=True); continue
        if os.environ.get("ONLY_VARIANTS"):
            for kwargs in [v for names, list_ in VARIANTS.items() if mt in names.split() for v in list_]:
                for cls in [c for c in found if MAIN.search(c.__name__)]:
                    try: r = run(mt, cls, cfg_cls, {**SMALL(cfg_cls), **kwargs}); r["variant"] = kwargs
                    except Exception as e: r = dict(model_type=mt, cls=cls.__name__, error=repr(e)[:300])
                    print(json.dumps(r, default=str), file=out, flush=True)
            continue
        for cls in found:
            signal.alarm(90)
            try:
                try: r = run(mt, cls, cfg_cls, SMALL(cfg_cls))
                except TimeoutError: raise
                except Exception as first:
                    r = run(mt, cls, cfg_cls, {})
            except BaseException as e:
                if isinstance(e, KeyboardInterrupt): raise
                r = dict(model_type=mt, cls=cls.__name__, error=repr(e)[:500], trace=traceback.format_exc()[-1500:])
            signal.alarm(0)
            print(json.dumps(r, default=str), file=out, flush=True)

def SMALL(cfg_cls):
    c = cfg_cls()
    out = {}
    for k, v in vars(c).items():
        if isinstance(v, PreTrainedConfig) and not k.startswith("_") and k.endswith("_config"):
            small = {n: 4 for n in ("num_hidden_layers", "depth", "encoder_layers", "decoder_layers") if isinstance(vars(v).get(n), int) and not isinstance(vars(v).get(n), bool) and vars(v).get(n) > 6}
            if small and "text" not in k: out[k] = {"model_type": v.model_type, **small}
    if out:
        return out
    for n in ("num_hidden_layers",):
        v = vars(c).get(n)
        if isinstance(v, int) and v > 8: return {n: 8}
    return {}
if __name__ == "__main__": main()
