"""Narratives: bound figures, numbers typed by hand, words that stand for figures. Expectations counted from the files."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from scrutineer.frameworks.house import WordRule
from scrutineer.frameworks.library import Library
from scrutineer.inspection.load import load
from scrutineer.inspection.texts import Text
from scrutineer.report.document.blocks import Bullets, Heading, Paragraph, Quote, Table, join_text
from scrutineer.report.figures.figures import FigureError, Figures
from scrutineer.report.figures.words import find_word, format_fraction, spell_number
from scrutineer.report.texts.binding import Binding, list_bindings
from scrutineer.report.texts.bound import Bound, bind
from scrutineer.report.texts.check import find_remarks
from scrutineer.report.texts.parse import parse
from scrutineer.report.texts.refresh import refresh_text
from scrutineer.report.texts.unbound import list_typed_numbers
from scrutineer.statistics.printed import round_half_up


@pytest.fixture(scope="module")
def esi(demo_folders: Path, library: Library) -> Bound:
    return bind(load(demo_folders / "esi", library), library)


@pytest.fixture(scope="module")
def figures(esi: Bound) -> Figures:
    return esi.figures


def counted(place: Path, question: str, group: str = "all") -> tuple[int, int]:
    """Above and relevant, counted from the CSV files by a plain loop."""
    with (place / "cases.csv").open(encoding="utf-8-sig") as file:
        high = {row["case"] for row in csv.DictReader(file) if row["risk_of_harm"] in {"high", "very_high"}}
    above = relevant = 0
    with (place / "answers.csv").open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            if row["question"] != question or row["reading"] != "1" or row["answer"] == "not_applicable":
                continue
            if group == "high_risk" and row["case"] not in high:
                continue
            relevant += 1
            above += row["answer"] in {"excellent", "sufficient"}
    return above, relevant


def text(*lines: str, name: str = "narrative/foreword") -> Text:
    return Text(name, f"{name}.md", lines)


def list_marks(figures: Figures, *lines: str, name: str = "narrative/foreword") -> list[tuple[str, str, int]]:
    parsed = parse(text(*lines, name=name), figures)
    return [(r.rule, r.severity, r.line) for r in find_remarks(parsed, figures) if r.severity != "note"]


@pytest.mark.parametrize("question", ["b1_fit", "b1_review16", "c1_frequency", "d1_complied"])
def test_share_and_cases_are_what_the_files_give(demo_folders: Path, figures: Figures, question: str) -> None:
    above, relevant = counted(demo_folders / "esi", question)
    assert figures.share(question).text == f"{round_half_up(Fraction(100 * above, relevant))}%"
    assert (
        figures.share(question, below=True).text
        == f"{round_half_up(Fraction(100 * (relevant - above), relevant))}%"
    )
    assert figures.cases(question).text == f"{figures.share(question).text} of cases ({above} of {relevant})"
    assert figures.relevant(question).text == str(relevant)


def test_few_cases_are_told_as_counts_in_words(demo_folders: Path, figures: Figures) -> None:
    questions = [
        q for q in figures.scored.framework.questions if 0 < counted(demo_folders / "esi", q)[1] < 20
    ]
    assert questions
    for question in questions:
        above, relevant = counted(demo_folders / "esi", question)
        assert figures.cases(question).text == format_fraction(above, relevant, "relevant cases")
        with pytest.raises(FigureError, match=f"only {relevant} cases are relevant") as refusal:
            figures.share(question)
        assert f'cases("{question}")' in refusal.value.do


def test_a_group_has_its_own_figures(demo_folders: Path, figures: Figures) -> None:
    above, relevant = counted(demo_folders / "esi", "b1_review16", "high_risk")
    assert relevant >= 20
    text = figures.cases("b1_review16", group="high_risk").text
    assert (
        text
        == f"{round_half_up(Fraction(100 * above, relevant))}% of high risk of harm cases ({above} of {relevant})"
    )
    assert figures.size("high_risk").text == str(relevant)


@pytest.mark.parametrize(
    ("part", "of", "expected"),
    [
        (7, 12, "seven of the 12 cases"),
        (0, 9, "none of the nine cases"),
        (9, 9, "all nine cases"),
        (12, 12, "all 12 cases"),
        (1, 1, "the one case"),
        (0, 1, "none of the cases (one)"),
        (2, 2, "both cases"),
    ],
)
def test_counts_in_the_house_style(part: int, of: int, expected: str) -> None:
    assert format_fraction(part, of, "cases") == expected


def test_numbers_below_ten_are_words() -> None:
    assert [spell_number(n) for n in (1, 9, 10, 100)] == ["one", "nine", "10", "100"]


def test_what_must_not_be_printed_is_refused_with_what_to_write(figures: Figures) -> None:
    cases = {
        ("share", "b1_fitt"): "did you mean b1_fit",
        ("share", "b1_fit", "nobody"): "choose from all, high_risk",
        ("score", "B9"): "did you mean",
        ("rating", "B1"): 'score("B1")',
        ("agreed", "offenders", "nothing"): "choose from think_twice",
        ("date", "never"): "calendar.yaml",
        ("source", "44%", " "): "name the source",
        ("compared", "B1"): "leave the comparison out",
    }
    for (name, *arguments), advice in cases.items():
        with pytest.raises(FigureError) as refusal:
            getattr(figures, name)(*arguments)
        assert advice in refusal.value.do, (name, refusal.value.do)


def test_too_small_a_group_is_refused(esi: Bound) -> None:
    shown = esi.scored.shown
    hidden = [(g, q) for g, q in shown.suppressed if q in esi.scored.framework.questions and g != "all"]
    assert hidden, "the demonstration has figures that few cases stand behind"
    for group, question in hidden:
        if (group, None) in shown.suppressed:
            continue
        with pytest.raises(FigureError, match="too few cases"):
            esi.figures.cases(str(question), group=group)


def test_responses_are_counted_and_few_are_told_in_words(demo_folders: Path, library: Library) -> None:
    figures = bind(load(demo_folders / "omi", library), library).figures
    assert figures.response_rate("offenders").text == "31%"
    assert figures.response_rate("victims").text == "29%"  # 4 of 14 is 28.57
    assert figures.agreed("offenders", "relationship").text == "87%"  # 27 of 31 is 87.1
    assert figures.agreed("victims", "listened").text == "all four"
    assert figures.agreed("victims", "whom").text == "two of the four"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{{ share('b1_fit' }}", "not a bound figure"),
        ("{{ b1_fit }}", "not a bound figure"),
        ('{{ shares("b1_fit") }}', "no figure called 'shares'"),
        ('{{ __import__("os") }}', "no figure called '__import__'"),
        ('{{ share("b1_fit").text }}', "not a bound figure"),
        ('{{ share("b1_" + "fit") }}', "not a plain value"),
        ('{{ share("b1_fit", below="yes") }}', "cannot take 'yes' as below"),
        ('{{ share("b1_fit", colour="red") }}', "can't be used this way"),
        ('{{ share("b1_fit")', "not closed on this line"),
        ('share("b1_fit") }}', "not closed on this line"),
    ],
)
def test_what_is_no_bound_figure_is_told(line: str, problem: str) -> None:
    (wrong,) = list_bindings(line)
    assert not isinstance(wrong, Binding)
    assert problem in wrong[1]


def test_every_fault_of_a_text_is_told_at_once_with_its_line(figures: Figures) -> None:
    lines = [
        'Good in {{ share("b1_fit") }} of cases.',
        "It was good in 52% of cases, and in seven of the 12 others.",
        '{{ share("b1_fitt") }}',
        '{{ share("b1_fit", was="1%") }}',
        "[to be written: more]",
        "Level 2 and 16 weeks and 3 October 2005 and 2004/2005 and B1 are no findings.",
    ]
    assert list_marks(figures, *lines) == [
        ("unbound-number", "error", 2),
        ("unbound-number", "error", 2),
        ("refused", "error", 3),
        ("stale-figure", "error", 4),
        ("unfilled", "error", 5),
    ]


def test_a_typed_percentage_is_told_which_figure_it_may_be(figures: Figures) -> None:
    percent = figures.share("b1_fit").text
    parsed = parse(text(f"It was good in {percent} of cases.", name="findings/B1"), figures)
    (remark,) = find_remarks(parsed, figures)
    assert '{{ share("b1_fit") }}' in remark.do
    assert "source(" in remark.do


def test_a_quoted_number_is_no_finding(figures: Figures) -> None:
    line = 'Of staff, {{ source("44%", "the staff survey of 2004") }} felt under stress.'
    assert not list_marks(figures, line)
    parsed = parse(text(line), figures)
    assert parsed.spots[0].figure.source == "the staff survey of 2004"


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ("In 52% of cases", ["52%"]),
        ("in 33 per cent", ["33 per cent"]),
        ("seven of the 12", ["seven of the 12"]),
        ("43 out of 61 plans", ["43 out of 61"]),
        ("three cases were late", ["three cases"]),
        ("half of the offenders", ["half of the offenders"]),
        ("a budget of 5.8 million", ["5.8"]),
        ("1. first", []),
        ("within 15 working days, two-year", []),
        ("see section 2 and criterion 2.4, tiers 3 and 4", []),
        ("in 2004/2005 and on 3 May 2005", []),
        ("one of them said", []),
    ],
)
def test_numbers_typed_by_hand(line: str, numbers: list[str]) -> None:
    assert [t.text for t in list_typed_numbers(line)] == numbers


def test_words_stand_for_figures_only_as_ruled(figures: Figures) -> None:
    high = next(q for q in figures.scored.framework.questions if _percent(figures, q) >= 70)
    low = next(q for q in figures.scored.framework.questions if 20 < _percent(figures, q) < 45)
    assert not list_marks(figures, f'Most cases were good: {{{{ share("{high}") }}}}.')
    assert list_marks(figures, f'Most cases were good: {{{{ share("{low}") }}}}.') == [
        ("word-rule", "error", 1)
    ]
    assert not list_marks(figures, f'A minority of cases were good: {{{{ share("{low}") }}}}.')
    assert list_marks(figures, "Most cases were good.") == [("word-rule", "error", 1)]
    assert not list_marks(figures, "The methods most likely to work; the most senior managers.")
    assert list_marks(figures, "It was significantly better.") == [("word-rule", "error", 1)]


def _percent(figures: Figures, question: str) -> float:
    try:
        return figures.share(question).percent or 0.0
    except FigureError:
        return 0.0


def test_word_rules_choose_the_first_that_fits() -> None:
    rules = [WordRule(word="almost all", at_least=90), WordRule(word="most", at_least=65)]
    assert [find_word(rules, p) for p in (95, 90, 70, 64.9)] == ["almost all", "almost all", "most", None]
    change = WordRule(word="marginally", of="change", at_most=5, significant=False)
    assert change.allows(-4.9)
    assert not change.allows(-4.9, significant=True)
    assert not change.allows(6)


def test_markdown_becomes_blocks_and_nothing_else(figures: Figures) -> None:
    parsed = parse(
        text(
            "## Strengths",
            "",
            '- **Bold** in {{ share("b1_fit") }}',
            "- <script>alert(1)</script>",
            "",
            "A [link](javascript:alert(1)) and [one](https://example.org).",
        ),
        figures,
    )
    heading, bullets, paragraph = parsed.blocks
    assert isinstance(heading, Heading)
    assert isinstance(bullets, Bullets)
    assert isinstance(paragraph, Paragraph)
    assert join_text(bullets.items[0]) == f"Bold in {figures.share('b1_fit').text}"
    assert join_text(bullets.items[1]) == "<script>alert(1)</script>"
    assert [run.link for run in paragraph.content if run.link] == ["https://example.org"]


def test_lists_tables_quotes_and_notes_keep_what_they_are(figures: Figures) -> None:
    parsed = parse(
        text(
            "## Caseload",
            "",
            "| Office | Cases |",
            "|---|--:|",
            '| North | {{ share("b1_fit") }} |',
            '| **South** | {{ cases("b1_fit") }} ({{ share("b1_fit") }}) |',
            "",
            "> Nobody asked us.",
            "> - a member of staff",
            "",
            "3. First",
            "   - inner one",
            "     1. innermost",
            "   - inner two",
            "",
            "   Second paragraph of the first.",
            "4. Second",
            "",
            "Address:\\",
            "Old Street[^1]",
            "",
            "[^1]: Since *last* year.",
        ),
        figures,
    )
    assert not [r for r in parsed.remarks if r.severity == "error"]
    _, table, quote, numbers, address, _, notes = parsed.blocks
    assert isinstance(table, Table)
    assert table.columns == ("Office", "Cases")
    assert [row.head for row in table.rows] == ["North", "South"]
    assert table.rows[0].cells[0].figure == figures.share("b1_fit")
    assert join_text(table.rows[1].cells[0].runs).endswith(f"({figures.share('b1_fit').text})")
    assert table.numbers == {1}
    assert isinstance(quote, Quote)
    assert [type(b) for b in quote.blocks] == [Paragraph, Bullets]
    assert isinstance(numbers, Bullets)
    assert (numbers.kind, numbers.start, [join_text(i) for i in numbers.items]) == (
        "numbers",
        3,
        ["First", "Second"],
    )
    inner, second = numbers.find_within(0)
    assert isinstance(inner, Bullets)
    assert [join_text(i) for i in inner.items] == ["inner one", "inner two"]
    assert isinstance(inner.find_within(0)[0], Bullets)
    assert isinstance(second, Paragraph)
    assert isinstance(address, Paragraph)
    assert join_text(address.content) == "Address:\nOld Street1"
    assert isinstance(notes, Bullets)
    assert join_text(notes.items[0]) == "Since last year."
    assert len(parsed.spots) == 3


@pytest.mark.parametrize(
    ("lines", "line", "words"),
    [
        (["Text", "", "![a map](map.png)"], 3, "picture"),
        (["A <b>bold</b> word"], 1, "exactly as typed"),
        (["A ~~struck~~ word"], 1, "exactly as typed"),
        (["See[^9] there"], 1, "exactly as typed"),
        (["Text", "", "[^2]: A note that nobody asks for."], 3, "nothing in the text refers"),
        (["- [x] done"], 1, "exactly as typed"),
        (["```", "code", "```"], 1, "would not be printed"),
        (["Text", "", "---", "", "Text"], 3, "would not be printed"),
    ],
)
def test_what_a_report_does_not_print_is_refused_with_its_line(
    figures: Figures, lines: list[str], line: int, words: str
) -> None:
    parsed = parse(text(*lines), figures)
    assert [(r.severity, r.line) for r in parsed.remarks] == [("error", line)]
    assert words in str(parsed.remarks[0])


def test_a_figure_that_opens_a_sentence_gets_a_capital(figures: Figures, demo_folders: Path) -> None:
    few = next(
        q
        for q in figures.scored.framework.questions
        if 0 < counted(demo_folders / "esi", q)[1] < 20 and counted(demo_folders / "esi", q)[0] < 10
    )
    parsed = parse(text(f'{{{{ cases("{few}") }}}} were good.'), figures)
    block = parsed.blocks[0]
    assert isinstance(block, Paragraph)
    assert join_text(block.content)[0].isupper()


def test_refreshing_writes_what_a_figure_is_now_and_nothing_else(figures: Figures) -> None:
    line = 'In {{ share("b1_fit", was="1%") }} of cases; {{ source("44%", "a survey") }}; {{ share("nothing") }}.'
    now = figures.share("b1_fit").text
    assert refresh_text(line, figures) == line.replace('was="1%"', f'was="{now}"')
    assert refresh_text(refresh_text(line, figures), figures) == refresh_text(line, figures)


def test_the_drafts_hold_nothing_to_mend(demo_folders: Path, library: Library) -> None:
    for name in ("esi", "follow-up", "omi"):
        bound = bind(load(demo_folders / name, library), library)
        assert not list(_errors(bound)), name


def _errors(bound: Bound) -> Iterator[str]:
    return (str(r) for r in bound.list_remarks())
