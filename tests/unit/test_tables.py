"""The one door for tables: whatever a spreadsheet wrote is read as a person sees it, or refused with its place."""

from __future__ import annotations

import itertools
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from scrutineer.errors import UserError
from scrutineer.fieldwork.cases.caseload import list_notices, read_cases
from scrutineer.fieldwork.cases.days import read_date
from scrutineer.fieldwork.cases.references import look_alikes, make_skeleton, tidy
from scrutineer.fieldwork.cases.values import read_day
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.tables.limits import Limits
from scrutineer.tables.read_table import read_table

HEAD = ["case", "risk_of_harm", "started"]
ROWS = [["C1", "low", "2005-06-01"], ["C2", "high", "2005-06-02"], ["Zoë-3", "low", "2005-06-03"]]


@pytest.fixture(scope="module")
def framework(library: Library) -> Framework:
    return library.load_framework("esi-2003")


def faults(path: Path, framework: Framework, **options: Any) -> list[str]:
    with pytest.raises(UserError) as caught:
        read_cases(path, framework, **options)
    return [str(fault) for fault in caught.value.faults]


# -- text --------------------------------------------------------------------------------


@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8-sig", b""),
        ("utf-16", b""),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-32", b""),
        ("windows-1252", b""),
    ],
)
def test_any_encoding_separator_and_line_end(
    tmp_path: Path, encoding: str, mark: bytes, ends: str, separator: str, quoted: bool
) -> None:
    cell = (lambda text: f'"{text}"') if quoted else str
    text = "".join(separator.join(map(cell, row)) + ends for row in [HEAD, *ROWS])
    path = tmp_path / "cases.csv"
    path.write_bytes(mark + text.encode(encoding))
    table = read_table(path)
    assert table.columns == HEAD
    assert [list(row) for row in table.frame.select(HEAD).rows()] == ROWS
    assert any("Windows-1252" in note for note in table.notes) == (encoding == "windows-1252")


@pytest.mark.parametrize("directive", ["sep=;", "SEP=;", '"sep=;"'])
def test_the_line_that_names_the_separator_is_no_heading(tmp_path: Path, directive: str) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(f"{directive}\ncase;note, with commas\nC1;a, b, c\n", encoding="utf-8")
    table = read_table(path)
    assert table.columns == ["case", "note, with commas"]
    assert table.frame.rows() == [("C1", "a, b, c", 2)]
    assert any("sep=;" in note for note in table.notes)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"case,note\nC1,\x81\x8d\n", "encoding was not recognised"),
        ("case,note\nC1,Zoë\nC2,".encode() + b"\xe9\n", "one place is not"),
        (b"case,note\nC1,\x00\x01\n", "control character"),
        (b"\xff\xfec\x00a\x00s", "but the rest is not"),
        (b'case,note\nC1,"open\nC2,b\n', "never closed"),
        (b'case,note\nC1,"a"b"\n', "inside a cell"),
        (b"case,note\nC1,a,b\n", "more cells than headings .2."),
        (b"case,Case\nC1,C2\n", "the headings repeat 'case'"),
        (b"", "no columns"),
        (b"\n\n\n", "no columns"),
        (b"PK\x03\x04rubbish", "not a text file"),
        (b"%PDF-1.7", "is a PDF"),
        (b"<html><table>", "a web page"),
    ],
)
def test_text_that_cannot_be_read_says_where_and_what_to_do(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "cases.csv"
    path.write_bytes(content)
    with pytest.raises(UserError, match=words) as caught:
        read_table(path)
    assert all(fault.do for fault in caught.value.faults)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_at_all_bring_anything_but_a_table_or_a_sentence(content: bytes) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        for name in ("x.csv", "x.xlsx", "x.ods", "x.parquet"):
            path = Path(folder) / name
            path.write_bytes(content)
            try:
                read_table(path)
            except UserError as error:
                assert error.faults  # noqa: PT017 either outcome is right; a crash is not


def test_a_file_is_what_it_is_and_not_what_its_name_says(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    book = Workbook()
    book.save(path)
    with pytest.raises(UserError, match=r"ends in .csv, but the file is a workbook.*ends in .xlsx"):
        read_table(path)


# -- titles, totals, blanks ----------------------------------------------------------------


def test_a_title_and_a_total_are_skipped_and_said(tmp_path: Path, framework: Framework) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(
        "Caseload of Northmoor,,\n,,\ncase,risk_of_harm,started\nC1,low,2005-06-01\n,,\nC2,high,2005-06-02\n"
        "Total,2,\n,,\n",
        encoding="utf-8",
    )
    cases = read_cases(path, framework)
    assert cases.frame["row_in_file"].to_list() == [4, 6]
    sentences = list_notices(cases, framework)
    assert any("rows 1, 2 above the headings were skipped" in s for s in sentences)
    assert any("row 5 is blank and was skipped" in s for s in sentences)
    assert any("row 7 was skipped as a total" in s for s in sentences)


def test_rows_that_are_neither_title_nor_data_are_refused(tmp_path: Path, framework: Framework) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("area,Northmoor,2006\ncase,risk_of_harm,started\nC1,low,2005-06-01\n", encoding="utf-8")
    assert "row 1 above them" in faults(path, framework)[0]


def test_a_total_among_the_cases_is_a_fault(tmp_path: Path, framework: Framework) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("case,risk_of_harm\nC1,low\nTotal,\nC2,low\n", encoding="utf-8")
    assert "row 3: 'Total' is a total" in faults(path, framework)[0]


# -- workbooks -----------------------------------------------------------------------------


def book(path: Path, rows: list[list[Any]]) -> Any:
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    workbook.save(path)
    return workbook


def with_part(path: Path, part: str, change: Any) -> None:
    """The workbook with one of its parts altered, as another program might have written it."""
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part])
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_rows_beyond_the_extent_that_the_sheet_states_are_read(tmp_path: Path) -> None:
    path = tmp_path / "cases.xlsx"
    book(path, [HEAD, *([f"C{n}", "low", date(2005, 6, 1)] for n in range(60))])
    with_part(
        path,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b'<dimension ref="A1:C61"', b'<dimension ref="A1:C3"'),
    )
    assert read_table(path).frame.height == 60


def test_cells_that_are_no_plain_value_are_faults_with_their_cell(
    tmp_path: Path, framework: Framework
) -> None:
    path = tmp_path / "cases.xlsx"
    workbook = book(
        path, [HEAD, ["C1", "=A1", date(2005, 6, 1)], [date(2005, 3, 5), "low", None], [True, "low", None]]
    )
    sheet = workbook.active
    sheet["A5"], sheet["B5"] = "#REF!", "low"
    sheet["A5"].data_type = "e"
    sheet["A6"], sheet["B6"] = 1234567890123456, datetime(2005, 6, 1, 10, 30)  # noqa: DTZ001 a cell has no zone
    sheet["A7"], sheet["C7"] = "C7", True
    workbook.save(path)
    messages = faults(path, framework)
    for words in (
        "cell B2: 'risk_of_harm' is a formula",
        "cell A3: 'case' is a date",
        "cell A4: 'case' is TRUE",
        "cell A5: 'case' is a spreadsheet error",
        "cell A6: 'case' is a number with more digits",
        "cell B6: 'risk_of_harm' is a date",
        "cell C7: 'started' is TRUE",
    ):
        assert any(words in fault for fault in messages), (words, messages)


@pytest.mark.parametrize(
    "error", ["#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!"]
)
def test_an_error_of_a_spreadsheet_is_no_reference_in_text_either(
    tmp_path: Path, framework: Framework, error: str
) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(f"case,risk_of_harm\nC1,low\n{error},low\n", encoding="utf-8")
    assert "row 3: 'case' is a spreadsheet error" in faults(path, framework)[0]


def test_a_formula_with_its_value_is_read(tmp_path: Path, framework: Framework) -> None:
    path = tmp_path / "cases.xlsx"
    book(path, [HEAD, ["C1", "=A1", date(2005, 6, 1)]])
    with_part(
        path,
        "xl/worksheets/sheet1.xml",
        lambda xml: (
            xml.replace(b"<f>A1</f><v></v>", b"<f>A1</f><v>low</v>")
            .replace(b"<f>A1</f><v />", b"<f>A1</f><v>low</v>")
            .replace(b'<c r="B2"><f>', b'<c r="B2" t="str"><f>')
        ),
    )
    assert read_cases(path, framework).frame["risk_of_harm"].to_list() == ["low"]


def test_what_a_sheet_hides_is_read_and_said(tmp_path: Path, framework: Framework) -> None:
    path = tmp_path / "cases.xlsx"
    workbook = book(
        path,
        [[*HEAD, None], ["C1", "low", date(2005, 6, 1), "a note"], ["C2", "low", date(2005, 6, 1), None]],
    )
    workbook.active.row_dimensions[3].hidden = True
    workbook.create_sheet("Other").append(["x"])
    workbook["Other"].append(["y"])
    workbook.save(path)
    sentences = list_notices(read_cases(path, framework), framework)
    assert any("row 3 is hidden in the sheet, and was read" in s for s in sentences)
    assert any("column D has no heading: its cell was left out" in s for s in sentences)
    assert any("'Other'" in s for s in sentences)


def test_merged_cells_hide_values_and_are_refused(tmp_path: Path, framework: Framework) -> None:
    path = tmp_path / "cases.xlsx"
    workbook = book(path, [HEAD, ["C1", "low", date(2005, 6, 1)], ["C2", None, date(2005, 6, 1)]])
    workbook.active.merge_cells("B2:B3")
    workbook.save(path)
    assert "cells B2:B3" in faults(path, framework)[0]


def test_references_keep_the_zeros_that_their_format_shows(tmp_path: Path, framework: Framework) -> None:
    path = tmp_path / "cases.xlsx"
    workbook = book(path, [HEAD, [7, "low", date(2005, 6, 1)]])
    workbook.active["A2"].number_format = "0000"
    workbook.save(path)
    assert read_cases(path, framework).ids == ["0007"]


ODS = """<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="Cases">{rows}
<table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""


def ods(path: Path, rows: str) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS.format(rows=rows))
    return path


def text_cell(text: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p></table:table-cell>'


def test_opendocument_is_read_with_what_it_hides(tmp_path: Path, framework: Framework) -> None:
    head = "".join(map(text_cell, HEAD))
    day = '<table:table-cell office:value-type="date" office:date-value="2005-06-01"><text:p>01/06/05</text:p></table:table-cell>'
    path = ods(
        tmp_path / "cases.ods",
        f"<table:table-row>{head}</table:table-row>"
        f"<table:table-row>{text_cell('C1')}{text_cell('low')}{day}</table:table-row>"
        f'<table:table-row table:visibility="filter">{text_cell("C2")}{text_cell("high")}{day}</table:table-row>',
    )
    cases = read_cases(path, framework)
    assert cases.frame.select(HEAD).rows() == [
        ("C1", "low", date(2005, 6, 1)),
        ("C2", "high", date(2005, 6, 1)),
    ]
    assert any("row 3 is hidden" in s for s in list_notices(cases, framework))
    bad = ods(
        tmp_path / "bad.ods",
        f"<table:table-row>{head}</table:table-row><table:table-row>{day}{text_cell('low')}{day}</table:table-row>"
        f'<table:table-row>{text_cell("C2")}<table:table-cell table:formula="of:=[.A1]"/>{day}</table:table-row>'
        f"<table:table-row>{text_cell('#REF!')}{text_cell('low')}{day}</table:table-row>",
    )
    messages = faults(bad, framework)
    assert any("cell A2: 'case' is a date" in fault for fault in messages)
    assert any("cell B3: 'risk_of_harm' is a formula" in fault for fault in messages)
    assert any("cell A4: 'case' is a spreadsheet error" in fault for fault in messages)


# -- days ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "2006-03-31",
        "31/03/2006",
        "31/3/2006",
        "31.3.2006",
        "31-03-2006",
        "31 3 2006",
        "31 March 2006",
        "31st March 2006",
        "Friday 31 March 2006",
        "31-Mar-2006",
        "31 mar 2006",
        "2006-03-31 00:00:00",
        "2006-03-31T10:30:00Z",
        "31/03/2006 09:30",
        "38807",
        "38807.5",
    ],
)
def test_days_as_people_and_spreadsheets_write_them(text: str) -> None:
    assert read_date(text) == date(2006, 3, 31)


def test_day_numbers_count_from_the_workbooks_own_year() -> None:
    assert read_date("37345", 1904) == date(2006, 3, 31)


@pytest.mark.parametrize(
    "text", ["31/02/2006", "03/31/2006", "31/3/06", "tomorrow", "20060331", "0", "-1", "2006", "1e5"]
)
def test_what_is_no_day_or_could_be_two_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write|no such date"):
        read_day(text)


def test_day_numbers_in_a_workbook_are_days(tmp_path: Path, framework: Framework) -> None:
    path = tmp_path / "cases.xlsx"
    book(path, [HEAD, ["C1", "low", 38807], ["C2", "low", "31/03/2006"], ["C3", "low", date(2006, 3, 31)]])
    assert read_cases(path, framework).frame["started"].to_list() == [date(2006, 3, 31)] * 3


# -- references ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("C001", "c001"),
        ("C001", "\u0421001"),  # Cyrillic Es
        ("A1", "\u03911"),  # Greek Alpha
        ("C001", "\uff23001"),  # full width
        ("Zo\u00eb", "ZO\u00cb"),
        ("STRASSE", "stra\u00dfe"),
        ("\u041a1", "K1"),  # Cyrillic Ka
    ],
)
def test_references_that_are_one_to_a_reader_are_one_fault_that_names_both(
    tmp_path: Path, framework: Framework, first: str, second: str
) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(f"case,risk_of_harm\n{first},low\nX9,low\n{second},high\n", encoding="utf-8")
    messages = faults(path, framework)
    assert len(messages) == 1
    assert f"'{first}'" in messages[0]
    assert f"'{second}'" in messages[0]
    assert "rows 2, 4" in messages[0]


def test_composed_and_decomposed_letters_are_one_reference(tmp_path: Path, framework: Framework) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("case,risk_of_harm\nZoe\u0308,low\nZo\u00eb,high\n", encoding="utf-8")
    assert "different details" in faults(path, framework)[0]
    assert tidy("\u00a0Zoe\u0308\u2003") == "Zo\u00eb"


@pytest.mark.parametrize(
    "sign",
    ["\u200b", "\u200d", "\u00ad", "\u2060", "\ufeff", "\u202e", "\ufe0f", "\u3164", "\u2028"],
)
def test_signs_that_nobody_sees_are_refused(tmp_path: Path, framework: Framework, sign: str) -> None:
    path = tmp_path / "cases.xlsx"
    book(path, [HEAD, [f"C{sign}1", "low", date(2005, 6, 1)]])
    assert "an invisible character" in faults(path, framework)[0]


@pytest.mark.parametrize("pair", [("C0", "CO"), ("C1", "Cl"), ("A-1", "A1"), ("1/2", "12"), ("E", "\u00c9")])
def test_references_that_differ_to_a_reader_stay_two(pair: tuple[str, str]) -> None:
    assert make_skeleton(pair[0]) != make_skeleton(pair[1])
    assert not look_alikes(pair)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12))
def test_tidying_twice_changes_nothing_and_keeps_the_look(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
    assert make_skeleton(tidy(text)) == make_skeleton(text).strip()


@pytest.mark.parametrize("text", ["A1\x1b", "A1\x1b\u2005", "\x00A1", "A1\u200b"])
def test_signs_that_nobody_sees_make_no_other_reference(text: str) -> None:
    assert make_skeleton(text) == make_skeleton("A1")


# -- headings and codes ------------------------------------------------------------------------


def test_two_headings_for_one_column_are_a_fault(tmp_path: Path, framework: Framework) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("case,Risk of harm,risk_of_harm\nC1,low,high\n", encoding="utf-8")
    assert "'Risk of harm'" in faults(path, framework)[0]
    assert "'risk_of_harm'" in faults(path, framework)[0]


def test_unknown_headings_are_said_with_the_nearest_known(tmp_path: Path, framework: Framework) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("case,risk of harms\nC1,low\n", encoding="utf-8")
    cases = read_cases(path, framework)
    assert any(
        "'risk of harms'" in s and "Perhaps you meant 'Risk of harm'" in s
        for s in list_notices(cases, framework)
    )


@pytest.mark.parametrize(
    "text", ["-low", "low?", "!low", "<low", "(low)", "l ow", "low.", "løw", "very-high"]
)
def test_nothing_is_thrown_away_before_a_code_is_matched(
    tmp_path: Path, framework: Framework, text: str
) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(f"case,risk_of_harm\nC1,{text}\n", encoding="utf-8")
    messages = faults(path, framework)
    assert "Enter one of low, medium, high, very_high" in messages[0]


def test_what_was_taken_for_what_is_listed(tmp_path: Path, framework: Framework) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("case,risk_of_harm\nC1,LOW\nC2, Very  High \nC3,low\n", encoding="utf-8")
    cases = read_cases(path, framework)
    assert cases.frame["risk_of_harm"].to_list() == ["low", "very_high", "low"]
    assert any("'LOW' as low" in s and "as very_high" in s for s in list_notices(cases, framework))


# -- limits --------------------------------------------------------------------------------------

SMALL = Limits(size=5000, unpacked=20_000, rows=50, columns=6, cells=200, sheet_cells=200)


@pytest.mark.parametrize(
    ("rows", "columns", "words"),
    [(60, 2, "more than 50 rows"), (2, 8, "more than 6 columns"), (45, 5, "The limit is 200 cells")],
)
@pytest.mark.parametrize("kind", [".csv", ".xlsx", ".ods", ".parquet"])
def test_rows_columns_and_cells_are_capped(
    tmp_path: Path, kind: str, rows: int, columns: int, words: str
) -> None:
    path = tmp_path / f"x{kind}"
    grid = [[f"h{n}" for n in range(columns)], *([str(n)] * columns for n in range(rows))]
    if kind == ".csv":
        path.write_text("".join(",".join(row) + "\n" for row in grid))
    elif kind == ".xlsx":
        book(path, grid)
    elif kind == ".ods":
        ods(
            path,
            "".join(f"<table:table-row>{''.join(map(text_cell, row))}</table:table-row>" for row in grid),
        )
    else:
        pl.DataFrame(grid[1:], schema=grid[0], orient="row").write_parquet(path)
    with pytest.raises(UserError, match=words):
        read_table(path, limits=Limits(rows=50, columns=6, cells=200, sheet_cells=200))


def test_bytes_are_capped_before_anything_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("case\n" + "C1\n" * 3000)
    with pytest.raises(UserError, match=r"the file is 8 kB.*The limit is 4 kB"):
        read_table(path, limits=SMALL)


def test_a_workbook_that_unpacks_to_far_more_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    book(path, [["case"]])
    with_part(path, "xl/worksheets/sheet1.xml", lambda xml: xml + b" " * 3_000_000)
    with pytest.raises(UserError, match="far larger once it is unpacked"):
        read_table(path, limits=Limits(unpacked=1_000_000))
    assert path.stat().st_size < 20_000


def test_repeated_cells_of_a_bomb_are_counted_before_they_are_made(tmp_path: Path) -> None:
    wide = text_cell("x", 'table:number-columns-repeated="16000"')
    path = ods(
        tmp_path / "bomb.ods",
        f'<table:table-row table:number-rows-repeated="1000000">{wide}</table:table-row>',
    )
    with pytest.raises(UserError, match=r"rows|columns"):
        read_table(path)


def test_definitions_in_a_workbook_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    book(path, [["case"], ["C1"]])
    with_part(path, "xl/workbook.xml", lambda xml: b'<!DOCTYPE x [<!ENTITY a "b">]>' + xml)
    with pytest.raises(UserError, match="spreadsheet software never writes"):
        read_table(path)


def test_every_kind_reads_alike(tmp_path: Path) -> None:
    """The same rows from a CSV, a workbook, an OpenDocument sheet and a Parquet file."""
    grid = [HEAD, *ROWS]
    (tmp_path / "x.csv").write_text("".join(",".join(row) + "\n" for row in grid), encoding="utf-8")
    book(tmp_path / "x.xlsx", grid)
    ods(
        tmp_path / "x.ods",
        "".join(f"<table:table-row>{''.join(map(text_cell, row))}</table:table-row>" for row in grid),
    )
    pl.DataFrame(ROWS, schema=HEAD, orient="row").write_parquet(tmp_path / "x.parquet")
    tables = [read_table(tmp_path / f"x{kind}") for kind in (".csv", ".xlsx", ".ods", ".parquet")]
    for first, other in itertools.pairwise(tables):
        assert first.frame.equals(other.frame)


# -- the writer ------------------------------------------------------------------------------------

TRICKY = [
    "=1+1",
    "+44 20",
    "-x",
    "@SUM(A1)",
    "'=1",
    "''-a",
    "-5",
    "1e5",
    "'quoted'",
    "a,b",
    'a"b',
    "\uff1dx",
    "|cmd",
    "plain",
]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(st.sampled_from(TRICKY), st.text(st.characters(exclude_categories=("C", "Z")), max_size=8)),
        min_size=2,
        max_size=6,
    )
)
def test_what_is_written_is_no_formula_and_comes_back_to_the_letter(texts: list[str]) -> None:
    import csv
    from io import StringIO
    from tempfile import TemporaryDirectory

    from scrutineer.tables.write_table import MARK, format_csv, write_csv_rows

    named = [f"r{n}" for n in range(len(texts))]
    frame = pl.DataFrame({"row": named, "note": texts})
    for text in (format_csv(frame), write_csv_rows(["row", "note"], frame.rows())):
        assert text.startswith(MARK)
        for row in csv.reader(StringIO(text.removeprefix(MARK))):
            for cell in row:
                assert (
                    cell[:1] not in tuple("=+-@\t\r|")
                    or cell.lstrip("+-").replace(".", "").replace("e", "").isdigit()
                )
        with TemporaryDirectory() as folder:
            path = Path(folder) / "x.csv"
            path.write_text(text, encoding="utf-8")
            back = read_table(path)
        assert back.frame["note"].to_list() == [t.strip() or None for t in texts]


@pytest.mark.parametrize("heading", ["*", "^a$", "^.*$", "^"])
def test_a_heading_that_looks_like_a_pattern_is_one_heading(tmp_path: Path, heading: str) -> None:
    """It once stood for every column of the table, or for none."""
    frame = pl.DataFrame({heading: ["1"], "a": ["2"], "case": ["3"]})
    frame.write_parquet(tmp_path / "x.parquet")
    (tmp_path / "x.csv").write_text(f"{heading},a,case\n1,2,3\n")
    for name in ("x.csv", "x.parquet"):
        table = read_table(tmp_path / name)
        assert table.frame.select(pl.exclude("row_in_file")).to_dicts() == [
            {heading: "1", "a": "2", "case": "3"}
        ], name
