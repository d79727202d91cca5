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

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

ALGORITHM = 1

Words = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]

_BLOCK = 32_768
_STEP = np.uint64(0x9E3779B97F4A7C15)
_THIRTY, _TWENTY_SEVEN, _THIRTY_ONE = np.uint64(30), np.uint64(27), np.uint64(31)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def mix(x: Words) -> Words:
    """Spread the bits of 64-bit numbers, one to one."""
    y = x >> _THIRTY
    y ^= x
    y *= _FIRST
    z = y >> _TWENTY_SEVEN
    z ^= y
    z *= _SECOND
    np.right_shift(z, _THIRTY_ONE, out=y)
    z ^= y
    return z


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
    start = mix(np.array([(seed + int(_STEP)) % 2**64], dtype=np.uint64))
    lengths = cases.str.len_bytes().to_numpy().astype(np.int64)
    ends = np.cumsum(lengths)
    # All references are read as bytes at once; a text at a time would be ten times as slow.
    text = np.frombuffer((cases.str.join("").item() or "").encode(), dtype=np.uint8)
    numbers = np.empty(len(cases), dtype=np.uint64)
    # In blocks that stay in the processor's cache: fetching fresh memory for every step takes longer than the steps.
    for first in range(0, len(cases), _BLOCK):
        own = lengths[first : first + _BLOCK]
        begin = int(ends[first - 1]) if first else 0
        block = text[begin : int(ends[first + len(own) - 1])]
        numbers[first : first + len(own)] = _number_block(block, own, start)
    return numbers


def _number_block(text: Bytes, lengths: npt.NDArray[np.int64], start: Words) -> Words:
    """The numbers of references that follow one another in a text, each of so many bytes."""
    h = np.broadcast_to(start, len(lengths)).copy()
    shortest = int(lengths.min())
    for n, word in enumerate(_read_words(text, lengths)):
        more = h ^ word
        more += _STEP
        more = mix(more)
        h = more if shortest > 8 * n else np.where(lengths > 8 * n, more, h)
    h ^= lengths.astype(np.uint64)
    return mix(h)


def _read_words(text: Bytes, lengths: npt.NDArray[np.int64]) -> Iterator[Words]:
    """References as 64-bit words, filled with zero bytes: the first of every case, then the second, and so on."""
    words = -(-int(lengths.max()) // 8)
    filled = np.zeros((len(lengths), 8 * words), dtype=np.uint8)
    sizes = np.flatnonzero(np.bincount(lengths)).tolist()
    starts = np.cumsum(lengths) - lengths
    for size in sizes if len(sizes) > 1 else ():
        rows = np.flatnonzero(lengths == size)
        filled[rows, :size] = text[starts[rows][:, None] + np.arange(size)]
    if len(sizes) == 1:
        filled[:, : sizes[0]] = text.reshape(len(lengths), sizes[0])
    if words:
        yield from np.ascontiguousarray(filled.view("<u8").T)


def order_randomly(cases: pl.Series, seed: int, first: int | None = None) -> npt.NDArray[np.intp]:
    """The places of the cases in random order.

    Args:
        cases: references, as text.
        seed: a whole number from 0 to 2⁶⁴ - 1.
        first: only this many places, if no more are needed.
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
