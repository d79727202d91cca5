"""Numbers and dates that were recorded: how many, the middle and the quartiles, the earliest and the latest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from scrutineer.fieldwork.cases.answers import Answers
from scrutineer.fieldwork.cases.settled_cases import find_applicable
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.question_kinds import find_kind
from scrutineer.scoring.groups import GroupOf

RecordedValues = Mapping[str, Mapping[str, "Recorded"]]
"""By group, by question."""


@dataclass(frozen=True)
class Recorded:
    """What was recorded of one question in one group: numbers, or dates as 2006-03-31.

    Attributes:
        n: how many cases have a value.
        lowest: the smallest number or earliest date.
        lower_quartile: a quarter of the values lie below it.
        median: the middle value.
        upper_quartile: a quarter of the values lie above it.
        highest: the largest number or latest date.
    """

    n: int
    lowest: float | str
    lower_quartile: float | str
    median: float | str
    upper_quartile: float | str
    highest: float | str

    def as_dict(self) -> dict[str, Any]:
        """The values as JSON gives them."""
        names = ("n", "lowest", "lower_quartile", "median", "upper_quartile", "highest")
        return {name: getattr(self, name) for name in names}


def describe_recorded(
    framework: Framework, frame: pl.DataFrame, answers: Answers, groups: Sequence[GroupOf]
) -> RecordedValues:
    """What was recorded of every question that's answered by a number or a date, in every group.

    Answers to questions that don't apply count nowhere.

    Args:
        framework: gives questions and conditions.
        frame: a row per case.
        answers: of the same cases.
        groups: whose answers are described.
    """
    kinds = {key: find_kind(framework.scale_of[key]).read_as for key in answers.others}
    asked = [key for key in framework.questions if kinds.get(key) in {"number", "date"}]
    places = {case: n for n, case in enumerate(answers.cases)}
    has_conditions = any(framework.questions[key].when is not None for key in asked)
    applies = find_applicable(framework, frame, answers) if has_conditions else {}
    described: dict[str, dict[str, Recorded]] = {group.key: {} for group in groups}
    for key in asked:
        is_date = kinds[key] == "date"
        never = applies[key] == 0 if key in applies else np.zeros(len(answers.cases), dtype=np.bool_)
        there = [(places[c], text) for c, text in answers.others[key].items() if c in places]
        own = [(row, text) for row, text in there if not never[row]]
        rows = np.array([row for row, _ in own], dtype=np.int64)
        values = np.array([date.fromisoformat(t).toordinal() if is_date else float(t) for _, t in own])
        for group in groups:
            inside = np.sort(values[group.members[rows]]) if len(rows) else values
            if len(inside):
                described[group.key][key] = describe_values(inside, is_date)
    return described


def describe_values(values: np.ndarray[Any, Any], is_date: bool) -> Recorded:
    """What some values, in their order, come to; dates are numbers of days."""
    # Hyndman and Fan's definition 7, the usual one (1996, *The American Statistician* 50, 361-365). A quartile between two
    # days is the earlier of them.
    ends: list[float | str] = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        if is_date:
            day = int(np.quantile(values, share, method="lower"))
            ends.append(date.fromordinal(day).isoformat())
        else:
            ends.append(float(np.quantile(values, share)))
    return Recorded(len(values), *ends)
