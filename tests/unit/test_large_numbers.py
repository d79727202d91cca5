"""Numbers in tables that people bring: whatever stands in a cell, a table is read or refused with sentences."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scrutineer.errors import UserError
from scrutineer.fieldwork.cases.caseload import read_cases
from scrutineer.fieldwork.cases.columns import Column, collect_columns
from scrutineer.fieldwork.cases.outcomes import COLUMNS as OUTCOMES
from scrutineer.fieldwork.cases.outcomes import read_outcomes
from scrutineer.fieldwork.cases.reconviction import read_reconvictions
from scrutineer.frameworks.library import Library
from scrutineer.inspection.survey_table import COLUMNS as SURVEYS
from scrutineer.inspection.survey_table import read_survey_table
from scrutineer.inspection.target_table import COLUMNS as TARGETS
from scrutineer.inspection.target_table import read_target_table
from tests.conftest import ROOT

NUMBERS = ("1e12", "-1e12", "1e300", "0", "-0.0", "-1", "0.5", "1e-300", "9" * 40)
FRAMEWORK = Library(ROOT / "frameworks").load_framework("esi-2003")
TABLES: dict[str, tuple[Callable[[Path], object], tuple[Column, ...], dict[str, str]]] = {
    "targets": (
        lambda path: read_target_table(path, FRAMEWORK),
        TARGETS,
        {"measure": "sickness", "value": "11", "period": "2004-05", "average_period": "2004-05"},
    ),
    "surveys": (
        read_survey_table,
        SURVEYS,
        {"survey": "Courts", "sent": "12", "returned": "9", "statement": "Clear", "agreed": "8"},
    ),
    "outcomes": (read_outcomes, OUTCOMES, {"pseudonym": "p1"}),
    "reconvictions": (
        lambda path: read_reconvictions(path, None),
        (Column("predicted", "Predicted probability", "number"),),
        {"reconvicted": "yes"},
    ),
    "cases": (
        lambda path: read_cases(path, FRAMEWORK),
        tuple(collect_columns(FRAMEWORK).values()),
        {"case": "C1"},
    ),
}
PLACES = [
    (name, column.key)
    for name, (_, columns, _) in TABLES.items()
    for column in columns
    if column.kind == "number"
]


@pytest.mark.parametrize(("name", "column"), PLACES)
@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_in_a_table_is_read_or_refused_with_a_sentence(
    tmp_path: Path, name: str, column: str, number: str
) -> None:
    read, _, row = TABLES[name]
    cells = {**row, column: number}
    path = tmp_path / "table.csv"
    path.write_text(f"{','.join(cells)}\n{','.join(cells.values())}\n")
    try:
        read(path)
    except UserError as refusal:
        assert "row 2" in str(refusal), refusal  # noqa: PT017 reading it is right, too
    else:
        assert abs(float(number)) <= 1e9
