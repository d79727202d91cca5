"""Re-derivation: can the printed scores follow from the printed figures they are made of?

A printed 67% means a share in [66.5, 67.5). A score is consistent when what its parts can attain
meets what it is printed as. Where it is not, each single figure is tried: which printed values
of it would make every score that it enters consistent?
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor
from typing import Literal

from scrutineer.frameworks.model import Criterion, Framework, Section
from scrutineer.scoring.figures import GroupFigures, Printed
from scrutineer.scoring.scores import (
    find_overall_score,
    make_criterion_score,
    make_section_score,
    make_thread_score,
)
from scrutineer.statistics.interval import Interval
from scrutineer.statistics.printed import round_half_up, round_off

Level = Literal["criterion", "section", "overall", "thread"]
Verdict = Literal["consistent", "inconsistent", "open", "not printed"]


@dataclass(frozen=True)
class Alternative:
    """Printed whole percentages of one figure, from `low` to `high`, that would make all consistent.

    `low` and `high` take every other figure as it is printed; `widest` allows for the rounding
    of the others too.
    """

    name: str
    printed: Printed
    low: int
    high: int
    widest: tuple[int, int]


@dataclass(frozen=True)
class Derivation:
    """One printed score and what its parts give.

    Attributes:
        attainable: what the printed parts can make, in percent; None if a part is not printed.
        unprinted: questions of the bank that the report gives no figure for.
        needed: the mean, in percent, that the unprinted questions would need; it may lie outside
            0 to 100, and then no answers could have given the score.
        verdict: `open` where unprinted questions leave room for the printed score.
    """

    level: Level
    code: str
    title: str
    printed: Printed
    verdict: Verdict
    attainable: Interval | None = None
    unprinted: tuple[str, ...] = ()
    needed: Interval | None = None
    alternatives: tuple[Alternative, ...] = ()
    note: str = ""


def rederive(framework: Framework, figures: Mapping[str, GroupFigures], group: str) -> list[Derivation]:
    """Every printed score of one group of cases, re-derived.

    Args:
        framework: the rules.
        figures: the printed figures by group; a question that only applies to another group of
            cases may take its figure from there.
        group: whose scores are re-derived.
    """
    printed = figures[group]
    shares = collect_question_shares(framework, figures, group)
    derivations: list[Derivation] = []
    for section in framework.sections:
        for criterion in section.scored_criteria:
            if criterion.code in printed.criteria:
                derivations.append(
                    _rederive_criterion(
                        framework, criterion, printed.criteria[criterion.code], shares, printed
                    )
                )
        if section.code in printed.sections:
            derivations.append(_rederive_section(framework, section, printed))
    if printed.overall is not None and framework.has_overall:
        derivations.append(_rederive_overall(framework, printed))
    for thread in framework.threads:
        if thread.key in printed.threads:
            derivations.append(
                _rederive_thread(
                    framework, thread.key, printed.threads[thread.key], shares, printed.questions
                )
            )
    return derivations


def collect_question_shares(
    framework: Framework, figures: Mapping[str, GroupFigures], group: str
) -> dict[str, Interval]:
    """What each printed question figure can be.

    Where a question only applies to the cases of another group (high risk of harm, say), the
    figure of that group is the figure of all.
    """
    shares = {key: p.stands_for for key, p in figures[group].questions.items() if key in framework.questions}
    for question in framework.questions.values():
        if question.key in shares or question.when is None:
            continue
        for name, expected in question.when.facts.items():
            if (
                expected is True
                and name in figures
                and name != group
                and question.key in figures[name].questions
            ):
                shares[question.key] = figures[name].questions[question.key].stands_for
    return shares


def _rederive_criterion(
    framework: Framework,
    criterion: Criterion,
    printed: Printed,
    shares: Mapping[str, Interval],
    figures: GroupFigures,
) -> Derivation:
    questions = criterion.scored_questions
    unprinted = [q.key for q in questions if q.key not in shares]
    wanting = [q.key for q in questions if q.key in unprinted and not q.optional]
    base = Derivation(
        level="criterion",
        code=criterion.code,
        title=criterion.title,
        printed=printed,
        verdict="open",
        unprinted=tuple(unprinted),
    )
    if len(unprinted) == len(questions):
        return replace(base, note="none of its questions is printed")
    attainable = make_criterion_score(framework, criterion, shares).value
    # The simplest explanation is tried first: the printed figures, within their rounding, give the printed score.
    if not wanting and attainable is not None and attainable.meets(printed.stands_for):
        return replace(base, verdict="consistent", attainable=attainable)
    known = None if wanting else attainable
    for room, more in _list_rooms(criterion, unprinted, wanting):
        needed = _calculate_needed(framework, criterion, printed, shares, room, more)
        # If unprinted questions could make up the difference, the score is not disproved, only open.
        if needed.meets(Interval(Fraction(0), Fraction(100))):
            return replace(base, attainable=known, needed=needed, note=_explain_needed(room, more))
    # With questions missing from the framework's list, any score could be right.
    if criterion.bank == "partial":
        return replace(base, attainable=known, note="the questions of this criterion are known only in part")
    # Only with all questions known and printed can one figure be named as wrong.
    if not wanting and not unprinted and criterion.bank == "complete":
        own = {q.key: figures.questions[q.key] for q in questions if q.key in figures.questions}

        def rescore(values: Mapping[str, Interval | None]) -> Interval | None:
            return make_criterion_score(framework, criterion, values).value

        others = tuple(_list_question_alternatives(criterion.code, printed, own, shares, rescore))
        return replace(base, verdict="inconsistent", attainable=attainable, alternatives=others)
    room, more = next(iter(_list_rooms(criterion, unprinted, wanting)))
    needed = _calculate_needed(framework, criterion, printed, shares, room, more)
    return replace(
        base, verdict="inconsistent", attainable=known, needed=needed, note=_explain_needed(room, more)
    )


def _list_rooms(
    criterion: Criterion, unprinted: list[str], wanting: list[str]
) -> Iterator[tuple[list[str], bool]]:
    """Which questions could make up a difference: those not printed; then, in a bank that may lack one, one more."""
    # Optional questions may be absent from a report without being missing, so required ones are tried first.
    if wanting or unprinted:
        yield wanting or unprinted, False
    if criterion.bank != "complete":
        yield wanting, True


def _explain_needed(room: list[str], more: bool) -> str:
    named = [", ".join(room)] if room else []
    return " and ".join([*named, *(["one question not among those known"] if more else [])])


def _calculate_needed(
    framework: Framework,
    criterion: Criterion,
    printed: Printed,
    shares: Mapping[str, Interval],
    room: list[str],
    more: bool,
) -> Interval:
    """The mean that the questions in `room` (and one more question) would need.

    The score is linear in that mean x: score = a + b·x, with a and b from x = 0 and x = 100.
    """
    whole = _add_one_more(criterion) if more else criterion
    ends = []
    for value in (0, 100):
        tried = {
            **shares,
            **{key: Interval.from_number(value) for key in (*room, *([_ONE_MORE] if more else []))},
        }
        attained = make_criterion_score(framework, whole, tried).value
        ends.append(attained or Interval.from_number(value))
    # The intervals of both ends are equally wide, so either end gives the slope.
    slope = (ends[1].low - ends[0].low) / 100
    return (printed.stands_for + ends[0].multiply(-1)).multiply(1 / slope)


_ONE_MORE = "one_more"


def _add_one_more(criterion: Criterion) -> Criterion:
    plain = next(q for q in criterion.scored_questions if not q.summary)
    # A copy of an ordinary question, so that it has an ordinary question's weight.
    more = plain.model_copy(update={"key": _ONE_MORE})
    return criterion.model_copy(update={"questions": (*criterion.questions, more)})


def _list_question_alternatives(
    name: str,
    printed: Printed,
    questions: Mapping[str, Printed],
    shares: Mapping[str, Interval],
    score: Callable[[Mapping[str, Interval]], Interval | None],
) -> Iterator[Alternative]:
    """Which question, or the score itself, printed how, would make a mean of questions come out."""
    # Middles take every other figure as printed; the intervals themselves allow for its rounding.
    middles = {key: Interval.from_number(value.middle) for key, value in shares.items()}

    def calculate_score(values: Mapping[str, Interval]) -> Interval:
        return score(values) or Interval.from_number(0)

    for key, figure in questions.items():

        def is_possible(value: int, wide: bool, key: str = key) -> bool:
            return calculate_score({**(shares if wide else middles), key: round_off(value)}).meets(
                printed.stands_for
            )

        def calculate_with(value: int, key: str = key) -> Interval:
            return calculate_score({**shares, key: Interval.from_number(value)})

        yield from _list_alternative(
            key, figure, is_possible, _calculate_where(calculate_with, printed.stands_for)
        )

    def is_score_possible(value: int, wide: bool) -> bool:
        return calculate_score(shares if wide else middles).meets(round_off(value))

    yield from _list_alternative(name, printed, is_score_possible, calculate_score(shares))


def _rederive_section(framework: Framework, section: Section, printed: GroupFigures) -> Derivation:
    score = printed.sections[section.code]
    base = Derivation(
        level="section", code=section.code, title=section.title, printed=score, verdict="not printed"
    )
    codes = [c.code for c in section.scored_criteria]
    # A section with a missing criterion could have any score, so it is left open rather than guessed.
    if any(code not in printed.criteria for code in codes):
        missing = tuple(code for code in codes if code not in printed.criteria)
        return replace(base, unprinted=missing, note="not every criterion is printed")
    parts = {code: printed.criteria[code] for code in codes}
    attainable = make_section_score(framework, section, _list_intervals(parts)).value
    if attainable is not None and attainable.meets(score.stands_for):
        return replace(base, verdict="consistent", attainable=attainable)
    alternatives = tuple(_list_section_alternatives(framework, section, printed))
    return replace(base, verdict="inconsistent", attainable=attainable, alternatives=alternatives)


def _rederive_overall(framework: Framework, printed: GroupFigures) -> Derivation:
    assert printed.overall is not None  # noqa: S101
    base = Derivation(
        level="overall", code="overall", title="Overall", printed=printed.overall, verdict="not printed"
    )
    codes = [s.code for s in framework.sections if s.weight]
    if any(code not in printed.sections for code in codes):
        missing = tuple(code for code in codes if code not in printed.sections)
        return replace(base, unprinted=missing, note="not every section is printed")
    score = find_overall_score(framework, _list_intervals(printed.sections))
    attainable = score.value if score else None
    if attainable is not None and attainable.meets(printed.overall.stands_for):
        return replace(base, verdict="consistent", attainable=attainable)
    alternatives = tuple(_list_overall_alternatives(framework, printed))
    return replace(base, verdict="inconsistent", attainable=attainable, alternatives=alternatives)


def _rederive_thread(
    framework: Framework,
    key: str,
    printed: Printed,
    shares: Mapping[str, Interval],
    questions: Mapping[str, Printed],
) -> Derivation:
    thread = next(t for t in framework.threads if t.key == key)
    unprinted = tuple(q.key for q in framework.list_thread_questions(key) if q.key not in shares)
    attainable = make_thread_score(framework, key, shares).value
    base = Derivation(
        level="thread",
        code=key,
        title=thread.title,
        printed=printed,
        verdict="open",
        attainable=attainable,
        unprinted=unprinted,
    )
    # Reports do not always publish which questions carry a thread's tag.
    if not thread.complete:
        return replace(base, note="which questions the thread is made of is not published in full")
    if unprinted or attainable is None:
        return replace(base, attainable=None, note="not every question of the thread is printed")
    if attainable.meets(printed.stands_for):
        return replace(base, verdict="consistent")
    own = {q.key: questions[q.key] for q in framework.list_thread_questions(key) if q.key in questions}
    others = _list_question_alternatives(
        key, printed, own, shares, lambda values: make_thread_score(framework, key, values).value
    )
    return replace(base, verdict="inconsistent", alternatives=tuple(others))


def _list_intervals(parts: Mapping[str, Printed]) -> dict[str, Interval | None]:
    return {code: p.stands_for for code, p in parts.items()}


def _list_section_alternatives(
    framework: Framework, section: Section, printed: GroupFigures
) -> Iterator[Alternative]:
    score = printed.sections[section.code]
    whole = {wide: _is_overall_fitting(framework, printed, wide) for wide in (True, False)}

    def calculate_score(criteria: Mapping[str, Printed], wide: bool) -> Interval:
        return make_section_score(
            framework, section, _collect_values(criteria, wide)
        ).value or Interval.from_number(0)

    for criterion in section.scored_criteria:
        code = criterion.code

        def is_possible(value: int, wide: bool, code: str = code) -> bool:
            changed = {**printed.criteria, code: Printed(Fraction(value))}
            # A figure explains everything only if the overall score still follows with it.
            return whole[wide] and calculate_score(changed, wide).meets(score.stands_for)

        def calculate_with(value: int, code: str = code) -> Interval:
            return calculate_score({**printed.criteria, code: Printed(Fraction(value))}, True)

        yield from _list_alternative(
            code, printed.criteria[code], is_possible, _calculate_where(calculate_with, score.stands_for)
        )

    def is_score_possible(value: int, wide: bool) -> bool:
        trial = replace(printed, sections={**printed.sections, section.code: Printed(Fraction(value))})
        return calculate_score(printed.criteria, wide).meets(round_off(value)) and _is_overall_fitting(
            framework, trial, wide
        )

    yield from _list_alternative(
        section.code, score, is_score_possible, calculate_score(printed.criteria, True)
    )


def _list_overall_alternatives(framework: Framework, printed: GroupFigures) -> Iterator[Alternative]:
    for section in framework.sections:
        if not section.weight:
            continue

        def is_possible(value: int, wide: bool, part: Section = section) -> bool:
            trial = replace(printed, sections={**printed.sections, part.code: Printed(Fraction(value))})
            return _is_overall_fitting(framework, trial, wide) and _is_section_fitting(
                framework, part, trial, wide
            )

        yield from _list_alternative(section.code, printed.sections[section.code], is_possible)

    def is_score_possible(value: int, wide: bool) -> bool:
        return _is_overall_fitting(framework, replace(printed, overall=Printed(Fraction(value))), wide)

    yield from _list_alternative("overall", printed.overall or Printed(), is_score_possible)


def _is_overall_fitting(framework: Framework, printed: GroupFigures, wide: bool) -> bool:
    """Whether the overall score follows from the sections, as far as all of them are printed."""
    if printed.overall is None or not framework.has_overall:
        return True
    # What can't be checked must not rule an alternative out.
    if any(s.weight and s.code not in printed.sections for s in framework.sections):
        return True
    score = find_overall_score(framework, _collect_values(printed.sections, wide))
    return score is None or score.value is None or score.value.meets(printed.overall.stands_for)


def _is_section_fitting(framework: Framework, section: Section, printed: GroupFigures, wide: bool) -> bool:
    if any(c.code not in printed.criteria for c in section.scored_criteria):
        return True
    value = make_section_score(framework, section, _collect_values(printed.criteria, wide)).value
    return value is None or value.meets(printed.sections[section.code].stands_for)


def _collect_values(parts: Mapping[str, Printed], wide: bool) -> dict[str, Interval | None]:
    """What the figures can be; taken as printed unless `wide` allows for their rounding."""
    if wide:
        return _list_intervals(parts)
    return {
        code: Interval.from_number(p.stands_for.middle if p.percent is None else p.percent)
        for code, p in parts.items()
    }


_ANYWHERE = Interval(Fraction(0), Fraction(100))


def _list_alternative(
    name: str, printed: Printed, fits: Callable[[int, bool], bool], near: Interval = _ANYWHERE
) -> Iterator[Alternative]:
    """The values of one figure that fit: a stretch of whole percentages, since every score is linear in it.

    Only the values `near` need a try.
    """
    # One percentage point on either side, because `near` is an interval of shares and these are printed values.
    first, last = max(0, floor(near.low) - 1), min(100, ceil(near.high) + 1)
    wide = [value for value in range(first, last + 1) if fits(value, True)]
    if wide:
        # If no value fits with the others as printed, rounding must explain it, and the wide stretch is all that can be said.
        exact = [value for value in wide if fits(value, False)] or wide
        yield Alternative(name, printed, exact[0], exact[-1], (wide[0], wide[-1]))


def _calculate_where(at: Callable[[int], Interval], target: Interval) -> Interval:
    """Where a figure may lie for a score linear in it to meet a target."""
    zero = at(0)
    slope = (at(100).low - zero.low) / 100
    # A figure of weight zero changes nothing, so every value needs a try.
    if slope == 0:
        return _ANYWHERE
    return Interval((target.low - zero.high) / slope, (target.high - zero.low) / slope)


def as_printed(value: Interval) -> tuple[int, int]:
    """The least and greatest whole percentage that a share in the interval can be printed as."""
    low = round_half_up(value.low)
    high = round_half_up(value.high)
    if not value.high_closed and not value.intersect(round_off(high)):
        high -= 1
    return low, max(low, high)
