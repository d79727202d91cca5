"""What a pass over stored answers needs to know, and how a batch of rows becomes cases with their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from scrutineer.fieldwork.cases.answer_files import collect_words
from scrutineer.fieldwork.cases.codes import MISSING, Codes
from scrutineer.fieldwork.cases.columns import Column
from scrutineer.fieldwork.cases.settled_cases import settle_columns
from scrutineer.fieldwork.cases.values import collect_choices, find_dtype, parse_column, read_answer
from scrutineer.frameworks.model import Framework, Scale
from scrutineer.frameworks.question_kinds import NO_EVIDENCE, NOT_APPLICABLE, find_kind
from scrutineer.scoring.groups import AttributeValues, GroupOf, list_added, mark_groups
from scrutineer.scoring.stored.engine import BLANK
from scrutineer.tables.names import normalise_name

ATTRIBUTE, QUESTION, OTHER = "a_", "q_", "o_"
"""What the names of columns in a batch begin with: attributes, numbered texts of coded questions, other answers."""

_WRONG = 0xFF
"""A byte that no answer has."""


@dataclass(frozen=True)
class Wrong:
    """A value that can't be, and how many cases have it."""

    column: str
    text: str
    problem: str


@dataclass(frozen=True)
class CaseBatch:
    """Some cases with their answers, settled.

    Attributes:
        frame: a row per case, a column per attribute, typed.
        codes: cases × questions, a byte per answer.
        others: numbers and dates that were answered, by question; None where there is none.
        wrong: how often each value occurs that can't be.
        wrong_answers: by question or attribute, how many values are none of those that can be chosen.
        contradicted: by question, how many answers aren't what follows by the framework's rules.
    """

    frame: pl.DataFrame
    codes: Codes
    others: dict[str, list[str | None]] = field(default_factory=dict)
    wrong: dict[Wrong, int] = field(default_factory=dict)
    wrong_answers: dict[str, int] = field(default_factory=dict)
    contradicted: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class StoredPlan:
    """What every pass over stored answers needs; it can be sent to other machines.

    Attributes:
        framework: that cases are scored by.
        elements: its thematic elements on part of the cases.
        attributes: those that are read.
        questions: the coded questions, in the order of the columns of codes.
        values: of the attributes that make groups.
        complements: whether everyone outside each group is shown, too.
        is_lenient: whether texts may be written in every way that is known, with blanks around them, and not only as codes and
            labels; that takes longer.
        protects: whether numbers of few cases are withheld, so that kinds of case are counted.
    """

    framework: Framework
    elements: tuple[Framework, ...]
    attributes: tuple[Column, ...]
    questions: tuple[str, ...]
    values: Mapping[str, AttributeValues]
    complements: bool = False
    protects: bool = False
    is_lenient: bool = False

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Every way to write an answer on some scale, as engines number them: nothing at all first."""
        words = {word for scale in self._scales for word in self._collect_texts(scale)}
        words |= {word for column in self.choices.values() for word in self._collect_choices(column)}
        return (BLANK, *sorted(words - {BLANK}))

    @cached_property
    def bytes_of(self) -> dict[str, npt.NDArray[np.uint8]]:
        """By scale, the byte of each number of a text."""
        tables = {}
        for scale in self._scales:
            words = self._collect_texts(scale)
            table = np.full(max(len(self.texts) + 1, 256), _WRONG, dtype=np.uint8)
            table[1 : len(self.texts) + 1] = [words.get(text, _WRONG) for text in self.texts]
            tables[scale.key] = table
        return tables

    @cached_property
    def choices(self) -> dict[str, Column]:
        """The attributes of which one of several values is chosen: engines number them, too."""
        return {column.key: column for column in self.attributes if column.kind == "choice"}

    @cached_property
    def places_of(self) -> dict[str, npt.NDArray[np.uint8]]:
        """By such an attribute, the place of its value for each number of a text; further on, nothing at all or a wrong one."""
        tables = {}
        for key, column in self.choices.items():
            known = {text: column.options.index(code) for text, code in self._collect_choices(column).items()}
            blank = len(column.options)
            table = np.full(max(len(self.texts) + 1, 256), _WRONG, dtype=np.uint8)
            table[1 : len(self.texts) + 1] = [
                blank if text == BLANK else known.get(text, _WRONG) for text in self.texts
            ]
            tables[key] = table
        return tables

    @cached_property
    def groups(self) -> list[GroupOf]:
        """Every group that may be shown, without members."""
        return self.mark(self.make_empty())[0]

    @cached_property
    def unseen(self) -> list[GroupOf]:
        """Every group that must not follow from those shown, without members."""
        return self.mark(self.make_empty())[1]

    def make_empty(self) -> pl.DataFrame:
        """No cases at all."""
        return pl.DataFrame(schema={column.key: find_dtype(column) for column in self.attributes})

    def list_texts(self, question: str) -> set[str]:
        """Every way to write an answer to a question."""
        return set(self._collect_texts(self.framework.scale_of[question]))

    def mark(self, frame: pl.DataFrame) -> tuple[list[GroupOf], list[GroupOf]]:
        """The groups that may be shown, and those that must not follow from them, with some cases as members."""
        every = mark_groups(
            self.framework, frame, self.values, self.elements, self.complements or self.protects
        )
        added = list_added(self.elements, self.framework, frame, keep_empty=True) if self.protects else []
        if self.complements or not self.protects:
            return every, added
        shown = [group for group in every if not group.key.startswith("not:")]
        return shown, [*(group for group in every if group.key.startswith("not:")), *added]

    def read(self, raw: pl.DataFrame) -> CaseBatch:
        """A batch as an engine gives it, as cases with their answers."""
        wrong: dict[Wrong, int] = {}
        wrong_answers: dict[str, int] = {}
        frame = pl.DataFrame([self._type(raw, column, wrong, wrong_answers) for column in self.attributes])
        if not self.attributes:
            frame = pl.DataFrame({"": pl.Series([None] * raw.height, dtype=pl.Boolean)})
        # Question by question in memory, as they come.
        codes = np.full((len(self.questions), raw.height), MISSING, dtype=np.uint8).T
        self._read_codes(raw, codes, wrong_answers)
        others = self._read_others(raw, wrong)
        typed = codes[:, self._derived].copy()
        settle_columns(self.framework, frame, self.questions, codes, others, keeps_aside=False)
        differs = (typed != MISSING) & (typed != codes[:, self._derived])
        contradicted = {
            self.questions[place]: int(n)
            for place, n in zip(self._derived.tolist(), differs.sum(axis=0).tolist(), strict=True)
            if n
        }
        return CaseBatch(frame, codes, others, wrong, wrong_answers, contradicted)

    def _collect_texts(self, scale: Scale) -> dict[str, int]:
        """Ways to write an answer on a scale, in small letters, with its byte."""
        known = {text: MISSING if byte is None else byte for text, byte in collect_words(scale).items()}
        if not self.is_lenient:
            known = {
                text: known[text]
                for text in map(normalise_name, (NOT_APPLICABLE, NO_EVIDENCE, *_name_options(scale)))
            }
        # A truth, as files keep it, is a yes or a no.
        known |= {truth: known[text] for truth, text in (("true", "yes"), ("false", "no")) if text in known}
        return {text.lower(): byte for text, byte in known.items()} | {BLANK: MISSING}

    def _collect_choices(self, column: Column) -> dict[str, str]:
        """Ways to write a value of an attribute, with the value."""
        if self.is_lenient:
            return collect_choices(column.options)
        return {normalise_name(option): option for option in column.options}

    @cached_property
    def _scales(self) -> list[Scale]:
        used = {self.framework.scale_of[key].key for key in self.questions}
        return [scale for scale in self.framework.scales if scale.key in used]

    @cached_property
    def _derived(self) -> npt.NDArray[np.intp]:
        places = [n for n, key in enumerate(self.questions) if self.framework.questions[key].derived]
        return np.array(places, dtype=np.intp)

    def _type(
        self, raw: pl.DataFrame, column: Column, wrong: dict[Wrong, int], wrong_answers: dict[str, int]
    ) -> pl.Series:
        """One attribute as values of its kind."""
        values = raw[f"{ATTRIBUTE}{column.key}"].alias(column.key)
        kind = find_dtype(column)
        if column.kind == "choice" and values.dtype.is_integer():
            places = np.take(self.places_of[column.key], _list_numbers(values), mode="clip")
            if number := int(np.count_nonzero(places == _WRONG)):
                wrong_answers[column.key] = number
            known = pl.Series(column.key, [*column.options, None], dtype=kind)
            return known.gather(np.minimum(places, len(column.options)))
        if values.dtype == kind:
            return values
        if (column.kind == "number" and values.dtype.is_numeric()) or (
            column.kind == "date" and values.dtype.is_temporal()
        ):
            return values.cast(kind)
        texts = values.cast(pl.String).str.strip_chars()
        texts = texts.set(texts == "", None)
        typed, problems = parse_column(texts, column, {}, ())
        for text, problem in problems.items():
            wrong[Wrong(column.key, text, problem)] = int((texts == text).sum())
        return typed.alias(column.key)

    def _read_codes(self, raw: pl.DataFrame, codes: Codes, wrong: dict[str, int]) -> None:
        for n, key in enumerate(self.questions):
            name = f"{QUESTION}{key}"
            if name not in raw.columns:
                continue
            numbers = _list_numbers(raw[name])
            column = np.take(self.bytes_of[self.framework.scale_of[key].key], numbers, mode="clip")
            if (strange := column == _WRONG).any():
                wrong[key] = int(np.count_nonzero(strange))
                column[strange] = MISSING
            codes[:, n] = column

    def _read_others(self, raw: pl.DataFrame, wrong: dict[Wrong, int]) -> dict[str, list[str | None]]:
        """Numbers and dates as they are kept; each different text is read once."""
        others = {}
        for key in self.framework.questions:
            name = f"{OTHER}{key}"
            if name not in raw.columns:
                continue
            scale, texts = self.framework.scale_of[key], raw[name].cast(pl.String).str.strip_chars()
            known: dict[str | None, str | None] = {
                None: None,
                "": None,
                "not applicable": None,
                "not_applicable": None,
            }
            for text in texts.drop_nulls().unique().to_list():
                if text not in known:
                    known[text] = _read_other(scale, text, key, texts, wrong)
            others[key] = [known[text] for text in texts.to_list()]
        return others


def _name_options(scale: Scale) -> list[str]:
    return [name for option in scale.options for name in (option.code, option.label)]


def _list_numbers(values: pl.Series) -> npt.NDArray[Any]:
    """Numbers of texts; 0 for those that aren't there."""
    # Filling takes a pass of its own, and most columns have nothing to be filled.
    return (values.fill_null(0) if values.null_count() else values).to_numpy()


def _read_other(scale: Scale, text: str, key: str, texts: pl.Series, wrong: dict[Wrong, int]) -> str | None:
    try:
        return read_answer(scale, text)
    except ValueError as error:
        wrong[Wrong(key, text, str(error))] = int((texts == text).sum())
        return None


def list_other_questions(framework: Framework, there: Sequence[str]) -> list[str]:
    """The questions that are answered by a number or a date, or that a condition looks at, of those that are there."""
    kinds = {key: find_kind(framework.scale_of[key]) for key in there}
    return [
        key
        for key, kind in kinds.items()
        if not kind.is_coded and (kind.read_as != "text" or kind.name == "choices")
    ]
