"""What counts of the answers of many cases: `settled.settle_case` on whole columns.

Answers lie case by case. Conditions look at them question by question, so a block of cases is turned round first: a test on
an answer is then a comparison of neighbouring bytes, which the processor does many at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from scrutineer.fieldwork.cases.answers import Answers
from scrutineer.fieldwork.cases.applicability import evaluate_fact
from scrutineer.fieldwork.cases.codes import MISSING, NOT_APPLICABLE_BYTE, Codes, find_answer, find_byte, turn
from scrutineer.fieldwork.cases.membership import (
    FactColumns,
    Truth,
    collect_groups,
    find_applicable_questions,
)
from scrutineer.fieldwork.cases.settled import read_other
from scrutineer.fieldwork.cases.truth_levels import (
    FALSE,
    TRUE,
    UNKNOWN,
    AnswerNumbers,
    Levels,
    evaluate_levels,
)
from scrutineer.frameworks.conditions import AnswerCount, Condition, Nearness
from scrutineer.frameworks.model import Framework, Question, Scale
from scrutineer.frameworks.question_kinds import NO_EVIDENCE, NOT_APPLICABLE

Mask = npt.NDArray[np.bool_]

_BLOCK = 16_384
"""Cases at a time: a column of them fits into the processor's cache with what is worked out from it."""


def settle(
    framework: Framework,
    frame: pl.DataFrame,
    questions: Sequence[str],
    codes: Codes,
    others: Mapping[str, Mapping[str, str]],
) -> Codes | None:
    """Settle the answers of many cases in place: 'not applicable' where the framework says so, and what follows by rules.

    Args:
        framework: gives conditions and rules.
        frame: a row per case, with its reference in `case`.
        questions: the keys of the columns.
        codes: cases × questions; altered.
        others: answers that aren't one option of a scale, by question and case.

    Returns:
        What was answered where the question doesn't apply, missing elsewhere: it's kept, and counts nowhere, nor does it
        decide about later questions. None if there's none.
    """
    columns = {
        key: [own.get(case) for case in frame["case"].to_list()]
        for key in find_named(framework) - set(questions)
        if (own := others.get(key))
    }
    return settle_columns(framework, frame, questions, codes, columns)


def settle_columns(
    framework: Framework,
    frame: pl.DataFrame,
    questions: Sequence[str],
    codes: Codes,
    others: Mapping[str, list[str | None]],
    keeps_aside: bool = True,
) -> Codes | None:
    """The same, with the other answers as columns: a text per case, or None; those to questions that don't apply become None.

    Groups, attributes and other answers are looked at once for all cases; what depends on coded answers, block by block.
    """
    values = {key: [read_other(framework, key, value) for value in column] for key, column in others.items()}
    facts = FactColumns(frame, {**collect_groups(framework, frame), **values})
    plan = _SettlingPlan(framework, questions, facts, frozenset(values), keeps_aside)
    aside: Codes | None = None
    for start in range(0, len(codes) if plan.does_anything else 0, _BLOCK):
        stop = min(start + _BLOCK, len(codes))
        for column, answered, before in plan.settle_block(codes, start, stop):
            aside = np.full_like(codes, MISSING) if aside is None else aside
            aside[start:stop, column][answered] = before
    for key, cases in plan.unasked.items():
        for case in cases if key in others else ():
            others[key][case] = None
    return aside


def find_applicable(framework: Framework, frame: pl.DataFrame, answers: Answers) -> dict[str, Truth]:
    """Whether each question applies to each case, by the answers that count."""
    named = find_named(framework)
    earlier: dict[str, Sequence[object]] = {}
    for key in named & set(framework.questions):
        if key in answers.questions:
            earlier[key] = answers.decode_column(framework, key)
        else:
            own = answers.others.get(key, {})
            earlier[key] = [read_other(framework, key, own.get(case)) for case in answers.cases]
    return find_applicable_questions(framework, frame, earlier)


def find_named(framework: Framework) -> frozenset[str]:
    """The questions that some condition or rule looks at."""
    conditions = [q.when for q in framework.questions.values()]
    conditions += [rule.when for q in framework.questions.values() for rule in q.derived]
    return frozenset(name for condition in conditions if condition for name in condition.list_names())


class _SettlingPlan:
    """What is worked out once for all blocks.

    Attributes:
        needed: the columns that conditions look at or that settling may alter.
        unasked: of questions that aren't coded, the cases to which each doesn't apply, as far as blocks were settled.
    """

    def __init__(
        self,
        framework: Framework,
        questions: Sequence[str],
        facts: FactColumns,
        others: frozenset[str],
        keeps_aside: bool,
    ):
        self.framework, self.facts, self.others = framework, facts, others
        self._keeps_aside = keeps_aside
        self.unasked: dict[str, list[int]] = {}
        self.places = {key: n for n, key in enumerate(questions)}
        named = find_named(framework)
        # A question without a condition, and whose answer doesn't follow, is only looked at.
        self.asked = [q for q in framework.questions.values() if q.when is not None or q.derived]
        touched = named | {q.key for q in self.asked}
        self.needed = np.array(
            sorted(self.places[key] for key in touched if key in self.places), dtype=np.intp
        )
        self.does_anything = bool(self.asked)
        self._levels: dict[str, Levels] = {}
        self._whole: dict[int, Levels] = {}
        self._bytes: dict[tuple[str, str], tuple[list[int], list[int]]] = {}

    def settle_block(
        self, codes: Codes, start: int, stop: int
    ) -> list[tuple[int, Mask, npt.NDArray[np.uint8]]]:
        """Settle some cases in place.

        Returns:
            What was answered where the question doesn't apply: its column, which cases, and what they had.
        """
        rows = self._turn(codes[start:stop])
        block = _Block(self, rows, start, stop)
        asides = []
        for question in self.asked:
            applies = None if question.when is None else self._evaluate(question.when, block)
            never = None if applies is None else applies == FALSE
            place = self.places.get(question.key)
            if place is None:
                block.never[question.key] = never
                if never is not None:
                    self.unasked.setdefault(question.key, []).extend((start + np.flatnonzero(never)).tolist())
                continue
            row = rows[place]
            if question.derived:
                self._derive(question, block, row, applies)
            elif never is not None and never.any():
                if self._keeps_aside:
                    answered = never & (row != MISSING) & (row != NOT_APPLICABLE_BYTE)
                if self._keeps_aside and answered.any():
                    asides.append((place, answered, row[answered]))
                row *= ~never
            # Column by column: squares, which are faster for turning round, are slower for turning back.
            codes[start:stop, place] = row
        return asides

    def _turn(self, codes: Codes) -> dict[int, npt.NDArray[np.uint8]]:
        """The answers of some cases, question by question: the columns that are needed."""
        # Turning all columns in squares that fit into the nearest cache is cheaper than many of them one by one.
        if 3 * len(self.needed) > codes.shape[1]:
            return dict(enumerate(turn(codes)))
        return {place: np.ascontiguousarray(codes[:, place]) for place in self.needed.tolist()}

    def _derive(
        self, question: Question, block: _Block, row: npt.NDArray[np.uint8], applies: Levels | None
    ) -> None:
        """The answer of the first rule that applies; none where an earlier one may still come to apply."""
        scale = self.framework.scale_of[question.key]
        is_open = np.ones(block.cases, dtype=np.bool_) if applies is None else applies == TRUE
        missing = np.ones(block.cases, dtype=np.bool_) if applies is None else applies != FALSE
        row[:] = NOT_APPLICABLE_BYTE
        for rule in question.derived:
            verdict = self._evaluate(rule.when, block)
            met = is_open & (verdict == TRUE)
            # Of several rules only one is met by a case, so that what they give can be added up.
            row += met.view(np.uint8) * np.uint8(find_byte(scale, rule.answer))
            missing ^= met
            is_open &= verdict == FALSE
        row += missing.view(np.uint8) * np.uint8(MISSING)

    def _evaluate(self, condition: Condition | None, block: _Block) -> Levels:
        """Whether a condition holds for each case of a block; without a coded answer in it, worked out once for all cases."""
        if condition is None or any(self.is_answered(name) for name in condition.list_names()):
            return evaluate_levels(condition, block)
        if id(condition) not in self._whole:
            self._whole[id(condition)] = evaluate_levels(condition, self.facts)
        return self._whole[id(condition)][block.part]

    def is_answered(self, name: str) -> bool:
        """Whether a fact is an answer: what it is can depend on other answers."""
        return name in self.framework.questions

    def find_levels(self, name: str, expected: object) -> Levels:
        """Whether a fact that no coded answer bears on is as it must be, for all cases."""
        key = f"{name} {expected!r}"
        if key not in self._levels:
            self._levels[key] = self.facts.decide_fact(name, expected)
        return self._levels[key]

    def find_bytes(self, name: str, expected: object) -> tuple[list[int], list[int]]:
        """The bytes of a question's answers that are as they must be, and those that leave it open."""
        key = name, repr(expected)
        if key not in self._bytes:
            scale = self.framework.scale_of[name]
            verdicts = {
                byte: evaluate_fact(expected, find_answer(scale, byte)) for byte in _list_bytes(scale)
            }
            self._bytes[key] = (
                [byte for byte, verdict in verdicts.items() if verdict],
                [byte for byte, verdict in verdicts.items() if verdict is None],
            )
        return self._bytes[key]


def _list_bytes(scale: Scale) -> list[int]:
    known = (None, NOT_APPLICABLE, NO_EVIDENCE, *(option.code for option in scale.options))
    return [find_byte(scale, answer) for answer in known]


class _Block:
    """The facts of a block of cases, as its questions are settled one after the other.

    Attributes:
        never: of questions that aren't coded, the cases to which each doesn't apply.
    """

    def __init__(self, plan: _SettlingPlan, rows: Mapping[int, npt.NDArray[np.uint8]], start: int, stop: int):
        self.cases = stop - start
        self.never: dict[str, Mask | None] = {}
        self.part = slice(start, stop)
        self._plan, self._rows = plan, rows

    def decide_fact(self, name: str, expected: object) -> Levels:
        """Whether one fact is as it must be, for each case."""
        row = self._find_row(name)
        if row is None:
            return self._decide_other(name, expected)
        right, open_still = self._plan.find_bytes(name, expected)
        met = _match_any(row, right)
        levels: Levels = met.view(np.int8) * np.int8(TRUE)
        for byte in open_still:
            levels += (row == byte).view(np.int8)
        return levels

    def count_answers(self, count: AnswerCount) -> AnswerNumbers:
        """How the questions of a test are answered, for each case."""
        # Eight bits are added fastest, and are enough for nearly every test.
        kind: Any = np.uint8 if len(count.of) < 256 else np.uint16
        matched, unknown, outside = (np.zeros(self.cases, dtype=kind) for _ in range(3))
        for name in count.of:
            row = self._find_row(name)
            if row is None:
                levels = self.decide_fact(name, count.answered)
                matched += levels == TRUE
                unknown += levels == UNKNOWN
                outside += self._find_never(name) & (levels != TRUE)
                continue
            right = self._plan.find_bytes(name, count.answered)[0]
            for byte in right:
                matched += (row == byte).view(np.uint8)
            unknown += (row == MISSING).view(np.uint8)
            if count.every and NOT_APPLICABLE_BYTE not in right:
                outside += (row == NOT_APPLICABLE_BYTE).view(np.uint8)
        numbers = [part.astype(np.int16) for part in (matched, unknown, outside)]
        return AnswerNumbers(numbers[0], numbers[1], len(count.of) - numbers[0] - numbers[1] - numbers[2])

    def _find_row(self, name: str) -> npt.NDArray[np.uint8] | None:
        place = self._plan.places.get(name)
        return None if place is None else self._rows[place]

    def _find_never(self, name: str) -> Mask:
        never = self.never.get(name)
        return np.zeros(self.cases, dtype=np.bool_) if never is None else never

    def _decide_other(self, name: str, expected: object) -> Levels:
        """A fact that isn't a coded answer: an attribute, a group, a number, a date or a text."""
        levels = self._plan.find_levels(name, expected)[self.part]
        never = self.never.get(name)
        if isinstance(expected, Nearness) and (other := self.never.get(expected.other)) is not None:
            # Without the first day nothing is known; without the other there is nothing to be near to.
            known = self._plan.find_levels(name, _ANY_DAY)[self.part] != UNKNOWN
            levels = np.where(other & known, FALSE, levels).astype(np.int8)
        if never is None:
            return levels
        verdict = evaluate_fact(expected, NOT_APPLICABLE)
        return np.where(never, TRUE if verdict else FALSE, levels).astype(np.int8)


_ANY_DAY = ("",)
"""A test that only asks whether anything is known of a fact."""


def _match_any(row: npt.NDArray[np.uint8], values: Sequence[int]) -> Mask:
    if not values:
        return np.zeros(len(row), dtype=np.bool_)
    met: Mask = row == values[0]
    for value in values[1:]:
        met |= row == value
    return met
