"""Writes the families of the recipes `torchvision`, `timm` and `diffusers` from the records of plain.py.

    python write_plain.py RECORDS.jsonl LIBRARY VERSION > ../src/recipe/LIBRARY.txt"""
import json, math, re, sys, tomllib
from collections import OrderedDict, defaultdict

close = lambda a, b: abs(a - b) <= 1e-9 * abs(b)
SQRT5 = "kaiming_uniform(fan_in, leaky_relu=sqrt(5))"


def number(value):
    """A product of numbers, as the recorder writes them."""
    out = 1.0
    for part in str(value).replace("(", "").replace(")", "").split("*"): out *= float(part)
    return out


def plain(value):
    return repr(int(value)) if value == int(value) and abs(value) < 1e6 else repr(value)


def is_written(value):
    """Whether a number is one that a programmer writes: few digits."""
    return float(f"{value:.2g}") == value


def fans(shape):
    rest = math.prod(shape[2:])
    return (shape[1] * rest, shape[0] * rest) if len(shape) > 1 else (None, None)


def scales(value, shape, weight, layer):
    """Texts of a scale: the number where somebody wrote it, and the formulas that give it."""
    out = []
    if is_written(value): out.append(plain(value))
    is_layer = KIND[0] is not None
    own, forms = fans(shape), []
    for names, (i, o) in ((("fan_in", "fan_out"), own), (("sibling.weight.fan_in", "sibling.weight.fan_out"), fans(weight or []))):
        if not i or not o: continue
        # Convolutions are scaled by what goes out, a bias by what goes into its layer.
        if names[0] == "fan_in" and is_layer: forms.append((2 / o, "sqrt(2 / fan_out)"))
        if names[0] != "fan_in":
            forms.append((1 / i, "sqrt(1 / sibling.weight.fan_in)"))
            continue
        for gain in (1, 2, 0.5, 6, 3):
            g = f"{plain(gain)}"
            forms += [(gain / i, f"sqrt({g} / {names[0]})"), (gain / o, f"sqrt({g} / {names[1]})"), (gain / (i + o), f"sqrt({g} / ({names[0]} + {names[1]}))")]
        if len(shape) > 2: forms += [(2 * shape[0] / o, f"sqrt(2 * dim0 / {names[1]})")] if names[0] == "fan_in" else []
    # A parameter of its own is scaled by its width, which stands last.
    if not is_layer: forms = []
    for gain in (1, 2) if not is_layer else ():
        for axis, size in reversed(list(enumerate(shape))):
            if size > 1: forms.append((gain / size, f"sqrt({gain} / dim{axis})"))
    if layer is not None: forms += [(0.02 ** 2 / (2 * (layer + 1)), "0.02 / sqrt(2 * (layer + 1))"), (0.02 ** 2 / (2 * (layer + 1)) / 1e6, "0.00002 / sqrt(2 * (layer + 1))")]
    short = 0.87962566103423978  # of a normal cut at two sigma
    out += [text for square, text in forms if close(value, math.sqrt(square))]
    out += [f"{text} / {short}" for square, text in forms[:30] if close(value, math.sqrt(square) / short)]
    return list(OrderedDict.fromkeys(out))


KIND = [None]  # the class of torch.nn that the tensor's module is of


class No(Exception): pass


def laws(law, shape, weight, layer):
    """The texts of a law, best first."""
    name, rest = law[0], law[1:]
    a = rest[0] if rest and isinstance(rest[0], dict) else {}
    if name in ("zeros_", "ones_"): return [name[:-1]]
    if name == "constant_":
        value = number(a["val"])
        if not math.isfinite(value): raise No("its values are no numbers")
        return [{0.0: "zeros", 1.0: "ones"}.get(value, f"constant({plain(value)})")]
    if name in ("kaiming_uniform_", "kaiming_normal_"):
        slope = number(a["a"])
        if a["nonlinearity"] not in ("relu", "leaky_relu", "linear", "sigmoid"): raise No(f"kaiming with {a['nonlinearity']}")
        kind = a["nonlinearity"]
        if kind == "leaky_relu": kind = "leaky_relu=sqrt(5)" if close(slope, math.sqrt(5)) else "relu" if slope == 0 else f"leaky_relu={plain(slope)}"
        return [f"{name[:-1]}({a['mode']}, {kind})"]
    if name in ("xavier_uniform_", "xavier_normal_"):
        gain = number(a["gain"])
        return [f"{name[:-1]}" if gain == 1 else f"{name[:-1]}({plain(gain)})"]
    if name == "lecun_normal_timm":
        return [f"trunc_normal(0, S, -2 * S, 2 * S)".replace("S", f"sqrt(1 / fan_in) / 0.87962566103423978")]
    if name == "normal_":
        mean, std = number(a["mean"]), number(a["std"])
        if std == 0: return laws(["constant_", {"val": mean}], shape, weight, layer)
        return [f"normal({plain(mean)}, {s})" for s in scales(std, shape, weight, layer)]
    if name == "uniform_":
        low, high = number(a["a"]), number(a["b"])
        if low == -high and high > 0: return [f"uniform(-{s}, {s})" for s in scales(high, shape, weight, layer)]
        if is_written(low) and is_written(high): return [f"uniform({plain(low)}, {plain(high)})"]
        raise No("the ends of its uniform are of an unknown formula")
    if name.startswith("trunc_normal"):
        mean, std, low, high = (number(a[k]) for k in ("mean", "std", "a", "b"))
        if "tf" in name:
            if (low, high) != (-2, 2) or mean: raise No("a cut that is not written here")
            return [f"trunc_normal(0, {s}, -2 * {paren(s)}, 2 * {paren(s)})" for s in scales(std, shape, weight, layer)]
        return [f"trunc_normal({plain(mean)}, {s}, {plain(low)}, {plain(high)})" for s in scales(std, shape, weight, layer)]
    if name == "computed":
        how, inputs, numbers = (rest + [[], []])[:3] if len(rest) < 3 else rest
        scalars = [float(n) for n in numbers if n is not None and re.fullmatch(r"-?[\d.]+(e[-+]?\d+)?", str(n))]
        if len(inputs) == 1 and inputs[0]:
            inner = inputs[0]
            if how == "log" and inner[0] == "constant_": return laws(["constant_", {"val": math.log(number(inner[1]["val"]))}], shape, weight, layer)
            if how in ("mul_", "div_", "mul", "div") and len(scalars) == 1:
                s = scalars[0] if how.startswith("mul") else 1 / scalars[0]
                if s == 1 or inner[0] == "zeros_": return laws(inner, shape, weight, layer)
                if inner[0] == "ones_": return laws(["constant_", {"val": s}], shape, weight, layer)
                if inner[0] == "normal_" and not number(inner[1]["mean"]): return laws(["normal_", {"mean": 0, "std": number(inner[1]["std"]) * s}], shape, weight, layer)
                if inner[0] == "trunc_normal_timm":
                    std, low, high = (number(inner[1][k]) * s for k in ("std", "a", "b"))
                    out = []
                    for t in scales(std, shape, weight, layer):
                        k = plain(number(inner[1]["b"]) / number(inner[1]["std"]))
                        out.append(f"trunc_normal(0, {t}, -{k} * {paren(t)}, {k} * {paren(t)})")
                    return out
                if inner[0] == "constant_": return laws(["constant_", {"val": number(inner[1]["val"]) * s}], shape, weight, layer)
        raise No(f"its values are computed by {how}, which no initializer does")
    if name == "empty": raise No("the library leaves it as the memory was")
    raise No(f"its values are {name}")


def paren(text):
    return text if re.fullmatch(r"[\w.]+|sqrt\([^()]*\)", text) else f"({text})"


def candidates(name, row, tensors):
    """(laws, None) or (nothing, why)."""
    if "same" in row: return (), "it is the same tensor as another"
    events = row["events"]
    if len(events) != 1 or events[0][0] is not None: return (), "its values are mixed"
    module, _, leaf = name.rpartition(".")
    weight = tensors.get(f"{module}.weight" if module else "weight", {}).get("shape") if leaf != "weight" else None
    KIND[0] = row["torch"]
    layer = next((int(p) for p in name.split(".") if p.isdigit()), None)
    try: out = laws(events[0][1], row["shape"], weight, layer)
    except No as why: return (), str(why)
    return (tuple(out), None) if out else ((), "its scale is of an unknown formula")


def is_number(part): return part.isdigit() or part == "#"


def any_number(name): return ".".join("#" if is_number(p) else p for p in name.split("."))


def keys(name):
    """Ends of the name, the shortest first, two for each length: with any number (`#`), and with the places in a sequence that stand
    directly before the parameter. `~` is something in front, `^` nothing."""
    parts = name.split(".")
    words = [i for i, p in enumerate(parts) if not is_number(p)]
    starts = [i for i in words[-2::-1] if i] + [0] if len(words) > 1 else [0]
    for start in starts:
        end, front = parts[start:], "~" if start else "^"
        yield front + any_number(".".join(end))
        literal = [p if not is_number(p) or all(is_number(q) or j == len(end) - 1 for j, q in enumerate(end) if j > i) else "#" for i, p in enumerate(end)]
        yield front + ".".join(literal)
    yield "^" + name


def solve(entries):
    """Rules in the order in which they are asked: (key, law or ! and why not, whether it is of depthwise convolutions alone).
    `entries` are (name, depthwise, laws, why). Shorter keys first: what they take, longer ones may match too."""
    rules, left = [], entries
    for level in range(60):
        if not left: break
        groups, rest, found = defaultdict(list), [], []
        for entry in left:
            list_ = list(keys(entry[0]))
            groups[list_[min(level, len(list_) - 1)]].append((entry, level >= len(list_) - 1))
        for key, members in groups.items():
            law = common([e for e, _ in members])
            split = [common(s) if s else None for s in ([e for e, _ in members if e[1] is flag] for flag in (True, False))]
            # The number of a layer stands in the whole name only.
            if law and "layer" in law and not law.startswith("!") and "#" not in key and not all(last for _, last in members):
                rest += [e for e, _ in members]
            elif law is not None: found.append((key, law, None))
            elif all(split) and not any(f.startswith("!") for f in split): found += [(key, split[0], True), (key, split[1], None)]
            elif all(last for _, last in members): found.append((key, "!it differs between models of this class: name the architecture", None))
            else: rest += [e for e, _ in members]
        rules += sorted(found, key=lambda r: (r[0].count("#") if level > 1 else 0, r[2] is None, r[1], r[0].rpartition(".")[2], r[0]))
        left = rest
    return rules


def common(entries):
    whys = {why for _, _, _, why in entries}
    if whys != {None}: return "!" + sorted(whys)[0] if None not in whys else None
    shared = [law for law in entries[0][2] if all(law in e[2] for e in entries)]
    # A formula that needs the number of a layer is the last resort.
    return next((law for law in sorted(shared, key=lambda l: "layer" in l)), None)


def layers_as_one(name):
    """Any number for those in front; the ones directly before the parameter say which of a sequence it is."""
    parts = name.split(".")
    last = max((i for i, p in enumerate(parts[:-1]) if not p.isdigit()), default=-1)
    return ".".join("#" if p.isdigit() and i < last else p for i, p in enumerate(parts))


def entries_of(row):
    """The tensors of a model, layers of one kind together where they agree."""
    out = OrderedDict()
    tensors = row["tensors"]
    for name, t in tensors.items():
        if "float" not in t["dtype"]: continue
        laws_, why = candidates(name, t, tensors)
        depthwise = len(t["shape"]) > 2 and t["shape"][1] == 1
        out.setdefault((layers_as_one(name), depthwise), []).append((name, depthwise, laws_, why))
    list_ = []
    for (general, depthwise), members in out.items():
        law = common(members)
        if law is None: list_ += members
        elif law.startswith("!"): list_.append((general, depthwise, (), law[1:]))
        else:
            shared = tuple(l for l in members[0][2] if all(l in m[2] for m in members))
            list_.append((general, depthwise, shared, None))
    return list_


def regex(key):
    return re.escape(key).replace(r"\#", "#").replace("#", "[0-9]+").replace(r"\-", "-").replace("\\_", "_")


def text_of(rules):
    """Rules as TOML: neighbours with one law and one name of the parameter are one rule."""
    out, run = [], []

    def flush():
        if not run: return
        law, depthwise = run[0][1], run[0][2]
        what = f'refuse = "{law[1:]}: write rules"' if law.startswith("!") else f'init = "{law}"'
        ends = [(key[0], key[1:]) for key, _, _ in run]
        leaf = ("layer" if "layer" in law and not law.startswith("!") else "") + ends[0][1].rpartition(".")[2]
        for pattern in patterns(leaf, ends):
            # Convolutions of one input channel a group, of any rank.
            for rank in (3, 4, 5) if depthwise else (None,):
                shape = "shape = [" + ", ".join(['"*"', "1"] + ['"*"'] * (rank - 2)) + "]\n" if rank else ""
                out.append(f"[[rule]]\nregex = '{pattern}'\n{shape}{what}\n")
        run.clear()

    for rule in rules:
        if run and (rule[1:], rule[0].rpartition(".")[2]) != (run[0][1:], run[0][0].rpartition(".")[2]) : flush()
        run.append(rule)
    flush()
    return "\n".join(out)


def patterns(leaf, ends):
    """Regular expressions for ends of names, none too long."""
    if leaf.startswith("layer") and ends[0][1].rpartition(".")[2] != leaf:
        for front, end in ends:
            whole = regex(end).replace("[0-9]+", "(?P<layer>[0-9]+)", 1)
            yield ("^" if front == "^" else r"\.") + whole + "$"
        return
    for anchor in ("~", "^"):
        bodies, size = [], 0
        chosen = [regex(end)[: -len(regex(leaf))] for front, end in ends if front == anchor]
        chosen = [b[:-2] if b.endswith(r"\.") else b for b in chosen]
        head = r"\." if anchor == "~" else "^"
        def flush():
            if not bodies: return None
            if bodies == [""]: return f"{head}{regex(leaf)}$"
            body = bodies[0] if len(bodies) == 1 else f"({'|'.join(bodies)})"
            return rf"{head}{body}\.{regex(leaf)}$"
        for b in list(OrderedDict.fromkeys(chosen)):
            if b == "":
                yield f"{head}{regex(leaf)}$"; continue
            if size + len(b) > 1500:
                yield flush(); bodies, size = [], 0
            bodies.append(b); size += len(b) + 1
        if bodies: yield flush()


def merged(models):
    """One model's tensors of several models'."""
    seen = OrderedDict()
    for list_ in models:
        for entry in list_: seen[entry] = None
    return list(seen)


def wrong(text, row):
    """The tensors of a model to which the rules, asked in order, give what was not recorded."""
    rules = [(re.compile(r["regex"]), len(r.get("shape", [])), r.get("init")) for r in tomllib.loads(text)["rule"]]
    out = []
    for name, t in row["tensors"].items():
        if "float" not in t["dtype"]: continue
        shape = t["shape"]
        fits = lambda rank: not rank or (len(shape) == rank and shape[1] == 1)
        law = next((law for regex_, rank, law in rules if fits(rank) and regex_.search(name)), None)
        if law and law not in candidates(name, t, row["tensors"])[0]: out.append(name)
    return out


def refusing(text, rows):
    """The rules behind others that refuse what they would be wrong for."""
    names = sorted({"^" + any_number(n) for row in rows for n in wrong(text, row)})
    front = text_of([(n, "!its place in the model decides, or the architecture", None) for n in names])
    return front + "\n" + text if front else text


DEFAULTS = {"zeros", "ones", SQRT5, "uniform(-sqrt(1 / sibling.weight.fan_in), sqrt(1 / sibling.weight.fan_in))"}


def common_words(classes):
    """What PyTorch gives layers of a name in every class of the library that has one: for options that add layers to a class."""
    by = defaultdict(list)
    for rows in classes.values():
        for row in rows:
            for entry in entries_of(row): by[next(keys(entry[0]))].append(entry)
    rules = []
    for key, entries in by.items():
        law = common(entries)
        if key.startswith("~") and law in DEFAULTS and len({e[0] for e in entries}) > 1: rules.append((key, law, None))
    print(f"## *\n\n{text_of(rules)}")


def main():
    library, version = sys.argv[2], sys.argv[3]
    records = [json.loads(line) for line in open(sys.argv[1])]
    records = [r for r in records if "tensors" in r]
    classes = OrderedDict()
    for r in records: classes.setdefault((r["cls"], r["file"]), []).append(r)
    families = OrderedDict()  # text -> names
    of_class = OrderedDict()
    for (cls, file), rows in classes.items():
        lists = {r["name"]: entries_of(r) for r in rows}
        groups = []  # (names, entries)
        for name, list_ in lists.items():
            for group in groups:
                both = merged([group[1], list_])
                worse = sum(law.startswith("!it differs") for _, law, _ in solve(both))
                if not worse:
                    group[0].append(name); group[1] = both
                    break
            else: groups.append([[name], list_])
        by_name = {r["name"]: r for r in rows}
        for names, list_ in groups:
            text = text_of(solve(list_))
            # Numbers of layers that mean different things in two architectures: each by itself.
            apart = [n for n in names if n in by_name and wrong(text, by_name[n])]
            together = [n for n in names if n in by_name and n not in apart]
            if together: families.setdefault(text, []).extend(together)
            for n in apart: families.setdefault(refusing(text_of(solve(lists[n])), [by_name[n]]), []).append(n)
        of_class.setdefault(cls, []).extend((r, lists[r["name"]]) for r in rows)
    for cls, models in of_class.items():
        rows = [row for row, _ in models]
        if cls not in {r["name"] for r in records}:
            text = text_of(solve(merged(list_ for _, list_ in models)))
            families.setdefault(refusing(text, rows), []).insert(0, cls)
    if library == "diffusers": common_words(classes)
    for text, names in families.items():
        print(f"## {' '.join(names)}\nname = \"{library}/{names[0]}\"\n\n{text}")


main()
