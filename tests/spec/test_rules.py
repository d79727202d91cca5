"""Every proof rule: its example fires where it says, and falls silent once mended. The docs print the same examples."""

from __future__ import annotations

import pytest

from scrutineer.frameworks.library import Library
from scrutineer.proof.examples import FOLDER, read_example
from scrutineer.proof.prove import prove
from scrutineer.proof.registry import Rule, rules
from scrutineer.published.read import read

ASKED_FOR = {
    "recompute-criterion", "recompute-section", "recompute-overall", "recompute-thread", "fraction-percent",
    "attainable-percent", "same-figure-twice", "rating-tally", "part-whole", "criteria-list", "placeholder",
    "abbreviation", "respondents", "target-marker", "period-order", "reference", "comparison", "sample-size",
    "repeated-word",
}  # fmt: skip


def test_no_rule_is_missing_and_none_lacks_its_example() -> None:
    ids = {rule.id for rule in rules()}
    assert ids >= ASKED_FOR
    assert ids == {path.stem for path in FOLDER.glob("*.yaml")}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_the_rule_fires(rule: Rule, village: Library) -> None:
    example = read_example(rule.id)
    found = [
        f for f in prove(read(example.fires.split("\n"), village), village).findings if f.rule == rule.id
    ]
    assert found
    assert (found[0].line, found[0].severity) == (example.line, example.severity)
    assert found[0].message.endswith(".")
    assert found[0].quote


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_the_rule_falls_silent(rule: Rule, village: Library) -> None:
    example = read_example(rule.id)
    report = read(example.silent.split("\n"), village)
    assert bool(report.framework) or not rule.needs_framework
    assert [f for f in prove(report, village).findings if f.rule == rule.id] == []


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_the_rule_is_told(rule: Rule) -> None:
    assert rule.title
    assert len(rule.title) < 110
    assert len(rule.text) > 60 or not rule.needs_framework


def test_a_report_of_no_known_framework_is_proved_by_the_rules_that_need_none(village: Library) -> None:
    proof = prove(read(["In 85% of cases (39 out of 40) it was so."], village), village)
    assert proof.report.framework is None
    assert [f.rule for f in proof.findings] == ["fraction-percent"]
    assert set(proof.skipped) == {rule.id for rule in rules() if rule.needs_framework}
    assert "fraction-percent" not in proof.skipped


@pytest.mark.parametrize(
    ("sentence", "errors"),
    [
        ("In 33% of cases (10 out of 15) nothing was done.", 0),  # the other side: 5 of 15
        ("In 14% of cases (3 from 21) it was so.", 0),
        ("In 66% of cases (2 out of 3) it was so.", 0),  # cut off: a note
        ("In 20% of cases (1 in 5) it was so.", 0),
        ("In 45% of cases it was so, and 3 out of 9 were late.", 0),
        ("In 45% of cases it was so (33% of cases, 3 out of 9, were late).", 0),
        ("In 75% of cases, more than the 52% (24 out of 46) of last year, it was so.", 0),
        ("In 41% of cases (2 out of 9) it was so.", 1),
        ("22 (85%) of the 30 plans were late.", 0),
    ],
)
def test_no_error_where_the_arithmetic_holds(sentence: str, errors: int, village: Library) -> None:
    got = [f for f in prove(read([sentence], village), village).findings if f.severity == "error"]
    assert len(got) == errors, got
