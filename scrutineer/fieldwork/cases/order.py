"""The random order of cases: a number for each case from the seed and its own reference.

Algorithm version 1. A case's number depends on nothing but the seed and its reference, so that
neither the order of rows nor other cases change it, and anyone can work it out again:

1. mix(x): x ^= x >> 30; x *= BF58476D1CE4E5B9; x ^= x >> 27; x *= 94D049BB133111EB; x ^= x >> 31, in 64 bits.
2. h = mix(seed + 9E3779B97F4A7C15).
3. The reference in UTF-8, filled with zero bytes to a multiple of eight, is read as little-endian
   64-bit words; for each word w: h = mix((h ^ w) + 9E3779B97F4A7C15).
4. h = mix(h ^ number of bytes).

The mixing step is that of SplitMix64 (Steele, Lea and Flood 2014, OOPSLA). Cases are taken from the
smallest number up; equal numbers, of which there is one chance in 18 million million million per pair,
by their references.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

ALGORITHM = 1

Words = npt.NDArray[np.uint64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def mix(x: Words) -> Words:
    """Spread the bits of 64-bit numbers, one to one."""
    x = (x ^ (x >> np.uint64(30))) * _FIRST
    x = (x ^ (x >> np.uint64(27))) * _SECOND
    return x ^ (x >> np.uint64(31))


def number_cases(cases: pl.Series, seed: int) -> Words:
    """The random number of each case.

    Args:
        cases: references, as text.
        seed: a whole number from 0 to 2⁶⁴ - 1.

    Raises:
        ValueError: a seed outside that range.
    """
    if not 0 <= seed < 2**64:
        raise ValueError("a seed is a whole number from 0 to 18446744073709551615")
    lengths = cases.str.len_bytes().to_numpy().astype(np.uint64)
    start = mix(np.array([(seed + int(_STEP)) % 2**64], dtype=np.uint64))
    h = np.broadcast_to(start, len(cases)).copy()
    words = -(-int(lengths.max()) // 8) if len(cases) else 0
    filled = pl.col("c").cast(pl.Binary)
    if len(cases) and (int(lengths.min()) < 8 * words or words == 0):
        filled = pl.concat_str([pl.col("c"), pl.lit("\0" * 8 * words)]).cast(pl.Binary)
    read = [
        filled.bin.slice(8 * n, 8).bin.reinterpret(dtype=pl.UInt64, endianness="little").alias(str(n))
        for n in range(words)
    ]
    for n, word in enumerate(pl.DataFrame({"c": cases}).lazy().select(read).collect() if words else ()):
        more = mix((h ^ word.to_numpy()) + _STEP)
        h = np.where(lengths > 8 * n, more, h)
    return mix(h ^ lengths)


def order_randomly(cases: pl.Series, seed: int, first: int | None = None) -> npt.NDArray[np.intp]:
    """The places of the cases in random order.

    Args:
        cases: references, as text.
        seed: a whole number from 0 to 2⁶⁴ - 1.
        first: only the first so many places, where more are not asked for.
    """
    keys = number_cases(cases, seed)
    if first is None or first >= len(keys):
        places = np.argsort(keys)
    else:
        places = np.argpartition(keys, first)[:first]
        places = places[np.argsort(keys[places])]
    ranked = keys[places]
    if len(ranked) > 1 and bool((ranked[1:] == ranked[:-1]).any()):
        references = cases.to_list()
        return np.array(sorted(places.tolist(), key=lambda n: (int(keys[n]), references[n])), dtype=np.intp)
    return places
