"""Counts, scores and ratings from first principles."""

from fractions import Fraction as F

import pytest

from scrutineer.errors import UserError
from scrutineer.frameworks.library import Library
from scrutineer.scoring.bands import add_points, find_band, list_possible_bands
from scrutineer.scoring.counts import NO_EVIDENCE, NOT_APPLICABLE, UNANSWERED, Counts, count
from scrutineer.scoring.ratings import Rating, rate
from scrutineer.scoring.scores import score
from scrutineer.statistics.interval import Interval


def test_three_kinds_of_missing_stay_apart(village: Library) -> None:
    scale = village.load_framework("village-libraries").scales[0]
    counts = count(scale, ["yes", "no", NOT_APPLICABLE, NO_EVIDENCE, UNANSWERED, "yes"])
    assert counts == Counts(above=2, relevant=4, missing=1, no_evidence=1, not_applicable=1)
    assert counts.percent == Interval.from_number(50)


def test_a_scale_may_leave_out_what_has_no_evidence(village: Library) -> None:
    scale = (
        village.load_framework("village-libraries")
        .scales[0]
        .model_copy(update={"not_enough_evidence": "leave_out"})
    )
    assert count(scale, ["yes", NO_EVIDENCE]) == Counts(above=1, relevant=1, no_evidence=1)


def test_no_relevant_case_has_no_share() -> None:
    assert Counts(0, 0, missing=3).percent is None


def test_an_answer_off_the_scale_is_refused(village: Library) -> None:
    with pytest.raises(ValueError, match="'maybe' is not an answer"):
        count(village.load_framework("village-libraries").scales[0], ["maybe"])


@pytest.mark.parametrize(("above", "relevant"), [(3, 2), (-1, 2)])
def test_impossible_counts_are_refused(above: int, relevant: int) -> None:
    with pytest.raises(ValueError, match="not a count"):
        Counts(above, relevant)


def test_a_missing_question_is_never_a_nought(village: Library) -> None:
    framework = village.load_framework("village-libraries")
    got = score(framework, {"s1_range": Interval.from_number(80)})
    assert got.criteria["S1"].value == Interval.from_number(80)
    assert got.criteria["S1"].dropped == ("s1_new",)
    assert got.criteria["S2"].value is None
    assert got.sections["S"].counted == (("S1", F(2)),)
    assert got.sections["S"].dropped == ("S2",)
    assert got.sections["R"].value is None
    assert got.overall is not None
    assert got.overall.dropped == ("R",)


def test_summary_question_weighs_a_fifth(library: Library) -> None:
    framework = library.load_framework("omi-2006")
    plain = {
        q.key: Interval.from_number(60) for q in framework.criteria["2.5"].scored_questions if not q.summary
    }
    got = score(framework, {**plain, "om25_summary": Interval.from_number(85)})
    assert got.criteria["2.5"].value == Interval.from_number(F(60 * 80 + 85 * 20, 100))
    assert sum(weight for _, weight in got.criteria["2.5"].counted) == 1
    assert score(framework, plain).criteria["2.5"].dropped == ("om25_summary",)
    assert score(framework, {"om25_summary": Interval.from_number(85)}).criteria[
        "2.5"
    ].value == Interval.from_number(85)


def test_a_band_is_not_reached_by_rounding(library: Library) -> None:
    bands = library.load_framework("omi-2006").scoring.bands
    under, reached = find_band(bands, F(696, 10)), find_band(bands, 70)
    assert under is not None
    assert reached is not None
    assert (under.label, reached.label) == ("Priority for improvement", "Good")
    assert [b.label for b in list_possible_bands(bands, Interval(F(69), F(70), True, False))] == [
        "Priority for improvement"
    ]
    assert len(list_possible_bands(bands, Interval(F(69), F(70)))) == 2


def test_points_and_unknown_ratings(village: Library) -> None:
    points = village.load_framework("village-libraries").scoring.points
    assert points is not None
    total, reached = add_points(points, ["good", "good"])
    assert (total, reached.label if reached else None) == (4, "Sound")
    with pytest.raises(UserError) as caught:
        add_points(points, ["good", "splendid", "odd"])
    assert len(caught.value.faults) == 2


def test_rating_needs_every_grade_and_says_all_that_is_wrong(library: Library) -> None:
    framework = library.load_framework("esi-2003")
    assert framework.ratings is not None
    with pytest.raises(UserError) as caught:
        rate(framework.ratings, framework.criteria["A2"], {"a2_strategy": "superb", "nonsense": "good"})
    message = str(caught.value)
    assert "item 'a2_value' has no grade" in message
    assert "unknown grade, 'superb'" in message
    assert "there is no item 'nonsense'" in message


def test_another_rating_needs_a_reason(library: Library) -> None:
    ratings = library.load_framework("esi-2003").ratings
    assert ratings is not None
    with pytest.raises(UserError, match="Give the reason"):
        Rating(ratings.rules[0], ratings.rules[1])
    rating = Rating(ratings.rules[0], ratings.rules[1], "the area's own audit says otherwise")
    assert (rating.computed, rating.final) == (ratings.rules[0], ratings.rules[1])
