"""One quantity printed in several places: it must be the same everywhere.

The scoring sheet, the body, the summary, annexes and tables print the same scores and ratings, and sentences print the
same shares of one question in one group of cases. If they differ, the rule names the odd one out: the value that
fewer places print or, if there are two, the one that doesn't fit the score it's part of. If that decides nothing, it
names the later one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from scrutineer.frameworks.model import Framework
from scrutineer.proof.basis.context import Context, Governed
from scrutineer.proof.basis.finding import Finding
from scrutineer.proof.reading.report import Claim, PrintedValue
from scrutineer.scoring.figures import Printed
from scrutineer.scoring.scores import find_overall_score, make_section_score
from scrutineer.statistics.interval import Interval
from scrutineer.statistics.printed import calculate_share, format_decimal_percent, round_off, truncate

NEEDS_FRAMEWORK = True


@dataclass(frozen=True)
class _Place:
    """One place that prints the quantity."""

    line: int
    shown: str
    where: str
    meant: Interval | None


def check(context: Context) -> Iterator[Finding]:
    """Every quantity that two places print differently."""
    for governed in context.governed:
        yield from _check_scores(governed)
        yield from _check_questions(context, governed)


def _check_scores(governed: Governed) -> Iterator[Finding]:
    printed: dict[tuple[str, str, str, bool], list[PrintedValue]] = {}
    # Where scored criteria are rated, too, a score and a rating of one of them are two figures.
    both = governed.framework.rates_levels
    for value in governed.part.values:
        is_rating = both and value.percent is None
        printed.setdefault((value.level, value.code, value.group, is_rating), []).append(value)
    for (level, code, group, _), values in printed.items():
        places = [_score_place(value) for value in values]
        if len({place.shown for place in places}) > 1:
            odd = _find_odd_one(governed, level, code, group, places)
            yield _make_finding(_name_place(governed.framework, level, code), odd, places)


def _score_place(value: PrintedValue) -> _Place:
    if value.percent is not None:
        return _Place(
            line=value.line, shown=f"{value.percent}%", where=value.where, meant=round_off(value.percent)
        )
    return _Place(line=value.line, shown=value.rating or "", where=value.where, meant=None)


def _name_place(framework: Framework, level: str, code: str) -> str:
    if level == "criterion":
        return f"{code} {framework.criteria[code].title}" if code in framework.criteria else code
    if level == "section":
        return f"section {code}"
    if level == "thread":
        return next((f"the thread '{t.title}'" for t in framework.threads if t.key == code), code)
    return "the overall score"


def _find_odd_one(governed: Governed, level: str, code: str, group: str, places: list[_Place]) -> _Place:
    """The place whose value fewer others print; of equals, the one that does not fit its score; else the last."""
    count = Counter(place.shown for place in places)
    least = min(count.values())
    rare = [place for place in places if count[place.shown] == least]
    if len(rare) > 1:
        unfit = [
            place
            for place in rare
            if place.meant is not None and not _is_fitting(governed, level, code, group, place)
        ]
        # If none of them fits, the fault may be in the score itself, which then decides nothing.
        if unfit and len(unfit) < len(rare):
            return unfit[-1]
    return rare[-1]


def _is_fitting(governed: Governed, level: str, code: str, group: str, place: _Place) -> bool:
    framework = governed.framework
    figures = governed.figures.groups.get(group)
    # Whatever can't be tested counts as fitting, so that nothing is called odd without a reason.
    if figures is None:
        return True
    if level == "criterion" and code in framework.criteria and place.meant is not None:
        section = framework.section_of[code]
        if section.code not in figures.sections or any(
            c.code not in figures.criteria for c in section.scored_criteria
        ):
            return True
        values: dict[str, Interval | None] = {k: p.stands_for for k, p in figures.criteria.items()}
        attained = make_section_score(framework, section, {**values, code: place.meant}).value
        return attained is None or attained.meets(figures.sections[section.code].stands_for)
    if level == "section" and place.meant is not None:
        section_figures = replace(figures, sections={**figures.sections, code: Printed(place.meant.middle)})
        part = next((s for s in framework.sections if s.code == code), None)
        if part is None:
            return True
        criteria: dict[str, Interval | None] = {k: p.stands_for for k, p in section_figures.criteria.items()}
        attained = make_section_score(framework, part, criteria).value
        return attained is None or attained.meets(place.meant)
    if level == "overall" and place.meant is not None:
        score = find_overall_score(framework, {k: p.stands_for for k, p in figures.sections.items()})
        return score is None or score.value is None or score.value.meets(place.meant)
    return True


def _check_questions(context: Context, governed: Governed) -> Iterator[Finding]:
    claims: dict[tuple[str, str], list[Claim]] = {}
    for claim in context.share_claims():
        if claim.framework == governed.framework.id and claim.question:
            claims.setdefault((claim.question, claim.group), []).append(claim)
    for (key, group), stated in claims.items():
        # The first figure of each line, so that a line is never said to contradict itself.
        places = list({claim.line: _make_claim_place(claim) for claim in reversed(stated)}.values())[::-1]
        involved = _list_clashing(places)
        if involved:
            odd = _find_odd_one(governed, "question", key, group, involved)
            of = "" if group == governed.base else f", {group.replace('_', ' ')} cases"
            text = governed.framework.questions[key].text
            yield _make_finding(f"{governed.framework.criterion_of[key].code} “{text}”{of}", odd, involved)


def _list_clashing(places: list[_Place]) -> list[_Place]:
    """The places whose values disagree; each pair of distinct values is reported once."""
    first = {place.shown: place for place in reversed(places)}
    values = list(first.values())
    clash = {
        place.shown
        for i, a in enumerate(values)
        for b in values[i + 1 :]
        if not _is_agreed(a, b)
        for place in (a, b)
    }
    clashing = [place for place in places if place.shown in clash]
    # Values that agree with all others aren't listed, nor is a clash within one line.
    return clashing if len({place.line for place in clashing}) > 1 else []


def _make_claim_place(claim: Claim) -> _Place:
    if claim.numerator is not None and claim.denominator:
        part = claim.denominator - claim.numerator if claim.polarity == "below" else claim.numerator
        return _Place(
            line=claim.line,
            shown=f"{part} of {claim.denominator}",
            where=claim.zone,
            meant=Interval.from_number(calculate_share(part, claim.denominator)),
        )
    above = Fraction(str(claim.above))
    return _Place(
        line=claim.line, shown=format_decimal_percent(above), where=claim.zone, meant=round_off(above)
    )


def _is_agreed(place: _Place, other: _Place) -> bool:
    if place.meant is None or other.meant is None or place.meant.meets(other.meant):
        return True
    exact, printed = (place, other) if place.meant.low == place.meant.high else (other, place)
    if exact.meant is None or printed.meant is None:
        return True
    # A count also agrees with a percentage whose decimals were cut off:
    # the rule fraction-percent notes that.
    return exact.meant.low == exact.meant.high and exact.meant.low in truncate(printed.meant.middle)


def _make_finding(what: str, odd: _Place, places: list[_Place]) -> Finding:
    shown = "; ".join(f"{place.shown} on line {place.line} ({place.where})" for place in places)
    others = [place for place in places if place.shown != odd.shown]
    return Finding(
        rule="same-figure-twice",
        severity="warning",
        line=odd.line,
        quote=odd.shown,
        message=f"{what[0].upper()}{what[1:]} is printed with different figures: {shown}.",
        published=odd.shown,
        expected=others[0].shown,
        also=tuple(dict.fromkeys(place.line for place in places if place.line != odd.line)),
    )
