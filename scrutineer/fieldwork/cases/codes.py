"""One byte for one answer: cases × questions in an array that a million cases still fit into.

From the highest bit down: above the line, in the denominator, not enough evidence, not yet answered;
the low four bits hold the option's number on its scale, from 1. Not applicable is zero.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from scrutineer.frameworks.model import Scale
from scrutineer.frameworks.question_kinds import NO_EVIDENCE, NOT_APPLICABLE

ABOVE: Final = 0x80
RELEVANT: Final = 0x40
NO_EVIDENCE_BIT: Final = 0x20
MISSING: Final = 0x10
OPTION: Final = 0x0F
NOT_APPLICABLE_BYTE: Final = 0x00

Codes = npt.NDArray[np.uint8]
"""Cases × questions."""


_SQUARE = 256


def turn(codes: Codes) -> Codes:
    """Questions × cases: answers to a question then lie next to each other.

    Made in squares that fit into the processor's nearest cache.
    """
    turned = np.empty(codes.shape[::-1], dtype=np.uint8)
    for start in range(0, len(codes), _SQUARE):
        turned[:, start : start + _SQUARE] = codes[start : start + _SQUARE].T
    return turned


def find_byte(scale: Scale, answer: str | None) -> int:
    """The byte of one answer.

    Args:
        scale: of the question.
        answer: an option's code, `NOT_APPLICABLE`, `NO_EVIDENCE`, or None if nothing was answered yet.

    Raises:
        ValueError: the scale offers no such answer.
    """
    if answer is None:
        return MISSING
    if answer == NOT_APPLICABLE:
        return NOT_APPLICABLE_BYTE
    if answer == NO_EVIDENCE:
        return NO_EVIDENCE_BIT | (RELEVANT if scale.no_evidence_is_below else 0)
    for number, option in enumerate(scale.options, 1):
        if option.code == answer:
            bits = {True: ABOVE | RELEVANT, False: RELEVANT, None: 0}[option.above]
            return bits | number
    raise ValueError(f"'{answer}' is not an answer on scale '{scale.key}'")


def find_answer(scale: Scale, byte: int) -> str | None:
    """The answer that a byte represents; None if nothing was answered yet."""
    if byte & MISSING:
        return None
    if byte & NO_EVIDENCE_BIT:
        return NO_EVIDENCE
    number = byte & OPTION
    return scale.options[number - 1].code if number else NOT_APPLICABLE


def collect_answers(scale: Scale) -> dict[str, int]:
    """Every answer that can be given on a scale, with its byte."""
    codes = [option.code for option in scale.options]
    return {code: find_byte(scale, code) for code in (*codes, NOT_APPLICABLE, NO_EVIDENCE)}
