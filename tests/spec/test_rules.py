"""Every proof rule: its example fires where it says, and falls silent once mended. The docs print the same examples."""

from __future__ import annotations

import pytest

from scrutineer.frameworks.library import Library
from scrutineer.proof.basis.finding import ORDER, Finding
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
    assert "fraction-percent" in {f.rule for f in proof.findings}
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
    (finding,) = list_findings("fraction-percent", sentence, village)
    assert (finding.severity, finding.expected) == (severity, expected)


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


# -- what each rule says, and where it keeps silent ------------------------------------------


def list_findings(rule: str, text: str, village: Library) -> list[Finding]:
    """What one rule finds in a report, in its order; each finding is whole, and its lines are lines of the report."""
    lines = text.split("\n")
    findings = prove(read(lines, village), village).findings
    assert {f.rule for f in findings} <= {known.id for known in list_rules()}
    got = [f for f in findings if f.rule == rule]
    for finding in got:
        assert finding.severity in ORDER
        assert all(lines[line - 1].strip() for line in (finding.line, *finding.also))
        assert finding.line not in finding.also
        assert finding.message.endswith(".")
        assert finding.quote.strip()
        assert {type(finding.published), type(finding.expected)} == {str}
    return got


def describe_findings(rule: str, text: str, village: Library) -> list[tuple[int, str, str]]:
    """The same by line, what is printed and what it should be."""
    return [(f.line, f.published, f.expected) for f in list_findings(rule, text, village)]


MONTHS = [
    "March 2004", "April 2004", "May 2004", "June 2004", "July 2004", "August 2004", "September 2004", "October 2004",
    "November 2004", "December 2004", "January 2005", "February 2005", "March 2005", "April 2005",
]  # fmt: skip


@pytest.mark.parametrize(
    ("period", "last"),
    [
        ("the first quarter of 2004/05", "June 2004"),
        ("the second quarter of 2004/2005", "September 2004"),
        ("the third quarter of 2004/05", "December 2004"),
        ("the fourth quarter of 2004/05", "March 2005"),
        ("the last quarter of 2004/2005", "March 2005"),
        ("the first three months of 2004/05", "June 2004"),
        ("the first six months of 2004/05", "September 2004"),
        ("the first nine months of 2004/2005", "December 2004"),
        ("2004/05", "March 2005"),
        ("the year 2004/2005", "March 2005"),
    ],
)
def test_a_period_of_a_year_with_a_slash_ends_with_its_last_month(
    period: str, last: str, village: Library
) -> None:
    """Such a year runs from April to March: only a position of a later month than its last can't come before it."""

    def is_out_of_order(now: str, then: str) -> bool:
        return bool(
            list_findings(
                "period-order",
                f"It was ranked sixth in {now}, compared with a position of 40th in {then}.",
                village,
            )
        )

    for month in MONTHS:
        later = MONTHS.index(month) > MONTHS.index(last)
        assert is_out_of_order(period, month) is later, (period, month)
        earlier = MONTHS.index(month) < MONTHS.index(last)
        assert is_out_of_order(month, period) is earlier, (month, period)


def test_only_positions_are_put_in_order_and_the_sentence_before_counts_where_it_is_meant(
    village: Library,
) -> None:
    two = "It was ranked sixth in March 2004. {} was an improvement on a position of 40th in June 2004."
    (finding,) = list_findings("period-order", two.format("This"), village)
    assert (finding.published, finding.expected) == ("March 2004", "after June 2004")
    assert finding.quote == "March 2004 … June 2004"
    assert list_findings("period-order", two.format("The result"), village) == []
    assert list_findings("period-order", "It was open in March 2004, compared with June 2004.", village) == []
    assert (
        list_findings(
            "period-order",
            "It was ranked sixth in March 2004, after a position of 40th in June 2004.",
            village,
        )
        == []
    )


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("The plan was was late.", "was"),
        ("There was a a plan.", "a"),
        ("It was for the the.", "the"),
        ("It was of of, and late.", "of"),
        ("He said that he had had enough.", ""),
        ("He said that that is is it.", ""),
        ("Items 2 2 and B B were late.", ""),
        ("It was late, late in the day. Day by day.", ""),
        ("The the plan was late.", ""),
    ],
)
def test_a_word_is_repeated_where_nothing_stands_between_its_two_places(
    text: str, word: str, village: Library
) -> None:
    expected = [(1, f"{word} {word}", word)] if word else []
    assert describe_findings("repeated-word", text, village) == expected


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("The area of {AREA} was seen on [DATE OF VISIT].", ["{AREA}", "[DATE OF VISIT]"]),
        ("It was XX of the cases.", ["XX"]),
        ("The date is TBC or TBA.", ["TBC", "TBA"]),
        ("The name is ____ here.", ["____"]),
        ("It was so in % of cases.", ["in %"]),
        ("It was so ( %) and (%).", ["( %)", "(%)"]),
        ("It was so ( out of 12) and ( of 9).", ["( out of 12)", "( of 9)"]),
        ("It was so in 12 out of cases.", ["12 out of cases"]),
        ("A film that is XXX rated, form [AB], {area}, model AXX, 12 out of 20 cases.", []),
        ("Criterion\t( %)\t(%)", []),
        ("Area\t{AREA}", ["{AREA}"]),
    ],
)
def test_what_was_left_open_is_found_and_nothing_else(text: str, places: list[str], village: Library) -> None:
    got = list_findings("placeholder", text, village)
    assert [f.quote for f in got] == places
    assert [f.message for f in got] == [f"“{place}” was never filled in." for place in places]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The village has 42 readers (40 adult readers plus four children).", ("42", "44")),
        ("The village has 36 readers (40 adult readers plus four children).", ("36", "44")),
        ("There are over 42 readers (40 adult readers plus four children).", None),
        ("The village has 42 readers (40 adults plus four children).", None),
        ("We saw thirty offenders; 11 in person and 18 by telephone.", ("30", "29")),
        ("We saw 30 people; 11 in person and 16 by telephone.", ("30", "27")),
        ("We saw 30 people; 11 in person and 22 by telephone.", ("30", "33")),
        ("We saw 30 people; 11 in person and 15 by telephone.", None),
        ("We saw 30 people: 11 in person and 19 by telephone.", None),
    ],
)
def test_parts_add_up_to_their_total_or_do_not_claim_to(
    text: str, expected: tuple[str, str] | None, village: Library
) -> None:
    """Two parts after a semicolon are all of a total where they miss it by no more than a tenth."""
    assert describe_findings("part-whole", text, village) == ([(1, *expected)] if expected else [])


RETURNED = "Twelve of the 30 questionnaires sent to the staff were returned. "


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RETURNED + "Of those, 75% were content.", []),
        (RETURNED + "Of those, 91% were content.", []),
        (RETURNED + "Of those, 95% were content.", [(1, "95%", "at most 12 replies")]),
        (RETURNED + "The fee rose by 120%.", []),
        ("The staff were asked.\n\n" + RETURNED + "Of those, 95% were content.\n\nIt was so.", [(3, "95%", "at most 12 replies")]),
        ("Of the 30 questionnaires sent to the staff, only 12 were returned, and 95% were content.", [(1, "95%", "at most 12 replies")]),
        (RETURNED + "\n\nAmong the staff, all 14 of the respondents were content.", [(3, "14", "12")]),
        (RETURNED + "\n\nAmong the victims, all 14 of the respondents were content.", []),
        ("Among the staff, all 14 of the respondents were content.\n\n" + RETURNED, [(1, "14", "12")]),
    ],
)  # fmt: skip
def test_replies_of_one_kind_are_one_number_and_give_the_percentages(
    text: str, expected: list[tuple[int, str, str]], village: Library
) -> None:
    """Of at most twelve replies 10 of 11 is 91%, 3 of 4 is 75%, and none is 95%: 11 of 12 is 92%."""
    assert describe_findings("respondents", text, village) == expected
    for finding in list_findings("respondents", text, village):
        if finding.published == "95%":
            assert finding.quote == "95%"
            assert finding.message == "No whole number of at most 12 replies gives 95%."


GLOSSARY = "GLOSSARY\n\nVL\tVillage library\nRO\tReading officer\n\nSUMMARY\n\n"


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("The VL has two ROs, and both are good at it.", []),
        ("The VL is good at what it does here.", ["RO"]),
        ("The VLs and the RO met the BVLs of the UK.", ["BVL"]),
        ("The VL and the RO are good. NEW BOOKS AND THE BVL FOR ALL READERS were on show.", []),
        ("The VL and the RO read ABCDEFGH and aBcdef.", []),
        ("The VL and the RO read the ABCDEFG and then they slept until noon.", ["ABCDEFG"]),
        ("The VL and the RO met.\n\nThe BVL\n\nIt was a good day for all of them.", []),
    ],
)
def test_abbreviations_are_explained_and_explanations_used(
    text: str, forms: list[str], village: Library
) -> None:
    got = list_findings("abbreviation", GLOSSARY + text, village)
    assert [f.published for f in got] == forms
    assert [f.line for f in got] == [4 if form == "RO" else 8 for form in forms]


def test_an_abbreviation_has_one_meaning(village: Library) -> None:
    twice = (
        "GLOSSARY\n\nVL\tVillage library\nVL\tVoluntary lender\n\nSUMMARY\n\nThe VL is good at what it does."
    )
    (finding,) = list_findings("abbreviation", twice, village)
    assert (finding.line, finding.published, finding.expected, finding.also) == (
        4, "Voluntary lender", "Village library", (3,),
    )  # fmt: skip
    spelled = (
        GLOSSARY + "The RO and the VL met. A Voluntary Lender (VL) came, and a Village Library (VL) closed."
    )
    (finding,) = list_findings("abbreviation", spelled, village)
    assert (finding.line, finding.published, finding.expected, finding.also) == (
        8, "Voluntary Lender", "Village library", (3,),
    )  # fmt: skip
    same = GLOSSARY.replace("RO\tReading officer", "VL\tvillage  Library") + "The VL is good at what it does."
    assert list_findings("abbreviation", same, village) == []


STRENGTHS = read_example("reference").fires


@pytest.mark.parametrize(
    ("label", "published", "expected"),
    [("b", "b", "d"), ("d", "", ""), ("D", "", ""), ("e", "e", ""), ("a", "a", "d")],
)
def test_a_lettered_reference_leads_to_an_item_that_speaks_of_the_same(
    label: str, published: str, expected: str, village: Library
) -> None:
    """Item (c) speaks of old novels and old maps: item (d), on line 29, does as well, and no other."""
    got = list_findings("reference", STRENGTHS.replace("'Strength (b)'", f"'Strength ({label})'"), village)
    assert [(f.line, f.published, f.expected) for f in got] == (
        [(28, published, expected)] if published else []
    )
    if expected:
        assert got[0].also == ({"a": 26, "b": 27}[label], 29)
        assert got[0].message == f"({label}) is not about what the sentence says; (d) is (map)."
    if label == "e":
        assert got[0].message == "There is no (e) in that list; it has a, b, c, d."


def test_a_table_that_the_text_refers_to_is_there(village: Library) -> None:
    text = "Table 1: Readers\n\nThe readers are counted (see Table {}), and shown in Chart 7 of another report.\n\nAppendix A\n"
    assert list_findings("reference", text.format(1), village) == []
    (finding,) = list_findings("reference", text.format(2), village)
    assert (finding.line, finding.quote, finding.severity) == (3, "see Table 2", "note")
    assert finding.message == "There is no Table 2 in the report."
    assert list_findings("reference", "The readers are counted (see Table 2).", village) == []


THEME = read_example("comparison").silent
"""The sub-sample scores S1 50% (the main sample 60%), S2 80% (90%), R1 40% (50%) and R2 70% (80%)."""


def with_words(s1: int, s2: int, words1: str = "", words2: str = "", everywhere: str = "") -> str:
    text = THEME.replace("Children were served less well in all areas.", everywhere)
    text = text.replace("Books are chosen.\t50%", f"Books are chosen.\t{s1}%\n\n{words1}\n")
    return text.replace("Books are kept.\t80%", f"Books are kept.\t{s2}%\n\n{words2}\n")


LESS, SAME = "Children were served less well.", "There was no significant difference for children."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (with_words(50, 70, LESS, SAME), [("no significant difference", "-20 points")]),
        (with_words(50, 99, LESS, SAME), []),
        (with_words(50, 100, LESS, SAME), []),
        (with_words(50, 80, LESS, SAME), []),
        (with_words(55, 96, LESS, SAME), [("no significant difference", "+6 points")]),
        (with_words(50, 70, LESS, SAME + " The post-test was late."), []),
        (with_words(50, 70, "Children were served well.", SAME), []),
        (with_words(60, 70, LESS, SAME), []),
        (with_words(70, 80, LESS.replace("well.", "well in all areas.")), [("lower", "10 points higher")]),
        (with_words(60, 80, LESS.replace("well.", "well in all areas.")), []),
        (with_words(70, 80, "Children were served well in all areas."), []),
        (with_words(50, 80, everywhere="Children were served less well in all areas."), []),
        (with_words(60, 80, everywhere="Children were served less well in all areas."), []),
        (with_words(61, 95, everywhere="Children were served less well in all areas."), [("in all areas", "in 2 of 4 criteria at most")]),
        (with_words(61, 95, everywhere="Children were served well in all areas. They were poorer."), []),
        (with_words(61, 95, everywhere="The children, a sample of its own, did less well in all areas."), []),
    ],
)  # fmt: skip
def test_words_about_a_sub_sample_fit_its_figures(
    text: str, expected: list[tuple[str, str]], village: Library
) -> None:
    """ "No significant difference" covers no gap that is wider than the widest that the report calls a difference."""
    assert [(f.published, f.expected) for f in list_findings("comparison", text, village)] == expected


def test_a_gap_that_is_called_none_is_told_beside_the_one_that_is_called_a_difference(
    village: Library,
) -> None:
    text = with_words(50, 70, LESS, SAME)
    (finding,) = list_findings("comparison", text, village)
    lines = text.split("\n")
    assert lines[finding.line - 1] == SAME
    assert lines[finding.also[0] - 1] == "Books are kept.\t70%"
    assert lines[finding.also[1] - 1] == LESS
    assert finding.message == (
        "S2 differs by 20 points (70% against 90%), while 10 at S1 (50% against 60%) is called a difference. "
        "No test is published for either."
    )
    text = with_words(61, 95, everywhere="Children were served less well in all areas.")
    (finding,) = list_findings("comparison", text, village)
    assert finding.message == (
        "Not in all: the sub-sample scores higher in 2 of 4 criteria (S1 61% against 60%, S2 95% against 90%)."
    )
    assert [text.split("\n")[line - 1] for line in finding.also] == [
        "Books are chosen.\t61%",
        "Books are kept.\t95%",
    ]


@pytest.mark.parametrize(
    ("codes", "words", "published"),
    [
        ("M1 and M2", "one was well met and one partly met", ""),
        ("M1-M2", "one was well met and one partly met", ""),
        ("M1-M2", "both were well met", "2 well met"),
        ("M1–M2", "all were partly met", "2 partly met"),
        ("M1, M2", "two were partly met", "2 partly met"),
        ("M1", "one was well met", ""),
        ("M2", "one was well met", "1 well met"),
        ("M1 and S1", "both were well met", ""),
        ("M1 and M2", "both were late", ""),
        ("M7-M9", "all were well met", ""),
    ],
)
def test_ratings_counted_in_words_are_those_that_are_printed(
    codes: str, words: str, published: str, village: Library
) -> None:
    """M1 is well met, M2 partly met. S1 has no rating, so nothing can be said of a count that includes it."""
    text = read_example("rating-tally").fires.replace(
        "(M1 and M2), both were well met", f"({codes}), {words}"
    )
    got = list_findings("rating-tally", text, village)
    assert [f.published for f in got] == ([published] if published else [])
    if published:
        right = "1 partly met" if codes == "M2" else "1 partly met, 1 well met"
        assert got[0].expected == right
        listed = ", ".join(["M1", "M2"] if "M1" in codes else ["M2"])
        assert (
            got[0].message == f"The text says: {published}. The ratings printed for {listed} give: {right}."
        )


SHEET = read_example("same-figure-twice").silent.split("SECTION S STOCK")[0]
"""S1 is printed as 60% on line 9, S2 as 90%, section S as 70% on line 11, and all of it as 64% on line 15."""


@pytest.mark.parametrize(
    ("sheet", "again", "odd", "expected", "name"),
    [
        (("S1: Choice of books\t60%", "S1: Choice of books\t80%"), "SECTION S STOCK\n\nS1 Choice of books\n\n60%", (9, "80%"), "60%", "S1 Choice of books"),
        (("", ""), "SECTION S STOCK\n\nS1 Choice of books\n\n80%", (22, "80%"), "60%", "S1 Choice of books"),
        (("", ""), "SECTION S STOCK\n\nS1 Choice of books\n\n61%", (22, "61%"), "60%", "S1 Choice of books"),
        (("section S\t70%", "section S\t75%"), "Score for section S\t70%", (11, "75%"), "70%", "Section S"),
        (("", ""), "Score for section S\t75%", (18, "75%"), "70%", "Section S"),
        (("OVERALL SCORE\t64%", "OVERALL SCORE\t70%"), "OVERALL SCORE\t64%", (15, "70%"), "64%", "The overall score"),
        (("", ""), "OVERALL SCORE\t70%", (18, "70%"), "64%", "The overall score"),
    ],
)  # fmt: skip
def test_of_two_figures_the_odd_one_is_that_which_does_not_fit_and_else_the_later(
    sheet: tuple[str, str], again: str, odd: tuple[int, str], expected: str, name: str, village: Library
) -> None:
    """(2 × 60 + 90) ÷ 3 is 70: 80% and 75% can't be; 61% can, since it gives 70.2% at the least."""
    text = (SHEET.replace(*sheet) if sheet[0] else SHEET) + again
    (finding,) = list_findings("same-figure-twice", text, village)
    assert (finding.line, finding.published, finding.expected) == (*odd, expected)
    other = {9: 22, 22: 9, 11: 18, 15: 18, 18: 11 if "Section" in name else 15}[finding.line]
    assert finding.also == (other,)
    assert finding.message.startswith(f"{name} is printed with different figures: ")
    assert f"{odd[1]} on line {odd[0]}" in finding.message
    assert f"{expected} on line {other}" in finding.message


@pytest.mark.parametrize(
    ("contents", "faults"),
    [
        ("S1 Choice of books\t3\nS2 Care of books\t4", ""),
        ("S2 Care of books\t3\nS1 Choice of books\t4", "has them in the order S2, S1"),
        ("S1 Choice of books\t3\nS2 Keeping time\t4", "calls S2 “Keeping time” where the body has “Care of books”"),
        ("S2 Keeping time\t3\nS1 Choice of books\t4", "has them in the order S2, S1; calls S2 “Keeping time” where the body has “Care of books”"),
    ],
)  # fmt: skip
def test_a_list_of_criteria_has_the_titles_and_the_order_of_the_body(
    contents: str, faults: str, village: Library
) -> None:
    text = read_example("criteria-list").silent.replace(
        "S1 Choice of books\t3\nS2 Care of books\t4", contents
    )
    got = list_findings("criteria-list", text, village)
    assert [f.message for f in got] == ([f"The contents, section S: {faults}."] if faults else [])


def test_a_title_that_differs_leads_to_the_heading_of_the_body(village: Library) -> None:
    text = read_example("criteria-list").fires + "\nS2 Care of books\n\n90%\n"
    (finding,) = list_findings("criteria-list", text, village)
    lines = text.split("\n")
    assert (lines[finding.line - 1], finding.quote) == ("S2 Keeping time\t4", "S2 Keeping time")
    assert [lines[line - 1] for line in finding.also] == ["S2 Care of books"]
    assert (finding.published, finding.expected) == ("S1, S2", "S1, S2")


TARGETS = read_example("target-marker").silent


@pytest.mark.parametrize(
    ("row", "expected", "state"),
    [
        ("Books on time\t90%\t90%*", "", ""),
        ("Books on time\t90%\t86.4%*", "", ""),
        ("Books on time\t90%\t86.3%", "", ""),
        ("Books on time\t90%\t90%", "90%*", "90% meets the target of 90, and is not marked"),
        ("Books on time\t90%\t86.4%", "86.4%*", "86.4% is within 4% of the target of 90, and is not marked"),
        (
            "Books on time\t90%\t86.3%*",
            "86.3%",
            "86.3% misses the target by more than 4% of 90, and is marked",
        ),
        ("Books on time\t1,000\t1,001", "1,001*", "1,001 meets the target of 1000, and is not marked"),
        ("Days of absence\t10\t10.4*", "", ""),
        ("Days of absence\t10\t10.5", "", ""),
        ("Days of absence\t10\t10", "10*", "10 meets the target of 10 or less, and is not marked"),
        (
            "Days of absence\t10\t10.4",
            "10.4*",
            "10.4 is within 4% of the target of 10 or less, and is not marked",
        ),
        (
            "Days of absence\t10\t10.5*",
            "10.5",
            "10.5 misses the target by more than 4% of 10 or less, and is marked",
        ),
        ("Books lost\tno more than 10%\t9%", "9%*", "9% meets the target of 10 or less, and is not marked"),
        ("Sickness recorded\t90%\t95%", "95%*", "95% meets the target of 90, and is not marked"),
        ("Books on time\tnone\t95%", "", ""),
        ("Books on time\t80 or 90%\t95%", "", ""),
        ("Books on time\t90%\tnot known*", "", ""),
    ],
)
def test_a_mark_is_on_what_meets_or_nearly_meets_its_target(
    row: str, expected: str, state: str, village: Library
) -> None:
    """The village's near miss is 4% of the target: 86.4 of 90, and 10.4 where less is better than 10."""
    got = list_findings("target-marker", TARGETS.replace("Books on time\t90%\t88%*", row), village)
    assert [(f.line, f.expected) for f in got] == ([(21, expected)] if expected else [])
    assert [f.message for f in got] == ([f"Upper Dale: {state}."] if expected else [])


def test_a_mark_that_nothing_explains_is_left_over(village: Library) -> None:
    text = TARGETS.replace("* marks a target that was met or nearly met", "* see page 4")
    (finding,) = list_findings("target-marker", text, village)
    assert (finding.line, finding.published, finding.expected) == (21, "88%*", "88%")
    assert finding.message == "The report does not explain the mark on 88%*."
    assert list_findings("target-marker", text.replace("88%*", "88%"), village) == []


@pytest.mark.parametrize(("share", "expected"), [(20, "25%"), (25, ""), (26, "25%")])
def test_a_sub_sample_is_the_share_of_its_sample_that_it_is_said_to_be(
    share: int, expected: str, village: Library
) -> None:
    """24 of 95 cases are 25.3%."""
    sentence = f"{share}% of the main sample is referred to as the children sub-sample."
    text = THEME.replace(
        "THEME: CHILDREN",
        f"Table A: Issues (Sample 95)\n\nTHEME: CHILDREN\n\n{sentence}\n\nTable B: Issues (Sample 24)",
    )
    got = list_findings("part-whole", text, village)
    assert [(f.published, f.expected) for f in got] == ([(f"{share}%", expected)] if expected else [])
    if expected:
        lines = text.split("\n")
        assert got[0].message == f"The sub-sample has 24 cases of 95, which is 25%, not {share}%."
        assert lines[got[0].line - 1] == sentence
        assert got[0].quote == sentence.rstrip(".")
        assert [lines[line - 1] for line in got[0].also] == [
            "Table A: Issues (Sample 95)",
            "Table B: Issues (Sample 24)",
        ]


def test_two_sizes_of_a_sample_name_each_other(village: Library) -> None:
    (finding,) = list_findings("sample-size", read_example("sample-size").fires, village)
    assert (finding.line, finding.published, finding.expected, finding.also) == (1, "100", "95", (3,))
    assert finding.message == "The sample is given as 100 here and as 95 on line 3."


def test_a_section_that_its_criteria_cannot_give_is_worked_out(village: Library) -> None:
    """(2 × [59.5, 60.5) + [89.5, 90.5)) ÷ 3 is 69.5 to 70.5."""
    (finding,) = list_findings("recompute-section", read_example("recompute-section").fires, village)
    assert (finding.line, finding.published, finding.expected, finding.also) == (
        11,
        "75%",
        "69.5% to 70.5%",
        (9, 10),
    )
    assert finding.quote == "Section S 75%"
    assert "its criteria give 69.5% to 70.5%: (2 × S1 60% + 1 × S2 90%) ÷ 3." in finding.message


def test_a_percentage_is_corrected_with_its_decimals_where_it_has_any(village: Library) -> None:
    (whole,) = list_findings("fraction-percent", "In 40% of cases (4 out of 8) it was so.", village)
    assert "50%" in whole.message
    assert "when rounded" not in whole.message
    (halves,) = list_findings("fraction-percent", "In 40% of cases (5 out of 8) it was so.", village)
    assert "62.5% (63% when rounded)" in halves.message
    (cut,) = list_findings("fraction-percent", "In 66% of cases (2 out of 3) it was so.", village)
    assert "66.67% (67% when rounded)" in cut.message
    assert cut.message.endswith("66%: the decimals were cut off.")


@pytest.mark.parametrize(
    ("rule", "message", "expected", "also"),
    [
        (
            "recompute-criterion",
            "S1 is printed as 60%. Its printed questions (s1_range 70%, s1_new 40%) give 54.5% to 55.5%. If one figure alone is wrong: "
            "s1_range, printed as 70%, must be between 79% and 81%; or s1_new, printed as 40%, must be between 49% and 51%; "
            "or S1, printed as 60%, must be 55%.",
            "54.5% to 55.5%",
            (26, 27),
        ),
        (
            "recompute-overall",
            "The overall score is printed as 67%, but 40% of S 70% + 60% of R 60% gives 63.5% to 64.5%. "
            "If one figure alone is wrong: overall, printed as 67%, must be 64%.",
            "63.5% to 64.5%",
            (11, 14),
        ),
        (
            "recompute-thread",
            "The thread 'Access' is printed as 63%, but the mean of its 2 questions is 59.5% to 60.5%. If one figure alone is wrong: "
            "s1_range, printed as 70%, must be between 75% and 77%; or r1_greeted, printed as 50%, must be between 55% and 57%; "
            "or access, printed as 63%, must be 60%.",
            "59.5% to 60.5%",
            (26, 37),
        ),
    ],
)  # fmt: skip
def test_a_score_that_its_parts_cannot_give_is_told_with_each_figure_that_would_mend_it(
    rule: str, message: str, expected: str, also: tuple[int, ...], village: Library
) -> None:
    """A printed 70% is [69.5, 70.5), so the mean of 70% and 40% is [54.5, 55.5).

    For 60% of the two, the first would be more than 2 × 59.5 - 40.5 = 78.5 and less than 2 × 60.5 - 39.5 = 81.5: 79 to 81.
    """
    (finding,) = list_findings(rule, read_example(rule).fires, village)
    assert (finding.message, finding.expected, finding.also) == (message, expected, also)
    ranges = [(a.name, a.low, a.high) for a in finding.alternatives]
    assert all(f"{low}%" in message and f"{high}%" in message for _, low, high in ranges)
    assert len(ranges) == message.count("must")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The reader was greeted in 38% of the 7 cases.", "nor gives it with the decimals cut off. The nearest possible figure is 40%, 2 of 5."),
        ("The reader was greeted in 66% of the 3 cases.", "66%; 2 of 3 gives it with the decimals cut off."),
        ("The reader was greeted in 67% of the 3 cases.", ""),
        ("The reader was greeted in 38% of the 8 cases.", ""),
        ("The reader was greeted in 0% of the 7 cases, and in 100% of the 7 cases.", ""),
        ("The reader was greeted in 99% of the 100 cases.", ""),
    ],
)  # fmt: skip
def test_a_percentage_of_few_cases_is_one_that_whole_numbers_give(
    text: str, expected: str, village: Library
) -> None:
    """3 of 8 is 37.5%, printed as 38%; of at most seven cases 2 of 5 comes nearest. 2 of 3 is 66.7%."""
    got = list_findings("attainable-percent", text, village)
    assert [f.severity for f in got] == (["note" if "66%" in text else "error"] if expected else [])
    assert all(f.message.endswith(expected) and f.published in text for f in got)


def test_ratings_that_differ_are_shown_as_they_are_printed(village: Library) -> None:
    (finding,) = list_findings(
        "same-figure-twice", SHEET + "SECTION M MANAGEMENT\n\nM1: Plans\tPartly met", village
    )
    assert {finding.published, finding.expected} == {"Well met", "Partly met"}
    assert "Well met on line 7" in finding.message
    assert "Partly met on line 20" in finding.message


def test_no_score_is_more_than_all(village: Library) -> None:
    text = SHEET.replace("S2: Care of books\t90%", "S2: Care of books\t101%")
    (finding,) = list_findings("attainable-percent", text, village)
    assert (finding.line, finding.published, finding.expected, finding.severity) == (
        10,
        "101%",
        "at most 100%",
        "error",
    )
    assert finding.message == "S2 is printed as 101%: no share is more than 100%."
    assert list_findings("attainable-percent", text.replace("101%", "100%"), village) == []


def test_no_more_cases_are_relevant_than_were_inspected(village: Library) -> None:
    """Of 24 inspected cases 18 of 24 is possible, 20 of 25 is not."""
    text = (
        SHEET
        + "Table A: Issues (Sample 24)\n\nSECTION S STOCK\n\nS1 Choice of books\n\n60%\n\nStrengths:\n\n- (a) The range was wide in {} cases."
    )
    assert list_findings("part-whole", text.format("18 of 24"), village) == []
    (finding,) = list_findings("part-whole", text.format("20 of 25"), village)
    assert (finding.published, finding.expected) == ("25", "at most 24")
    assert finding.message == "25 relevant cases are more than the 24 that were inspected."
    assert "20 of 25" in text.format("20 of 25").split("\n")[finding.line - 1]


@pytest.mark.parametrize(
    ("second", "words", "how", "expected"),
    [
        (60, "lower against most of the questions", "most", ""),
        (60, "lower against all of the questions", "all", ""),
        (60, "higher on most questions", "most", "0 of 2"),
        (60, "higher in all questions", "all", "0 of 2"),
        (80, "lower against most of the questions", "most", "1 of 2"),
        (80, "lower in all the questions", "all", "1 of 2"),
        (80, "higher in all questions", "all", "1 of 2"),
        (71, "lower in all questions", "all", "1 of 2"),
        (71, "higher in most questions", "most", "0 of 2"),
        (80, "different in all questions", "", ""),
    ],
)
def test_most_and_all_questions_are_counted_where_both_groups_are_printed(
    second: int, words: str, how: str, expected: str, library: Library, northmoor: list[str]
) -> None:
    """Of high risk cases one question is 55% (of all 64%), the other as given (of all 71%); most is more than half."""
    both = f"- There was a close fit in 71% of cases and in {second}% of the high risk of harm cases."
    lines = [both if line == "- There was a close fit in 71% of cases." else line for line in northmoor]
    assert both in lines
    sentence = f"Scores of high risk of harm cases were {words}."
    lines.insert(lines.index(both) + 1, sentence)
    got = [f for f in prove(read(lines, library), library).findings if f.rule == "comparison"]
    assert [(f.published, f.expected) for f in got] == ([(how, expected)] if expected else [])
    for finding in got:
        assert finding.quote in sentence
        assert lines[finding.line - 1] == sentence
        assert finding.message == f"Of the 2 questions of B1 printed for both, {expected[0]} bear this out."
        assert finding.severity == "warning"


@pytest.mark.parametrize(
    ("first", "second", "odd"),
    [
        ("70%", "14 of 20", ""),
        ("14 of 20", "70%", ""),
        ("70%", "13 of 20", "13 of 20"),
        ("13 of 20", "70%", "70%"),
        ("67%", "2 of 3", ""),
        ("66%", "2 of 3", ""),
        ("2 of 3", "66%", ""),
        ("65%", "2 of 3", "2 of 3"),
        ("2 of 3", "4 of 6", ""),
        ("2 of 3", "3 of 6", "3 of 6"),
    ],
)
def test_two_sentences_about_one_question_give_one_share(
    first: str, second: str, odd: str, village: Library
) -> None:
    """2 of 3 is 66.7%: 67% rounded and 66% with the decimals cut off. 13 of 20 is 65%."""
    sentences = [
        f"- (a) The range was wide in {share}{' of' if '%' in share else ''} cases."
        for share in (first, second)
    ]
    text = SHEET + "SECTION S STOCK\n\nS1 Choice of books\n\n60%\n\nStrengths:\n\n" + "\n".join(sentences)
    got = list_findings("same-figure-twice", text, village)
    assert [(f.published, f.expected) for f in got] == ([(odd, first)] if odd else [])
    for finding in got:
        lines = text.split("\n")
        assert lines[finding.line - 1] == sentences[1]
        assert [lines[line - 1] for line in finding.also] == sentences[:1]
        assert finding.message.startswith(
            "S1 “Was the range of books wide enough?” is printed with different figures: "
        )


@pytest.mark.parametrize(
    "open_place", ["<<AREA>>", "<<name of the area>>", "{AREA}", "[NAME]", "TBC", "XX", "____"]
)
def test_a_place_that_was_left_open_is_found_however_it_is_marked(open_place: str, village: Library) -> None:
    text = f"Reading was supported in {open_place} for most children."
    assert [f.quote for f in list_findings("placeholder", text, village)] == [open_place]


def test_a_tag_is_no_place_that_was_left_open(village: Library) -> None:
    assert (
        list_findings("placeholder", "Reading was <b>supported</b> for <em>most</em> children.", village)
        == []
    )
