"""Quantities in sentences: kind, value, question, group and polarity."""

from __future__ import annotations

import pytest

from scrutineer.frameworks.library import Library
from scrutineer.proof.reading.claims import ClaimReader, list_pairs
from scrutineer.proof.reading.report import Claim


def read(
    library: Library, text: str, criterion: str | None = None, framework: str = "esi-2003"
) -> list[Claim]:
    reader = ClaimReader([(library.load_framework(framework), library.load_reading(framework), None)])
    return reader.read(1, text, 0, criterion, None, "body")


@pytest.mark.parametrize(
    ("text", "kind", "value", "of"),
    [
        ("Plans were timely in 72% of cases.", "percentage", 72.0, None),
        ("Plans were timely in 72.5 per cent of cases.", "percentage", 72.5, None),
        ("Plans were timely in 21 out of 36 cases.", "fraction", 100 * 21 / 36, (21, 36)),
        ("Plans were timely in seven of the 12 cases.", "fraction", 100 * 7 / 12, (7, 12)),
        ("Plans were timely in Fifty-nine out of 98 cases.", "fraction", 100 * 59 / 98, (59, 98)),
        ("Of 44 relevant cases, 40 had timely plans.", "fraction", 100 * 40 / 44, (40, 44)),
        ("In all six cases plans were timely.", "fraction", 100.0, (6, 6)),
        ("None of the cases had a timely plan.", "fraction", 0.0, None),
        ("In eight high risk of harm cases plans were timely.", "count", 8.0, None),
        ("Plans were timely in half of the cases.", "fraction", 50.0, None),
    ],
)
def test_quantities(library: Library, text: str, kind: str, value: float, of: tuple[int, int] | None) -> None:
    claim = read(library, text)[0]
    assert (claim.kind, claim.value) == (kind, pytest.approx(value))
    assert (claim.numerator, claim.denominator) == (of or (None, None))


@pytest.mark.parametrize(
    "text",
    [
        "The plan ran for two of the 1999 weeks.",  # a year is no whole
        "It was agreed in 2004/2005.",
        "Reviews fall due after 16 weeks.",
        "Nothing is counted here.",
    ],
)
def test_what_is_no_quantity(library: Library, text: str) -> None:
    assert read(library, text) == []


@pytest.mark.parametrize(
    ("text", "criterion", "question", "above"),
    [
        ("A close fit was found in 78% of cases.", "B1", "b1_fit", 78),
        ("Management involvement was insufficient in 30% of cases.", "B1", "b1_mgmt", 70),
        (
            "In 18% of cases the risk classification chosen was inappropriate, or it was unclear.",
            "B1",
            "b1_class_correct",
            82,
        ),
        ("83% of offenders had not been reconvicted.", "D1", "d1_no_reconv", 83),
        ("In 28% of cases there had been a further conviction.", "D1", "d1_no_reconv", 72),
        ("Only 45% of ISPs met national standards.", "B3", "b3_isp_std", 45),
        ("The plan failed to set out liaison responsibilities in 41% of cases.", "B3", "b3_liaison", 59),
        (
            "Whilst seven of 12 inter-agency risk plans were sufficient, five were insufficient.",
            "C5",
            "c5_plan_quality",
            100 * 7 / 12,
        ),
    ],
)
def test_question_and_polarity(
    library: Library, text: str, criterion: str, question: str, above: float
) -> None:
    claim = read(library, text, criterion)[0]
    assert claim.question == question
    assert claim.above == pytest.approx(above)


def test_groups_stand_beside_their_quantities(library: Library) -> None:
    claims = read(
        library,
        "Recording was clear in 82% of all the cases and in 69% of the high risk of harm cases.",
        "B4",
    )
    assert [(c.value, c.group, c.question) for c in claims] == [
        (82.0, "all", "b4_recording"),
        (69.0, "high_risk", "b4_recording"),
    ]


def test_original_and_follow_up(library: Library) -> None:
    text = "SMART objectives were used in 13% of plans in the follow-up sample, compared with 42% in the original ESI."
    claims = read(library, text, "B3", "esi-follow-up")
    assert [(c.value, c.group, c.question) for c in claims] == [
        (13.0, "follow_up", "b3_smart"),
        (42.0, "original", "b3_smart"),
    ]


def test_a_sentence_may_speak_of_the_one_before(library: Library) -> None:
    text = "Victim work in high risk of harm cases was rare. It was sufficient in only 53% of cases."
    (claim,) = read(library, text, "C2")
    assert (claim.question, claim.group) == ("c2_victim", "high_risk")


@pytest.mark.parametrize(
    ("text", "exact"),
    [("about 20% of cases", False), ("over 60% of cases", False), ("in 20% of cases", True)],
)
def test_approximations_prove_nothing(library: Library, text: str, exact: bool) -> None:
    assert read(library, f"Plans were timely in {text}.".replace("in in", "in"))[0].exact is exact


@pytest.mark.parametrize(
    ("text", "paired"),
    [
        ("In 85% of cases (39 from 40) plans were timely.", True),
        ("In 39 out of 40 cases (98%) plans were timely.", True),
        ("85% - 39 from 40) had timely plans.", True),
        ("In 80% of cases plans were timely, better than last year (33 of 52).", False),
        ("In 80% of cases plans were timely (33 of 52 staff were trained).", False),
        ("In 80% of cases plans were timely and 33 of 52 staff were trained.", False),
    ],
)
def test_which_counts_say_the_same_as_a_percentage(library: Library, text: str, paired: bool) -> None:
    assert any(certain for _, _, certain in list_pairs(text, read(library, text))) is paired


def test_scores_ratings_and_table_figures_are_claims_too(library: Library, northmoor: list[str]) -> None:
    from scrutineer.proof.reading.read_report import read as read_report

    claims = read_report(northmoor, library).claims
    assert [c.line for c in claims] == sorted(c.line for c in claims)
    scores = [
        (c.criterion, c.value, c.zone) for c in claims if c.kind == "score" and c.framework == "esi-2005"
    ]
    assert ("B1", 60.0, "sheet") in scores
    assert ("B1", 60.0, "body") in scores
    ratings = [(c.criterion, c.rating) for c in claims if c.kind == "rating" and c.framework == "esi-2005"]
    assert ("A4", "Partly met") in ratings
    assert next((c.quote, c.sentence) for c in claims if c.zone == "table") == (
        "90%",
        "Breach taken within ten working days",
    )
