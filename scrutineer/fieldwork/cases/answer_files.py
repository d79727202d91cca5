"""Answers from CSV, XLSX and Parquet tables, long and wide, with every fault at once.

Long tables have a row per answer (`case, question, answer`, and optionally `assessor`, `reading`, `note`);
wide ones a row per case and a column per question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.answers import Answers, list_choice_questions, overlay, restore_first
from scrutineer.fieldwork.cases.caseload import Caseload
from scrutineer.fieldwork.cases.codes import MISSING, Codes, collect_answers, find_answer
from scrutineer.fieldwork.cases.columns import CASE, collect_columns
from scrutineer.fieldwork.cases.references import find_unseen, show_unseen, suggest_known, tidy_column
from scrutineer.fieldwork.cases.settled_cases import settle
from scrutineer.fieldwork.cases.values import make_value_fault, parse_column, read_answer
from scrutineer.frameworks.model import Framework, Question, Scale
from scrutineer.frameworks.question_kinds import NO_EVIDENCE, NOT_APPLICABLE, find_kind
from scrutineer.tables.names import make_key, normalise_name, suggest_nearest, write_spoken
from scrutineer.tables.table import ROW, DataTable

_NOT_APPLICABLE_WORDS = ("not applicable", "n/a", "n.a.", "na", "does not apply")
_NO_EVIDENCE_WORDS = (
    "not enough evidence",
    "no evidence",
    "insufficient evidence",
    "nee",
    "cannot be judged",
)
_UNANSWERED_WORDS = ("unanswered", "not yet answered", "not answered")


@dataclass
class _Reading:
    """Answers as they are put together, with every fault on the way."""

    framework: Framework
    caseload: Caseload
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.questions = list_choice_questions(self.framework)
        self.column = {key: n for n, key in enumerate(self.questions)}
        self.ids = self.caseload.ids
        self.codes: list[Codes | None] = [self._make_blank(), None, None]
        self.others: dict[str, dict[str, str]] = {}
        self.notes: tuple[dict[str, dict[str, str]], ...] = ({}, {}, {})
        self.named: set[str] = set()
        self.readers: dict[str, list[str | None]] = {}
        self.attributes = {a.key: a for a in self.framework.attributes}
        self.facts: dict[str, dict[str, tuple[str, DataTable, int]]] = {}
        self.taken: dict[tuple[str, str], str] = {}
        self.values: list[Codes | None] = [
            np.zeros((len(self.ids), len(self.questions)), dtype=np.uint8),
            None,
            None,
        ]

    def _make_blank(self) -> Codes:
        return np.full((len(self.ids), len(self.questions)), MISSING, dtype=np.uint8)

    def collect_answers(self, number: int) -> tuple[Codes, Codes]:
        """The answers of the first assessment, the second or the adjudication, and which questions were answered."""
        if self.codes[number] is None:
            self.codes[number], self.values[number] = (
                self._make_blank(),
                np.zeros((len(self.ids), len(self.questions)), dtype=np.uint8),
            )
        codes, answers_at = self.codes[number], self.values[number]
        assert codes is not None  # noqa: S101 both were just made
        assert answers_at is not None  # noqa: S101
        return codes, answers_at


def read_answers(
    tables: Iterable[DataTable], framework: Framework, caseload: Caseload
) -> tuple[Answers, Caseload]:
    """Answers from tables, long or wide, one or several.

    A blank answer is not answered yet. An answer that appears twice must be the same both times. Details of a
    case that its file shows (such as whether breach was required) may be answered like questions; they are
    added to the cases.

    Args:
        tables: as read from files.
        framework: declares the questions and scales.
        caseload: the cases; questions that do not apply to a case are answered so unless the file answers them.

    Returns:
        The answers, and the cases with the particulars that assessors gave.

    Raises:
        UserError: with every fault of every file, each with its rows: unknown cases and questions, answers
            off the scale, one answer given twice and differently, particulars that contradict the cases.
    """
    reading = _Reading(framework, caseload)
    tables = list(tables)
    for table in tables:
        headings = {make_key(name): name for name in table.columns}
        twice = [name for name, n in Counter(map(make_key, table.columns)).items() if n > 1]
        if twice:
            what = f"the headings repeat {', '.join(repr(name) for name in twice)}"
            reading.faults.append(Fault(table.head, what, "Keep one column for each"))
            continue
        table = _tidy_references(reading, table, headings)
        if "reading" in headings:
            _refuse_other_readings(reading, table, headings["reading"])
        if {"question", "answer"} <= set(headings):
            _take_long(reading, table, headings)
        else:
            _take_wide(reading, table, headings)
    frame = add_facts(reading)
    if reading.faults:
        raise UserError(reading.faults)
    known = replace(caseload, frame=frame)
    remarks = tuple(f"{table.where}: {note}" for table in tables for note in table.notes)
    return replace(_finish(reading, frame), remarks=remarks), known


def _tidy_references(reading: _Reading, table: DataTable, headings: dict[str, str]) -> DataTable:
    """The table with its references tidied, noting cells without a value and references with invisible characters."""
    for key, heading in headings.items():
        kind = "text" if key in {CASE, "assessor"} else "any"
        reading.faults += table.find_unfit(heading, kind)
    if CASE not in headings:
        return table
    heading = headings[CASE]
    cases = tidy_column(table.frame[heading]).alias(heading)
    for text in cases.drop_nulls().unique().to_list():
        if not text.isascii() and (sign := find_unseen(text)) is not None:
            rows = table.frame.filter(cases == text)[ROW].to_list()
            what = f"'{show_unseen(text)}' contains an invisible character ({sign})"
            reading.faults.append(table.make_fault(rows, what, "Type the reference again"))
    return replace(table, frame=table.frame.with_columns(cases))


def add_facts(reading: _Reading) -> pl.DataFrame:
    """The cases with the details that assessors entered, noting each that contradicts what was known."""
    frame = reading.caseload.frame
    known = collect_columns(reading.framework)
    for key, answered in reading.facts.items():
        texts = pl.Series(
            [answered[case][0] if case in answered else None for case in reading.ids], dtype=pl.String
        )
        values, wrong = parse_column(texts, known[key], {}, ())
        for text, problem in wrong.items():
            for case, (said, table, row) in answered.items():
                if said == text:
                    reading.faults.append(
                        make_value_fault(
                            f"{table.make_fault([row], '').where}, case {case}", key, text, problem
                        )
                    )
        if key in frame.columns:
            old = frame[key]
            for n in np.flatnonzero(
                (old.is_not_null() & values.is_not_null() & (old != values)).fill_null(False).to_numpy()
            ):
                said, table, row = answered[reading.ids[n]]
                what = f"case {reading.ids[n]}: '{key}' is '{said}', but the cases say '{old[int(n)]}'"
                reading.faults.append(table.make_fault([row], what, "Correct one of them"))
            values = old.fill_null(values)
        frame = frame.with_columns(values.alias(key))
    return frame


def _finish(reading: _Reading, frame: pl.DataFrame) -> Answers:
    """The answers, with 'not applicable' where the framework says so and nothing was answered."""
    answers, _ = reading.collect_answers(0)
    adjudicated = reading.codes[2]
    codes = answers if adjudicated is None else overlay(answers, adjudicated)
    typed = _keep_typed(reading, codes)
    aside = settle(reading.framework, frame, reading.questions, codes, reading.others)
    _refuse_other_than_derived(reading, codes, typed)
    second = reading.codes[1]
    if second is not None:
        second[~_read_at_all(reading)] = MISSING
    readers = {case: (names[0], names[1]) for case, names in reading.readers.items()}
    notes, second_notes, _ = reading.notes
    return Answers(
        cases=tuple(reading.ids),
        questions=reading.questions,
        codes=codes,
        second=second,
        others=reading.others,
        notes=notes,
        readers=readers,
        second_notes=second_notes,
        named=frozenset(reading.named),
        first=restore_first(codes, aside) if adjudicated is None else answers,
        adjudicated=adjudicated,
        taken=tuple((scale, text, code) for (scale, text), code in sorted(reading.taken.items())),
        set_aside=aside,
    )


def _keep_typed(reading: _Reading, codes: Codes) -> dict[str, Codes]:
    """What the files say of questions whose answers follow from others."""
    derived = [key for key in reading.questions if reading.framework.questions[key].derived]
    return {key: codes[:, reading.column[key]].copy() for key in derived}


def _refuse_other_than_derived(reading: _Reading, codes: Codes, typed: dict[str, Codes]) -> None:
    """A file may repeat an answer that follows from others, as an export does, but not contradict it.

    Raises:
        UserError: it does.
    """
    faults = []
    for key, column in typed.items():
        scale = reading.framework.scale_of[key]
        settled = codes[:, reading.column[key]]
        for n in np.flatnonzero((column != MISSING) & (column != settled)).tolist():
            answer = find_answer(scale, int(settled[n])) or "open"
            what = f"the answer is '{find_answer(scale, int(column[n]))}', but by the framework's rules it's '{answer}'"
            do = "Leave it blank, or correct the answers that it follows from"
            faults.append(Fault(f"case {reading.ids[n]}, question '{key}'", what, do))
    if faults:
        raise UserError(faults)


def _read_at_all(reading: _Reading) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    answers = reading.values[1]
    assert answers is not None  # noqa: S101 there is a second reading
    return np.asarray(answers.any(axis=1))


# -- long ------------------------------------------------------------------------------


def _take_long(reading: _Reading, table: DataTable, headings: dict[str, str]) -> None:
    if CASE not in headings:
        reading.faults.append(
            Fault(table.head, "there is no column 'case'", "Use the columns case, question and answer")
        )
        return
    frame = table.frame.rename({headings[name]: name for name in headings if name in _LONG}).with_row_index(
        "n"
    )
    frame = frame.with_columns(question=pl.col("question").str.to_lowercase())
    place = pl.Series(reading.ids, dtype=pl.String)
    rows = frame[CASE].replace_strict(
        place, pl.Series(range(len(place)), dtype=pl.Int64), default=None, return_dtype=pl.Int64
    )
    _find_unknown_names(reading, table, frame.filter(rows.is_null()), CASE, "case", reading.ids)
    questions = [*reading.framework.questions, *reading.attributes]
    known = frame["question"].is_in(questions)
    _find_unknown_names(
        reading, table, frame.filter(~known.fill_null(False)), "question", "question", questions
    )
    reading.named |= set(frame.filter(rows.is_not_null())[CASE].to_list())
    sound = frame.with_columns(case_place=rows).filter(rows.is_not_null() & known)
    for (key,), part in sound.group_by("question", maintain_order=True):
        if key in reading.attributes:
            _take_fact(reading, table, str(key), part[CASE], part["answer"], part[ROW])
        else:
            _take_question(reading, table, str(key), part)


def _take_fact(
    reading: _Reading, table: DataTable, key: str, cases: pl.Series, texts: pl.Series, rows: pl.Series
) -> None:
    """Details of cases, entered like the answer to a question."""
    for case, text, row in zip(cases.to_list(), texts.to_list(), rows.to_list(), strict=True):
        if text is None:
            continue
        before = reading.facts.setdefault(key, {}).setdefault(case, (text, table, row))
        if normalise_name(before[0]) != normalise_name(text):
            what = f"case {case}: '{key}' is '{text}', but an earlier row has '{before[0]}'"
            reading.faults.append(table.make_fault([row], what, "Keep one of them"))


_LONG = (CASE, "question", "answer", "assessor", "reading", "note")


def _find_unknown_names(
    reading: _Reading, table: DataTable, rows: pl.DataFrame, column: str, kind: str, known: Iterable[str]
) -> None:
    """A fault for every unknown name, with all its rows."""
    for (name,), part in rows.group_by(column, maintain_order=True):
        if kind == "case" and isinstance(name, str) and find_unseen(name):
            continue
        what = f"there is no {kind} '{name}'" if name is not None else f"the {kind} is blank"
        twin = suggest_known(name, known) if kind == "case" and isinstance(name, str) else ""
        reading.faults.append(table.make_fault(part[ROW].to_list(), what, twin or _suggest_near(name, known)))


def _suggest_near(name: object, known: Iterable[str]) -> str:
    return suggest_nearest(name, known) or "Check its spelling"


def _take_question(reading: _Reading, table: DataTable, key: str, rows: pl.DataFrame) -> None:
    """The answers to one question; the column `reading` is 2 for the second assessment and 3 for the adjudicated answer."""
    for number, part in enumerate(
        _split_by_assessment(rows, {"reading": "reading"} if "reading" in rows.columns else {})
    ):
        if part.height:
            _put(
                reading,
                table,
                key,
                part["case_place"].to_numpy(),
                part["answer"],
                part[ROW].to_list(),
                number,
            )
            _take_notes(reading, key, part, number)


def _take_notes(reading: _Reading, key: str, rows: pl.DataFrame, number: int) -> None:
    if "note" in rows.columns:
        for case, note in rows.filter(pl.col("note").is_not_null()).select(CASE, "note").rows():
            there = reading.notes[number].setdefault(key, {})
            # If one answer has two notes, both are kept.
            there[case] = note if there.get(case, note) == note else f"{there[case]}\n{note}"
    if "assessor" in rows.columns:
        for case, name in (
            rows.filter(pl.col("assessor").is_not_null()).select(CASE, "assessor").unique().rows()
        ):
            reading.readers.setdefault(case, [None, None, None])[number] = name


# -- wide ------------------------------------------------------------------------------


def _take_wide(reading: _Reading, table: DataTable, headings: dict[str, str]) -> None:
    if CASE not in headings:
        what = "the columns needed are missing"
        reading.faults.append(
            Fault(
                table.head,
                what,
                "Use the columns case, question and answer, or the column case and a column for each question",
            )
        )
        return
    questions = reading.framework.questions
    asked = {key: headings[key] for key in questions if key in headings}
    _note_unknown_headings(reading, table, asked)
    known = table.frame[headings[CASE]].is_in(reading.ids).fill_null(False)
    _find_unknown_names(reading, table, table.frame.filter(~known), headings[CASE], "case", reading.ids)
    frame = table.frame.filter(known).rename({headings[CASE]: CASE})
    reading.named |= set(frame[CASE].to_list())
    for number, part in enumerate(_split_by_assessment(frame, headings)):
        _take_wide_part(reading, table, part, asked, headings, number)
    for key in reading.attributes:
        if key in headings:
            _take_fact(reading, table, key, frame[CASE], frame[headings[key]], frame[ROW])


def _note_unknown_headings(reading: _Reading, table: DataTable, asked: dict[str, str]) -> None:
    allowed = {CASE, "assessor", "reading", *collect_columns(reading.framework)}
    where = table.head
    for name in table.columns:
        if make_key(name) not in asked and make_key(name) not in allowed:
            do = _suggest_near(make_key(name), reading.framework.questions)
            reading.faults.append(Fault(where, f"column '{name}' is not a question in the framework", do))
    if not asked:
        what = "none of the columns is a question in the framework"
        reading.faults.append(Fault(where, what, "Use the questions' keys as headings"))


def _split_by_assessment(frame: pl.DataFrame, headings: dict[str, str]) -> tuple[pl.DataFrame, ...]:
    """The rows of the first assessment, the second (`reading` is 2) and the adjudication (`reading` is 3)."""
    if "reading" not in headings:
        return (frame,)
    said = frame[headings["reading"]].str.to_lowercase()
    second, third = (said.is_in(words).fill_null(False) for words in (_SECOND, _ADJUDICATED))
    return frame.filter(~second & ~third), frame.filter(second), frame.filter(third)


def _take_wide_part(
    reading: _Reading,
    table: DataTable,
    rows: pl.DataFrame,
    asked: dict[str, str],
    headings: dict[str, str],
    number: int,
) -> None:
    if not rows.height:
        return
    place = {case: n for n, case in enumerate(reading.ids)}
    places = np.array([place[c] for c in rows[CASE].to_list()], dtype=np.int64)
    for key, heading in asked.items():
        _put(reading, table, key, places, rows[heading], rows[ROW].to_list(), number)
    if "assessor" in headings:
        for case, name in rows.select(CASE, headings["assessor"]).rows():
            if name is not None:
                reading.readers.setdefault(case, [None, None, None])[number] = name


_FIRST, _SECOND, _ADJUDICATED = ("1", "first", "i"), ("2", "second", "ii"), ("3", "adjudicated")


def _refuse_other_readings(reading: _Reading, table: DataTable, heading: str) -> None:
    """`reading` is 1, 2 or 3: the first assessment, the second or the adjudication; anything else is a fault."""
    column = table.frame[heading].str.to_lowercase()
    rows = table.frame.filter(~column.is_in([*_FIRST, *_SECOND, *_ADJUDICATED]) & column.is_not_null())
    if rows.height:
        what = f"'{heading}' is not 1, 2 or 3"
        reading.faults.append(
            table.make_fault(
                rows[ROW].to_list(),
                what,
                "Enter 1 for the first assessment, 2 for the second or 3 for the adjudicated answer",
            )
        )


# -- both ------------------------------------------------------------------------------


def _put(
    reading: _Reading,
    table: DataTable,
    key: str,
    places: np.ndarray[tuple[int], np.dtype[np.int64]],
    texts: pl.Series,
    rows: list[int],
    number: int,
) -> None:
    """Put the answers to one question in their places, noting every one that is not possible."""
    question = reading.framework.questions[key]
    scale = reading.framework.scale_of[key]
    if not find_kind(scale).is_coded:
        _put_other(reading, table, question, scale, places, texts, rows)
        return
    known = collect_words(scale)
    bytes_of: dict[str | None, int] = {None: MISSING}
    for text in texts.drop_nulls().unique().to_list():
        answer = known.get(normalise_name(text))
        if answer is None:
            wrong = [rows[n] for n, t in enumerate(texts.to_list()) if t == text]
            what = f"case {_list_words(reading, places, texts, text)}, question '{key}': '{text}' is not an answer on scale '{scale.key}'"
            do = f"Enter one of {', '.join(collect_answers(scale))}, or leave it blank"
            near = suggest_nearest(text, [*collect_answers(scale), *(o.label for o in scale.options)])
            reading.faults.append(table.make_fault(wrong, what, f"{do}. {near}" if near else do))
        elif answer != MISSING and (code := find_answer(scale, answer)) not in {None, text}:
            reading.taken[scale.key, text] = str(code)
        bytes_of[text] = MISSING if answer is None else answer
    values = np.fromiter((bytes_of[t] for t in texts.to_list()), dtype=np.uint8, count=len(texts))
    _store(reading, table, key, places, values, rows, number)


def _list_words(
    reading: _Reading, places: np.ndarray[tuple[int], np.dtype[np.int64]], texts: pl.Series, text: str
) -> str:
    cases = [reading.ids[p] for p, t in zip(places.tolist(), texts.to_list(), strict=True) if t == text]
    return ", ".join(cases[:5]) + (f" and {len(cases) - 5} more" if len(cases) > 5 else "")


def collect_words(scale: Scale) -> dict[str, int | None]:
    """Every way to write an answer, case-folded: its code, with blanks for underscores too, and its label."""
    own = collect_answers(scale)
    words: dict[str, int | None] = dict.fromkeys(_UNANSWERED_WORDS, MISSING)
    words |= dict.fromkeys(_NO_EVIDENCE_WORDS, own[NO_EVIDENCE])
    words |= dict.fromkeys(_NOT_APPLICABLE_WORDS, own[NOT_APPLICABLE])
    words |= {write_spoken(code): byte for code, byte in own.items()}
    words |= {normalise_name(option.label): own[option.code] for option in scale.options}
    return words | {normalise_name(code): byte for code, byte in own.items()}


def _store(
    reading: _Reading,
    table: DataTable,
    key: str,
    places: np.ndarray[tuple[int], np.dtype[np.int64]],
    values: Codes,
    rows: list[int],
    number: int,
) -> None:
    codes, answers = reading.collect_answers(number)
    column, there = codes[:, reading.column[key]], answers[:, reading.column[key]]
    said = values != MISSING
    places, values, lines = places[said], values[said], np.asarray(rows)[said]
    first = np.zeros(len(codes), dtype=np.int64)
    first[places[::-1]] = np.arange(len(places))[::-1]
    clash = (values != values[first[places]]) | ((there[places] == 1) & (column[places] != values))
    for n in np.flatnonzero(clash).tolist():
        what = f"case {reading.ids[places[n]]}, question '{key}': an earlier row has a different answer"
        reading.faults.append(
            table.make_fault(
                [int(lines[n])], what, "Keep one of them, or mark the second assessment with reading 2"
            )
        )
    column[places] = values
    there[places] = 1


def _put_other(
    reading: _Reading,
    table: DataTable,
    question: Question,
    scale: Scale,
    places: np.ndarray[tuple[int], np.dtype[np.int64]],
    texts: pl.Series,
    rows: list[int],
) -> None:
    """Put the answers to a question that isn't coded in their places, noting every one that is not possible."""
    for place, text, row in zip(places.tolist(), texts.to_list(), rows, strict=True):
        if text is None or write_spoken(text) == write_spoken(NOT_APPLICABLE):
            continue
        try:
            answer = read_answer(scale, text, table.epoch)
        except ValueError as error:
            what = f"case {reading.ids[place]}, question '{question.key}': '{text}' does not fit scale '{scale.key}'"
            reading.faults.append(table.make_fault([row], what, str(error)[:1].upper() + str(error)[1:]))
            continue
        reading.others.setdefault(question.key, {})[reading.ids[place]] = answer
