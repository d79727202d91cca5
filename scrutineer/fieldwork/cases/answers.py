"""What assessors answered: a byte per case and question."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from scrutineer.fieldwork.cases.codes import MISSING, Codes, find_answer
from scrutineer.frameworks.model import Framework, Scale
from scrutineer.frameworks.question_kinds import find_kind


@dataclass(frozen=True)
class Answers:
    """All answers of an inspection.

    Attributes:
        cases: the references, in the order of the rows of `codes`.
        questions: the keys of the questions that are answered by choice, in the order of its columns.
        codes: a byte per case and question (see `codes`): the first assessment, with what was adjudicated in its place.
        second: the same of the second assessment, blind; None if no case was read twice.
        others: answers to questions of other kinds (numbers, dates, text), by question and case.
        notes: the evidence noted, by question and case.
        readers: who made the first and who the second assessment, by case.
        second_notes: the evidence noted in the second assessment.
        named: the cases that the files speak of at all.
        first: the first reading as it was given; None if `codes` is it: nothing was adjudicated or set aside.
        adjudicated: what was settled on where two readers differed, missing elsewhere; None if nothing was.
        taken: what was read as which answer, where a file writes it otherwise: scale, text and code.
        set_aside: answers to questions that do not apply to their case, missing elsewhere: kept, and counted nowhere; None
            if there are none.
        remarks: what was skipped or noticed in the files, in sentences without their full stop.
    """

    cases: tuple[str, ...]
    questions: tuple[str, ...]
    codes: Codes
    second: Codes | None = None
    others: dict[str, dict[str, str]] = field(default_factory=dict)
    notes: dict[str, dict[str, str]] = field(default_factory=dict)
    readers: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)
    second_notes: dict[str, dict[str, str]] = field(default_factory=dict)
    named: frozenset[str] = frozenset()
    first: Codes | None = None
    adjudicated: Codes | None = None
    taken: tuple[tuple[str, str, str], ...] = ()
    remarks: tuple[str, ...] = ()
    set_aside: Codes | None = None

    def decode_column(self, framework: Framework, question: str) -> list[str | None]:
        """The answers to one question as codes of its scale, case by case."""
        scale = framework.scale_of[question]
        known = {byte: find_answer(scale, byte) for byte in range(256) if _is_answered(scale, byte)}
        return [known[byte] for byte in self.codes[:, self.questions.index(question)].tolist()]

    def list_notices(self) -> list[str]:
        """Notices about how the answers were read, as sentences without their full stop."""
        by_scale: dict[str, list[str]] = {}
        for scale, text, code in self.taken:
            by_scale.setdefault(scale, []).append(f"'{text}' as {code}")
        read = [f"on scale '{scale}', {', '.join(pairs)} was read" for scale, pairs in by_scale.items()]
        return [*self.remarks, *read]


def _is_answered(scale: Scale, byte: int) -> bool:
    return (byte & 0x0F) <= len(scale.options)


def list_choice_questions(framework: Framework) -> tuple[str, ...]:
    """The keys of the questions that are answered by choosing one answer of a scale."""
    return tuple(q.key for q in framework.questions.values() if find_kind(framework.scale_of[q.key]).is_coded)


def make_long_table(framework: Framework, answers: Answers) -> pl.DataFrame:
    """Answers as a table: case, question, answer, assessor, reading and note; what is not yet answered is left out.

    Reading it back gives the same answers.
    """
    parts = [
        _make_part_table(framework, answers, answers.codes if answers.first is None else answers.first, 0)
    ]
    if answers.second is not None:
        parts.append(_make_part_table(framework, answers, answers.second, 1))
    if answers.adjudicated is not None:
        parts.append(_make_part_table(framework, answers, answers.adjudicated, 2))
    parts.append(_make_others_table(answers))
    return pl.concat(parts)


_LONG = dict.fromkeys(("case", "question", "answer", "assessor", "reading", "note"), pl.String)


def _make_part_table(framework: Framework, answers: Answers, codes: Codes, number: int) -> pl.DataFrame:
    rows = []
    for n, key in enumerate(answers.questions):
        scale = framework.scale_of[key]
        words = {byte: find_answer(scale, byte) for byte in set(codes[:, n].tolist())}
        notes = (answers.notes, answers.second_notes, {})[number].get(key, {})
        for case, byte in zip(answers.cases, codes[:, n].tolist(), strict=True):
            note = notes.get(case)
            if words[byte] is not None or note is not None:
                reader = (*answers.readers.get(case, (None, None)), None)[number]
                rows.append((case, key, words[byte], reader, str(number + 1), note))
    return pl.DataFrame(rows, schema=_LONG, orient="row")


def overlay(first: Codes, adjudicated: Codes) -> Codes:
    """The first assessment with what was adjudicated in its place."""
    return np.where(adjudicated == MISSING, first, adjudicated)


def restore_first(codes: Codes, aside: Codes | None) -> Codes | None:
    """The first assessment with what was set aside back in its place; None if nothing was."""
    return None if aside is None else overlay(codes, aside)


def _make_others_table(answers: Answers) -> pl.DataFrame:
    rows = [
        (
            case,
            key,
            text,
            answers.readers.get(case, (None, None))[0],
            "1",
            answers.notes.get(key, {}).get(case),
        )
        for key, values in answers.others.items()
        for case, text in values.items()
    ]
    return pl.DataFrame(rows, schema=_LONG, orient="row")
