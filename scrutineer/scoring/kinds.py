"""Kinds of case: cases of one kind belong to the same groups, so that what is withheld depends on their numbers alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scrutineer.fieldwork.cases.codes import ABOVE, RELEVANT, Codes
from scrutineer.scoring.groups import GroupOf

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_HALF = 1 << 26
_ABOVE_AND_RELEVANT = np.array(
    [bool(byte & ABOVE) + _HALF * bool(byte & RELEVANT) for byte in range(256)], dtype=np.int64
)
"""Both counts in one number, so that one pass adds up both: there are never as many cases in one part."""


@dataclass(frozen=True)
class KindCounts:
    """How the cases of each kind were answered.

    Attributes:
        sums: which groups cases of each kind belong to: groups × kinds.
        cases: how many there are of each kind.
        above: kinds × questions, cases above the line; none where the kind belongs to no group.
        relevant: the same for relevant cases.
    """

    sums: Mask
    cases: Ints
    above: Ints
    relevant: Ints

    @classmethod
    def from_codes(cls, codes: Codes, groups: Sequence[GroupOf]) -> KindCounts:
        """Count some cases; those in no group, such as those added for an element, are in no sum."""
        return cls.from_members(codes, np.array([g.members for g in groups]))

    @classmethod
    def from_members(cls, codes: Codes, members: Mask) -> KindCounts:
        """The same from groups × cases."""
        packed = np.ascontiguousarray(np.packbits(members, axis=0).T)
        words = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
        # Cases in the order of their kinds lie together, so that each kind's are added up as one stretch.
        order = np.argsort(words, kind="stable")
        own = words[order]
        starts = np.flatnonzero(np.append([True], own[1:] != own[:-1])) if len(own) else np.zeros(0, np.intp)
        cases = np.diff(np.append(starts, len(own))).astype(np.int64)
        sums = members[:, order[starts]] if len(own) else np.zeros((len(members), 0), dtype=np.bool_)
        both = np.zeros((len(starts), codes.shape[1]), dtype=np.int64)
        for n, (start, number) in enumerate(zip(starts.tolist(), cases.tolist(), strict=True)):
            if not sums[:, n].any():
                continue
            for first in range(start, start + number, _PART):
                rows = order[first : min(first + _PART, start + number)]
                both[n] += _ABOVE_AND_RELEVANT[codes[rows]].sum(axis=0)
        return cls(sums, cases, both % _HALF, both // _HALF)


_PART = 65_536
"""Cases at a time, so that millions of them aren't held a second time."""
