"""From a caseload to scores on the command line, as a person types it; and bad input, which never ends in a traceback."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from scrutineer.__main__ import app
from scrutineer.errors import UserError

RUNNER = CliRunner()
ARRANGEMENTS = """
days: ["2006-04-03", "2006-04-04"]
slots: ["09:00-10:30", "10:45-12:15", "13:15-14:45", "15:00-16:30"]
assessors:
  - {name: Inspector 1}
  - {name: Inspector 2}
  - {name: Inspector 3}
  - {name: Area assessor 1, kind: area_assessor, team: Team A}
"""


def run(*arguments: object, exit_code: int = 0) -> Result:
    result = RUNNER.invoke(app, [str(a) for a in arguments], env={"COLUMNS": "200"})
    if isinstance(result.exception, UserError):
        result.exit_code = 2
    elif result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == exit_code, result.output
    return result


def refused(*arguments: object) -> list[str]:
    result = RUNNER.invoke(app, [str(a) for a in arguments])
    assert isinstance(result.exception, UserError), (result.output, result.exception)
    return [str(fault) for fault in result.exception.faults]


@pytest.fixture(scope="session")
def area(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("area")
    run("simulate", "--framework", "esi-2003", "--seed", 5, "--caseload", 900, "--cases", 60, "--out", folder)
    return folder


def test_from_caseload_to_scores(area: Path, tmp_path: Path) -> None:
    """Sample, timetable, workbooks, answers, scores: each step takes what the one before wrote."""
    drawn = run("sample", area / "caseload.csv", "--framework", "esi-2003", "--seed", 42, "--on", "2006-03-31", "--months", "0-20",
                "--size", 24, "--quota", "high_risk=6", "--strata", "office", "--out", tmp_path / "sample")  # fmt: skip
    assert "24 drawn" in drawn.output
    record = tmp_path / "sample/sample.json"
    assert (
        "The draw gives the same sample." in run("sample", area / "caseload.csv", "--replay", record).output
    )
    (tmp_path / "arrangements.yaml").write_text(ARRANGEMENTS)
    sample = tmp_path / "sample/sample.csv"
    run(
        "timetable",
        sample,
        "--framework",
        "esi-2003",
        "--arrangements",
        tmp_path / "arrangements.yaml",
        "--seconds",
        3,
        "--out",
        tmp_path / "plan",
    )
    plan = json.loads((tmp_path / "plan/timetable.json").read_text())
    assert len(plan["placed"]) == 24 + 2
    cases = tmp_path / "plan/cases.csv"
    run(
        "workbook", "--framework", "esi-2003", "--cases", cases, "--per-assessor", "--out", tmp_path / "books"
    )
    books = sorted((tmp_path / "books").glob("*.xlsx"))
    assert {b.name for b in books if "second" in b.name}
    for book in books:
        _answer_everything(book)
    back = run(
        "answers",
        *books,
        "--framework",
        "esi-2003",
        "--cases",
        cases,
        "--out",
        tmp_path / "back",
        exit_code=1,
    )
    assert "24 cases" in back.output
    assert "the question does not apply" in back.output
    assert "no answer yet" not in back.output
    scored = run(
        "score",
        "--framework",
        "esi-2003",
        "--cases",
        tmp_path / "back/cases.csv",
        "--answers",
        tmp_path / "back/answers.csv",
        "--weighted",
        "--format",
        "json",
    )
    scores = json.loads(scored.stdout)
    assert scores["synthetic"] is True
    assert scores["groups"]["all"]["overall"]["score"] == 1.0
    assert scores["population"] > 500
    assert scores["groups"]["all"]["overall"]["weighted"]["score"] == pytest.approx(1.0)
    assert "assessor_kind=area_assessor" in scores["groups"]


def _answer_everything(path: Path) -> None:
    """Fill in every open cell of a workbook with the best answer it offers."""
    book = load_workbook(path)
    for sheet in book.worksheets[2:]:
        for row in sheet.iter_rows(min_row=4):
            if row[4].protection.locked is False:
                row[4].value = "Excellent" if row[1].value else "Yes"
    book.save(path)


def test_a_reserve_stands_in(area: Path, tmp_path: Path) -> None:
    run(
        "sample",
        area / "caseload.csv",
        "--framework",
        "esi-2003",
        "--seed",
        1,
        "--on",
        "2006-03-31",
        "--months",
        "0-20",
        "--out",
        tmp_path,
    )
    with (tmp_path / "sample.csv").open(encoding="utf-8-sig") as file:
        first = next(csv.DictReader(file))["case"]
    done = run(
        "substitute",
        tmp_path / "sample.json",
        first,
        "--caseload",
        area / "caseload.csv",
        "--reason",
        "file_missing",
        "--by",
        "Lead",
        "--on",
        "1/4/2006",
    )
    assert f"replaces case {first}" in done.output
    substitutions = json.loads((tmp_path / "sample.json").read_text())["substitutions"]
    assert [(s["case"], s["on"]) for s in substitutions] == [(first, "2006-04-01")]
    assert first not in (tmp_path / "sample.csv").read_text()
    assert (
        "The draw gives the same sample."
        in run("sample", area / "caseload.csv", "--replay", tmp_path / "sample.json").output
    )
    assert (
        "not the caseload"
        in refused(
            "substitute",
            tmp_path / "sample.json",
            first,
            "--caseload",
            area / "cases.csv",
            "--reason",
            "deceased",
            "--by",
            "L",
            "--on",
            "2006-04-01",
        )[0]
    )


def test_what_cannot_be_met_ends_with_one(area: Path, tmp_path: Path) -> None:
    done = run(
        "sample",
        area / "caseload.csv",
        "--framework",
        "esi-2003",
        "--seed",
        1,
        "--on",
        "2006-03-31",
        "--quota",
        "high_risk=90",
        "--out",
        tmp_path,
        exit_code=1,
    )
    assert "quota for high risk of harm: 90 cases planned" in done.output
    assert (tmp_path / "sample.csv").exists()


FILES = ("--framework", "esi-2003", "--cases", "{area}/cases.csv", "--answers", "{area}/answers.csv")


def list_arguments(area: Path) -> list[str]:
    return [part.format(area=area) for part in FILES]


@pytest.mark.parametrize("form", ["table", "json", "csv", "html"])
def test_scores_in_every_form(area: Path, form: str) -> None:
    out = run(
        "score", *list_arguments(area), "--by", "office", "--format", form, "--label", "Northmoor"
    ).stdout
    assert out
    assert ("ynthetic" in out) or form == "csv"
    if form == "csv":
        assert "office=Office A,criterion,B1" in out


def test_explain_agreement_and_compare(area: Path, tmp_path: Path) -> None:
    assert (
        "mean of its questions" in run("explain", "C4", *list_arguments(area), "--group", "high_risk").output
    )
    text = json.loads(
        run("explain", "overall", *list_arguments(area), "--line", 70, "--format", "json").stdout
    )
    assert text["flips"][0]["line"] == 0.7
    assert "cases were assessed twice" in run("agreement", *list_arguments(area)).output
    json.loads(run("agreement", *list_arguments(area), "--format", "json").stdout)
    path = tmp_path / "results.json"
    path.write_text(run("score", *list_arguments(area), "--complements", "--format", "json").stdout)
    assert "against" in run("compare", path, "--group", "high_risk").output
    json.loads(run("compare", path, path, path, "--format", "json").stdout)
    assert "<svg" in run("compare", path, path, "--format", "html").stdout
    assert "share cases" in refused("compare", path, "--group", "high_risk", "--against", "women")[0]
    assert "no score 'Q7'" in refused("explain", "Q7", *list_arguments(area))[0]
    assert "no group 'tall'" in refused("explain", "B1", *list_arguments(area), "--group", "tall")[0]


def test_reconviction_in_every_form(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    rows = [f"Area {n % 3},{0.2 + 0.1 * (n % 5):.1f},{'yes' if n % 4 == 0 else 'no'},yes" for n in range(90)]
    path.write_text("area,predicted,reconvicted,synthetic\n" + "\n".join(rows))
    assert "Area 2" in run("reconviction", path, "--by", "area").output
    assert len(json.loads(run("reconviction", path, "--by", "area", "--format", "json").stdout)["units"]) == 3
    page = run("reconviction", path, "--by", "area", "--format", "html").stdout
    assert "<svg" in page
    assert "Synthetic data" in page


def test_bad_requests_are_sentences(area: Path, tmp_path: Path) -> None:
    caseload = area / "caseload.csv"
    assert len(refused("sample", caseload)) == 3
    base = ("sample", caseload, "--framework", "esi-2003", "--seed", 1, "--out", tmp_path / "never")
    assert "counted without the first day of fieldwork" in refused(*base)[0]
    assert "'soon' is not a date" in refused(*base, "--on", "soon")[0]
    assert "not a quota" in refused(*base, "--on", "2006-03-31", "--quota", "high_risk")[0]
    assert "not a range of months" in refused(*base, "--on", "2006-03-31", "--months", "ten")[0]
    assert (
        "There is no framework"
        in refused("sample", caseload, "--framework", "esi-1066", "--seed", 1, "--out", tmp_path / "never")[0]
    )
    assert "no such file" in refused(*[*base[:1], tmp_path / "gone.csv", *base[2:]], "--on", "2006-03-31")[0]
    assert not (tmp_path / "never").exists()
    assert (
        "there is nothing to create"
        in refused("simulate", "--framework", "esi-2003", "--seed", 1, "--out", tmp_path / "never")[0]
    )
    assert (
        "no figures of framework"
        in refused(
            "simulate",
            "--framework",
            "omi-2006",
            "--seed",
            1,
            "--figures",
            "published/gwent-2005.yaml",
            "--out",
            tmp_path / "never",
        )[0]
    )
    assert "no column 'weight'" in refused("score", *list_arguments(area), "--weighted")[0]
    assert "there are 60 cases" in refused("score", *list_arguments(area), "--population", 10)[0]
    assert "no column 'colour'" in refused("score", *list_arguments(area), "--by", "colour")[0]
    assert (
        "no column 'assessor'"
        in refused(
            "workbook",
            "--framework",
            "esi-2003",
            "--cases",
            caseload,
            "--per-assessor",
            "--out",
            tmp_path / "never",
        )[0]
    )
    assert (
        "sheets is too large to work with"
        in refused("workbook", "--framework", "esi-2003", "--cases", caseload, "--out", tmp_path / "never")[0]
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_cannot_be_written_leaves_nothing_half_done(area: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        assert (
            "cannot be written"
            in refused(
                "simulate", "--framework", "esi-2003", "--seed", 1, "--cases", 5, "--out", tmp_path / "x"
            )[0]
        )
    finally:
        tmp_path.chmod(0o700)


def test_a_file_in_the_folders_place_leaves_nothing_half_done(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("a file")
    assert (
        "cannot be written"
        in refused("simulate", "--framework", "esi-2003", "--seed", 1, "--cases", 5, "--out", tmp_path / "x")[
            0
        ]
    )
    assert (tmp_path / "x").read_text() == "a file"


def test_a_blank_form_to_print(tmp_path: Path) -> None:
    run("workbook", "--framework", "omi-2006", "--out", tmp_path)
    assert "Case ________________" in (tmp_path / "form.html").read_text()


def test_everyone_gets_a_workbook_whatever_the_name(tmp_path: Path) -> None:
    names = ["A. Bee", "A Bee", "A-Bee", "日本", "中国", "!!"]
    rows = "\n".join(f"C{n},{name}" for n, name in enumerate(names))
    (tmp_path / "cases.csv").write_text(f"case,assessor\n{rows}\n", encoding="utf-8")
    run(
        "workbook",
        "--framework",
        "esi-2003",
        "--cases",
        tmp_path / "cases.csv",
        "--per-assessor",
        "--out",
        tmp_path / "books",
    )
    books = sorted(p.name for p in (tmp_path / "books").glob("*.xlsx"))
    assert len(books) == len(names)
    assert "日本.xlsx" in books
    assert not [name for name in books if name.startswith(".")]


def test_a_folder_in_a_files_place_leaves_nothing_half_done(area: Path, tmp_path: Path) -> None:
    (tmp_path / "sample.html").mkdir()
    message = refused(
        "sample",
        area / "caseload.csv",
        "--framework",
        "esi-2003",
        "--seed",
        1,
        "--on",
        "2006-03-31",
        "--out",
        tmp_path,
    )
    assert "there is a folder named sample.html" in message[0]
    assert [p.name for p in tmp_path.iterdir()] == ["sample.html"]


def test_requests_that_make_no_sense_are_sentences(area: Path, tmp_path: Path) -> None:
    base = (
        "sample",
        area / "caseload.csv",
        "--framework",
        "esi-2003",
        "--seed",
        1,
        "--on",
        "2006-03-31",
        "--out",
        tmp_path / "never",
    )
    for extra, words in (
        (("--months", "²"), "not a range of months"),
        (("--months", "0-99999"), "not a range of months"),
        (("--quota", "women=²"), "not a quota"),
        (("--quota", "women=5", "--quota", "women=6"), "two quotas"),
        (("--on", "0001-01-01"), "too far from today"),
    ):
        assert words in refused(*base, *extra)[0]
    assert "no score can cross a line" in refused("explain", "B1", *list_arguments(area), "--line", "nan")[0]
    assert (
        "log odds"
        in refused(
            "simulate",
            "--framework",
            "esi-2003",
            "--seed",
            1,
            "--cases",
            5,
            "--quality",
            "nan",
            "--out",
            tmp_path / "never",
        )[0]
    )
