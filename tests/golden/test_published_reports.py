"""The five published reports: expectations from the hand-made tables and from the reports themselves."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from scrutineer.frameworks.library import Library
from scrutineer.proof.basis.finding import Finding
from scrutineer.proof.prove import prove
from scrutineer.proof.reading.present_report import as_json
from scrutineer.proof.reading.printed_figures import take_from_report
from scrutineer.proof.reading.read_report import read_file
from scrutineer.proof.reading.report import PublishedReport
from tests.conftest import REPORTS, SHARED, needs_methodology, needs_reports

FILES = {
    "durham_2004": "county-durham-2004-esi.txt",
    "gloucestershire_2005": "gloucestershire-2005-esi.txt",
    "gwent_followup_2005": "gwent-2005-esi-follow-up.txt",
    "devon_cornwall_2006": "devon-and-cornwall-2006-esi.txt",
    "cumbria_2006": "cumbria-2006-omi.txt",
}
GROUPS = {
    "all": "all",
    "hrh": "high_risk",
    "follow-up(hrh)": "follow_up",
    "original(hrh)": "original",
    "post-CJA sample n=15": "post_cja",
}

pytestmark = [needs_reports, needs_methodology]


@pytest.fixture(scope="module")
def reports(library: Library) -> dict[str, PublishedReport]:
    return {name: read_file(REPORTS / file, library) for name, file in FILES.items()}


@pytest.fixture(scope="module")
def proofs(reports: dict[str, PublishedReport], library: Library) -> dict[str, tuple[Finding, ...]]:
    return {name: prove(report, library).findings for name, report in reports.items()}


def rows(name: str) -> list[dict[str, str]]:
    with (SHARED / "methodology" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("name", "framework", "area", "date", "sample", "annex"),
    [
        ("durham_2004", "esi-2003", "County Durham", "May 2004", 100, ("esi-domestic-violence", 23)),
        (
            "gloucestershire_2005",
            "esi-2003",
            "Gloucestershire",
            "January 2005",
            100,
            ("esi-accommodation", 9),
        ),
        ("gwent_followup_2005", "esi-follow-up", "Gwent", "May 2005", 15, None),
        (
            "devon_cornwall_2006",
            "esi-2005",
            "Devon and Cornwall",
            "May 2006",
            95,
            ("esi-substance-misuse", 54),
        ),
        ("cumbria_2006", "omi-2006", "Cumbria", "November 2006", 100, None),
    ],
)
def test_front_matter(
    reports: dict[str, PublishedReport],
    library: Library,
    name: str,
    framework: str,
    area: str,
    date: str,
    sample: int,
    annex: object,
) -> None:
    data = as_json(reports[name], library)
    assert (data["framework"], data["area"], data["date"], data["sample"]) == (framework, area, date, sample)
    assert [(a["framework"], a["sample"]) for a in data["annexes"]] == ([annex] if annex else [])


def published() -> Iterator[tuple[str, dict[str, str]]]:
    for row in rows("scores.csv") if SHARED.is_dir() else []:
        if row["published"].strip() and row["level"] != "thread":
            yield f"{row['report']}-{row['framework']}-{row['code']}-{row['group']}", row


@pytest.mark.parametrize("row", [r for _, r in published()], ids=[i for i, _ in published()])
def test_every_published_score_and_rating_is_read(
    reports: dict[str, PublishedReport], library: Library, row: dict[str, str]
) -> None:
    data = as_json(reports[row["report"]], library)
    part = data if row["framework"] in {"ESI", "OMI"} else data["annexes"][0]
    match row["level"]:
        case "overall":
            got = part["overall"]["score"]
        case "section":
            got = part["sections"][row["code"]]["score"]
        case "management":
            assert part["criteria"][row["code"]]["rating"].lower() == row["published"].strip(". ").lower()
            return
        case _:
            got = part["criteria"][row["code"]]["scores"][GROUPS.get(row["group"], "all")]
    assert got == int(row["published"])


@pytest.mark.parametrize(
    ("name", "recovered"),
    [
        ("durham_2004", {"B3": 451, "B4": 471, "C4": 552, "C5": 565}),
        ("gloucestershire_2005", {"A2": 302, "A3": 318, "C3": 497, "C4": 509, "C5": 525}),
        ("devon_cornwall_2006", {"A2": 336, "C2": 559, "C5": 617}),
        ("cumbria_2006", {"4.5": 874}),
        ("gwent_followup_2005", {}),
    ],
)
def test_lost_headings_are_recovered(
    reports: dict[str, PublishedReport], name: str, recovered: dict[str, int]
) -> None:
    got = {c.code: c.line for c in reports[name].main.criteria.values() if c.recovered}
    assert got == recovered


def test_question_figures_agree_with_the_table_made_by_hand(
    reports: dict[str, PublishedReport], library: Library
) -> None:
    """What the reader finds must be right; what it does not find (figures told only in words) it may leave out."""
    datasets = {name: take_from_report(report, library) for name, report in reports.items()}
    matching, wrong, total = 0, [], 0
    for row in rows("questions.csv"):
        if not row["percent"]:
            continue
        total += 1
        parts = datasets[row["report"]].inspections
        is_annex = (
            row["framework"] not in {"ESI", "OMI"}
            or "subsample" in row["group"]
            or "post-CJA" in row["group"]
        )
        groups = parts[-1 if is_annex else 0].groups
        group = GROUPS.get(row["group"], "all")
        names = (
            [group]
            if group != "all"
            else [group, *(g for g in groups if g not in {"high_risk", "original", "post_cja"}), "high_risk"]
        )
        figure = next(
            (
                groups[g].questions[row["question_key"]]
                for g in names
                if g in groups and row["question_key"] in groups[g].questions
            ),
            None,
        )
        if figure is None:
            continue
        got = (
            figure.percent
            if figure.percent is not None
            else 100 * (figure.above or 0) / (figure.relevant or 1)
        )
        if abs(got - float(row["percent"])) <= 1:
            matching += 1
        else:
            wrong.append((row["report"], row["question_key"], row["group"], row["percent"], got, figure.line))
    # One is known: "60% and 70% respectively" (Gloucestershire, line 495) is taken in the wrong order.
    assert [w[:3] for w in wrong] == [("gloucestershire_2005", "c2_victim_aware", "hrh")]
    assert matching >= 0.83 * total


ERRORS = {
    "durham_2004": set(),
    "gloucestershire_2005": set(),
    "gwent_followup_2005": set(),
    "devon_cornwall_2006": {("recompute-section", 187)},
    "cumbria_2006": {("fraction-percent", n) for n in (414, 600, 624, 628, 640)},
}


@pytest.mark.parametrize("name", FILES)
def test_errors_are_those_that_hold_up_by_hand_and_no_other(
    proofs: dict[str, tuple[Finding, ...]], name: str
) -> None:
    assert {(f.rule, f.line) for f in proofs[name] if f.severity == "error"} == ERRORS[name]


@pytest.mark.parametrize(
    ("name", "rule", "line", "printed", "expected"),
    [
        ("devon_cornwall_2006", "same-figure-twice", 933, "85%", "89%"),
        (
            "devon_cornwall_2006",
            "rating-tally",
            779,
            "4 well met, 2 satisfactorily met",
            "3 satisfactorily met, 3 well met",
        ),
        ("devon_cornwall_2006", "sample-size", 213, "100", "95"),
        ("devon_cornwall_2006", "part-whole", 792, "54%", "57%"),
        ("devon_cornwall_2006", "period-order", 266, "third quarter of 2004/2005", "after 2004/2005"),
        ("devon_cornwall_2006", "comparison", 945, "lower", "1 points higher"),
        ("devon_cornwall_2006", "comparison", 964, "no significant difference", "-8 points"),
        ("devon_cornwall_2006", "comparison", 794, "in all areas", "in 8 of 12 criteria at most"),
        ("gloucestershire_2005", "part-whole", 252, "42", "45"),
        ("cumbria_2006", "same-figure-twice", 179, "74%", "76%"),
        ("cumbria_2006", "fraction-percent", 624, "85%", "98%"),
        ("cumbria_2006", "fraction-percent", 628, "65%", "68%"),
        ("cumbria_2006", "fraction-percent", 640, "85%", "78%"),
        ("cumbria_2006", "fraction-percent", 600, "84%", "67%"),
        ("cumbria_2006", "fraction-percent", 414, "28%", "27%"),
        ("cumbria_2006", "placeholder", 65, "{AREA}", ""),
        ("cumbria_2006", "respondents", 378, "14", "12"),
        ("cumbria_2006", "respondents", 361, "93%", "at most 12 replies"),
        ("cumbria_2006", "reference", 583, "c", "d"),
        ("cumbria_2006", "target-marker", 767, "64%", "64%*"),
        ("cumbria_2006", "target-marker", 768, "114%", "114%*"),
        (
            "cumbria_2006",
            "criteria-list",
            1007,
            "4.1, 4.2, 4.3, 4.4, 4.5, 4.6",
            "4.1, 4.2, 4.3, 4.4, 4.5, 4.6",
        ),
        ("durham_2004", "same-figure-twice", 600, "51%", "50%"),
        ("durham_2004", "target-marker", 249, "82%*", "82%"),
    ],
)
def test_known_disagreements_are_found(
    proofs: dict[str, tuple[Finding, ...]], name: str, rule: str, line: int, printed: str, expected: str
) -> None:
    assert (printed, expected) in [
        (f.published, f.expected) for f in proofs[name] if (f.rule, f.line) == (rule, line)
    ]


def test_devon_section_c_says_which_single_figure_could_be_wrong(
    proofs: dict[str, tuple[Finding, ...]],
) -> None:
    (finding,) = [f for f in proofs["devon_cornwall_2006"] if f.rule == "recompute-section"]
    assert "C2, printed as 62%, must be between 69% and 73%" in finding.message
    ranges = {a.name: (a.low, a.high) for a in finding.alternatives}
    assert ranges == {"C1": (89, 93), "C2": (69, 73), "C3": (85, 89), "C5": (80, 84), "C4": (90, 98)}


def test_cut_off_decimals_are_a_note(proofs: dict[str, tuple[Finding, ...]]) -> None:
    findings = {
        (f.line, f.published): f.severity
        for f in proofs["gwent_followup_2005"]
        if f.rule == "attainable-percent"
    }
    assert findings == {(266, "84%"): "note", (270, "41%"): "note"}


def test_no_published_file_holds_a_sentence_of_a_report() -> None:
    from tests.conftest import ROOT

    grams = {
        tuple(words[i : i + 12])
        for p in REPORTS.glob("*.txt")
        for words in [tokens(p)]
        for i in range(len(words) - 12)
    }
    for path in [
        *(ROOT / "published").glob("*.yaml"),
        *(ROOT / "frameworks").rglob("*.*"),
        *(ROOT / "demonstration").rglob("*.*"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "scrutineer").rglob("*.py"),
        *(ROOT / "scrutineer").rglob("*.j2"),
        *(ROOT / "tests").rglob("*.py"),
        *ROOT.glob("*.md"),
    ]:
        words = tokens(path)
        assert not [w for i in range(len(words) - 12) if (w := tuple(words[i : i + 12])) in grams], path


def tokens(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8", errors="ignore").lower()
    return "".join(c if c.isalpha() or c == "'" else " " for c in text).split()
