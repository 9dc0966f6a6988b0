#!/usr/bin/env python3
"""Writes tests/data/f8.points: rounding of f32 to the 8-bit floats f8_e4m3fn and f8_e5m2, and all their numbers, by ml_dtypes.

Rounding is ml_dtypes' own cast after clamping to the largest finite number, as code that quantises does it. The points are each
number of either type, each tie between two neighbours, and the f32 numbers next to all of these; further the ends and the middle of
each f32 exponent. Together with monotonicity they decide every f32. Needs the packages ml_dtypes and numpy.
"""

import pathlib

import ml_dtypes
import numpy

PATH = pathlib.Path(__file__).resolve().parent.parent / "data/f8.points"
TYPES = {"f8_e4m3fn": ml_dtypes.float8_e4m3fn, "f8_e5m2": ml_dtypes.float8_e5m2}


def numbers(dtype):
    """The number of every byte, as float64."""
    return numpy.arange(256, dtype=numpy.uint8).view(dtype).astype(numpy.float64)


def points():
    """Magnitudes, as bits of finite f32."""
    bits = {0x7F7FFFFF}
    for exponent in range(255):
        bits |= {exponent << 23, exponent << 23 | 0x400000, exponent << 23 | 0x7FFFFF}
    for dtype in TYPES.values():
        finite = numbers(dtype)[:128]
        finite = finite[numpy.isfinite(finite)]
        beyond = 2 * finite[-1] - finite[-2]  # the number after the largest one, if there were one: its tie must saturate
        finite = numpy.append(finite, beyond)
        for value in [*finite, *(finite[1:] + finite[:-1]) / 2]:
            exact = numpy.float32(value)
            assert float(exact) == value
            center = int(exact.view(numpy.uint32))
            bits |= {max(center - 1, 0), center, center + 1}
    return sorted(bits)


def rounded(dtype, values):
    largest = float(ml_dtypes.finfo(dtype).max)
    return numpy.clip(values, -largest, largest).astype(dtype).view(numpy.uint8)


def main():
    bits = numpy.array(points(), dtype=numpy.uint32)
    values = bits.view(numpy.float32)
    columns = [rounded(dtype, values) for dtype in TYPES.values()]
    for dtype, column in zip(TYPES.values(), columns):
        assert (rounded(dtype, -values) == column | 0x80).all(), "rounding is symmetric"
    lines = [
        "# 8-bit floats: tests/independent/f8_points.py, ml_dtypes %s, numpy %s." % (ml_dtypes.__version__, numpy.__version__),
        "# round: f32 bits, the byte of f8_e4m3fn, the byte of f8_e5m2, saturating. Negative numbers differ in their sign only.",
        "# number: byte, what it is in f8_e4m3fn, in f8_e5m2.",
    ]
    lines += ["round %08x %02x %02x" % row for row in zip(bits, *columns)]
    lines += ["number %02x %r %r" % (byte, float(a), float(b)) for byte, (a, b) in enumerate(zip(*map(numbers, TYPES.values())))]
    PATH.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
