"""Writes the families of the recipe `transformers` from the records of trace.py.

    python write.py RECORDS.jsonl... > transformers.txt"""
import ast, functools, glob, zlib, json, math, os, re, sys, inspect, importlib
from collections import defaultdict, OrderedDict
import transformers
from transformers import PreTrainedConfig
from transformers.models.auto.configuration_auto import CONFIG_MAPPING
ROOT = os.path.dirname(transformers.__file__)

def folder(mt): return CONFIG_MAPPING[mt].__module__.split(".")[-2]
SOURCES = {}
def source(mt):
    f = folder(mt)
    if f not in SOURCES:
        folders = {f}
        def walk(c):
            folders.add(type(c).__module__.split(".")[-2])
            for k, v in vars(c).items():
                if isinstance(v, PreTrainedConfig) and not k.startswith("_"): walk(v)
        try: walk(CONFIG_MAPPING[mt]())
        except Exception: pass
        SOURCES[f] = "".join(open(p).read() for g in sorted(folders) for p in sorted(glob.glob(f"{ROOT}/models/{g}/*.py")))
    return SOURCES[f]
def guards():
    out = defaultdict(set)
    for f in glob.glob(f"{ROOT}/models/*/modeling_*.py"):
        for fn in ast.walk(ast.parse(open(f).read())):
            if isinstance(fn, ast.FunctionDef) and fn.name == "_init_weights":
                for n in ast.walk(fn):
                    if isinstance(n, (ast.If, ast.IfExp)):
                        for a in ast.walk(n.test):
                            if isinstance(a, ast.Attribute) and ast.unparse(a.value) in ("self.config", "module.config", "config"):
                                if not re.match(r"use_|tie_|num_|hidden_size|vocab_size|max_position|initializer_range|init_std|initializer_factor|text_config|vision_config|encoder_config|decoder_config|cls_token|two_stage|learn_|standardize|fast_qkv|visual_embed|window_size", a.attr):
                                    out[os.path.basename(os.path.dirname(f))].add(a.attr)
    return out
GUARDS = guards()

def flat(cfg, prefix=""):
    out = {}
    for name, v in vars(cfg).items():
        if name.startswith("_"): continue
        if isinstance(v, PreTrainedConfig): out.update(flat(v, f"{prefix}{name}."))
        elif isinstance(v, (bool, int, float, str)) or v is None: out[prefix + name] = v
    return out

# ---- laws as text ----------------------------------------------------------------------------
CURRENT = {}
class No(Exception): pass
def fans(shape):
    if len(shape) < 2: return None
    r = 1
    for d in shape[2:]: r *= d
    return shape[1] * r, shape[0] * r
IDENT = re.compile(r"[A-Za-z_][\w.]*")
def close(a, b): return abs(a - b) <= 1e-12 * abs(b)
@functools.lru_cache(None)
def number_ok(lit, mt):
    v = abs(float(lit))
    if v in (0.0, 0.5, 1.0, 2.0, 3.0, 0.02): return True
    src = source(mt)
    forms = {lit, lit.lstrip("-"), repr(v), f"{v:g}", repr(int(v)) if v == int(v) else repr(v)}
    forms |= {f"{v:e}", re.sub(r"e-0?", "e-", f"{v:g}")}
    return any(re.search(r"(?<![\w.])" + re.escape(x) + r"(?![\w.])", src) for x in forms)
def candidates(shape, sibling):
    out = []
    f = fans(shape)
    if f:
        fi, fo = f
        out += [(1 / math.sqrt(fi), "1 / sqrt(fan_in)"), (1 / math.sqrt(fo), "1 / sqrt(fan_out)"), (math.sqrt(1 / fi) / 0.87962566103423978, "1 / sqrt(fan_in) / 0.87962566103423978"),
                (math.sqrt(3 / fi), "sqrt(3 / fan_in)"), (1 / fi, "1 / fan_in"), (math.sqrt(2 / (5 * fi)), "sqrt(2 / (5 * fan_in))")]
    if sibling:
        fi, fo = fans(sibling) or (None, None)
        if fi: out += [(1 / math.sqrt(fi), "1 / sqrt(sibling.weight.fan_in)"), (math.sqrt(3 / fi), "sqrt(3 / sibling.weight.fan_in)")]
    return out
def expression(t, mt, shape, sibling):
    """An expression of the rules for a text of trace.py."""
    if re.search(r"\^-?\d*\.\d*[1-9]", t) or "inf" in t or "nan" in t: raise No(f"of {t}")
    t = re.sub(r"\^(-?\d+)\.0\b", r"^\1", t)
    def lit(m):
        s = m.group(0)
        # 2.0 * n of an int loses where it is from: ModernBERT's residual scale.
        for path in ("num_hidden_layers", "text_config.num_hidden_layers"):
            n = CURRENT.get(path)
            if n and f"math.sqrt(2.0 * self.config.{path})" in source(mt) and close(float(s), math.sqrt(2.0 * n)): return f"sqrt(2 * {path})"
        if number_ok(s, mt) : return s
        for v, text in candidates(shape, sibling):
            if close(float(s), v): return f"({text})"
        raise No(f"of the number {s}")
    # Numbers that are no part of names.
    t = re.sub(r"(?<![\w.])\d+\.?\d*(?:e[-+]?\d+)?(?![\w.])", lit, t)
    # Fields are variables.
    t = IDENT.sub(lambda m: m.group(0) if m.group(0) in ("sqrt", "min", "max", "floor", "fan_in", "fan_out", "sibling.weight.fan_in") or re.fullmatch(r"e", m.group(0)) else "config." + m.group(0), t)
    t = re.sub(r"(?<=\d)config\.e", "e", t)
    t = re.sub(r"(?<![\w.])(\d+)\.0(?![\d\w])", r"\1", t)
    t = re.sub(r" \* 1(?![\w.])", "", t); t = re.sub(r"(?<![\w.^/] )(?<![\w.])1 \* ", "", t)
    m = re.fullmatch(r"\(([^()]*)\)", t)
    return m.group(1) if m else t
def same_number(t, value):
    try: return float(t) == value
    except ValueError: return False
def law_text(law, mt, shape, sibling):
    kind = law[0]
    if kind == "computed": return computed(law, mt, shape, sibling)
    if kind == "empty" or kind == "nothing": raise No("uninitialised")
    if kind == "mixed":
        src = source(mt)
        if "np.power(10000, 2 * (j // 2) / dim)" in src and "out[:, sentinel:] =" in src and len(shape) == 2 and shape[1] % 2 == 0:
            return "sinusoids_concatenated(10000)"
        raise No("mixed")
    a = {k: v for k, v in law[1].items()}
    e = lambda k: expression(str(a[k]), mt, shape, sibling)
    if kind == "zeros_": return "zeros"
    if kind == "ones_": return "ones"
    if kind == "constant_":
        v = str(a["val"])
        if same_number(v, 0): return "zeros"
        if same_number(v, 1): return "ones"
        return f"constant({e('val')})"
    if kind == "normal_":
        if same_number(str(a["std"]), 0): return "zeros" if same_number(str(a["mean"]), 0) else f"constant({e('mean')})"
        return f"normal({e('mean')}, {e('std')})"
    if kind == "uniform_": return f"uniform({e('a')}, {e('b')})"
    if kind == "trunc_normal_": return f"trunc_normal({e('mean')}, {e('std')}, {e('a')}, {e('b')})"
    if kind in ("xavier_uniform_", "xavier_normal_"): return f"{kind[:-1]}({e('gain')})"
    if kind in ("kaiming_uniform_", "kaiming_normal_"):
        n = a["nonlinearity"]
        slope = float(a["a"])
        if n == "leaky_relu": n = "leaky_relu=sqrt(5)" if close(slope, math.sqrt(5)) else f"leaky_relu={slope:g}"
        elif n not in ("relu", "linear", "tanh", "sigmoid", "selu"): raise No(f"nonlinearity {n}")
        return f"{kind[:-1]}({a['mode']}, {n})"
    if kind == "orthogonal_":
        # RWKV's gain is that of each matrix's own shape; with its default sizes it looks like a number.
        if len(shape) == 2 and shape[0] > shape[1] and re.fullmatch(r"[\d.]+", str(a["gain"])) and close(float(a["gain"]), math.sqrt(shape[0] / shape[1])):
            return "orthogonal(max(1, sqrt(dim0 / dim1)))"
        return f"orthogonal({e('gain')})"
    if kind == "eye_": return "eye"
    if kind == "dirac_": return "dirac"
    raise No(kind)
def chain(law):
    return [law[1]] + (chain(law[2][0]) if len(law) > 2 and law[2] and law[2][0] and law[2][0][0] == "computed" else [])
def computed(law, mt, shape, sibling):
    ops = chain(law)
    leaf = law
    while len(leaf) > 2 and leaf[2] and leaf[2][0] and leaf[2][0][0] == "computed": leaf = leaf[2][0]
    if ops[0] in ("log", "log_"):
        # log(arange(1, n + 1)) along the last axis
        if ops[1:] and all(o in ("arange", "expand", "_to_copy", "repeat", "clone") for o in ops[1:]) and len(leaf) > 3:
            start = [s for s in leaf[3] if s is not None][:2]
            if len(start) == 2 and same_number(start[0], 1) and int(eval_number(start[1])) == shape[-1] + 1: return "a_log"
        inner = law[2][0] if law[2] else None
        if inner and inner[0] == "uniform_":
            return f"log_of_uniform({expression(inner[1]['a'], mt, shape, sibling)}, {expression(inner[1]['b'], mt, shape, sibling)})"
    src = source(mt)
    if ops[:4] == ["add", "clamp", "exp", "add"] and "torch.log(-torch.expm1(-dt))" in src and "time_step_floor" in src:
        return "dt_bias(config.time_step_min, config.time_step_max, config.time_step_floor)"
    if ops[0] == "cat" and "def sinusoids(length: int, channels: int, max_timescale: float = 10000)" in src and len(shape) == 2:
        return "sinusoids(10000)"
    raise No("computed by " + " of ".join(o.rstrip("_") for o in ops[:4]))
def eval_number(t):
    try: return float(t)
    except ValueError: return -1

def fan_based(text): return "kaiming" in text or "xavier" in text or "fan_" in text or "orthogonal" in text or "a_log" in text

# ---- one kind of model ------------------------------------------------------------------------
def pattern(name): return tuple("#" if c.isdigit() else c for c in name.split("."))
TEXTS = {}
SIMPLE = re.compile(r'\["(zeros_|ones_)"|.*"std": "[a-z_.]*initializer_range"')
def index(name):
    c = name.split(".")
    return c[-2] if len(c) > 1 and c[-2].isdigit() else None
LINEAR = {"Linear", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d"}

def read(mt, records):
    TEXTS.clear()
    laws = defaultdict(list)   # pattern -> ((init, padding), class, rank, index before the parameter)
    used = set()
    biases, norms = set(), set()
    for r in records:
        cls = r["cls"]
        CURRENT.clear(); CURRENT.update(r["defaults"])
        own = {}
        pads = {int(k): v for k, v in r["pad"].items()}
        for name, t in r["tensors"].items():
            if not re.match(r"torch\.(float|bfloat)", t["dtype"]): own[name] = None; continue
            head, _, last = name.rpartition(".")
            w = r["tensors"].get(f"{head}.weight") if last != "weight" else None
            sibling = w["shape"] if w else None
            ev = t["events"]
            pad = None
            try:
                whole, slices = ev[0], ev[1:]
                if whole[0] is not None: raise No("written in part")
                if slices:
                    s = slices[-1]
                    zero = s[1][0] == "zeros_" or (s[1][0] == "constant_" and same_number(str(s[1][1]["val"]), 0))
                    if not (zero and all(x[0] == s[0] for x in slices) and len(t["shape"]) == 2 and s[0][0] in ([t["shape"][1]], [1, t["shape"][1]])): raise No("written in parts")
                    row = s[0][2] // t["shape"][1]
                    pad = f"config.{pads[row]}" if row in pads else str(row)
                key = (json.dumps(whole[1]), tuple(t["shape"]) if not SIMPLE.match(json.dumps(whole[1])) else None, str(sibling) if not SIMPLE.match(json.dumps(whole[1])) else None, tuple(CURRENT.get(k) or 0 for k in ("num_hidden_layers", "text_config.num_hidden_layers")))
                if key not in TEXTS:
                    try: TEXTS[key] = law_text(whole[1], mt, t["shape"], sibling)
                    except No as no: TEXTS[key] = no
                text = TEXTS[key]
                if isinstance(text, No): raise text
            except No as why:
                text, pad = f"!{why}", None
            own[name] = (text, pad, t["shape"])
            laws[pattern(name)].append(((text, pad), cls, len(t["shape"]), index(name)))
            if t["module"] in LINEAR and last == "bias": biases.add(text)
            if "Norm" in t["module"] and last == "bias": norms.add(text)
        for name, module in r["absent"]:
            if name.endswith(".bias") and ((module in LINEAR and biases <= {"zeros"} and biases) or ("LayerNorm" in module and norms == {"zeros"})):
                laws[pattern(name)].append((("zeros", None), cls, 1, index(name)))
        if isinstance(r["saved"], dict) and "error" not in r["saved"]:
            for n, (a, b, shape) in r["saved"].items():
                if n in own: continue
                x, y = own.get(a), own.get(b)
                if x is None or y is None: continue
                if x[:2] != y[:2]: law = ("!joined from several", None)
                elif fan_based(x[0]) and shape not in (x[2], [min(d, 8) for d in x[2]]): law = ("!cut or joined when saved", None)
                elif x[1] and len(shape) != 2: law = ("!cut when saved", None)
                else: law = x[:2]
                laws[pattern(n)].append((law, cls, len(shape), index(n)))
    return laws

def split(entries, by):
    """The law of each group, if each has one."""
    groups = defaultdict(set)
    for e in entries: groups[by(e)].add(e[0])
    return {g: next(iter(l)) for g, l in groups.items()} if all(len(l) == 1 for l in groups.values()) else None
def resolve(laws):
    """For each pattern its laws, each with what tells it from the others: a rank, an index or classes."""
    out = {}
    for p, entries in laws.items():
        kinds = {e[0] for e in entries}
        if len(kinds) == 1: out[p] = ((next(iter(kinds)), None),); continue
        ranks = split(entries, lambda e: e[2])
        if ranks and len(ranks) > 1:
            out[p] = tuple((law, ("rank", r)) for r, law in sorted(ranks.items())); continue
        if p[-2:-1] == ("#",):
            per = split(entries, lambda e: e[3])
            if per and len(per) <= 12:
                for i, law in per.items(): out[p[:-2] + (i, p[-1])] = ((law, None),)
                continue
        classes = split(entries, lambda e: e[1])
        if classes:
            by = defaultdict(list)
            for c, law in classes.items(): by[law].append(c)
            out[p] = tuple((law, ("classes", tuple(sorted(c)))) for law, c in sorted(by.items(), key=str)); continue
        out[p] = ((("!differs", None), None),)
    return out

def suffixes(resolved):
    """The shortest ends of names that tell the laws apart: at least the module and the parameter."""
    def key(p): return tuple(resolved[p])
    ends = defaultdict(set)
    for p in resolved:
        for k in range(1, len(p) + 1): ends[p[-k:]].add(key(p))
    out = {}
    for p in resolved:
        least = 2
        while least < len(p) and all(c == "#" for c in p[-least:-1]): least += 1
        for k in range(min(least, len(p)), len(p) + 1):
            if len(ends[p[-k:]]) == 1: out[p[-k:]] = (False, resolved[p]); break
        else: out[p] = (True, resolved[p])
    return out

def escape(c): return "[0-9]+" if c == "#" else re.escape(c).replace(r"\-", "-").replace(r"\_", "_")
def regexes(names, limit=900):
    """Names as few regexes, by their last part."""
    by_last = defaultdict(list)
    for anchored, p in sorted(names):
        by_last[(anchored, p[-1])].append(p[:-1])
    parts = []
    for (anchored, last), heads in sorted(by_last.items()):
        heads = sorted({r"\.".join(escape(c) for c in h) for h in heads})
        if heads == [""]: parts.append((anchored, escape(last))); continue
        bare = "" in heads
        heads = [h for h in heads if h]
        group, size = [], 0
        def flush():
            if group: parts.append((anchored, (f"({'|'.join(group)})" if len(group) > 1 else group[0]) + r"\." + escape(last)))
        for h in heads:
            if size + len(h) > limit: flush(); group, size = [], 0
            group.append(h); size += len(h) + 1
        flush()
        if bare: parts.append((anchored, escape(last)))
    out = []
    for anchored in (True, False):
        group, size = [], 0
        for a, t in parts:
            if a != anchored: continue
            if size + len(t) > limit and group:
                out.append((anchored, group)); group, size = [], 0
            group.append(t); size += len(t) + 1
        if group: out.append((anchored, group))
    text = []
    for anchored, group in out:
        start = "^" if anchored else r"(^|\.)"
        text.append(start + (group[0] if len(group) == 1 else f"({'|'.join(group)})") + "$")
    return text

REASONS = {"uninitialised": "transformers leaves it as the memory was", "differs": "transformers initialises it differently from layer to layer or from option to option"}
def reason(why):
    if why.startswith("differs"): return "its law differs from layer to layer, which these rules do not say"
    if why.startswith("uninit"): return "transformers leaves it as the memory was"
    if why.startswith("computed"): return f"its values are {why}, which no initializer does"
    if why.startswith("of"): return f"its scale depends on a size that is no field of the configuration ({why})"
    return f"its values are {why}"

def toml(t): return "'" + t + "'" if "'" not in t else json.dumps(t)

def family(mt, records):
    usual = [r for r in records if not r.get("variant")]
    laws = read(mt, usual)
    if not laws: return None
    options = set()
    for r in records:
        if not r.get("variant"): continue
        for p, entries in read(mt, [r]).items():
            known = {(e[0], e[2]) for e in laws.get(p, [])}
            if known and any((e[0], e[2]) not in known for e in entries): options |= set(r["variant"]); break
        else:
            for p, entries in read(mt, [r]).items():
                if p not in laws: laws[p].extend(entries)
    resolved = resolve(laws)
    ends = suffixes(resolved)
    by_law = defaultdict(list)
    for p, (anchored, entries) in ends.items():
        for law, classes in entries: by_law[(law, classes)].append((anchored, p))
    defaults, aliases = {}, {}
    for r in records: aliases.update(r["amap"])
    try: defaults = flat(CONFIG_MAPPING[mt]())
    except Exception: defaults = records[0]["defaults"]
    rules, texts = [], []
    # What `_init_weights` asks of the configuration
    for g in sorted(GUARDS.get(folder(mt), set()) | options):
        for path, v in sorted(defaults.items()):
            if path == g or path.endswith("." + g):
                if isinstance(v, bool) or v is None: test = f"has(config.{path}) and " + (f"not config.{path}" if v else f"config.{path} != 0") if v is not None else f"has(config.{path})"
                elif isinstance(v, str): test = f"has(config.{path}) and config.{path} != '{v}'"
                elif isinstance(v, (int, float)): test = f"has(config.{path}) and config.{path} != {v!r}"
                else: continue
                rules.append(f'[[rule]]\nname = "*"\nwhen = {toml(test) if chr(39) not in test else json.dumps(test)}\nrefuse = "{path} changes the initialisation, and only its usual value is known here: write rules"')
    ties = {}
    for r in records:
        if isinstance(r["ties"], dict):
            for k, v in r["ties"].items():
                if re.fullmatch(r"[\w.]+", str(k)) and re.fullmatch(r"[\w.]+", str(v)): ties[k] = v
    body = []
    for k, v in sorted(ties.items()):
        # Classes that have the tensor, and not the one that it is tied to in others.
        ends = lambda r, name: any(n == name or n.endswith("." + name) for n in r["tensors"])
        alone = sorted({r["cls"] for r in records if ends(r, k) and not ends(r, v)})
        unless = "".join(f" and not (has(architectures) and '{c}' in architectures)" for c in alone)
        body.append((0, k, f"[[rule]]\nregex = {toml('^(.*[.])?' + re.escape(k).replace(chr(92)+'_','_') + '$')}\nwhen = \"config.tie_word_embeddings{unless}\"\ntie = \"${{1}}{v}\"".replace("${{1}}", "${1}")))
        texts.append("config.tie_word_embeddings")
    order = lambda item: (item[0][0][0].startswith("!"), item[0][1] is None, -len(item[1]))
    for (law, classes), names in sorted(by_law.items(), key=lambda i: (order(i), str(i[0]))):
        init, pad = law
        for rx in regexes(names):
            lines = ["[[rule]]", f"regex = {toml(rx)}"]
            if classes:
                if classes[0] == "rank": lines.append(f"rank = {classes[1]}")
                else: lines.append("when = " + json.dumps(" or ".join(f"'{c}' in architectures" for c in classes[1])))
            if init.startswith("!"): lines.append(f"refuse = {json.dumps(reason(init[1:]) + ': write rules')}")
            else:
                lines.append(f"init = {json.dumps(init)}"); texts.append(init)
                if pad: lines.append(f"padding_row = {json.dumps(pad)}"); texts.append(pad)
            body.append((1, rx, "\n".join(lines)))
    rules += [b[2] for b in body]
    wanted = sorted({m[len("config."):] for t in texts for m in re.findall(r"config\.[A-Za-z_][\w.]*", t)})
    variables = []
    back = defaultdict(list)
    for a, b in aliases.items(): back[b].append(a)
    for w in wanted:
        v = defaults.get(w)
        if w.split(".")[-1] == "pad_token_id" and v is None: v = -1
        if w == "tie_word_embeddings" and v is None: v = False
        if isinstance(v, bool): v = int(v)
        if not isinstance(v, (int, float)): continue
        other = [a for a in back.get(w, []) if a != w]
        if other: variables.append(f'"config.{w}" = {{ value = "config.{other[0]}", default = {v!r} }}')
        else: variables.append(f'"config.{w}" = {v!r}')
    refused = sum(1 for (law, _), n in by_law.items() if law[0].startswith("!"))
    text = ("[variables]\n" + "\n".join(variables) + "\n\n" if variables else "") + "\n\n".join(rules) + "\n"
    return text, {law[0]: [".".join(p) for _, p in n] for (law, _), n in by_law.items() if law[0].startswith("!")}

def main():
    records = defaultdict(OrderedDict)
    part = [int(x) for x in os.environ.get("PART", "0/1").split("/")]
    for f in sys.argv[1:]:
        for l in open(f):
            mt = l[16:l.index('"', 16)]
            if zlib.crc32(mt.encode()) % part[1] != part[0]: continue
            try: r = json.loads(l)
            except ValueError: continue
            if "error" in r or "tensors" not in r: continue
            records[r["model_type"]][(r["cls"], json.dumps(r.get("variant"), sort_keys=True))] = r
    merged = OrderedDict()
    refusals = {}
    for mt in sorted(records):
        got = family(mt, list(records[mt].values()))
        if not got: continue
        text, no = got
        if no: refusals[mt] = no
        merged.setdefault(text, []).append(mt)
    for text, types in sorted(merged.items(), key=lambda i: i[1][0]):
        print(f"## {' '.join(types)}\nname = \"transformers/{types[0]}\"\n\n{text}")
    json.dump(refusals, open("refusals.json", "w"), indent=1)
main()
