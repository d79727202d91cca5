"""The second pass: how each case's answers go together, which intervals of scores rest on.

It needs the shares of all cases, so the answers are looked at once more. On one machine they were put aside meanwhile: two
bits an answer, in a temporary file without references.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import IO

import numpy as np
import numpy.typing as npt

from scrutineer.fieldwork.cases.codes import ABOVE, RELEVANT, Codes, turn
from scrutineer.scoring.spread import Bits, SpreadPlan

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Part = Callable[[], tuple[Bits, Bits, Mask]]
"""What of some cases is above the line and what is relevant, questions × cases, and the groups that they belong to."""

_THREADS, _EACH = 2, 4


class AnswerSpool:
    """Answers put aside, batch by batch.

    Args:
        file: where they are put; it's written, then read from its beginning.
        questions: how many.
        groups: how many.
    """

    def __init__(self, file: IO[bytes], questions: int, groups: int):
        self._file, self._shape = file, (questions, questions, groups)
        self._sizes: list[int] = []

    def add(self, codes: Codes, members: Mask) -> None:
        """Put some cases aside, with the groups that they belong to: groups × cases."""
        turned = turn(codes)
        for part in (turned >= ABOVE, turned & RELEVANT, members):
            self._file.write(np.packbits(part, axis=1).data)
        self._sizes.append(len(codes))

    def read(self) -> Iterator[Part]:
        """What was put aside, batch by batch."""
        self._file.seek(0)
        for cases in self._sizes:
            packed = [self._file.read(rows * -(-cases // 8)) for rows in self._shape]
            yield partial(_unpack_all, packed, self._shape, cases)


def _unpack_all(packed: Sequence[bytes], shape: Sequence[int], cases: int) -> tuple[Bits, Bits, Mask]:
    above, relevant, members = (
        np.unpackbits(np.frombuffer(part, dtype=np.uint8).reshape(rows, -1), axis=1, count=cases)
        for part, rows in zip(packed, shape, strict=True)
    )
    return above, relevant, members.view(np.bool_)


def add_products(plan: SpreadPlan, parts: Iterator[Part], places: Sequence[int]) -> Floats:
    """Products of residuals over all parts, of some of the groups; a thread for each of two parts at a time."""
    total = np.zeros((len(places), len(plan.columns), len(plan.columns)))

    def multiply(part: Part) -> Floats:
        above, relevant, members = part()
        return plan.multiply_turned(above, relevant, members[list(places)])

    with ThreadPoolExecutor(_THREADS) as pool:
        while some := list(islice(parts, _THREADS * _EACH)):
            for products in pool.map(multiply, some):
                total += products
    return total
