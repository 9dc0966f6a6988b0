#!/usr/bin/env python3
"""The value contract a second time, in plain Python, written from docs/decisions/0001, 0007, 0015 and 0016 alone.

Recomputes every row of tests/data/values.golden and says which differ. Needs no packages.
"""

import itertools
import math
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
M32 = (1 << 32) - 1
TABLE = struct.unpack("<4096I", (ROOT / "src/value/normal_quantile_v1.bin").read_bytes())


def f32(bits):
    return struct.unpack("<f", struct.pack("<I", bits & M32))[0]


def bits32(x):
    return struct.unpack("<I", struct.pack("<f", x))[0]


def rn(x):
    """f64 to the nearest f32. Products and sums of two f32 in f64 round twice without harm."""
    return struct.unpack("<f", struct.pack("<f", x))[0]


def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & M32, (p0 >> 32) ^ c[3] ^ k[1], p0 & M32]
        k = [(k[0] + 0x9E3779B9) & M32, (k[1] + 0xBB67AE85) & M32]
    return c


def block(seed, stream, purpose, number):
    counter = [number & M32, (number >> 32) | purpose << 30, stream & M32, stream >> 32]
    return philox(counter, [seed & M32, seed >> 32])


def normal_unit(w):
    tail = w if w < 1 << 31 else M32 - w
    octave = (tail.bit_length() - 1) % 32
    left = M32 - tail
    left = ((left >> octave) | (left << (32 - octave))) & M32
    row = (octave << 6) | (left >> 26)
    a, b = TABLE[2 * row], TABLE[2 * row + 1]
    slope = (b + (b & 0xFFF) * (left >> 14)) & M32
    offset = (slope * ((left << 6) & M32)) >> 32
    magnitude = rn(f32(a) + f32((offset >> 9) + 0x3C800000))
    return magnitude if w >= 1 << 31 else -magnitude


def normal(w, mean, std):
    return rn(rn(mean) + rn(rn(std) * normal_unit(w)))


def first(predicate):
    """Least word for which the monotone predicate holds; 2^32 if none."""
    low, high = 0, 1 << 32
    while low < high:
        middle = (low + high) // 2
        if predicate(middle):
            high = middle
        else:
            low = middle + 1
    return low


# Bits of exponent and mantissa.
SMALL = {"f16": (5, 10), "bf16": (8, 7), "f8_e4m3fn": (4, 3), "f8_e5m2": (5, 2)}


def small_values(dtype):
    """All finite numbers of a format of 16 or 8 bits as (value, bits), in order."""
    exponent_bits, mantissa_bits = SMALL[dtype]
    sign = exponent_bits + mantissa_bits
    rows = []
    for bits in range(2 << sign):
        exponent = (bits >> mantissa_bits) & ((1 << exponent_bits) - 1)
        mantissa = bits & ((1 << mantissa_bits) - 1)
        bias = (1 << (exponent_bits - 1)) - 1
        # "fn": finite, one NaN of each sign.
        if exponent == (1 << exponent_bits) - 1 and (dtype != "f8_e4m3fn" or mantissa == 7):
            continue
        if exponent == 0:
            value = mantissa * 2.0 ** (1 - bias - mantissa_bits)
        else:
            value = ((1 << mantissa_bits) + mantissa) * 2.0 ** (exponent - bias - mantissa_bits)
        rows.append((-value if bits >> sign else value, bits))
    # -0 before +0
    return sorted(rows, key=lambda row: (row[0], 0 if row[1] >> sign else 1))


VALUES = {dtype: small_values(dtype) for dtype in SMALL}


def nearest(x, dtype):
    """Rounds by searching all numbers of the format: nearest, ties to the even mantissa, the sign of a zero kept.

    What is beyond the largest number becomes it, as 8 bits ask for; no row has such a value of 16 bits."""
    rows = VALUES[dtype]
    low, high = 0, len(rows)
    while low < high:
        middle = (low + high) // 2
        if rows[middle][0] < x:
            low = middle + 1
        else:
            high = middle
    near = rows[max(0, low - 1) : low + 2]
    best = min(abs(value - x) for value, _ in near)
    ties = [(value, bits) for value, bits in near if abs(value - x) == best]
    if all(value == 0.0 for value, _ in ties):
        negative = struct.pack(">d", x)[0] >> 7
        return negative << sum(SMALL[dtype])
    return next(bits for _, bits in ties if len(ties) == 1 or bits % 2 == 0)


def next_f32(x, up):
    b = bits32(x)
    if x == 0.0:
        return f32(0x00000001 if up else 0x80000001)
    return f32(b + 1 if (x > 0) == up else b - 1)


def bound_f32(x, up, strict):
    """Least f32 >= x (up), or greatest f32 <= x, or < x if strict."""
    y = rn(x)
    while (y < x) if up else (y > x or (strict and y == x)):
        y = next_f32(y, up)
    return y


def store(x, dtype, low=None, high=None, strict=False):
    if dtype == "f32":
        if low is not None:
            x = min(max(x, bound_f32(low, True, False)), bound_f32(high, False, strict))
        return bits32(x)
    bits = nearest(x, dtype)
    if low is None:
        return bits
    value = next(v for v, b in VALUES[dtype] if b == bits)
    if value < low:
        return next(b for v, b in VALUES[dtype] if v >= low)
    if value > high or (strict and value == high):
        return next(b for v, b in reversed(VALUES[dtype]) if (v < high if strict else v <= high))
    return bits


def computed(name, p, w, index):
    """The f64 value of a computed law; None for another one. Python's own exp, log and sine."""
    unit = (2 * (w >> 8) + 1) * 2.0**-25
    last = int(p[-1])
    row, n = divmod(index, last) if last > 0 else (0, 0)
    if name == "log_uniform":
        return math.exp(math.log(p[0]) + unit * (math.log(p[1]) - math.log(p[0])))
    if name == "dt_bias":
        step = max(math.exp(math.log(p[0]) + unit * (math.log(p[1]) - math.log(p[0]))), p[2])
        return step + math.log(-math.expm1(-step))
    if name == "log_of_uniform":
        return math.log(p[0] + unit * (p[1] - p[0]))
    if name == "rg_lru":
        square = p[0] * p[0] + 1e-8 + unit * (p[1] * p[1] - p[0] * p[0])
        return math.log(math.expm1(-0.5 * math.log(square)))
    if name == "a_log":
        return math.log(n + 1)
    if name == "ramp":
        return p[0] + p[1] * n
    if name == "s4d_inv":
        size = 2.0 * last
        return size / math.pi * (size / (2 * n + 1) - 1)
    if name == "sinusoids":
        half = last // 2
        angle = float(row) * math.exp(-(math.log(p[0]) / (half - 1)) * (n % half))
        return math.sin(angle) if n < half else math.cos(angle)
    if name == "sinusoids_interleaved":
        angle = float(row) * math.exp(-(math.log(p[0]) / last) * (n - n % 2))
        return math.cos(angle) if n % 2 else math.sin(angle)
    if name == "sinusoids_concatenated":
        half = last // 2
        angle = float(row) * math.exp(-(math.log(p[0]) / last) * (2 * (n % half)))
        return math.sin(angle) if n < half else math.cos(angle)
    if name == "power_law":
        return p[0] + (p[1] - p[0]) * (n / (last - 1)) ** p[2]
    if name == "power_law_open":
        return p[0] + (p[1] - p[0]) * (n / last) ** p[2]
    if name == "zigzag":
        return p[0] + (p[1] - p[0]) * (n / (last - 1)) + p[2] * ((n + 1) % 3 - 1)
    if name == "power_law_heads":
        z = 2 * (n % p[4]) / (p[4] - 1) - 1
        return p[0] + (p[1] - p[0]) * (n / (last - 1)) ** p[2] + p[3] * z * abs(z)
    return None


WINDOWS = {}


def element(init, w, dtype, index):
    name, _, rest = init.partition("(")
    p = [float(text) for text in rest.rstrip(")").split(",")]
    value = computed(name, p, w, index)
    if value is not None:
        return store(rn(value), dtype, *((p[0], p[1], True) if name == "log_uniform" else ()))
    if name == "constant":
        return store(rn(p[0]), dtype)
    if name == "uniform":
        low, high = p
        half, mid = rn((high - low) / 2), rn((low + high) / 2)
        s = (2 * (w >> 8) + 1 - (1 << 24)) * 2.0**-24
        return store(rn(mid + rn(half * s)), dtype, low, high, True)
    if name == "normal":
        return store(normal(w, *p), dtype)
    mean, std, low, high = p
    if init not in WINDOWS:
        WINDOWS[init] = (first(lambda v: normal(v, mean, std) >= low), first(lambda v: normal(v, mean, std) > high))
    lo, end = WINDOWS[init]
    r = end - lo
    inside = lo + ((w * r + r // 2) >> 32) if r < 1 << 32 else w
    return store(normal(inside, mean, std), dtype, low, high, False)


def ranges(cut, dims):
    """The positions of each axis that a view has: of a box, or of a shard as torch.chunk and numpy.array_split cut it."""
    kind, _, text = cut.partition(":")
    if kind == "box":
        return [tuple(map(int, side.split(":"))) for side in text.split(",")]
    axis, _, shard = text.partition(":")
    number, of = map(int, shard.split("/"))
    size = dims[int(axis)]
    lengths = divmod(size, of)
    # Each of ceil(size / of) positions while there are some, or the first ones of one position more.
    start = {
        "shard": lambda n: min(size, n * -(-size // of)),
        "balanced": lambda n: n * lengths[0] + min(n, lengths[1]),
    }[kind]
    whole = [(0, size) for size in dims]
    whole[int(axis)] = (start(number), start(number + 1))
    return whole


def distances(memory, counts):
    """How far apart neighbours of each axis lie, in elements."""
    settings = dict(setting.split(":") for setting in memory.split(";"))
    if "strides" in settings:
        return list(map(int, settings["strides"].split(",")))
    apart, distance = [0] * len(counts), 1
    order = list(map(int, settings["order"].split(",")))
    for axis in reversed(order):
        apart[axis] = distance
        is_fastest = axis == order[-1]
        distance *= int(settings["pitch"]) if is_fastest and "pitch" in settings else counts[axis]
    return apart


def view(dims, cut, memory):
    """The indices in the whole tensor of what lies in a view's memory; None where nothing of it does."""
    inside = ranges(cut, dims)
    apart = distances(memory, [end - start for start, end in inside])
    places = {}
    for position in itertools.product(*(range(start, end) for start, end in inside)):
        index = 0
        for coordinate, size in zip(position, dims):
            index = index * size + coordinate
        place = sum((at - start) * step for at, (start, _), step in zip(position, inside, apart))
        assert place not in places, "two elements in one place"
        places[place] = index
    return [places.get(place) for place in range(max(places, default=-1) + 1)]


def drawn(seed, stream, index, dtype, init):
    return element(init, block(seed, stream, 0, index >> 2)[index & 3], dtype, index)


def compare(fields):
    """What is computed for a row, and what the row says."""
    if fields[0] == "fold_in":
        words = block(int(fields[1], 16), 0, 3, int(fields[2]))
        return words[0] | words[1] << 32, int(fields[3], 16)
    if fields[0] == "view":
        seed, stream, dtype = int(fields[1], 16), int(fields[2], 16), fields[3]
        indices = view(list(map(int, fields[4].split(","))), fields[5], fields[6])
        here = ["-" if i is None else f"{drawn(seed, stream, i, dtype, fields[8]):x}" for i in indices]
        return ",".join(here), fields[7]
    seed, stream, index = int(fields[0], 16), int(fields[1], 16), int(fields[2])
    return drawn(seed, stream, index, fields[3], fields[5]), int(fields[4], 16)


def main():
    rows = {"value": 0, "fold_in": 0, "view": 0}
    wrong = 0
    for line in (ROOT / "tests/data/values.golden").read_text().splitlines():
        if line.startswith("#"):
            continue
        fields = line.split()
        got, expected = compare(fields)
        rows[fields[0] if fields[0] in rows else "value"] += 1
        if got != expected:
            wrong += 1
            print(f"differs, {got if isinstance(got, str) else hex(got)} here: {line}")
    print(f"{rows['value']} values, {rows['fold_in']} seeds of members, {rows['view']} views: {wrong} differ")
    return 0 if rows["value"] > 1000 and rows["view"] > 100 and wrong == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
