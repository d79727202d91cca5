"""Stored cases and answers as batches for a plan, whatever their shape, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.columns import collect_columns
from scrutineer.fieldwork.cases.values import find_dtype, parse_column
from scrutineer.frameworks.model import Framework
from scrutineer.scoring.groups import AttributeValues, list_attributes, list_values
from scrutineer.scoring.stored.columns import StoredColumns
from scrutineer.scoring.stored.engine import BLANK, Engine, Lazy, Part
from scrutineer.scoring.stored.plan import ATTRIBUTE, OTHER, QUESTION, StoredPlan, list_other_questions
from scrutineer.tables.names import suggest_nearest

_SHOWN = 5
"""Examples of a fault that are named."""

_MOST_VALUES = 1_000
"""Values that make groups of an attribute; more are no groups that anybody reads."""

_AT_ONCE = 1 << 28
"""Answers that are put in their places at once, where there is a row for each."""

_CASE, _NUMBER, _ANSWER = "case_", "number_", "answer_"

Pass = Callable[[Iterator[pl.DataFrame]], Iterator[Part]]


@dataclass(frozen=True)
class StoredSource:
    """Cases and answers where an engine reads them.

    Attributes:
        engine: that reads them.
        framework: that the answers are scored by.
        cases: the frame of cases.
        answers: the frame of answers; the same one where both are in the same files.
        columns: which of them are read.
        where: what people know the cases and the answers by.
    """

    engine: Engine
    framework: Framework
    cases: Lazy
    answers: Lazy
    columns: StoredColumns
    where: tuple[str, str]

    @property
    def _is_one(self) -> bool:
        return self.answers is self.cases

    def check(self) -> None:
        """Refuse references that are blank, repeated or unknown.

        Raises:
            UserError: with every fault.
        """
        columns, faults = self.columns, list[Fault]()
        faults += _find_bad_references(self.cases, columns.case, self.where[0])
        if columns.are_long:
            faults += self._find_strange_questions()
        elif not self._is_one:
            faults += _find_bad_references(self._list_first(), columns.answers_case, self.where[1])
        if not self._is_one:
            cases = self.cases.select(nw.col(columns.case).alias(_CASE))
            answers = self.answers.select(nw.col(columns.answers_case).alias(_CASE)).unique()
            unknown = _collect(answers.join(cases, on=_CASE, how="anti").head(_SHOWN))
            if unknown:
                listed = ", ".join(f"'{row[_CASE]}'" for row in unknown)
                faults.append(
                    Fault(self.where[1], f"the cases don't have {listed}", "Correct the references")
                )
        if faults:
            raise UserError(faults)

    def collect_values(self, by: Sequence[str]) -> dict[str, AttributeValues]:
        """The values of every attribute that makes groups.

        Raises:
            UserError: an attribute that isn't there, or one of very many values.
        """
        there = [*self.columns.attributes, *self.columns.answered]
        known, values, faults = collect_columns(self.framework), dict[str, AttributeValues](), list[Fault]()
        for name in list_attributes(self.framework, there, by):
            heading, is_answered = self._find_heading(name)
            frame = self._list_first() if is_answered else self.cases
            rows = _collect(frame.select(nw.col(heading).alias(_CASE)).unique().head(_MOST_VALUES + 1))
            if len(rows) > _MOST_VALUES:
                what = f"'{heading}' has more than {_MOST_VALUES:,} values, too many for groups"
                faults.append(Fault(self.where[is_answered], what, "Break results down by another column"))
                continue
            column = pl.Series([row[_CASE] for row in rows], strict=False)
            kind = find_dtype(known[name])
            if column.dtype != kind:
                texts = column.cast(pl.String).str.strip_chars()
                column, _ = parse_column(texts.set(texts == "", None), known[name], {}, ())
            values[name] = list_values(column)
        if faults:
            raise UserError(faults)
        return values

    def run(self, plan: StoredPlan, work: Pass[Part]) -> Iterator[Part]:
        """Do some work on all cases, batch by batch, as `StoredPlan.read` takes them."""
        source = self._widen() if self.columns.are_long else self
        if source is None:
            yield from work(self._put_in_places(plan))
            return
        yield from self.engine.add_up(source._join(plan), work)
        if not self._is_one:
            yield from self.engine.add_up(source._list_unanswered(plan), work)

    def _widen(self) -> StoredSource | None:
        """The same with a column for each question, where the engine makes that of rows."""
        columns, first = self.columns, self._list_first()
        order = nw.lit(1)
        if columns.reading:
            order = nw.when(self._is_reading(_ADJUDICATED, True)).then(nw.lit(3)).otherwise(nw.lit(1))
        rows = first.select(
            nw.col(columns.answers_case).alias(_CASE),
            nw.col(columns.question).str.to_lowercase().alias("question_"),
            nw.col(columns.answer).cast(nw.String).alias(_ANSWER),
            order.alias("order_"),
        )
        asked = list(self.framework.questions)
        wide = self.engine.widen(rows.filter(~nw.col(_ANSWER).is_null()), asked)
        if wide is None:
            return None
        own = StoredColumns(columns.case, _CASE, columns.attributes, questions={key: key for key in asked})
        return replace(self, answers=wide, columns=own)

    def find_wrong_texts(self, name: str) -> list[str]:
        """Some answers to a question, or values of an attribute, as they are written."""
        columns, question = self.columns, name
        if name in columns.attributes:
            frame, name = self.cases, columns.attributes[name]
        elif columns.are_long:
            frame = self.answers.filter(nw.col(columns.question).str.to_lowercase() == question)
            name = columns.answer
        else:
            frame, name = self.answers, {**columns.questions, **columns.answered}[question]
        rows = _collect(frame.select(nw.col(name).cast(nw.String).alias(_CASE)).unique().head(_MOST_VALUES))
        return sorted({row[_CASE] for row in rows if row[_CASE] is not None})

    # -- a column for each question ------------------------------------------------------

    def _join(self, plan: StoredPlan) -> Lazy:
        """All cases that have answers."""
        columns = self.columns
        others = list_other_questions(self.framework, list(columns.questions))
        coded = {
            columns.questions[key]: f"{QUESTION}{key}" for key in plan.questions if key in columns.questions
        }
        kept = {columns.questions[key]: f"{OTHER}{key}" for key in others}
        kept |= {heading: f"{ATTRIBUTE}{key}" for key, heading in columns.answered.items()}
        if self._is_one:
            chosen, own = self._split_attributes(plan)
            return self.engine.number_texts(
                self._list_first(), {**coded, **chosen}, plan.texts, {**kept, **own}, trims=plan.is_lenient
            )
        numbered = self.engine.number_texts(
            self._list_first(),
            coded,
            plan.texts,
            {columns.answers_case: _CASE, **kept},
            trims=plan.is_lenient,
        )
        return self._list_people(plan).join(numbered, on=_CASE, how="inner").drop(_CASE)

    def _list_people(self, plan: StoredPlan) -> Lazy:
        """The references and attributes of cases."""
        chosen, own = self._split_attributes(plan)
        return self.engine.number_texts(
            self.cases, chosen, plan.texts, {self.columns.case: _CASE, **own}, trims=plan.is_lenient
        )

    def _split_attributes(self, plan: StoredPlan) -> tuple[dict[str, str], dict[str, str]]:
        """The headings of attributes whose texts are numbered, and of others, with their names in a batch."""
        named = {heading: f"{ATTRIBUTE}{key}" for key, heading in self.columns.attributes.items()}
        chosen = {
            heading: name for heading, name in named.items() if name.removeprefix(ATTRIBUTE) in plan.choices
        }
        return chosen, {heading: name for heading, name in named.items() if heading not in chosen}

    def _list_unanswered(self, plan: StoredPlan) -> Lazy:
        """The cases without any answer."""
        answers = self._list_first().select(nw.col(self.columns.answers_case).alias(_CASE))
        empty = [nw.lit(None, nw.String).alias(f"{ATTRIBUTE}{key}") for key in self.columns.answered]
        people = self._list_people(plan).join(answers, on=_CASE, how="anti")
        return people.with_columns(*empty) if empty else people

    def _list_first(self) -> Lazy:
        """The answers of first assessments: second ones aren't scored."""
        return self.answers.filter(self._is_reading(_SECOND, False)) if self.columns.reading else self.answers

    def _is_reading(self, words: Sequence[str], wanted: bool) -> nw.Expr:
        # A blank is a first assessment.
        reading = nw.col(self.columns.reading).cast(nw.String).fill_null("1").str.to_lowercase()
        return reading.is_in(words) if wanted else ~reading.is_in(words)

    # -- a row for each answer -------------------------------------------------------------

    def _put_in_places(self, plan: StoredPlan) -> Iterator[pl.DataFrame]:
        """Rows of answers as columns: so many cases at a time as there is room for."""
        people = pl.concat(
            list(self.engine.add_up(self._list_people(plan), lambda batches: batches)), how="vertical_relaxed"
        )
        held = self.engine.hold(
            people.select(_CASE).with_row_index(_NUMBER).with_columns(pl.col(_NUMBER).cast(pl.Int64))
        )
        size = max(_AT_ONCE // max(len(plan.questions), 1), 1)
        for start in range(0, people.height, size):
            own = people.slice(start, size)
            numbers, others = self._take_part(plan, held, start, own.height)
            for first in range(0, own.height, _ROWS):
                rows = own.slice(first, _ROWS).drop(_CASE)
                asked = [
                    pl.Series(f"{QUESTION}{key}", numbers[n, first : first + _ROWS])
                    for n, key in enumerate(plan.questions)
                ]
                texts = [
                    pl.Series(f"{OTHER}{key}", column[first : first + _ROWS], dtype=pl.String)
                    for key, column in others.items()
                ]
                yield rows.with_columns(*asked, *texts) if rows.width else pl.DataFrame([*asked, *texts])

    def _take_part(
        self, plan: StoredPlan, held: Lazy, start: int, size: int
    ) -> tuple[np.ndarray[Any, np.dtype[np.uint8]], dict[str, list[str | None]]]:
        """The answers of some cases: numbers of texts, questions × cases, and other answers by question."""
        numbers = np.ones((len(plan.questions), size), dtype=np.uint8)
        others: dict[str, list[str | None]] = {
            key: [None] * size for key in list_other_questions(self.framework, list(self.framework.questions))
        }
        rows = self._list_rows(held, start, size)
        # Adjudicated answers take the place of others, so they come last.
        parts = [rows]
        if self.columns.reading:
            parts = [
                rows.filter(self._is_reading((*_SECOND, *_ADJUDICATED), False)),
                rows.filter(self._is_reading(_ADJUDICATED, True)),
            ]
        clashes = 0
        for part in parts:
            clashes += self._put(plan, part, start, numbers)
            self._put_others(part, start, others)
        if clashes:
            what = f"{clashes} rows give another answer to a question than an earlier row does"
            raise UserError(
                Fault(self.where[1], what, "Keep one of them, or mark the second assessment with reading 2")
            )
        return numbers, others

    def _list_rows(self, held: Lazy, start: int, size: int) -> Lazy:
        joined = self.answers.join(held, left_on=self.columns.answers_case, right_on=_CASE, how="inner")
        return joined.filter((nw.col(_NUMBER) >= start) & (nw.col(_NUMBER) < start + size))

    def _put(
        self, plan: StoredPlan, rows: Lazy, start: int, numbers: np.ndarray[Any, np.dtype[np.uint8]]
    ) -> int:
        """Put coded answers in their places; gives how many contradict an earlier one."""
        columns = self.columns
        texts = [BLANK, *plan.questions]
        asked = self.engine.number_texts(
            rows, {columns.question: QUESTION}, texts, {columns.answer: _ANSWER, _NUMBER: _NUMBER}, trims=True
        )
        answered = self.engine.number_texts(
            asked, {_ANSWER: OTHER}, plan.texts, {QUESTION: QUESTION, _NUMBER: _NUMBER}, trims=plan.is_lenient
        )
        clashes, put = 0, np.zeros_like(numbers, dtype=np.bool_)
        for batch in self.engine.add_up(answered, lambda batches: batches):
            question = batch[QUESTION].fill_null(0).to_numpy().astype(np.int64) - 2
            answer = batch[OTHER].fill_null(0).to_numpy()
            said = (question >= 0) & (answer != 1)
            flat = question[said] * numbers.shape[1] + (batch[_NUMBER].to_numpy()[said] - start)
            own, there = numbers.reshape(-1), put.reshape(-1)
            clashes += int(np.count_nonzero(there[flat] & (own[flat] != answer[said])))
            own[flat] = answer[said]
            there[flat] = True
            clashes += int(np.count_nonzero(own[flat] != answer[said]))
        return clashes

    def _put_others(self, rows: Lazy, start: int, others: dict[str, list[str | None]]) -> None:
        if not others:
            return
        columns = self.columns
        asked = nw.col(columns.question).str.to_lowercase()
        own = rows.filter(asked.is_in(list(others))).select(
            asked.alias(QUESTION), nw.col(columns.answer).cast(nw.String).alias(_ANSWER), nw.col(_NUMBER)
        )
        for batch in self.engine.add_up(own, lambda batches: batches):
            for key, answer, number in batch.select(QUESTION, _ANSWER, _NUMBER).rows():
                others[key][number - start] = answer

    def _find_strange_questions(self) -> Iterator[Fault]:
        """Questions that the framework doesn't have, as rows name them."""
        rows = _collect(
            self.answers.select(nw.col(self.columns.question).alias(_CASE)).unique().head(_MOST_VALUES)
        )
        for row in rows:
            key = "" if row[_CASE] is None else str(row[_CASE]).lower()
            if key in self.framework.questions:
                continue
            if key in {a.key for a in self.framework.attributes}:
                yield Fault(self.where[1], f"'{key}' is a detail of cases", "Add it to the cases as a column")
            else:
                near = suggest_nearest(key, self.framework.questions) or "Check its spelling"
                yield Fault(self.where[1], f"there is no question '{row[_CASE]}'", near)

    def _find_heading(self, attribute: str) -> tuple[str, bool]:
        own = self.columns.attributes.get(attribute)
        return (own, False) if own is not None else (self.columns.answered[attribute], not self._is_one)


_SECOND, _ADJUDICATED = ("2", "second", "ii"), ("3", "adjudicated")
_ROWS = 65_536


def _find_bad_references(frame: Lazy, column: str, where: str) -> Iterator[Fault]:
    """References that are blank, or that several rows have."""
    case = nw.col(column).alias(_CASE)
    counted = frame.select(case).group_by(_CASE).agg(nw.len().alias(_NUMBER))
    rows = _collect(counted.filter((nw.col(_NUMBER) > 1) | nw.col(_CASE).is_null()).head(_SHOWN))
    if any(row[_CASE] is None for row in rows):
        yield Fault(where, f"'{column}' is blank", "Fill it in")
    repeated = [row[_CASE] for row in rows if row[_CASE] is not None]
    if repeated:
        listed = ", ".join(f"'{case}'" for case in sorted(map(str, repeated)))
        yield Fault(where, f"several rows have the reference {listed}", "Keep one row for each case")


def _collect(frame: Lazy) -> list[dict[str, Any]]:
    return list(frame.collect().iter_rows(named=True))
