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

_BLOCK = 16_384
_STEP = np.uint64(0x9E3779B97F4A7C15)
_THIRTY, _TWENTY_SEVEN, _THIRTY_ONE = np.uint64(30), np.uint64(27), np.uint64(31)
_MASKS = np.array([2 ** (8 * n) - 1 for n in range(9)], dtype=np.uint64)
"""What keeps the first so many bytes of a word and makes zero bytes of the rest."""
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
    lengths = cases.str.len_bytes().to_numpy()
    shortest, longest = (int(lengths.min()), int(lengths.max())) if len(lengths) else (0, 0)
    windows = _make_windows(cases)
    numbers = np.empty(len(cases), dtype=np.uint64)
    ends = None if shortest == longest else np.cumsum(lengths, dtype=np.int64)
    # In blocks that stay in the processor's cache: fetching fresh memory for every step takes longer than the steps.
    for first in range(0, len(cases), _BLOCK):
        block = numbers[first : first + _BLOCK]
        if ends is None:
            block[:] = _number_alike(windows[first * longest :], longest, len(block), start)
        else:
            own = lengths[first : first + _BLOCK].astype(np.int64)
            block[:] = _number_block(windows, ends[first : first + _BLOCK] - own, own, start)
    return numbers


def _make_windows(cases: pl.Series) -> Words:
    """The word that begins at each byte of all references, one after the other; beyond the end there are zero bytes."""
    # All references are read as bytes at once; a text at a time would be ten times as slow.
    text = pl.concat([cases, pl.Series(["\0" * 8])]).str.join("").cast(pl.Binary).item()
    return np.ndarray(len(text) - 7, dtype="<u8", buffer=text, strides=(1,))


def _number_alike(windows: Words, length: int, count: int, start: Words) -> Words:
    """The numbers of so many references of one length, one after the other, as references mostly are."""
    h = start  # one number for all until the first word
    for byte in range(0, length, 8):
        words = windows[byte::length][:count] & _MASKS[min(length - byte, 8)]
        words ^= h
        words += _STEP
        h = mix(words)
    return mix(h ^ np.uint64(length))


def _number_block(
    windows: Words, starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64], start: Words
) -> Words:
    """The numbers of references that begin at some bytes and have so many."""
    h = start
    for byte in range(0, int(lengths.max()), 8):
        # A reference that has ended before this word keeps its number, so what is read for it does not matter.
        words = windows[np.minimum(starts + byte, len(windows) - 1)]
        words &= _MASKS[np.clip(lengths - byte, 0, 8)]
        words ^= h
        words += _STEP
        h = np.where(lengths > byte, mix(words), h)
    return mix(h ^ lengths.astype(np.uint64))


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
        places = _list_smallest(keys, first)
        places = places[np.argsort(keys[places])][:first]
    ranked = keys[places]
    if len(ranked) > 1 and bool((ranked[1:] == ranked[:-1]).any()):
        references = cases.to_list()
        return np.array(sorted(places.tolist(), key=lambda n: (int(keys[n]), references[n])), dtype=np.intp)
    return places


def _list_smallest(keys: Words, first: int) -> npt.NDArray[np.intp]:
    """The places of the smallest numbers, in no order: at least so many."""
    # The numbers are spread evenly, so a limit somewhat above the share that is asked for nearly always has enough below it;
    # it is found in one pass, which ranking is not.
    limit = int(2**64 * min((first + 6 * first**0.5 + 6) / len(keys), 1.0)) - 1
    below = np.flatnonzero(keys <= np.uint64(max(limit, 0)))
    return below if len(below) >= first else np.argpartition(keys, first)[:first]
