"""Assessments from the answers' files of a folder: what was given, with its evidence; not what the framework fills in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from django.utils import timezone

from scrutineer.fieldwork.cases.codes import MISSING, find_answer
from scrutineer.fieldwork.cases.columns import CASE
from scrutineer.fieldwork.cases.gaps import list_gaps
from scrutineer.fieldwork.cases.references import tidy
from scrutineer.fieldwork.workbook.read_workbooks import is_workbook, read_workbooks
from scrutineer.frameworks.model import Framework
from scrutineer.inspection.case_files import find_answer_files
from scrutineer.inspection.whole import Cases
from scrutineer.inspection.whole import Inspection as Whole
from scrutineer.tables.names import make_key
from scrutineer.tables.read_table import read_table
from scrutineer.tables.table import ROW, DataTable
from scrutineer.tables.table_file import find_table
from scrutineer_web.audit.written import note_answers
from scrutineer_web.queries.fieldwork.answer_checks import count_progress
from scrutineer_web.records import frames
from scrutineer_web.records.adjudication import Adjudication
from scrutineer_web.records.answer import TEXTS, Answer
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.case import Case
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.participant import Participant
from scrutineer_web.records.statements import write_rows
from scrutineer_web.states import CASE as CASE_STATES

if TYPE_CHECKING:
    from scrutineer_web.records.user import User

_NUMBERS = {"2": 2, "second": 2, "ii": 2, "3": 3, "adjudicated": 3}
_READERS = ("assessor", "second_assessor")


@dataclass(frozen=True)
class AnswerRow:
    """One row of an answers' file: a question of a case, with whatever is in the same row."""

    case: str
    question: str
    number: int
    text: str | None
    texts: dict[str, str]


def put_answers(
    *, inspection: Inspection, folder: Path, whole: Whole, people: dict[str, Participant], by: User
) -> None:
    """Make the assessments that the files speak of; the core has read and checked them.

    Args:
        inspection: with its cases.
        folder: that it comes from.
        whole: the same as the core read it.
        people: those who may read cases, by name.
        by: who imports.
    """
    assert whole.cases is not None  # noqa: S101 the caller looked
    framework, cases = inspection.framework, whole.cases
    records = {c.reference: c for c in inspection.cases.all()}
    rows: dict[tuple[str, int], list[AnswerRow]] = {}
    for row in _list_rows(_list_tables(folder, framework), framework):
        rows.setdefault((row.case, row.number), []).append(row)
    open_still = _open(framework, cases)
    known = {row[CASE]: row for row in cases.caseload.frame.iter_rows(named=True)}
    answers: list[dict[str, Any]] = []
    for reference, case in records.items():
        states: list[str] = []
        for number in (1, 2):
            lines = rows.get((reference, number), [])
            who = _find_reader(cases, known[reference], number, people)
            if lines or who is not None:
                assessment = _make_assessment(
                    inspection,
                    cases,
                    case=case,
                    number=number,
                    rows=lines,
                    who=who,
                    gap=reference in open_still,
                    known=known[reference],
                    by=by,
                )
                answers += _list_given(assessment, lines, by)
                states.append(assessment.state)
        if states:
            case.state = (
                "assessed" if set(states) == {"complete"} else CASE_STATES.find_after(case.state, "allocate")
            )
            case.save(update_fields=["state"])
    write_rows(Answer, answers)
    note_answers(Answer, answers)
    _adjudicate(framework, records, cases, by)


def _list_tables(folder: Path, framework: Framework) -> list[DataTable]:
    paths = find_answer_files(folder, find_table(folder, "answers"))
    books = [p for p in paths if is_workbook(p)]
    return [
        *([read_workbooks(books, framework)] if books else []),
        *(read_table(p) for p in paths if p not in books),
    ]


def _list_rows(tables: list[DataTable], framework: Framework) -> Iterator[AnswerRow]:
    # An export repeats what follows from other answers; it's worked out from them here, too.
    by_rule = {key for key, question in framework.questions.items() if question.derived}
    yield from (row for row in _list_every_row(tables, framework) if row.question not in by_rule)


def _list_every_row(tables: list[DataTable], framework: Framework) -> Iterator[AnswerRow]:
    for table in tables:
        names = {make_key(name): name for name in table.columns}
        frame = table.frame.rename({old: new for new, old in names.items() if new != old})
        if {"question", "answer"} <= set(names):
            yield from _list_long(frame)
        else:
            keys = [k for k in (*framework.questions, *(a.key for a in framework.attributes)) if k in names]
            keep = [n for n in (CASE, "reading") if n in frame.columns]
            yield from _list_long(
                frame.drop(ROW).unpivot(keys, index=keep, variable_name="question", value_name="answer")
            )


def _list_long(frame: pl.DataFrame) -> Iterator[AnswerRow]:
    for row in frame.iter_rows(named=True):
        texts = {name: row[name] for name in TEXTS if row.get(name)}
        if row["answer"] is not None or texts:
            number = _NUMBERS.get(str(row.get("reading") or "1").lower(), 1)
            yield AnswerRow(tidy(row[CASE]), row["question"].strip().lower(), number, row["answer"], texts)


def _open(framework: Framework, cases: Cases) -> set[str]:
    """The cases in which something is not answered, or against the framework."""
    return {case for gap in list_gaps(framework, cases.caseload, cases.answers) for case in gap.cases}


def _find_reader(
    cases: Cases, known: dict[str, Any], number: int, people: dict[str, Participant]
) -> Participant | None:
    reader = cases.answers.readers.get(known[CASE], (None, None))[number - 1] or known.get(
        _READERS[number - 1]
    )
    return people.get(reader) if reader else None


def _make_assessment(
    inspection: Inspection,
    cases: Cases,
    *,
    case: Case,
    number: int,
    rows: list[AnswerRow],
    who: Participant | None,
    gap: bool,
    known: dict[str, Any],
    by: User,
) -> Assessment:
    """Make one assessment, without its answers' own records."""
    framework, now = inspection.framework, timezone.now()
    assessment = Assessment(
        case=case,
        number=number,
        assessor=who,
        framework_version=inspection.framework_version,
        codes=_make_codes(case, number, rows, cases),
        facts=_collect_facts(framework, case, number, rows, cases, known),
    )
    assessment.asked, assessment.answered = count_progress(assessment)
    complete = bool(rows) and (not gap if number == 1 else True)
    assessment.state = "complete" if complete else "in_progress" if rows else "not_started"
    if complete:
        assessment.completed_at, assessment.completed_by = now, by
    assessment.save(force_insert=True)
    return assessment


def _list_given(assessment: Assessment, rows: list[AnswerRow], by: User) -> Iterable[dict[str, Any]]:
    """The columns of an assessment's answers: one row a question, the texts of several rows of the file together."""
    blank = {
        "assessment_id": assessment.pk,
        "question": "",
        "value": None,
        **dict.fromkeys(TEXTS, ""),
        "rev": 1,
        "saved_at": assessment.completed_at or timezone.now(),
        "saved_by_id": by.pk,
        "retired_at": None,
    }
    answered = frames.read_answers(assessment.framework_version.framework, bytes(assessment.codes))
    merged: dict[str, dict[str, Any]] = {}
    for row in rows:
        there = merged.get(row.question)
        if there is None:
            there = merged[row.question] = blank | {"question": row.question}
        if row.text is not None:
            there["value"] = answered.get(row.question) or _format_value(assessment.facts.get(row.question))
        for name, text in row.texts.items():
            before = there[name]
            there[name] = text if before in ("", text) else f"{before}\n{text}"
    return merged.values()


def _format_value(value: object) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value is None else str(value)


def _make_codes(case: Case, number: int, rows: list[AnswerRow], cases: Cases) -> bytes:
    """The bytes of what was given; what the framework rules out by itself is left open, as on a form."""
    answers = cases.answers
    whole = answers.second if number == 2 else answers.codes if answers.first is None else answers.first
    place = answers.cases.index(case.reference)
    asked = {row.question for row in rows if row.text is not None}
    codes = np.full(len(answers.questions), MISSING, dtype=np.uint8)
    for n, key in enumerate(answers.questions):
        if key in asked and whole is not None:
            codes[n] = whole[place, n]
    return codes.tobytes()


def _collect_facts(
    framework: Framework, case: Case, number: int, rows: list[AnswerRow], cases: Cases, known: dict[str, Any]
) -> dict[str, object]:
    """Particulars and answers of other kinds, as the core understood them."""
    if number == 2:
        return {}
    attributes = {a.key for a in framework.attributes}
    asked = {row.question for row in rows if row.text is not None}
    facts = frames.make_row({key: known[key] for key in asked & attributes if key in known})
    facts |= {
        key: values[case.reference]
        for key, values in cases.answers.others.items()
        if case.reference in values
    }
    return facts


def _adjudicate(framework: Framework, records: dict[str, Case], cases: Cases, by: User) -> None:
    settled = cases.answers.adjudicated
    if settled is None:
        return
    for n, m in zip(*np.nonzero(settled != MISSING), strict=True):
        key = cases.answers.questions[int(m)]
        value = find_answer(framework.scale_of[key], int(settled[n, m]))
        Adjudication.objects.create(
            case=records[cases.answers.cases[int(n)]],
            question=key,
            value=value or "",
            settled_at=timezone.now(),
            settled_by=by,
        )
