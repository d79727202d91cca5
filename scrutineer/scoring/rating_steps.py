"""The steps of rating something: the value in its bands, the ratings of its parts by rules, and limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from scrutineer.frameworks.model import Criterion
from scrutineer.frameworks.parts import make_exact
from scrutineer.frameworks.rating_methods import Acceptance, PartsTest, RatingMethod, RatingScale
from scrutineer.scoring.rated_part import RatedPart
from scrutineer.statistics.printed import round_half_up

Shares = Mapping[str, Fraction | None]
"""Exact scores in percent; None where there is no score."""


def find_extreme(criterion: Criterion, shares: Shares, is_lowest: bool) -> tuple[Fraction | None, str]:
    """The lowest or highest score of a criterion's questions, and which question has it."""
    known = [(share, q.text) for q in criterion.scored_questions if (share := shares.get(q.key)) is not None]
    if not known:
        return None, ""
    share, text = min(known, key=lambda k: k[0]) if is_lowest else max(known, key=lambda k: k[0])
    return share, f"{'lowest' if is_lowest else 'highest'} of its questions: “{text}”"


def rate_by_value(empty: RatedPart, method: RatingMethod, exact: Fraction, note: str = "") -> RatedPart:
    """The rating of the first band that a value reaches."""
    value = Fraction(round_half_up(exact)) if method.rounded else exact
    part = replace(empty, value=value, percent=empty.percent if method.value == "points" else value)
    unit = " points" if method.value == "points" else "%"
    said = f"{format_points(value)}{unit}"
    if part.total is not None and part.out_of is not None and method.value == "percent_of_points":
        said += f" ({format_points(part.total)} of {format_points(part.out_of)} points)"
    if note:
        said += f" ({note})"
    for band in method.bands:
        if value >= make_exact(band.at_least):
            rating = part.scale.ratings[part.scale.find_place(band.rating)]
            rule = f"{said}: {rating.title} from {band.at_least:g}{unit}"
            return replace(part, rating=rating, rule=rule)
    return replace(part, reason=f"{said} is below every band")


def rate_by_failures(empty: RatedPart, acceptance: Acceptance, above: int, relevant: int) -> RatedPart:
    """The rating that follows from how many of those examined failed."""
    step = next((s for s in reversed(acceptance.steps) if s.examined <= relevant), None)
    if step is None:
        fewest = acceptance.steps[0].examined
        return replace(empty, reason=f"{relevant} examined, and a rating needs at least {fewest}")
    failed = relevant - above
    key = acceptance.accepted if failed <= step.at_most else acceptance.rejected
    rating = empty.scale.ratings[empty.scale.find_place(key)]
    rule = f"{failed} of {relevant} failed: {rating.title}, as {step.at_most} are accepted"
    return replace(
        empty, rating=rating, rule=rule, value=Fraction(failed), percent=Fraction(100 * above, relevant)
    )


def rate_by_parts(empty: RatedPart, method: RatingMethod, parts: Sequence[RatedPart]) -> RatedPart:
    """The rating that follows from the ratings of the parts."""
    missing = [part for part in parts if part.final is None]
    if not parts:
        return replace(empty, reason="nothing counts towards it")
    if missing and (method.missing == "not_rated" or len(missing) == len(parts)):
        return replace(empty, reason=f"no rating of {', '.join(p.code for p in missing)}")
    rated = [part for part in parts if part.final is not None]
    part = empty
    if method.value in {"points", "percent_of_points"}:
        total = sum((make_exact(p.final.points or 0) for p in rated if p.final), Fraction(0))
        out_of = sum((_find_most(p.scale) for p in rated), Fraction(0))
        part = replace(part, total=total, out_of=out_of, percent=100 * total / out_of)
        part = replace(part, value=total if method.value == "points" else part.percent)
    return limit(_apply_rules(part, method, rated), method, rated)


def _find_most(scale: RatingScale) -> Fraction:
    return max(make_exact(rating.points or 0) for rating in scale.ratings)


def _apply_rules(part: RatedPart, method: RatingMethod, parts: Sequence[RatedPart]) -> RatedPart:
    for n, step in enumerate(method.rules, 1):
        if all(is_met(test, parts) for test in step.where):
            rating = part.scale.ratings[part.scale.find_place(step.rating)]
            said = " and ".join(describe_test(test, parts) for test in step.where) or "otherwise"
            return replace(part, rating=rating, rule=f"rule {n}: {said}")
    if method.value in {"lowest_rating", "highest_rating"}:
        order = {p.code: part.scale.find_place(p.final.key) for p in parts if p.final}
        # The best rating has the smallest place.
        decisive = max(order.values()) if method.value == "lowest_rating" else min(order.values())
        whose = ", ".join(code for code, place in order.items() if place == decisive)
        rating = part.scale.ratings[decisive]
        return replace(part, rating=rating, rule=f"the {method.value.replace('_', ' ')} ({whose})")
    return (
        rate_by_value(part, method, part.value)
        if part.value is not None
        else replace(part, reason="no rule applies")
    )


def is_met(test: PartsTest, parts: Sequence[RatedPart]) -> bool:
    """Whether a test on the ratings of parts holds."""
    own = [part for part in parts if part.final and (not test.parts or part.code in test.parts)]
    count = sum(_passes(test, part) for part in own)
    return bool(own) and count == len(own) if test.every else count >= test.number


def _passes(test: PartsTest, part: RatedPart) -> bool:
    if part.final is None:
        return False
    place = part.scale.find_place(part.final.key)
    # The best rating comes first, so a smaller place is a better rating.
    return (test.at_least is None or place <= part.scale.find_place(test.at_least)) and (
        test.at_most is None or place >= part.scale.find_place(test.at_most)
    )


def describe_test(test: PartsTest, parts: Sequence[RatedPart]) -> str:
    """A test in words, with the parts that pass it."""
    own = [part for part in parts if not test.parts or part.code in test.parts]
    passed = [part.code for part in own if _passes(test, part)]
    return ", ".join(passed) + f" ({describe_bounds(test, parts[0].scale)})"


def describe_bounds(test: PartsTest, scale: RatingScale) -> str:
    """The ratings that a test is about, in words."""
    titles = {rating.key: rating.title for rating in scale.ratings}
    if test.at_least is not None and test.at_least == test.at_most:
        return titles.get(test.at_least, test.at_least)
    bounds = []
    if test.at_least is not None:
        bounds.append(f"{titles.get(test.at_least, test.at_least)} or better")
    if test.at_most is not None:
        bounds.append(f"{titles.get(test.at_most, test.at_most)} or worse")
    return " and ".join(bounds) or "rated"


def limit(part: RatedPart, method: RatingMethod, parts: Sequence[RatedPart]) -> RatedPart:
    """The part with the strictest limit that its parts call for."""
    for bound in method.limits:
        most = part.scale.find_place(bound.at_most)
        if part.rating is None or part.scale.find_place(part.rating.key) >= most:
            continue
        if all(is_met(test, parts) for test in bound.where):
            whose = " and ".join(describe_test(test, parts) for test in bound.where)
            part = replace(
                part,
                rating=part.scale.ratings[most],
                unlimited=part.unlimited or part.rating,
                rule=f"{bound.title}: {whose}",
            )
    return part


def format_points(value: Fraction) -> str:
    """A number as people read it: whole, or with one decimal."""
    return str(value.numerator) if value.denominator == 1 else f"{round_half_up(10 * value) / 10:.1f}"
