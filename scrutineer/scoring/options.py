"""How often each option of a scale was chosen: beside the shares above the line, and all that there is for a scale of facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from scrutineer.fieldwork.cases.codes import Codes, collect_answers
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.question_kinds import NO_EVIDENCE, NOT_APPLICABLE
from scrutineer.scoring.groups import GroupOf

OptionCounts = Mapping[str, Mapping[str, Mapping[str, int]]]
"""By group, by question, by the code of an option: how many cases."""

_BLOCK = 65_536
"""Cases at a time, so that millions of them aren't held a second time."""


def count_options(
    framework: Framework, codes: Codes, questions: Sequence[str], groups: Sequence[GroupOf]
) -> OptionCounts:
    """The counts of every option of every question in every group.

    Cases without an answer, without enough evidence, or to which the question doesn't apply are counted apart, with the
    question's other counts.

    Args:
        framework: gives the scales.
        codes: cases × questions, a byte per answer.
        questions: the keys of the columns.
        groups: whose answers are counted.
    """
    bytes_of = {key: collect_answers(framework.scale_of[key]) for key in questions}
    counted: dict[str, dict[str, dict[str, int]]] = {}
    for group in groups:
        counts = _count_bytes(codes, group.members)
        counted[group.key] = {
            key: {
                code: int(counts[n, byte])
                for code, byte in bytes_of[key].items()
                if code not in {NOT_APPLICABLE, NO_EVIDENCE}
            }
            for n, key in enumerate(questions)
        }
    return counted


def _count_bytes(codes: Codes, members: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """How often each byte occurs in each column, questions × 256."""
    columns = codes.shape[1]
    counts = np.zeros(columns * 256, dtype=np.int64)
    # Each column has numbers of its own, so that one count is enough for all of them.
    shift = np.arange(columns, dtype=np.int64) * 256
    for block in _list_blocks(codes, members):
        counts += np.bincount((block + shift).ravel(), minlength=columns * 256)
    return counts.reshape(columns, 256)


def _list_blocks(codes: Codes, members: npt.NDArray[np.bool_]) -> Iterator[Codes]:
    for start in range(0, len(codes), _BLOCK):
        yield codes[start : start + _BLOCK][members[start : start + _BLOCK]]
