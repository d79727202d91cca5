"""Performance against targets as a table that people bring: a row for each measure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.columns import Column
from scrutineer.fieldwork.cases.declared import Declared, read_declared
from scrutineer.frameworks.model import Framework, Measure
from scrutineer.inspection.area import PERFORMANCE_COLUMNS, Performance, find_problems
from scrutineer.tables.limits import GENERAL, Limits
from scrutineer.tables.names import normalise_name, suggest_nearest, write_spoken

COLUMNS = (
    Column(key="measure", title="Measure", kind="text", options=(), other_names=("target",)),
    *PERFORMANCE_COLUMNS,
)


def read_target_table(
    path: Path, framework: Framework, limits: Limits = GENERAL
) -> tuple[dict[str, Performance], tuple[str, ...]]:
    """Performance from a table with a row per measure, with `COLUMNS`.

    Args:
        path: the table; a measure is named by its key or its title.
        framework: whose measures they are.
        limits: the most that is read.

    Returns:
        Performance by the measure's key, in the framework's order, and what was skipped or left out.

    Raises:
        UserError: with every fault, each with its rows.
    """
    read = read_declared(path, COLUMNS, needed=("measure", "value", "period"), limits=limits)
    known = {m.key: m for m in framework.targets.measures}
    names = {write_spoken(m.title): m.key for m in known.values()} | {write_spoken(key): key for key in known}
    names |= {normalise_name(key): key for key in known}
    faults = [*read.faults, *_find_unknown(read, known, names), *_find_repeated(read, names)]
    performance: dict[str, Performance] = {}
    for n, name in enumerate(read.values["measure"]):
        row = {column.key: read.values[column.key][n] for column in COLUMNS}
        key = names.get(write_spoken(name)) if name else None
        if key is None:
            continue
        faults += [
            read.table.make_fault([read.rows[n]], f"'{known[key].title}': {problem.what}", problem.do)
            for problem in find_problems(known[key], row)
        ]
        if row["value"] is not None and row["period"]:
            stated = {column.key: row[column.key] for column in PERFORMANCE_COLUMNS}
            performance[key] = Performance.model_validate({k: v for k, v in stated.items() if v is not None})
    if not read.rows and not faults:
        faults.append(Fault(read.table.where, "the file has no measures", "Add a row for each measure"))
    if faults:
        raise UserError(faults)
    return {key: performance[key] for key in known if key in performance}, read.notes


def _find_unknown(read: Declared, known: dict[str, Measure], names: dict[str, str]) -> Iterator[Fault]:
    for row, name in zip(read.rows, read.values["measure"], strict=True):
        if name and write_spoken(name) not in names:
            do = suggest_nearest(name, [*known, *(m.title for m in known.values())])
            listed = ", ".join(m.title for m in known.values()) or "none"
            yield read.table.make_fault([row], f"there is no measure '{name}'", do or f"Choose from {listed}")


def _find_repeated(read: Declared, names: dict[str, str]) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for row, name in zip(read.rows, read.values["measure"], strict=True):
        key = names.get(write_spoken(name)) if name else None
        if key is not None and key in first:
            yield read.table.make_fault([first[key], row], f"'{name}' appears twice", "Remove one of them")
        elif key is not None:
            first[key] = row
