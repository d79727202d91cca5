"""The cases of a fictional area."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from scrutineer.fieldwork.cases.caseload import Caseload
from scrutineer.fieldwork.cases.columns import collect_columns
from scrutineer.fieldwork.cases.values import find_dtype
from scrutineer.frameworks.model import Attribute, Framework
from scrutineer.simulation.profile import FictionalProfile, NamePattern, NumberRange
from scrutineer.tables.table import ROW

SYNTHETIC = "synthetic data: a fictional area"
_DAYS = 700
_SHARE_YES = 0.2
_OFFICES, _TEAMS, _MANAGERS = (
    NamePattern(word="Office", number=6),
    NamePattern(word="Team", number=12),
    NamePattern(word="Manager", number=45),
)


def make_cases(
    framework: Framework,
    profile: FictionalProfile,
    number: int,
    on: date,
    generator: np.random.Generator,
    prefix: str = "S",
) -> Caseload:
    """Cases with made-up values of every attribute, each marked as synthetic.

    Args:
        framework: declares the attributes.
        profile: how likely each value is; what it does not say is made up evenly.
        number: how many cases.
        on: the latest day on which supervision may have begun.
        generator: the source of chance.
        prefix: of the references.
    """
    known = collect_columns(framework)
    width = len(str(number))
    columns: dict[str, Any] = {"case": [f"{prefix}{n:0{width}d}" for n in range(1, number + 1)]}
    teams = generator.integers(0, _make_names(framework, profile, "team").number, number)
    for attribute in framework.attributes:
        values = _place_cases(framework, profile, attribute, teams, generator)
        columns[attribute.key] = (
            values if values is not None else _list_values(profile, attribute, number, on, generator)
        )
    frame = pl.DataFrame(
        [pl.Series(key, values, dtype=find_dtype(known[key])) for key, values in columns.items()]
    ).with_columns(synthetic=pl.lit(value=True), **{ROW: pl.int_range(2, number + 2, dtype=pl.Int64)})
    return Caseload(SYNTHETIC, frame)


def _make_names(framework: Framework, profile: FictionalProfile, role: str) -> NamePattern:
    key = framework.find_attribute(role)
    fallback = {"office": _OFFICES, "team": _TEAMS, "manager": _MANAGERS}[role]
    return profile.names.get(key or "", fallback)


def _place_cases(
    framework: Framework,
    profile: FictionalProfile,
    attribute: Attribute,
    teams: Any,
    generator: np.random.Generator,
) -> list[str] | None:
    """Office, team and manager hang together: a manager belongs to one team, a team to one office."""
    if attribute.role not in {"office", "team", "manager"}:
        return None
    names = _make_names(framework, profile, attribute.role)
    if attribute.role == "team":
        places = teams
    elif attribute.role == "office":
        places = teams % names.number
    else:
        each = max(names.number // _make_names(framework, profile, "team").number, 1)
        places = (teams * each + generator.integers(0, each, len(teams))) % names.number
    return [f"{names.word} {chr(65 + n) if names.number <= 26 else n + 1}" for n in places.tolist()]


def _list_values(
    profile: FictionalProfile, attribute: Attribute, number: int, on: date, generator: np.random.Generator
) -> list[Any]:
    if attribute.kind == "choice":
        shares = profile.choices.get(attribute.key) or dict.fromkeys(attribute.options, 1.0)
        weights = np.array([shares.get(option, 0.0) for option in attribute.options])
        return [
            attribute.options[n]
            for n in generator.choice(len(weights), size=number, p=weights / weights.sum())
        ]
    if attribute.kind == "yes_no":
        answers: list[bool] = (generator.random(number) < profile.yes.get(attribute.key, _SHARE_YES)).tolist()
        return answers
    if attribute.kind == "number":
        numbers = profile.numbers.get(attribute.key, NumberRange(least=0, most=10))
        spread = generator.random(number) ** numbers.skew
        return [
            float(n) for n in (numbers.least + np.floor(spread * (numbers.most - numbers.least + 1))).tolist()
        ]
    if attribute.kind == "date":
        return [on - timedelta(days=int(n)) for n in generator.integers(0, _DAYS, number)]
    names = profile.names.get(attribute.key, NamePattern(word=attribute.title, number=5))
    return [f"{names.word} {n + 1}" for n in generator.integers(0, names.number, number)]
