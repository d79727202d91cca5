"""Headline results of today's methods, from published counts or first principles, by command and in the report."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import polars as pl
import pytest

from scrutineer.tasks.files import find_data_folder
from tests.command import scrutineer

CARE = {
    "good_practice": 5522,
    "improve_clinical": 659,
    "improve_organisational": 790,
    "improve_both": 192,
    "unsatisfactory": 39,
}
"""Published counts of a confidential enquiry; 168 of 7,370 forms gave no answer."""


def run(*arguments: object, check: bool = True) -> str:
    """What a command prints; it must succeed, or end as one that found something to do."""
    done = scrutineer(*arguments)
    assert not check or done.returncode in {0, 1}, done.stderr
    return done.stdout + done.stderr


def write_notes(folder: Path, failures: int, of: int, care: list[str | None] | None = None) -> None:
    """Cases and answers of a review of notes: so many sets of notes fail the audit because of a critical entry."""
    number = max(of, len(care or []))
    cases = [f"C{n}" for n in range(number)]
    pl.DataFrame({"case": cases, "admission": ["planned"] * number, "synthetic": ["yes"] * number}).write_csv(
        folder / "cases.csv"
    )
    entries = (
        "identified",
        "allergies",
        "consent",
        "signed",
        "dated",
        "legible",
        "in_order",
        "discharge_letter",
    )
    answers = {entry: ["yes" if n < of else "" for n in range(number)] for entry in entries}
    answers["allergies"] = ["no" if n < failures else "yes" if n < of else "" for n in range(number)]
    columns: dict[str, list[str]] = {"case": cases, **answers}
    if care is not None:
        columns["overall_care"] = [answer or "" for answer in care]
    pl.DataFrame(columns).write_csv(folder / "answers.csv")


def score(folder: Path, framework: str) -> dict[str, object]:
    """All cases by `scrutineer score`."""
    done = scrutineer(
        "score", "--framework", framework, "--cases", folder / "cases.csv", "--answers", folder / "answers.csv",
        "--format", "json",
    )  # fmt: skip
    group: dict[str, object] = json.loads(done.stdout)["groups"]["all"]
    return group


def test_every_answer_of_a_five_point_scale_is_counted(tmp_path: Path) -> None:
    care = [code for code, n in CARE.items() for _ in range(n)] + [None] * 168
    write_notes(tmp_path, 0, 0, care)
    question = score(tmp_path, "case-note-review")["questions"]["overall_care"]  # type: ignore[index]
    assert question["options"] == CARE
    assert (question["missing"], question["not_applicable"], question["relevant"]) == (168, 0, 0)
    answered = sum(CARE.values())
    shares = [round(100 * n / answered, 1) for n in question["options"].values()]
    assert (answered, shares) == (7202, [76.7, 9.2, 11.0, 2.7, 0.5])


@pytest.mark.parametrize(
    ("failures", "of", "rating"),
    [(8, 80, "Accepted"), (9, 80, "Not accepted"), (7, 79, "Accepted"), (8, 79, "Not accepted")],
)
def test_an_audit_is_accepted_by_how_many_fail(tmp_path: Path, failures: int, of: int, rating: str) -> None:
    write_notes(tmp_path, failures, of)
    criterion = score(tmp_path, "case-note-review")["criteria"]["N1"]  # type: ignore[index]
    assert criterion["rating"] == rating
    assert f"{failures} of {of} failed" in criterion["rule"]


@pytest.mark.parametrize(("achieved", "conforms"), [(62, True), (61, False)])
def test_an_outcome_conforms_from_95_percent(tmp_path: Path, achieved: int, conforms: bool) -> None:
    """Of 65 cases, one whose item is a strength achieves the outcome of education."""
    cases = [f"C{n}" for n in range(65)]
    frame = {"case": cases, "case_type": ["foster_care"] * 40 + ["in_home"] * 25, "synthetic": ["yes"] * 65}
    pl.DataFrame(frame).write_csv(tmp_path / "cases.csv")
    met = ["yes" if n < achieved else "no" for n in range(65)]
    answers = {"case": cases, "education_matters": ["yes"] * 65, "education_assessed": ["yes"] * 65}
    pl.DataFrame({**answers, "education_met": met}).write_csv(tmp_path / "answers.csv")
    group = score(tmp_path, "cfsr-4")
    criterion, question = group["criteria"]["W2"], group["questions"]["outcome_w2"]  # type: ignore[index]
    assert (question["above"], question["relevant"]) == (achieved, 65)
    assert criterion["key"] == ("substantial" if conforms else "not_substantial")


EVIDENCE = """judgements:
  "1.1": {rating: good, reason: "Seen in files"}
  "1.2": {rating: good, reason: "Seen in files"}
  "1.3": {rating: some_shortfalls, reason: "Seen in files"}
  "2.1": {rating: good, reason: "Seen in files"}
  "2.2": {rating: exceptional, reason: "Seen in files"}
  "3.1": {rating: good, reason: "Seen in files"}
  "3.2": {rating: some_shortfalls, reason: "Seen in files"}
  "4.1": {rating: good, reason: "Seen in files"}
  "4.2": {rating: good, reason: "Seen in files"}
"""


def read_words(page: Path) -> str:
    """What a report in HTML says, without its style and drawings."""
    html = re.sub(r"<(style|svg|script)\b.*?</\1>", " ", page.read_text("utf-8"), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_an_inspection_without_cases_has_its_rating(tmp_path: Path) -> None:
    """Nine statements with 26 of 36 points are 72.2%: Good, from 63%."""
    run(
        "new",
        "--framework",
        "cqc-local-authority-2023",
        "--area",
        "Northmoor",
        "--synthetic",
        "--out",
        tmp_path / "i",
    )
    (tmp_path / "i" / "evidence.yaml").write_text(EVIDENCE, "utf-8")
    run("report", tmp_path / "i", "--out", tmp_path / "out")
    words = read_words(tmp_path / "out" / "report.html")
    assert "Overall rating: Good . 72% (26 of 36 points): Good from 63%." in words
    assert "sample" not in words.replace("random sample", "sample").partition("Verification")[0]


def test_a_rating_that_people_set_stands_beside_the_computed_one(tmp_path: Path) -> None:
    folder = tmp_path / "frameworks"
    base = (find_data_folder("frameworks") / "cqc-local-authority-2023" / "framework.yaml").read_text("utf-8")
    text = base.replace(
        "    missing: not_rated\n", "    missing: not_rated\n    discretion: {by: The panel, within: 10}\n"
    )
    (folder / "cqc-local-authority-2023").mkdir(parents=True)
    (folder / "cqc-local-authority-2023" / "framework.yaml").write_text(text, "utf-8")
    own = ("--frameworks", folder)
    run(
        "new",
        "--framework",
        "cqc-local-authority-2023",
        "--area",
        "Northmoor",
        "--synthetic",
        "--out",
        tmp_path / "i",
        *own,
    )
    near = '  overall: {rating: requires_improvement, reason: "Safeguarding is weak", by: The panel, dated: 2026-11-30}\n'
    (tmp_path / "i" / "evidence.yaml").write_text(EVIDENCE + near, "utf-8")
    run("report", tmp_path / "i", "--out", tmp_path / "out", *own)
    words = read_words(tmp_path / "out" / "report.html")
    assert (
        "the rules give Good, and the rating is Requires improvement. Set by The panel on 2026-11-30."
        in words
    )
    far = near.replace("requires_improvement", "inadequate")
    (tmp_path / "i" / "evidence.yaml").write_text(EVIDENCE + far, "utf-8")
    done = run("check", tmp_path / "i", *own, check=False)
    assert "another rating can be set only within 10 of its band" in done


PROBATION = re.compile(
    r"\b(offend\w*|supervis\w*|probation\w*|sentence[ds]?|licences?|prison\w*|court\w*)\b", re.IGNORECASE
)


def test_a_hospitals_report_says_nothing_of_probation(tmp_path: Path) -> None:
    run(
        "simulate", "--framework", "case-note-review", "--seed", "3", "--cases", "80", "--out", tmp_path / "s"
    )
    run(
        "new",
        "--framework",
        "case-note-review",
        "--area",
        "Northmoor",
        "--synthetic",
        "--out",
        tmp_path / "i",
    )
    for name in ("cases.csv", "answers.csv"):
        (tmp_path / "i" / name).write_bytes((tmp_path / "s" / name).read_bytes())
    run("draft", tmp_path / "i")
    run("report", tmp_path / "i", "--out", tmp_path / "out")
    words = read_words(tmp_path / "out" / "report.html")
    assert not PROBATION.findall(words)
    assert "The hospital was judged against two criteria" in words
