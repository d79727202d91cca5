"""A workbook filled in LibreOffice, cell by cell as a hand would, comes back without loss."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest
from openpyxl import load_workbook

from scrutineer.fieldwork.cases.caseload import read_cases
from scrutineer.fieldwork.cases.settled import settle_case
from scrutineer.fieldwork.workbook.form import make_form
from scrutineer.fieldwork.workbook.read_workbooks import read_workbooks
from scrutineer.fieldwork.workbook.write_workbooks import Layout, WorkbookUser, make_workbook
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.question_kinds import NO_EVIDENCE, NOT_APPLICABLE, find_kind
from scrutineer.tasks.inputs import list_answers
from tests.random_cases import CHILDREN, NOTES, make_random_case

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")

# Runs inside LibreOffice's own Python or the system's, which have its bindings: opens, types, saves, closes.
TYPIST = """
import json, os, sys, uno
from com.sun.star.beans import PropertyValue
pipe, path, entries = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
local = uno.getComponentContext()
resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
import time
for _ in range(120):
    try:
        context = resolver.resolve("uno:pipe,name=" + pipe + ";urp;StarOffice.ComponentContext")
        break
    except Exception:
        time.sleep(0.5)
desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
hidden = PropertyValue("Hidden", 0, True, 0)
book = desktop.loadComponentFromURL("file://" + path, "_blank", 0, (hidden,))
for sheet, address, text in entries:
    cell = book.Sheets.getByName(sheet).getCellRangeByName(address)
    cell.setFormula(text) if not text.startswith("=") else cell.setString(text)
book.storeToURL("file://" + path, (PropertyValue("FilterName", 0, "Calc MS Excel 2007 XML", 0),))
book.close(True)
print("saved", flush=True)
os._exit(0)  # the bindings' own clean-up now and then aborts the process, after the work is done
"""


def bindings() -> str | None:
    """A Python that has LibreOffice's bindings; None where there is none."""
    for python in ("/usr/bin/python3", sys.executable):
        if (
            Path(python).exists()
            and subprocess.run([python, "-c", "import uno"], capture_output=True, check=False).returncode == 0
        ):
            return python
    return None


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not on this machine")
@pytest.mark.skipif(
    bindings() is None, reason="no Python on this machine has LibreOffice's bindings (python3-uno)"
)
@pytest.mark.parametrize("layout", ["sheets", "rows"])
def test_filled_in_libreoffice(tmp_path: Path, library: Library, layout: Layout) -> None:
    import json

    framework = library.load_framework("esi-2003")
    (tmp_path / "cases.csv").write_text(
        "case,risk_of_harm,order_type,started\n0012,high,licence,2005-06-20\nB-7,low,,2005-07-01\n"
    )
    caseload = read_cases(tmp_path / "cases.csv", framework)
    path = tmp_path / "book.xlsx"
    path.write_bytes(
        make_workbook(make_form(framework), caseload.frame, layout, WorkbookUser("Ann"), synthetic=True)
    )
    answers = {
        ("0012", "b1_review16"): ("Excellent", 'so he said, "twice";\nsee p. 3 – ünïcode'),
        ("0012", "b1_rmp5"): ("Not enough evidence", ""),
        ("B-7", "b2_score"): ("Poor", "=SUM(1;2) is text here"),
        ("B-7", "breach_required"): ("Yes", ""),
        ("0012", "b4_organised"): ("Insufficient", ""),
    }
    book = load_workbook(path)
    entries = []
    for (case, key), (answer, note) in answers.items():
        if layout == "sheets":
            sheet = next(s for s in book.worksheets if s["B1"].value == case)
            row = next(r[0].row for r in sheet.iter_rows() if r[0].value == key)
            entries += [(sheet.title, f"E{row}", answer), *([(sheet.title, f"F{row}", note)] if note else [])]
        else:
            for name, text in (("Answers", answer), ("Evidence", note)):
                sheet = book[name]
                heads = {c.value: c.column_letter for c in sheet[1]}
                row = next(r[0].row for r in sheet.iter_rows(min_row=4) if r[0].value == case)
                entries += [(name, f"{heads[key]}{row}", text)] if text and key in heads else []
    (tmp_path / "typist.py").write_text(TYPIST)
    pipe = f"scrutineer-{layout}-{tmp_path.name}"
    home = tmp_path / "profile"
    office = subprocess.Popen(
        [str(OFFICE), "--headless", "--norestore", f"--accept=pipe,name={pipe};urp;", f"-env:UserInstallation=file://{home}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        typed = subprocess.run(
            [str(bindings()), str(tmp_path / "typist.py"), pipe, str(path), json.dumps(entries)],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert typed.stdout == "saved\n", typed.stderr
    finally:
        os.killpg(office.pid, signal.SIGKILL)  # the program itself is a child of what was started
        office.wait()
    got, known = list_answers([path], framework, caseload)
    cells = {
        (c, q): a
        for q in got.questions
        for c, a in zip(got.cases, got.decode_column(framework, q), strict=True)
        if a not in (None, "not_applicable")
    }
    assert cells == {
        p: a.lower().replace(" ", "_") for p, (a, _) in answers.items() if p[1] in framework.questions
    }
    assert {(c, q): n for q, by in got.notes.items() for c, n in by.items()} == {
        p: n for p, (_, n) in answers.items() if n
    }
    assert known.frame["breach_required"].to_list() == [None, True]
    assert got.cases == ("0012", "B-7")


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not on this machine")
@pytest.mark.parametrize("framework", [NOTES, CHILDREN], ids=lambda f: f.id)
def test_answers_by_rules_are_the_same_in_a_spreadsheet(tmp_path: Path, framework: Framework) -> None:
    """150 random cases, worked out by LibreOffice and by the core; read back, they give the same answers again."""
    random = Random(5)
    made = [make_random_case(framework, random) for _ in range(150)]
    own = {a.key for a in framework.attributes}
    frame = pl.DataFrame(
        [{"case": f"C{n}", **{k: facts.get(k) for k in own}} for n, (facts, _) in enumerate(made)],
        infer_schema_length=None,
    )
    path = tmp_path / "book.xlsx"
    path.write_bytes(make_workbook(make_form(framework), frame, "rows", WorkbookUser("Ann"), synthetic=True))
    fill_in_rows(path, framework, made)
    command = [str(OFFICE), "--headless", f"-env:UserInstallation=file://{tmp_path / 'profile'}"]
    out = tmp_path / "out"
    subprocess.run(
        [*command, "--convert-to", "xlsx", "--outdir", str(out), str(path)],
        check=True,
        capture_output=True,
        timeout=240,
    )
    sheet = load_workbook(out / "book.xlsx", data_only=True)["Answers"]
    heads = {c.value: c.column for c in sheet[1]}
    derived = [key for key, question in framework.questions.items() if question.derived]
    compared = 0
    for n, (facts, answers) in enumerate(made):
        settled = settle_case(framework, facts, answers)
        for key in derived:
            shown = sheet.cell(4 + n, heads[key]).value or None
            assert shown == name_label(framework, key, settled[key].answer), (n, key, facts, answers)
            compared += shown is not None
    assert compared > 100
    rows = read_workbooks([out / "book.xlsx"], framework).frame
    assert not set(derived) & set(rows["question"])


def name_label(framework: Framework, key: str, answer: object) -> str | None:
    """An answer as the workbook shows it."""
    labels: dict[object, str | None] = {o.code: o.label for o in framework.scale_of[key].options}
    return {**labels, NOT_APPLICABLE: "Not applicable", NO_EVIDENCE: "Not enough evidence", None: None}[
        answer
    ]


def fill_in_rows(path: Path, framework: Framework, made: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    """Fill a workbook with a row per case as people would: labels, and dates as dates."""
    book = load_workbook(path)
    sheet = book["Answers"]
    heads = {c.value: c.column for c in sheet[1]}
    found = [a.key for a in framework.attributes if a.known_from == "case_file"]
    for n, (facts, answers) in enumerate(made):
        for key, answer in answers.items():
            coded = find_kind(framework.scale_of[key]).is_coded
            value = name_label(framework, key, answer) if coded else answer
            if find_kind(framework.scale_of[key]).read_as == "date":
                value = date.fromisoformat(answer)
            sheet.cell(4 + n, heads[key]).value = value
        for key in found:
            if key in facts:
                sheet.cell(4 + n, heads[key]).value = "Yes" if facts[key] else "No"
    book.save(path)
