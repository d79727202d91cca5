"""Every proof rule: its example fires where it says, and falls silent once mended. The docs print the same examples."""

from __future__ import annotations

import pytest

from scrutineer.frameworks.library import Library
from scrutineer.proof.examples import FOLDER, read_example
from scrutineer.proof.prove import prove
from scrutineer.proof.reading.read_report import read
from scrutineer.proof.registry import Rule, list_rules

ASKED_FOR = {
    "recompute-criterion", "recompute-section", "recompute-overall", "recompute-thread", "fraction-percent",
    "attainable-percent", "same-figure-twice", "rating-tally", "part-whole", "criteria-list", "placeholder",
    "abbreviation", "respondents", "target-marker", "period-order", "reference", "comparison", "sample-size",
    "repeated-word",
}  # fmt: skip


def test_no_rule_is_missing_and_none_lacks_its_example() -> None:
    ids = {rule.id for rule in list_rules()}
    assert ids >= ASKED_FOR
    assert ids == {path.stem for path in FOLDER.glob("*.yaml")}


@pytest.mark.parametrize("rule", list_rules(), ids=lambda rule: rule.id)
def test_the_rule_fires(rule: Rule, village: Library) -> None:
    example = read_example(rule.id)
    findings = [
        f for f in prove(read(example.fires.split("\n"), village), village).findings if f.rule == rule.id
    ]
    assert findings
    assert (findings[0].line, findings[0].severity) == (example.line, example.severity)
    assert findings[0].message.endswith(".")
    assert findings[0].quote


@pytest.mark.parametrize("rule", list_rules(), ids=lambda rule: rule.id)
def test_the_rule_falls_silent(rule: Rule, village: Library) -> None:
    example = read_example(rule.id)
    report = read(example.silent.split("\n"), village)
    assert bool(report.framework) or not rule.needs_framework
    assert [f for f in prove(report, village).findings if f.rule == rule.id] == []


@pytest.mark.parametrize("rule", list_rules(), ids=lambda rule: rule.id)
def test_the_rule_is_told(rule: Rule) -> None:
    assert rule.title
    assert len(rule.title) < 110
    assert len(rule.text) > 60 or not rule.needs_framework


def test_a_report_of_no_known_framework_is_proved_by_the_rules_that_need_none(village: Library) -> None:
    proof = prove(read(["In 85% of cases (39 out of 40) it was so."], village), village)
    assert proof.report.framework is None
    assert [f.rule for f in proof.findings] == ["fraction-percent"]
    assert set(proof.skipped) == {rule.id for rule in list_rules() if rule.needs_framework}
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


@pytest.mark.parametrize(
    ("sentence", "severity", "expected"),
    [
        ("Of 44 cases, 40 (80%) were breached.", "error", "91%"),
        ("13 of the 19 relevant cases (65%) were so.", "error", "68%"),
        ("In 85% of cases (39 from 40) it was so.", "error", "98%"),
        ("85% (39 from 40) of plans were fine.", "error", "98%"),
        ("85% - 39 from 40) were fine.", "error", "98%"),
        ("It was so in 12 of the 30 relevant community order cases (45%).", "error", "40%"),
        ("In 62% of cases where a risk was identified (18 out of 21), it was addressed.", "warning", "86%"),
        ("The boss saw 84% of plans (11 of 13).", "note", "85%"),
    ],
)
def test_a_wrong_percentage_beside_its_count(
    sentence: str, severity: str, expected: str, village: Library
) -> None:
    (finding,) = prove(read([sentence], village), village).findings
    assert (finding.rule, finding.severity, finding.expected) == ("fraction-percent", severity, expected)


FINE = """
Of the 40 offenders, 12 were women and 10 (25%) were unemployed.
In 12 of 40 cases there was no plan, and in a further 10 (25%) it was late.
Of 120 questionnaires sent out, 40 were returned, of which 30 (75%) were positive.
Of the 50 offenders aged 18 or over, 40 (80%) had a plan.
Of the 24 cases allocated within five days, 18 (75%) were good.
Of the 60 cases from two offices, 45 (75%) were good.
The target of 80% was met in most teams (12 of 16).
Offenders with a score of 75% or more (12 of 40) were reviewed monthly.
Attendance exceeded 90% at every centre (four of four).
Five of six courts were satisfied with the timeliness of reports (94%).
One of the three hostels had a low occupancy (61%).
60% of cases were of medium risk and some of these lacked a plan (two of ten).
Overall 60% were sufficient, including the PPO cases (eight of ten).
It was placed 8 of 42 areas (76%).
It happened in <1% (1 of 300) of cases, and in >90% (28 of 30) of the others.
It was below 5% (1 of 30), above 90% (26 of 30), close to 60% (5 of 9), c. 60% (31 of 50).
It was so in 60% or more of the cases (33 of 50).
Between 40% and 60% of cases (10 of 20) were late.
40–60% of cases (10 of 20) were late.
Performance improved by 20 per cent (six of ten).
One hundred and five of 210 cases (50%) were late.
One of two hundred offenders (0.5%) was late.
10.5 of 14 posts (75%) were filled, as were 4 1/2 of 6 posts (75%).
Two of 3 dozen cases (6%) were late.
Weighted to the national caseload, 45% of cases (30 of 80) were late.
In 75% of the 4 cases there was a plan, compared with 5% nationally.
41% of the two hundred and one cases and 41% of the one hundred and fifty cases were late.
47% of the 12 month licence cases and 41% of all 3 tier cases were late.
A target of 95% of the 12 cases was set.
At most 90% of the three offenders came, and below 5% of the 12 offenders left.
There were 30 interviews (20 in 2004 plus 10 in 2005).
There were 60 cases (40 aged 18 to 24 plus 20 aged 25 and over).
One hundred and twenty cases (100 other cases plus 20 licences) were read.
There were 12 staff (including eight officers plus two trainees), and over 40 staff (30 staff plus 8 others).
There were 20 offenders (12 men plus eight women, of whom three were under 21).
Four teams (one manager plus six officers each) and three hostels (20 beds plus two for women) took part.
There were 100 cases in the sample: 12 were women and eight were from minority ethnic groups.
There were 30 offenders in the sample; two had moved and three had died.
Ten cases were read; one in Exeter and two in Truro.
In six of seven cases it was so; in ſix of ſeven cases too, and in one-thırd of them.
""".strip().split("\n")


@pytest.mark.parametrize("sentence", FINE)
def test_sound_sentences_accuse_nobody(sentence: str, village: Library) -> None:
    """Each of these once looked like an error, or could: the arithmetic holds, or nothing claims to be the same share."""
    got = [f for f in prove(read([sentence], village), village).findings if f.severity != "note"]
    assert got == []


@pytest.mark.parametrize(
    "lines",
    [
        ["SCORING SHEET", "Score for section Z\t50%", "Score for section Z\t60%"],
        [
            "SECTION S STOCK",
            "S1 Choice of books",
            "70%",
            "Strengths:",
            "- New books were seen in 120% of cases.",
        ],
        ["SECTION S STOCK", "S1 Choice of books", "70%", "\tNorth division\t104%", "\t105%\t106%", "120%"],
        ["In " + "9" * 400 + " cases.", "In " + "9" * 5000 + " of 20 cases."],
        ["SECTION S STOCK", "\t", "S1\t\t", "S1: \tScore", "\t%", "101%"],
    ],
)
def test_odd_reports_neither_crash_nor_accuse(lines: list[str], village: Library) -> None:
    sheet = [
        "Village Library Inspection",
        "S1: Choice of books",
        "S2: Care of books",
        "R1: Welcome",
        "M1: Plans",
    ]
    report = read([*sheet, *lines], village)
    assert report.framework == "village-libraries"
    assert [f for f in prove(report, village).findings if f.severity == "error"] == []


def test_a_benchmark_column_is_no_score(village: Library) -> None:
    sheet = [
        "Village Library Inspection",
        "SCORING SHEET",
        "S1: Choice of books\t60%\t75%",
        "S2: Care of books\t90%\t80%",
        "Score for section S\t70%",
    ]
    report = read([*sheet, "R1: Welcome\t50%"], village)
    assert [v.percent for v in report.main.values] == [60, 90, 70, 50]
    assert [f for f in prove(report, village).findings if f.severity == "error"] == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Three of the four centres achieved good attendance (85%).",
        "Of the eight teams inspected, six (90%) met the target.",
        "Of six courts, five (60%) of the sentencers were content.",
        "Objective 3 of 6 (90%) was met.",
        "There was an increase of 20% (five of ten cases).",
        "One team (one team manager plus six officers) was seen.",
        "We found that 75% of the 3 cases per month were on time.",
    ],
)
def test_what_is_not_certain_is_no_error(sentence: str, village: Library) -> None:
    assert [f for f in prove(read([sentence], village), village).findings if f.severity == "error"] == []


def test_an_annex_alone_is_proved_without_a_framework(village: Library) -> None:
    report = read(["THEME: CHILDREN", "In 85% of cases (39 out of 40) it was so."], village)
    assert [f.rule for f in prove(report, village).findings] == ["fraction-percent"]
