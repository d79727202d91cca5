"""Why a rating is what it is, and what would flip it: fewest answers for a criterion, single parts for what is above."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from scrutineer.frameworks.model import Criterion, Framework
from scrutineer.frameworks.parts import make_exact
from scrutineer.frameworks.rating_methods import RatingMethod
from scrutineer.scoring.counts import Counts
from scrutineer.scoring.rated import RatedFigures, RatedLevels, collect_figures, rate_levels
from scrutineer.scoring.rated_part import RatedPart

OVERALL = "overall"


@dataclass(frozen=True)
class ExplainedRating:
    """A rating, and what would flip it, in sentences.

    Attributes:
        part: what came of rating it.
        flips: what would change the rating; one sentence if nothing small would.
    """

    part: RatedPart
    flips: tuple[str, ...]


def explain_rating(
    framework: Framework,
    counts: Mapping[str, Counts],
    cases: int,
    name: str,
    given: Mapping[str, str] | None = None,
) -> ExplainedRating | None:
    """What decided a rating, and what would flip it.

    Args:
        framework: gives the methods.
        counts: of every question.
        cases: how many there are.
        name: the code of a criterion or section, or `overall`.
        given: the ratings that people gave, by code.

    Returns:
        None if nothing of this name is rated.
    """
    if not framework.rates_levels:
        return None
    figures = _collect(framework, counts, cases)
    levels = rate_levels(framework, figures, given)
    part = find_part(levels, name)
    if part is None:
        return None
    criterion = framework.criteria.get(name)
    method = framework.find_method(criterion or next((s for s in framework.sections if s.code == name), None))
    assert method is not None  # noqa: S101 it's rated
    if method.is_of_parts:
        flips = list(_list_part_flips(framework, figures, given or {}, levels, name))
    elif criterion is not None and name not in (given or {}):
        flips = list(_list_answer_flips(criterion, method, part, counts))
    else:
        flips = []
    return ExplainedRating(part, tuple(flips))


def find_part(levels: RatedLevels, name: str) -> RatedPart | None:
    """The rating of a criterion, a section or `overall`; None if there is none."""
    return levels.overall if name == OVERALL else levels.criteria.get(name) or levels.sections.get(name)


def _collect(framework: Framework, counts: Mapping[str, Counts], cases: int) -> RatedFigures:
    shares = {key: share for key, count in counts.items() if (share := count.percent) is not None}
    figures = collect_figures(framework, shares, {k: (c.above, c.relevant) for k, c in counts.items()})
    return RatedFigures(
        figures.questions, figures.criteria, figures.sections, figures.overall, figures.counts, cases
    )


# -- criteria --------------------------------------------------------------------------


def _list_answer_flips(
    criterion: Criterion, method: RatingMethod, part: RatedPart, counts: Mapping[str, Counts]
) -> Iterator[str]:
    """The fewest answers that would take a criterion into the next better and the next worse band."""
    if method.acceptance is not None:
        yield from _list_failure_flips(criterion, method, part, counts)
    if part.rating is None or method.value not in {"lowest_question", "highest_question"}:
        return
    asked = [(q.text, counts[q.key]) for q in criterion.scored_questions if counts[q.key].relevant]
    places = [band.rating for band in method.bands]
    if part.rating.key not in places:
        return
    place = places.index(part.rating.key)
    titles = {rating.key: rating.title for rating in part.scale.ratings}
    is_lowest = method.value == "lowest_question"
    if place:
        line = _find_line(method, place - 1)
        needed = [(text, _count_to_reach(count, line)) for text, count in asked]
        short = [(text, n) for text, n in needed if n > 0]
        chosen = short if is_lowest else [min(short, key=lambda k: k[1])]
        yield _say_flip(titles[places[place - 1]], chosen, "above")
    if place < len(places) - 1:
        line = _find_line(method, place)
        lost = [(text, _count_to_lose(count, line)) for text, count in asked]
        over = [(text, n) for text, n in lost if n > 0]
        chosen = [min(over, key=lambda k: k[1])] if is_lowest else over
        yield _say_flip(titles[places[place + 1]], chosen, "below")


def _find_line(method: RatingMethod, place: int) -> Fraction:
    """The exact share from which a band is reached: half a point earlier where values are rounded first."""
    line = make_exact(method.bands[place].at_least)
    return line - Fraction(1, 2) if method.rounded else line


def _count_to_reach(count: Counts, line: Fraction) -> int:
    """How many more answers above the line a share needs."""
    return ceil(line * count.relevant / 100) - count.above


def _count_to_lose(count: Counts, line: Fraction) -> int:
    """How many answers above the line a share can lose until it's below it."""
    return count.above - (ceil(line * count.relevant / 100) - 1)


def _say_flip(title: str, chosen: list[tuple[str, int]], better: str) -> str:
    said = " and ".join(f"{n} {'answer' if n == 1 else 'answers'} to “{text}”" for text, n in chosen)
    return f"It would be {title} if {said} were judged {better} the line."


def _list_failure_flips(
    criterion: Criterion, method: RatingMethod, part: RatedPart, counts: Mapping[str, Counts]
) -> Iterator[str]:
    count = counts[criterion.scored_questions[0].key]
    plan = method.acceptance
    step = next((s for s in reversed(plan.steps) if s.examined <= count.relevant), None) if plan else None
    if plan is None or step is None or part.rating is None:
        return
    titles = {rating.key: rating.title for rating in part.scale.ratings}
    failed = count.relevant - count.above
    if failed > step.at_most:
        fewer = failed - step.at_most
        yield f"It would be {titles[plan.accepted]} with {fewer} {'failure' if fewer == 1 else 'failures'} fewer."
    else:
        more = floor(step.at_most) + 1 - failed
        yield f"It would be {titles[plan.rejected]} with {more} more {'failure' if more == 1 else 'failures'}."


# -- sections and the whole ------------------------------------------------------------


def _list_part_flips(
    framework: Framework, figures: RatedFigures, given: Mapping[str, str], levels: RatedLevels, name: str
) -> Iterator[str]:
    """Which single part, rated one step better or worse, would change the rating."""
    whole = find_part(levels, name)
    if whole is None or whole.rating is None:
        return
    for part in [*levels.criteria.values(), *levels.sections.values()]:
        if part.final is None or part.code == name:
            continue
        place = part.scale.find_place(part.final.key)
        for other in (place - 1, place + 1):
            if not 0 <= other < len(part.scale.ratings):
                continue
            value = part.scale.ratings[other]
            changed = find_part(rate_levels(framework, figures, {**given, part.code: value.key}), name)
            if changed is not None and changed.rating != whole.rating:
                became = changed.rating.title if changed.rating else "not rated"
                yield f"It would be {became} if {part.code} were {value.title} and not {part.final.title}."
