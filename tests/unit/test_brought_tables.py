"""Surveys and performance against targets that come as tables: through the one door, every fault with its row."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest
from openpyxl import Workbook

from scrutineer.errors import UserError
from scrutineer.frameworks.library import Library
from scrutineer.inspection.load import load
from scrutineer.inspection.survey_table import read_survey_table
from scrutineer.inspection.target_table import read_target_table
from scrutineer.tables.table_file import find_table

SURVEYS = """Survey;Of whom;Sent;Returned;Statement;Agreed;Answered;Who counted
Offenders;offenders in the sample;100;60;Staff treated me fairly;51;58;K
Offenders;;;;I knew what was expected;44;;K
Courts;magistrates;12;9;Reports helped us;9;;L
Victims;victims offered contact;20;0;;;;
"""
TARGETS = """measure,value,period,average,average period
Reports prepared within 15 working days,86.5,2004-05,88,2004-05
sickness,11.2,2004-05,,
Drug treatment and testing starts against target,0,2004-05,,
"""


def faults(work: object) -> list[str]:
    with pytest.raises(UserError) as refusal:
        work()  # type: ignore[operator]
    return [str(fault) for fault in refusal.value.faults]


def test_a_survey_says_what_holds_for_it_once(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(SURVEYS, encoding="cp1252")
    (offenders, courts, victims), notes = read_survey_table(tmp_path / "s.csv")
    assert (offenders.key, offenders.of, offenders.sent, offenders.returned) == (
        "offenders", "offenders in the sample", 100, 60,
    )  # fmt: skip
    assert [(i.key, i.agreed, offenders.count_answered(i)) for i in offenders.items] == [
        ("staff_treated_me_fairly", 51, 58), ("i_knew_what_was_expected", 44, 60),
    ]  # fmt: skip
    assert (courts.items[0].agreed, victims.items, victims.returned) == (9, (), 0)
    assert any("'Who counted' was ignored" in note for note in notes)


def test_the_same_table_from_every_kind_of_file(tmp_path: Path) -> None:
    rows = [line.split(";") for line in SURVEYS.splitlines()]
    book = Workbook()
    for row in rows:
        book.active.append([int(cell) if cell.isdigit() else cell or None for cell in row])
    book.save(tmp_path / "s.xlsx")
    frame = pl.DataFrame([[cell or None for cell in row] for row in rows[1:]], schema=rows[0], orient="row")
    frame.write_parquet(tmp_path / "s.parquet")
    (tmp_path / "s.csv").write_text(SURVEYS)
    plain, _ = read_survey_table(tmp_path / "s.csv")
    assert read_survey_table(tmp_path / "s.xlsx")[0] == plain
    assert read_survey_table(tmp_path / "s.parquet")[0] == plain


@pytest.mark.parametrize(
    ("rows", "where", "what"),
    [
        ("A,courts,10,11,,,\n", "row 2", "11 were returned of 10"),
        ("A,courts,10,5,Fair,6,\n", "row 2", "6 agreed of 5"),
        ("A,courts,10,5,Clear,1,\nA,,,,Fair,6,\n", "row 3", "6 agreed of 5"),
        ("A,courts,10,5,Fair,2,7\n", "row 2", "7 answered"),
        ("A,courts,10,5,Fair,2.5,\n", "row 2", "'agreed' is not a whole number"),
        ("A,courts,-3,5,Fair,2,\n", "row 2", "'sent' is not a whole number"),
        ("A,courts,10,5,Fair,two,\n", "row 2", "'two'"),
        ("A,courts,10,5,Fair,2,\na,courts,12,5,Clear,2,\n", "rows 2, 3", "'10' and '12' as 'sent'"),
        ("A,courts,10,5,Fair,2,\nA,,,,fair,3,\n", "rows 2, 3", "'fair' twice"),
        ("A,courts,,5,Fair,2,\n", "row 2", "no number as 'sent'"),
        ("A,courts,10,5,,2,\n", "row 2", "answers but no statement"),
        ("A,courts,10,5,Fair,,\n", "row 2", "'agreed' is blank"),
        (",courts,10,5,Fair,2,\n", "row 2", "'survey' is blank"),
    ],
)
def test_numbers_that_cannot_be_are_refused_with_their_rows(
    tmp_path: Path, rows: str, where: str, what: str
) -> None:
    path = tmp_path / "s.csv"
    path.write_text(f"survey,of,sent,returned,statement,agreed,answered\n{rows}")
    messages = faults(lambda: read_survey_table(path))
    assert any(where in fault and what in fault for fault in messages), messages


def test_performance_by_title_or_key_zero_included(tmp_path: Path, library: Library) -> None:
    (tmp_path / "t.csv").write_text(TARGETS)
    targets, _ = read_target_table(tmp_path / "t.csv", library.load_framework("esi-2003"))
    assert {key: (target.value, target.average) for key, target in targets.items()} == {
        "reports_on_time": (86.5, 88.0), "treatment_starts": (0.0, None), "sickness": (11.2, None),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "where", "what"),
    [
        ("breach_on_time,184.5,2004,,\n", "row 2", "184.5 isn't possible"),
        ("breach_on_time,-5,2004,,\n", "row 2", "-5 isn't possible"),
        ("breach_on_time,90,2004,120,2004\n", "row 2", "120 isn't possible"),
        ("breach_on_time,90,2004,88,\n", "row 2", "the average has no period"),
        ("breach_on_time,90,,,\n", "row 2", "'period' is blank"),
        ("breach_on_tme,90,2004,,\n", "row 2", "Perhaps you meant 'breach_on_time'"),
        (
            "breach_on_time,90,2004,,\nBreach taken within ten working days,91,2004,,\n",
            "rows 2, 3",
            "twice",
        ),
        ("breach_on_time,90%,2004,,\n", "row 2", "'90%'"),
    ],
)
def test_performance_that_cannot_be_is_refused_with_its_rows(
    tmp_path: Path, library: Library, rows: str, where: str, what: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"measure,value,period,average,average_period\n{rows}")
    messages = faults(lambda: read_target_table(path, library.load_framework("esi-2003")))
    assert any(where in fault and what in fault for fault in messages), messages


def test_a_folder_takes_its_tables_of_any_kind_and_says_what_it_left_out(
    demo_folders: Path, tmp_path: Path, library: Library
) -> None:
    place = shutil.copytree(demo_folders / "esi", tmp_path / "esi")
    before = load(place, library)
    (place / "surveys.csv").write_text(SURVEYS)
    (place / "targets.csv").write_text("measure,value,period,checked by\nsickness,11.2,2004-05,K\n")
    (place / "area.yaml").write_text("")
    (place / "surveys.yaml").write_text("")
    whole = load(place, library)
    assert [s.key for s in whole.surveys.surveys] == ["offenders", "courts", "victims"]
    assert whole.area.performance["sickness"].value == 11.2
    assert any("targets.csv: column 'checked by' was ignored" in note for note in whole.notes)
    issues = pl.read_csv(place / "issues.csv", infer_schema=False)
    (place / "issues.csv").unlink()
    issues.write_parquet(place / "issues.parquet")
    assert load(place, library).needs == before.needs


def test_two_places_for_one_thing_are_refused(demo_folders: Path, tmp_path: Path, library: Library) -> None:
    place = shutil.copytree(demo_folders / "esi", tmp_path / "esi")
    known = load(place, library)
    key = known.surveys.surveys[0].key
    measure = next(iter(known.area.performance))
    (place / "surveys.csv").write_text(f"survey,of,sent,returned\n{key},courts,3,2\n")
    (place / "targets.csv").write_text(f"measure,value,period\n{measure},50,2004\n")
    (place / "issues.parquet").write_bytes(b"PAR1")
    text = " ".join(faults(lambda: load(place, library)))
    assert f"{key} is in surveys.yaml as well" in text
    assert f"{measure} is in area.yaml as well" in text
    assert "issues.csv and issues.parquet both contain issues" in text
    assert find_table(tmp_path, "issues") is None
