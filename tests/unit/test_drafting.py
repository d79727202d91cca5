"""What a draft says where the figures are not the usual ones: ties, answers that are missing, nothing to compare with."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

from scrutineer.frameworks.library import Library
from scrutineer.inspection.load import load
from scrutineer.report.drafting.drafting import draft_criterion, draft_summary
from scrutineer.report.texts.bound import bind

Row = dict[str, str]


def altered(place: Path, change: Callable[[list[Row]], list[Row]]) -> None:
    """Give the answers of a folder another content."""
    with (place / "answers.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    now = change(rows)
    with (place / "answers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(now)


def answered(questions: set[str], answer: str) -> Callable[[list[Row]], list[Row]]:
    """Every answer that says how well something was done, to one and the same."""
    scale = {"excellent", "sufficient", "insufficient", "poor"}

    def change(rows: list[Row]) -> list[Row]:
        return [
            row | ({"answer": answer} if row["question"] in questions and row["answer"] in scale else {})
            for row in rows
        ]

    return change


def paragraph(summary: str, title: str) -> str:
    return next(line for line in summary.splitlines() if title in line)


def test_criteria_that_tie_are_named_together(demo_folders: Path, tmp_path: Path, library: Library) -> None:
    """Once it said that the highest score was that of B1 (0%) and the lowest that of B4 (0%)."""
    place = shutil.copytree(demo_folders / "esi", tmp_path / "esi")
    framework = load(place, library).framework
    section = framework.sections[1]
    scored = [c for c in section.criteria if c.kind == "case" and c.questions]
    assert len(scored) > 2
    questions = {q.key for c in scored for q in c.questions}
    altered(place, answered(questions, "poor"))
    text = paragraph(draft_summary(bind(load(place, library), library).figures), section.title)
    assert "Every criterion had the same score" in text
    assert 'was="0%"' in text
    assert "highest" not in text
    upper = {q.key for c in scored[:1] for q in c.questions}
    altered(place, answered(upper, "excellent"))
    message = paragraph(draft_summary(bind(load(place, library), library).figures), section.title)
    assert f"The highest score was for {scored[0].code} {scored[0].title}" in message
    lowest = message.partition("the lowest was for ")[2]
    assert all(f"{c.code} {c.title}" in lowest for c in scored[1:])
    assert "(each " in lowest


def test_a_draft_says_on_each_figure_and_section_what_is_missing(
    demo_folders: Path, tmp_path: Path, library: Library
) -> None:
    """Once it said "25 of 37" where 60 files were read, and not a word of the other answers."""
    place = shutil.copytree(demo_folders / "esi", tmp_path / "esi")
    framework = load(place, library).framework
    criterion = next(c for s in framework.sections for c in s.criteria if c.code == "B1")
    keys = {q.key for q in criterion.questions}
    gone: Counter[str] = Counter()

    def without(rows: list[Row]) -> list[Row]:
        texts = []
        for row in rows:
            drawn = crc32(f"{row['case']} {row['question']}".encode()) % 10 < 3
            first = row["question"] in keys and row["reading"] == "1"
            if drawn and first and row["answer"] != "not_applicable":
                gone[row["question"]] += 1
                continue
            texts.append(row)
        return texts

    altered(place, without)
    figures = bind(load(place, library), library).figures
    text = draft_criterion(figures, criterion)
    sentences = [
        int(n) for n in re.findall(r"\[to be written: (\d+) cases? ha(?:s|ve) no answer to this yet\]", text)
    ]
    findings = [line for line in text.splitlines() if line.startswith("- ")]
    assert findings
    assert len(sentences) == len(findings), "every figure that is touched says so"
    for line in findings:
        (key,) = set(re.findall(r'cases\("(\w+)"', line)) & keys
        assert f"{gone[key]} case" in line
    section = next(s for s in framework.sections if criterion in s.criteria)
    summary = paragraph(draft_summary(figures), section.title)
    assert f"{gone.total()} answers in this section are still missing" in summary


def test_a_criterion_that_the_original_lacks_says_so(
    demo_folders: Path, tmp_path: Path, library: Library
) -> None:
    """Once its conclusion was left out without a word."""
    place = shutil.copytree(demo_folders / "follow-up", tmp_path / "follow-up")
    whole = load(place, library)
    criterion = next(
        c
        for s in whole.framework.sections
        for c in s.criteria
        if c.kind == "case" and "was {{" in draft_criterion(bind(whole, library).figures, c)
    )
    path = place / "original" / "results.json"
    content = json.loads(path.read_text())
    removed = 0
    for group in content["groups"].values() if isinstance(content["groups"], dict) else content["groups"]:
        removed += group["criteria"].pop(criterion.code, None) is not None
    assert removed
    path.write_text(json.dumps(content))
    message = draft_criterion(bind(load(place, library), library).figures, criterion)
    assert "The original inspection gave no score for this criterion" in message
    assert f'score("{criterion.code}"' in message.partition("## Conclusion")[2]
