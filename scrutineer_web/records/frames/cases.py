"""Cases and answers: rows to frames and bytes, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from scrutineer.fieldwork.cases.answers import Answers, list_choice_questions, overlay, restore_first
from scrutineer.fieldwork.cases.caseload import Caseload
from scrutineer.fieldwork.cases.codes import MISSING, Codes, collect_answers, find_byte
from scrutineer.fieldwork.cases.columns import CASE, collect_columns
from scrutineer.fieldwork.cases.settled_cases import find_named, settle
from scrutineer.fieldwork.cases.values import find_dtype
from scrutineer.fieldwork.sampling.record import SampleRecord
from scrutineer.fieldwork.sampling.substitute import collect_weights
from scrutineer.frameworks.model import Framework
from scrutineer.inspection.whole import Cases
from scrutineer.tables.table import ROW
from scrutineer_web.records.adjudication import Adjudication
from scrutineer_web.records.answer import Answer
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.case import Case
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.participant import Participant
from scrutineer_web.states.case import GONE


def make_row(values: Mapping[str, Any]) -> dict[str, Any]:
    """One case's values as JSON keeps them: days as text, blanks left out."""
    return {
        key: value.isoformat() if isinstance(value, date) else value
        for key, value in values.items()
        if value is not None and key not in {CASE, ROW}
    }


def make_frame(framework: Framework, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> pl.DataFrame:
    """Cases as the core has them: a row per case, a typed column per particular that any case has.

    Args:
        framework: declares the columns.
        rows: reference and particulars of each case.
    """
    known = collect_columns(framework)
    there = {key for _, particulars in rows for key in particulars}
    series = [pl.Series(CASE, [reference for reference, _ in rows], dtype=pl.String)]
    for key, column in known.items():
        if key in there and key != CASE:
            values = [particulars.get(key) for _, particulars in rows]
            series.append(_make_series(key, values, find_dtype(column)))
    return pl.DataFrame(series)


def _make_series(key: str, values: list[Any], kind: Any) -> pl.Series:
    if kind == pl.Date:
        return pl.Series(key, [None if v is None else date.fromisoformat(v) for v in values], dtype=pl.Date)
    if kind == pl.Float64:
        return pl.Series(key, [None if v is None else float(v) for v in values], dtype=pl.Float64)
    return pl.Series(key, values, dtype=kind, strict=True)


def collect_case_fields(framework: Framework, particulars: Mapping[str, Any], first: bool) -> dict[str, Any]:
    """The columns of a case's record that follow from its particulars."""
    attributes = {role: framework.find_attribute(role) for role in ("office", "team", "manager")}
    texts = {role: str(particulars.get(key, "") or "") if key else "" for role, key in attributes.items()}
    return {"particulars": dict(particulars), "first": first, **texts}


# -- answers -----------------------------------------------------------------------------


def make_blank_codes(framework: Framework) -> bytes:
    """The bytes of an assessment in which nothing is answered."""
    return bytes([MISSING]) * len(list_choice_questions(framework))


def add_code(framework: Framework, codes: bytes, question: str, value: str | None) -> bytes:
    """The bytes of an assessment with one answer changed."""
    place = collect_places(framework)[question]
    changed = bytearray(codes)
    changed[place] = find_byte(framework.scale_of[question], value)
    return bytes(changed)


def collect_places(framework: Framework) -> dict[str, int]:
    """Which byte each question has."""
    known = framework.__dict__.get("_places")
    if known is None:
        known = {key: n for n, key in enumerate(list_choice_questions(framework))}
        framework.__dict__["_places"] = known
    return known


def read_answers(framework: Framework, codes: bytes) -> dict[str, str | None]:
    """The answers of an assessment by question: codes of the scale, None where none was given."""
    words = _collect_words(framework)
    return {key: words[key][codes[n]] for key, n in collect_places(framework).items()}


def _collect_words(framework: Framework) -> dict[str, dict[int, str | None]]:
    known = framework.__dict__.get("_words")
    if known is None:
        known = {
            key: {
                MISSING: None,
                **{byte: word for word, byte in collect_answers(framework.scale_of[key]).items()},
            }
            for key in collect_places(framework)
        }
        framework.__dict__["_words"] = known
    return known


@dataclass(frozen=True)
class Read:
    """The sample of an inspection with its assessments.

    Attributes:
        cases: as the core has them.
        rows: the cases' records, in the same order.
    """

    cases: Cases
    rows: tuple[Case, ...]


def read_cases_of(inspection: Inspection, notes: bool = False) -> Read:
    """The standing cases of an inspection with their answers.

    Args:
        inspection: whose.
        notes: the evidence and the answers of other kinds, too, which scores do without.
    """
    framework = inspection.framework
    rows = list(inspection.cases.exclude(state__in=GONE).order_by("position"))
    assessments = Assessment.objects.filter(case__inspection=inspection, retired_at=None).only(
        "case", "number", "assessor", "framework_version", "codes", "facts"
    )
    # The few people and versions are loaded once each, not once per assessment.
    people = {part.pk: part for part in inspection.participants.all()}
    versions = FrameworkVersion.objects.in_bulk(
        {assessment.framework_version_id for assessment in assessments}
    )
    by_case: dict[int, dict[int, Assessment]] = {}
    for assessment in assessments:
        assessment.assessor = people.get(assessment.assessor_id or 0)
        assessment.framework_version = versions[assessment.framework_version_id]
        by_case.setdefault(assessment.case_id, {})[assessment.number] = assessment
    settled = Adjudication.objects.filter(case__inspection=inspection, retired_at=None)
    return Read(_make_cases(framework, inspection, rows, by_case, list(settled), notes), tuple(rows))


def calculate_weights(inspection: Inspection, rows: Iterable[Case]) -> dict[str, dict[str, float]]:
    """The weights of standing cases as particulars: a substitution changes those of others, too.

    Only of cases that came with one; empty where the sample has no record.
    """
    weighed = [case.reference for case in rows if "weight" in case.particulars]
    if inspection.sample is None or not weighed:
        return {}
    weights = collect_weights(SampleRecord.model_validate(inspection.sample))
    return {case: {"weight": weights[case]} for case in weighed if case in weights}


def _make_cases(
    framework: Framework,
    inspection: Inspection,
    rows: list[Case],
    by_case: dict[int, dict[int, Assessment]],
    settled: list[Adjudication],
    notes: bool,
) -> Cases:
    weights = calculate_weights(inspection, rows)
    frame = make_frame(
        framework,
        [
            (c.reference, _list_known(framework, c, by_case.get(c.pk, {})) | weights.get(c.reference, {}))
            for c in rows
        ],
    )
    questions = list_choice_questions(framework)
    first = _make_codes(framework, [by_case.get(c.pk, {}).get(1) for c in rows])
    seconds = [by_case.get(c.pk, {}).get(2) for c in rows]
    second = _make_codes(framework, seconds) if any(seconds) else None
    if second is not None and (second == MISSING).all():
        second = None
    adjudicated = _read_adjudicated(framework, rows, settled)
    codes = first.copy() if adjudicated is None else overlay(first, adjudicated)
    evidence = _read_evidence(framework, rows, by_case, notes)
    aside = settle(framework, frame, questions, codes, evidence[2])
    readers = {
        c.reference: (
            _name_assessor(by_case.get(c.pk, {}).get(1)),
            _name_assessor(by_case.get(c.pk, {}).get(2)),
        )
        for c in rows
    }
    answers = Answers(
        tuple(c.reference for c in rows),
        questions,
        codes,
        second,
        evidence[2],
        evidence[0],
        readers,
        evidence[1],
        frozenset(c.reference for c in rows),
        restore_first(codes, aside) if adjudicated is None else first,
        adjudicated,
        set_aside=aside,
    )
    return Cases(Caseload(f"the cases of {inspection.area}", frame), answers)


def _list_known(framework: Framework, case: Case, assessments: Mapping[int, Assessment]) -> dict[str, Any]:
    """The particulars of a case: as sampled, with who reads it, and what the first reader found in its file."""
    known = dict(case.particulars)
    for column, number in (("assessor", 1), ("second_assessor", 2)):
        assessor = _find_assessor(assessments.get(number))
        if assessor is not None and assessor.name:
            known[column] = assessor.name
            if number == 1:
                known["assessor_kind"] = assessor.kind
    own = {a.key for a in framework.attributes}
    first = assessments.get(1)
    if first is not None:
        known |= {key: value for key, value in first.facts.items() if key in own}
    return known


def _find_assessor(assessment: Assessment | None) -> Participant | None:
    return assessment.assessor if assessment is not None else None


def _name_assessor(assessment: Assessment | None) -> str | None:
    assessor = _find_assessor(assessment)
    return assessor.name if assessor is not None else None


def _make_codes(framework: Framework, assessments: Sequence[Assessment | None]) -> Codes:
    """Cases × questions, by the inspection's framework; an assessment by another one is put in its order."""
    blank = make_blank_codes(framework)
    lines = [
        blank
        if r is None
        else bytes(r.codes)
        if len(r.codes) == len(blank) and _is_same_version(r, framework)
        else _move_codes(r, framework)
        for r in assessments
    ]
    return np.frombuffer(b"".join(lines), dtype=np.uint8).reshape(len(lines), len(blank)).copy()


def _is_same_version(assessment: Assessment, framework: Framework) -> bool:
    return assessment.framework_version.framework is framework


def _move_codes(assessment: Assessment, framework: Framework) -> bytes:
    """The bytes of an assessment that was signed off under another version: questions that version asked, the same scale.

    What it was not asked is not applicable to it: it is out of the question's relevant cases, not a gap.
    """
    own = assessment.framework_version.framework
    there, codes = collect_places(own), bytes(assessment.codes)
    moved = bytearray()
    for key in collect_places(framework):
        same = key in there and own.scale_of[key] == framework.scale_of[key]
        same = same and own.questions[key].meaning == framework.questions[key].meaning
        moved.append(codes[there[key]] if same else 0)
    return bytes(moved)


def _read_adjudicated(
    framework: Framework, rows: list[Case], settled: Iterable[Adjudication]
) -> Codes | None:
    place = {c.pk: n for n, c in enumerate(rows)}
    codes: Codes | None = None
    for adjudication in settled:
        if adjudication.case_id not in place or adjudication.question not in collect_places(framework):
            continue
        if codes is None:
            codes = np.full((len(rows), len(collect_places(framework))), MISSING, dtype=np.uint8)
        byte = find_byte(framework.scale_of[adjudication.question], adjudication.value)
        codes[place[adjudication.case_id], collect_places(framework)[adjudication.question]] = byte
    return codes


Texts = dict[str, dict[str, str]]


def _read_evidence(
    framework: Framework, rows: list[Case], by_case: dict[int, dict[int, Assessment]], notes: bool
) -> tuple[Texts, Texts, Texts]:
    """Notes of the first and second assessment, and answers of other kinds, by question and case.

    Without notes, only the answers that conditions look at.
    """
    references = {c.pk: c.reference for c in rows}
    of = {r.pk: (references[c], n) for c, both in by_case.items() if c in references for n, r in both.items()}
    own: tuple[Texts, Texts] = ({}, {})
    if notes:
        stored = Answer.objects.filter(assessment__in=of, retired_at=None).exclude(note="")
        for pk, key, note in stored.values_list("assessment", "question", "note"):
            reference, number = of[pk]
            own[number - 1].setdefault(key, {})[reference] = note
    asked = set(framework.questions) if notes else find_named(framework) & set(framework.questions)
    others: Texts = {}
    if asked:
        for case in rows:
            first = by_case.get(case.pk, {}).get(1)
            for key, value in first.facts.items() if first else ():
                if key in asked:
                    others.setdefault(key, {})[case.reference] = str(value)
    return own[0], own[1], others
