"""Counts, scores and ratings from first principles."""

from fractions import Fraction as F

import pytest

from scrutineer.errors import UserError
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Band, Grade, RatingRule, Ratings
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
    stored = Rating(ratings.rules[0], ratings.rules[1], "the area's own audit says otherwise")
    assert (stored.computed, stored.final) == (ratings.rules[0], ratings.rules[1])


GRADES = tuple(Grade(key=key, title=key.title()) for key in ("strong", "fair", "weak"))


@pytest.mark.parametrize(
    ("condition", "grades", "holds"),
    [
        ({"all": "fair"}, ("strong", "fair", "fair"), True),
        ({"all": "fair"}, ("strong", "fair", "weak"), False),
        ({"rest": "fair"}, ("fair", "fair", "fair"), True),
        ({"rest": "fair"}, ("strong", "strong", "weak"), False),
        ({"majority": "strong"}, ("strong", "strong", "weak"), True),
        ({"majority": "strong"}, ("strong", "fair", "weak"), False),
        ({"some": "strong"}, ("strong", "weak", "weak"), True),
        ({"some": "strong"}, ("fair", "fair", "fair"), False),
        ({"not_all": "fair"}, ("fair", "fair", "weak"), True),
        ({"not_all": "fair"}, ("strong", "fair", "fair"), False),
        ({"majority": "strong", "rest": "fair"}, ("strong", "strong", "fair"), True),
        ({"majority": "strong", "rest": "fair"}, ("strong", "strong", "weak"), False),
    ],
)
def test_a_rating_is_the_first_whose_conditions_all_hold(
    condition: dict[str, str], grades: tuple[str, ...], holds: bool, library: Library
) -> None:
    """A grade reaches every one that is worse; of three items two are a majority, one is not."""
    rules = (RatingRule(rating="met", title="Met", **condition), RatingRule(rating="other", title="Other"))
    criterion = library.load_framework("esi-2003").criteria["A2"]
    items = (
        tuple(item.model_copy(update={"weight": 1, "national": False}) for item in criterion.items[:1]) * 3
    )
    three = criterion.model_copy(
        update={"items": tuple(i.model_copy(update={"key": f"item_{n}"}) for n, i in enumerate(items))}
    )
    text = rate(
        Ratings(grades=GRADES, rules=rules), three, {f"item_{n}": grade for n, grade in enumerate(grades)}
    )
    assert text.rating == ("met" if holds else "other")


def test_an_item_of_weight_two_counts_twice_and_one_about_a_national_body_not_at_all(
    library: Library,
) -> None:
    """Two of four are no majority, three of four are."""
    rules = (
        RatingRule(rating="met", title="Met", majority="strong"),
        RatingRule(rating="other", title="Other"),
    )
    criterion = library.load_framework("esi-2003").criteria["A2"]
    item = criterion.items[0]

    def rated(*items: tuple[str, int, bool]) -> str:
        parts = tuple(
            item.model_copy(update={"key": f"item_{n}", "weight": weight, "national": national})
            for n, (_, weight, national) in enumerate(items)
        )
        grades = {f"item_{n}": grade for n, (grade, _, national) in enumerate(items) if not national}
        return rate(
            Ratings(grades=GRADES, rules=rules), criterion.model_copy(update={"items": parts}), grades
        ).rating

    assert rated(("strong", 2, False), ("weak", 1, False), ("weak", 1, False)) == "other"
    assert rated(("strong", 2, False), ("strong", 1, False), ("weak", 1, False)) == "met"
    assert rated(("strong", 2, False), ("weak", 1, False), ("weak", 5, True)) == "met"
    with pytest.raises(UserError, match="every item is about a national body"):
        rated(("weak", 1, True))


def test_the_bands_of_an_interval_are_those_that_it_reaches() -> None:
    lines = (0, 40, 70)
    bands = tuple(Band(label=f"From {line}", at_least=line) for line in lines)
    for place, line in enumerate(lines[1:], 1):
        below, at = bands[place - 1 : place + 1]
        assert find_band(bands, line) == at
        assert find_band(bands, F(line) - F(1, 1000)) == below
        around = Interval(F(line) - 1, F(line) + F(1, 2))
        assert list_possible_bands(bands, around) == (below, at)
        assert list_possible_bands(bands, Interval.from_number(line)) == (at,)
        up_to = Interval(F(line) - 1, F(line), True, False)
        assert list_possible_bands(bands, up_to) == (below,)
    assert list_possible_bands(bands, Interval(F(0), F(100))) == bands


def test_counts_add_and_subtract_part_by_part() -> None:
    item, other = Counts(3, 7, 5, 2, 4), Counts(1, 2, 3, 1, 2)
    assert item + other == Counts(4, 9, 8, 3, 6)
    assert item - other == Counts(2, 5, 2, 1, 2)
    for wrong in ({"missing": -1}, {"no_evidence": -1}, {"not_applicable": -1}):
        with pytest.raises(ValueError, match="not a count"):
            Counts(1, 2, **wrong)
