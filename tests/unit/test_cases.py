"""Cases read from files: columns found, values checked, every fault at once with its rows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from openpyxl import Workbook

from scrutineer.errors import UserError
from scrutineer.fieldwork.cases.caseload import Caseload, read_cases
from scrutineer.fieldwork.cases.exclusions import read_exclusions
from scrutineer.fieldwork.cases.mapping import Mapping, read_mapping
from scrutineer.fieldwork.cases.membership import collect_groups, evaluate, find_applicable_questions
from scrutineer.fieldwork.cases.personal import is_personal
from scrutineer.fieldwork.cases.reconviction import read_reconvictions
from scrutineer.frameworks.conditions import Condition
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.tables.cells import format_cell
from scrutineer.tables.read_table import read_table


@pytest.fixture
def framework(library: Library) -> Framework:
    return library.load_framework("esi-2003")


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def read(
    tmp_path: Path,
    framework: Framework,
    text: str,
    mapping: Mapping | None = None,
    needed: tuple[str, ...] = (),
) -> Caseload:
    return read_cases(write(tmp_path / "cases.csv", text), framework, mapping, needed)


def faults(
    tmp_path: Path,
    framework: Framework,
    text: str,
    mapping: Mapping | None = None,
    needed: tuple[str, ...] = (),
) -> list[str]:
    with pytest.raises(UserError) as caught:
        read(tmp_path, framework, text, mapping, needed)
    return [str(fault) for fault in caught.value.faults]


def test_headings_are_found_by_key_title_and_common_names(tmp_path: Path, framework: Framework) -> None:
    got = read(tmp_path, framework, "CRN,Type of Order,RISK_OF_HARM,Drug score\n007,Licence,Very high,4\n")
    assert got.frame.drop("row_in_file").rows() == [("007", "licence", "very_high", 4.0)]


@pytest.mark.parametrize(
    "text",
    [
        "case;sex\nC1;Male\n",
        "\ufeffcase,sex\r\nC1,male\r\n",
        "case\tsex\nC1\tMALE\n",
        '"case","sex"\n"C1"," male "\n',
    ],
)
def test_separators_marks_and_blanks_do_not_matter(tmp_path: Path, framework: Framework, text: str) -> None:
    assert read(tmp_path, framework, text).frame["sex"].to_list() == ["male"]


def test_windows_files_are_read_too(tmp_path: Path, framework: Framework) -> None:
    path = tmp_path / "cases.csv"
    path.write_bytes("case,office\nC1,Café\n".encode("windows-1252"))
    assert read_cases(path, framework).frame["office"].to_list() == ["Café"]


def test_csv_xlsx_and_parquet_give_the_same_cases(tmp_path: Path, framework: Framework) -> None:
    text = (
        "case,risk_of_harm,age,started,prolific_offender\nC1,high,31,2006-01-02,yes\nC2,low,,2005-12-31,no\n"
    )
    book = Workbook()
    for row in (
        ["case", "risk_of_harm", "age", "started", "prolific_offender"],
        ["C1", "high", 31, date(2006, 1, 2), True],
        ["C2", "low", None, date(2005, 12, 31), False],
    ):
        book.active.append(row)
    book.save(tmp_path / "cases.xlsx")
    pl.DataFrame(
        {
            "case": ["C1", "C2"],
            "risk_of_harm": ["high", "low"],
            "age": [31.0, None],
            "started": [date(2006, 1, 2), date(2005, 12, 31)],
            "prolific_offender": [True, False],
        }
    ).write_parquet(tmp_path / "cases.parquet")
    plain = read(tmp_path, framework, text)
    for name in ("cases.xlsx", "cases.parquet"):
        other = read_cases(tmp_path / name, framework)
        assert other.frame.equals(plain.frame)
        assert other.hash_content() == plain.hash_content()


def test_all_faults_at_once_each_with_its_rows(tmp_path: Path, framework: Framework) -> None:
    messages = faults(
        tmp_path,
        framework,
        "case,order_type,started,age,prolific_offender\n"
        "C1,lic,2006-01-02,30,yes\nC2,lic,31/02/2006,old,perhaps\n,licence,1/2/2006,30,no\nC4,licence,1/2/2006,30,no\nC4,licence,1/2/2006,31,no\n",
    )
    assert any(
        "rows 2, 3: 'order_type' is 'lic'. Enter one of community_rehabilitation" in f for f in messages
    )
    assert any("row 3: 'started' is '31/02/2006'" in f for f in messages)
    assert any("row 3: 'age' is 'old'. Enter a number" in f for f in messages)
    assert any("row 3: 'prolific_offender' is 'perhaps'. Enter yes or no" in f for f in messages)
    assert any("row 4: 'case' is blank" in f for f in messages)
    assert any("rows 5, 6: case 'C4' appears more than once with different details" in f for f in messages)
    assert len(messages) == 6


def test_a_row_that_stands_twice_counts_once(tmp_path: Path, framework: Framework) -> None:
    got = read(tmp_path, framework, "case,sex\nC1,male\nC2,female\nC1,male\n")
    assert got.ids == ["C1", "C2"]
    assert got.repeated == (("C1", 4),)


def test_missing_columns_and_blanks_where_a_value_is_needed(tmp_path: Path, framework: Framework) -> None:
    assert (
        "there is no column for 'Start of supervision'"
        in faults(tmp_path, framework, "case\nC1\n", needed=("started",))[0]
    )
    assert (
        "row 2: 'started' is blank"
        in faults(tmp_path, framework, "case,started\nC1,\nC2,2006-01-01\n", needed=("started",))[0]
    )
    assert "no column for 'Case'" in faults(tmp_path, framework, "sex\nmale\n")[0]
    assert "no cases" in faults(tmp_path, framework, "case,sex\n")[0]
    assert "no column" in faults(tmp_path, framework, "")[0]


def test_a_mapping_names_headings_codes_and_dates(tmp_path: Path, framework: Framework) -> None:
    path = write(
        tmp_path / "map.yaml",
        'columns: {order_type: Sentence}\nvalues: {order_type: {"ORA CO": community_rehabilitation}}\ndates: ["%m/%d/%Y"]\n',
    )
    mapping = read_mapping(path, framework)
    got = read(tmp_path, framework, "case,Sentence,started\nC1,ORA CO,12/31/2005\n", mapping)
    assert got.frame["order_type"].to_list() == ["community_rehabilitation"]
    assert got.frame["started"].to_list() == [date(2005, 12, 31)]
    assert "which the mapping names" in faults(tmp_path, framework, "case\nC1\n", mapping)[0]


def test_a_mapping_is_held_against_the_framework(tmp_path: Path, framework: Framework) -> None:
    path = write(tmp_path / "map.yaml", "columns: {shoe_size: Shoes}\nvalues: {sex: {M: man}}\n")
    with pytest.raises(UserError) as caught:
        read_mapping(path, framework)
    assert [f"{f.where.split()[-1]} {f.what}" for f in caught.value.faults] == [
        "1 there is no column 'shoe_size' for framework 'esi-2003'",
        "2 'M' is mapped to 'man', which is not a value of 'sex'",
    ]


@pytest.mark.parametrize(
    "heading",
    [
        "Surname",
        "first name",
        "Offender Name",
        "Date of birth",
        "DOB",
        "e-mail",
        "Postcode",
        "NINO",
        "Full_Name",
        "Address 1",
    ],
)
def test_headings_that_name_persons(heading: str) -> None:
    assert is_personal(heading)


@pytest.mark.parametrize(
    "heading", ["Office name", "Offender manager", "Case", "Team Name", "Court name", "Number", "Started"]
)
def test_headings_that_do_not(heading: str) -> None:
    assert not is_personal(heading)


def test_columns_that_look_like_names_are_refused_unless_asked_for(
    tmp_path: Path, framework: Framework
) -> None:
    people = "\n".join(
        f"C{n},{name}"
        for n, name in enumerate(("Ann Smith", "Bo Lee", "Cy Young", "Di Jones", "Ed O'Hara", "Flo Best"))
    )
    assert (
        "column 'Who' seems to contain people's names"
        in faults(tmp_path, framework, f"case,Who\n{people}\n")[0]
    )
    assert "column 'Surname'" in faults(tmp_path, framework, "case,Surname\nC1,Smith\n")[0]
    assert read(tmp_path, framework, f"case,Who\n{people}\n", Mapping(keep=("Who",))).ignored == ("Who",)
    assert read(tmp_path, framework, "case,office\n" + people.replace("Smith", "Street")).ids[0] == "C0"


def test_the_hash_knows_content_and_not_order_or_place(tmp_path: Path, framework: Framework) -> None:
    cases = read(tmp_path, framework, "case,sex,age\nC1,male,30\nC2,female,31\n")
    other = read(tmp_path, framework, "age,case,Sex\n31,C2,Female\n30,C1,Male\n")
    changed = read(tmp_path, framework, "case,sex,age\nC1,male,30\nC2,female,32\n")
    assert cases.hash_content() == other.hash_content() != changed.hash_content()


@pytest.mark.parametrize(("name", "content", "words"), [
    ("x.doc", b"a", "can't be read"),
    ("x.xlsx", b"PK not a zip", "this workbook can't be read"),
    ("x.parquet", b"PAR1", "this Parquet file can't be read"),
    ("x.csv", b"a,a\n1,2\n", "the headings repeat 'a'"),
    ("x.csv", b"a,b\n1,2,3\n", "more cells than headings .2."),
])  # fmt: skip
def test_files_that_cannot_be_read(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=words):
        read_table(tmp_path / name)
    with pytest.raises(UserError, match="no such file"):
        read_table(tmp_path / "gone.csv")


def test_a_sheet_that_is_not_there(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["case"])
    book.save(tmp_path / "x.xlsx")
    with pytest.raises(UserError, match="Its sheets are Sheet"):
        read_table(tmp_path / "x.xlsx", "Cases")


def test_cells_as_text() -> None:
    assert [format_cell(v) for v in (None, True, 3.0, 3.5, "x")] == [None, "yes", "3", "3.5", "x"]


def test_exclusions_have_a_reason_of_the_list(tmp_path: Path) -> None:
    good = write(tmp_path / "x.csv", "case,reason,note\nC1,file missing,\nC2,other,moved abroad\n")
    assert [(e.case, e.reason) for e in read_exclusions(good)[0]] == [("C1", "file_missing"), ("C2", "other")]
    bad = write(
        tmp_path / "y.csv", "case,reason,note\nC1,bored,\nC2,other,\n,deceased,\nC3,deceased,\nC3,deceased,\n"
    )
    with pytest.raises(UserError) as caught:
        read_exclusions(bad)
    assert sorted(f.where.split()[-1] for f in caught.value.faults) == ["2", "3", "4", "6"]


def test_groups_and_applicability_agree_with_the_one_evaluator(tmp_path: Path, framework: Framework) -> None:
    from scrutineer.fieldwork.cases.applicability import add_groups, is_met

    got = read(
        tmp_path,
        framework,
        "case,risk_of_harm,child_protection,order_type\nC1,high,,licence\nC2,low,yes,\nC3,low,,licence\nC4,,no,community_punishment\n",
    )
    known = collect_groups(framework, got.frame)
    truth = find_applicable_questions(framework, got.frame)
    number = {True: 1, False: 0, None: -1}
    for n, row in enumerate(got.frame.rows(named=True)):
        facts = add_groups(framework, row)
        assert all(known[g.key][n] == number[facts[g.key]] for g in framework.groups)  # type: ignore[index]
        assert all(truth[q.key][n] == number[is_met(q.when, facts)] for q in framework.questions.values())
    assert collect_groups(framework, got.frame, ["licence"]).keys() == {"licence"}


def test_conditions_look_at_answers_too(tmp_path: Path, framework: Framework) -> None:
    got = read(tmp_path, framework, "case\nC1\nC2\nC3\n")
    condition = Condition.model_validate({"b1_review16": ["poor", "insufficient"]})
    assert evaluate(condition, got.frame, {"b1_review16": ["poor", "excellent", None]}).tolist() == [1, 0, -1]
    assert evaluate(Condition.model_validate({"nothing": True}), got.frame).tolist() == [-1, -1, -1]


def test_reconvictions_with_their_faults(tmp_path: Path) -> None:
    good = write(
        tmp_path / "r.csv",
        "area,predicted,reconvicted,synthetic\nX,0.4,yes,yes\nY,0.2,no,yes\nX,0.1,no,yes\n",
    )
    assert read_reconvictions(good, "area")[:2] == ({"X": ([1, 0], [0.4, 0.1]), "Y": ([0], [0.2])}, True)
    bad = write(tmp_path / "s.csv", "predicted,reconvicted\n40,yes\n,no\n0.2,often\n")
    with pytest.raises(UserError) as caught:
        read_reconvictions(bad, None)
    assert len(caught.value.faults) == 3
    with pytest.raises(UserError, match="no column 'area'"):
        read_reconvictions(bad, "area")


@pytest.mark.parametrize("text", ["1,5", "1_000", "٣", "1e999", "nan", "--1", "0x1f"])
def test_numbers_that_could_be_read_two_ways_are_refused(
    tmp_path: Path, framework: Framework, text: str
) -> None:
    assert "Enter a number" in faults(tmp_path, framework, f'case,age\nC1,"{text}"\n')[0]


@pytest.mark.parametrize(
    "heading",
    ["OffenderName", "DateOfBirth", "NHS No", "NI number", "Tel", "AKA", "known as", "Next of kin", "PNC"],
)
def test_more_headings_that_name_persons(heading: str) -> None:
    assert is_personal(heading)


@pytest.mark.parametrize("style", ["{1}, {0}", "{0} {1}", "{0} X {1}", "{2}. {1}"])
@pytest.mark.parametrize("case", [str, str.upper, str.lower])
def test_columns_of_names_in_any_style(
    tmp_path: Path, framework: Framework, style: str, case: type[str]
) -> None:
    names = [
        ("José", "García", "J"),
        ("Ann", "Smith", "A"),
        ("Bo", "O'Hara", "B"),
        ("Łucja", "Nowak", "L"),
        ("Eve", "St-John", "E"),
    ]
    rows = "\n".join(f'C{n},"{case(style.format(*name))}"' for n, name in enumerate(names))
    assert "seems to contain people's names" in faults(tmp_path, framework, f"case,who\n{rows}\n")[0]


def test_a_column_of_two_word_choices_is_no_column_of_names(tmp_path: Path, framework: Framework) -> None:
    rows = "\n".join(
        f"C{n},{('Unpaid work', 'Drug treatment', 'Basic skills', 'Anger management', 'Group work')[n % 5]}"
        for n in range(40)
    )
    assert read(tmp_path, framework, f"case,scheme_kind\n{rows}\n").ignored == ("scheme_kind",)


def test_headings_with_commas_and_the_reserved_one(tmp_path: Path, framework: Framework) -> None:
    got = read(tmp_path, framework, 'case,"one, note","two, note"\nC1,x,y\n')
    assert got.ignored == ("one, note", "two, note")
    assert "is reserved for the row number" in faults(tmp_path, framework, "case,row_in_file\nC1,2\n")[0]


def test_a_column_that_looks_like_a_pattern_is_read_as_itself(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("*,reconvicted,predicted\nX,yes,0.4\n,no,0.1\nY,perhaps,0.2\n")
    with pytest.raises(UserError) as refusal:
        read_reconvictions(path, "*")
    (fault,) = refusal.value.faults
    assert "row 4" in fault.where
    assert "'perhaps'" in fault.what
