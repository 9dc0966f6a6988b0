#!/usr/bin/env python3
"""Writes tests/data/normal_quantile.points: quantiles of the normal distribution to 40 digits, by mpmath.

Each row is a tail word t and -Phi^-1((t + 1/2) / 2^32), found by Newton steps on erfc. Needs the package mpmath.
"""

import pathlib
import random

import mpmath

mpmath.mp.dps = 50
PATH = pathlib.Path(__file__).resolve().parent.parent / "data/normal_quantile.points"


def quantile(t):
    p = (mpmath.mpf(t) + mpmath.mpf(1) / 2) / mpmath.mpf(2) ** 32
    x = mpmath.sqrt(2) * mpmath.erfinv(1 - 2 * p)
    for _ in range(3):
        density = mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mpmath.pi)
        x += (mpmath.erfc(x / mpmath.sqrt(2)) / 2 - p) / density
    return x


def words():
    draw = random.Random(1)
    found = set(range(64))
    for octave in range(6, 31):
        first, size = 1 << octave, 1 << octave
        found |= {first, first + 1, first + size // 2, first + size - 1}
        found |= {first + draw.randrange(size) for _ in range(40)}
    # Around |p - 1/2| = 0.425, where rational approximations change branch.
    switch = int(0.075 * 2**32)
    found |= set(range(switch - 8, switch + 8))
    return sorted(found)


def main():
    rows = [f"{t} {mpmath.nstr(quantile(t), 40)}" for t in words()]
    head = "# Tail word t, -Phi^-1((t + 1/2) / 2^32) to 40 digits: tests/independent/quantile_points.py, mpmath.\n"
    PATH.write_text(head + "\n".join(rows) + "\n")
    print(f"{len(rows)} rows")


if __name__ == "__main__":
    main()
