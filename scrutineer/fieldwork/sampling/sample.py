"""A sample: eligible cases, drawn by plan and seed, with everything that a replay needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.caseload import Caseload
from scrutineer.fieldwork.cases.columns import CASE
from scrutineer.fieldwork.cases.exclusions import Exclusion, format_reason
from scrutineer.fieldwork.cases.membership import Truth, collect_groups, evaluate
from scrutineer.fieldwork.cases.order import order_randomly
from scrutineer.fieldwork.sampling.draw import (
    Draw,
    Frame,
    Places,
    calculate_reserve_quotas,
    count_each,
    draw,
    list_reserves,
)
from scrutineer.fieldwork.sampling.eligibility import find_eligible
from scrutineer.fieldwork.sampling.probabilities import Probabilities, make_probabilities
from scrutineer.fieldwork.sampling.sample_plan import SampledElement, SamplePlan
from scrutineer.fieldwork.sampling.shortfall import find_least_shortfall
from scrutineer.fieldwork.sampling.size import add_reserves, calculate_size, share_out
from scrutineer.fieldwork.sampling.weights import WeightingCell, calibrate
from scrutineer.frameworks.model import Framework

SelectedAs = Literal["main", "additional", "reserve"]
"""What a draw takes a case for; a reserve that comes in is a substitute afterwards."""


@dataclass(frozen=True)
class SelectedCase:
    """One case of the sample or one reserve.

    Attributes:
        case: its reference.
        selected_as: of the main sample, in addition to it, or in reserve.
        place: in the order in which cases of its kind were taken, from 1.
        stratum: the value of the attribute that strata are made of; empty if there are none.
        probability: of inclusion in the main sample; 0 for a reserve of a kind that quotas leave no chance.
        elements: the thematic elements that it is also inspected for.
        cell: the place of its cell among the sample's, in which weights are calibrated.
        weight: how many eligible cases it represents; None for a case that is not of the main sample.
    """

    case: str
    selected_as: SelectedAs
    place: int
    stratum: str
    probability: float
    elements: tuple[str, ...] = ()
    cell: int = 0
    weight: float | None = None


@dataclass(frozen=True)
class Sample:
    """The outcome of a draw.

    Attributes:
        cases: how many the caseload holds.
        eligible: how many may be drawn.
        selected: the sample, then additional cases, then reserves, each in order.
        exclusions: every case that was not eligible: columns case, reason, note.
        adjustments: what was changed on the way, in sentences.
        unmet: what could not be met, in sentences that say what and by how many.
        probabilities_from: how the probabilities of inclusion were found.
        cells: the cells of all eligible cases, to which weights are calibrated.
        expected_size: what the probabilities of all eligible cases add to, exactly: the size of the sample.
    """

    cases: int
    eligible: int
    selected: tuple[SelectedCase, ...]
    exclusions: pl.DataFrame
    adjustments: tuple[str, ...]
    unmet: tuple[str, ...]
    probabilities_from: str
    expected_size: Fraction
    cells: tuple[WeightingCell, ...]

    def find_kinds(self, *kinds: str) -> tuple[SelectedCase, ...]:
        """The cases selected in one of some ways."""
        return tuple(case for case in self.selected if case.selected_as in kinds)


def draw_sample(
    caseload: Caseload,
    framework: Framework,
    plan: SamplePlan,
    seed: int,
    listed: Iterable[Exclusion] = (),
    progress: Callable[[float], None] = lambda _: None,
) -> Sample:
    """Draw a sample.

    Args:
        caseload: all cases.
        framework: gives the groups that quotas and conditions are about.
        plan: what the sample is to be.
        seed: from 0 to 2⁶⁴ - 1; the same seed and caseload give the same sample.
        listed: cases that a person leaves out, with reasons.
        progress: called with the share of the work that is done.

    Raises:
        UserError: no case is eligible, or a case listed as left out is not in the caseload.
    """
    # Exclusions come before everything else, so that quotas, strata and probabilities are all of cases that can be inspected.
    pool = find_eligible(_narrow(caseload, framework, plan), framework, plan, listed)
    if not pool.frame.height:
        raise UserError(Fault(caseload.where, "no case is eligible", _explain_none(pool.exclusions)))
    members = collect_groups(framework, pool.frame, _list_names(plan))
    frame, strata, notes, unmet = _make_frame(pool.frame, members, plan)
    notes += _list_not_agreed(framework, plan)
    chosen = _choose(pool.frame, frame, members, plan, seed)
    # The probabilities need the draw itself, because repeated draws must fall as short as it did, and no shorter.
    chance = make_probabilities(frame, seed, chosen.drawn, progress)
    cells = _Cells(frame)
    notes += [*_list_swapped(chosen.drawn.swapped), *_list_not_reached(chosen.drawn.taken, cells)]
    selected = _list_selected(pool.frame[CASE], chosen, strata, frame, chance, cells)
    return Sample(
        # Repeated rows are counted as cases of the file and listed as exclusions, so the two add up to what people see.
        cases=caseload.frame.height + len(caseload.repeated),
        eligible=pool.frame.height,
        selected=selected,
        exclusions=pool.exclusions,
        adjustments=tuple(notes),
        unmet=(
            *unmet,
            *_list_unmet(framework, frame, members, chosen.drawn, strata, plan),
            *chosen.short_elements,
        ),
        probabilities_from=chance.source,
        expected_size=chance.total,
        cells=cells.all,
    )


def _list_swapped(n: int) -> list[str]:
    return (
        [f"{n} case{'s' if n > 1 else ''} added to meet the quotas, and the same number removed"] if n else []
    )


def _list_not_agreed(framework: Framework, plan: SamplePlan) -> list[str]:
    """Quotas that the design leaves to be agreed for each area, and that were not."""
    titles = {g.key: g.title for g in framework.groups}
    open_still = [
        titles[q.group] for q in framework.sample.quotas if q.at_least is None and q.group not in plan.quotas
    ]
    return [f"no minimum number was agreed for {', '.join(open_still)}"] if open_still else []


class _Cells:
    """The cells of all eligible cases: cases of one stratum that belong to the same quota groups."""

    def __init__(self, frame: Frame):
        # One number per cell: a whole caseload is counted sooner than sorted.
        possible = len(frame.sizes) * 2 ** len(frame.quotas)
        self._code = frame.stratum.astype(np.min_scalar_type(possible)) if frame.quotas else frame.stratum
        for group in frame.quotas:
            self._code = self._code * 2 + frame.groups[group]
        sizes = count_each(self._code, possible) if frame.quotas else np.array(frame.members, dtype=np.int64)
        there = np.flatnonzero(sizes).tolist()
        self._number = {code: n for n, code in enumerate(there)}
        self.all = tuple(WeightingCell(code >> len(frame.quotas), int(sizes[code])) for code in there)

    def find(self, place: int) -> int:
        """The number of an eligible case's cell."""
        return self._number[int(self._code[place])]


def _list_not_reached(taken: Sequence[int], cells: _Cells) -> list[str]:
    """Kinds of case of which none was drawn: the weights make the others represent them, which is a guess."""
    reached = {cells.find(place) for place in taken}
    lost = sum(c.eligible for n, c in enumerate(cells.all) if n not in reached)
    if not lost:
        return []
    kinds = "1 eligible case is of a kind" if lost == 1 else f"{lost} eligible cases are of kinds"
    return [
        f"{kinds} from which no case was drawn; in the weights, other cases represent {'it' if lost == 1 else 'them'}"
    ]


def _narrow(caseload: Caseload, framework: Framework, plan: SamplePlan) -> Caseload:
    """The caseload with only what the draw looks at: a large one is filtered sooner."""
    conditions = [
        plan.only,
        *(element.only for element in plan.elements),
        *(g.when for g in framework.groups),
    ]
    asked = {name for condition in conditions if condition for name in condition.list_names()}
    columns = {CASE, *plan.needed_columns, *asked}
    return replace(caseload, frame=caseload.frame.select([n for n in caseload.frame.columns if n in columns]))


_AHEAD = 40
"""How many times the sample's size is put in random order at first: sorting a whole caseload takes longer."""


@dataclass(frozen=True)
class _Chosen:
    """The places that were drawn."""

    drawn: Draw
    waiting: list[int]
    extra: list[int]
    elements: dict[int, list[str]]
    short_elements: tuple[str, ...]
    complete: bool

    def list_parts(self) -> tuple[tuple[SelectedAs, list[int]], ...]:
        taken = set(self.extra)
        return (
            ("main", self.drawn.taken),
            ("additional", self.extra),
            ("reserve", [w for w in self.waiting if w not in taken]),
        )


def _list_selected(
    ids: pl.Series,
    chosen: _Chosen,
    strata: Sequence[str],
    frame: Frame,
    chance: Probabilities,
    cells: _Cells,
) -> tuple[SelectedCase, ...]:
    """The cases drawn and those in reserve, with their probabilities and weights."""
    taken = chosen.drawn.taken
    chances = [chance.find(place) for place in taken]
    calibrated = calibrate(chances, [cells.find(place) for place in taken], cells.all).tolist()
    weights = dict(zip(taken, calibrated, strict=True))
    places = [place for _, part in chosen.list_parts() for place in part]
    references = dict(zip(places, ids.gather(places).to_list(), strict=True))
    return tuple(
        SelectedCase(
            case=references[place],
            selected_as=kind,
            place=n,
            stratum=strata[int(frame.stratum[place])],
            probability=chance.find(place),
            elements=tuple(chosen.elements.get(place, ())),
            cell=cells.find(place),
            weight=weights.get(place),
        )
        for kind, places in chosen.list_parts()
        for n, place in enumerate(places, 1)
    )


def _choose(
    cases: pl.DataFrame, frame: Frame, members: dict[str, Truth], plan: SamplePlan, seed: int
) -> _Chosen:
    """Draw from the first cases in random order; where they do not suffice, from all: the outcome is the same."""
    # Hashes decide the order, so the first cases are the same whether some or all of them are sorted.
    ahead = max(_AHEAD * sum(frame.sizes), 2000)
    first = _draw_once(cases, frame, members, plan, order_randomly(cases[CASE], seed, ahead))
    if first.complete or ahead >= cases.height:
        return _settle(cases, frame, members, plan, seed, first)
    return _settle(
        cases,
        frame,
        members,
        plan,
        seed,
        _draw_once(cases, frame, members, plan, order_randomly(cases[CASE], seed)),
    )


def _settle(
    cases: pl.DataFrame, frame: Frame, members: dict[str, Truth], plan: SamplePlan, seed: int, chosen: _Chosen
) -> _Chosen:
    """Where a quota is short or a stratum unfilled, the draw that does best."""
    # Integer programming is only needed if something is short, which is rare.
    if not (chosen.drawn.short or chosen.drawn.unfilled):
        return chosen
    order = order_randomly(cases[CASE], seed)
    best = find_least_shortfall(frame, order, chosen.drawn)
    return chosen if best is chosen.drawn else _add_around(cases, frame, members, plan, order, best)


def _draw_once(
    cases: pl.DataFrame, frame: Frame, members: dict[str, Truth], plan: SamplePlan, order: Places
) -> _Chosen:
    return _add_around(cases, frame, members, plan, order, draw(frame, order))


def _add_around(
    cases: pl.DataFrame, frame: Frame, members: dict[str, Truth], plan: SamplePlan, order: Places, drawn: Draw
) -> _Chosen:
    """The reserves and the elements' cases that go with a draw."""
    # Reserves per stratum: the sample with its reserves, less the sample.
    around = [
        add_reserves(n, plan.reserve_percent, int(m)) - n
        for n, m in zip(frame.sizes, frame.members, strict=True)
    ]
    quotas = calculate_reserve_quotas(frame, drawn.taken, plan.reserve_percent, sum(around))
    waiting = list_reserves(frame, order, drawn.taken, around, quotas)
    elements, extra, short = _list_elements(cases, members, plan, order, drawn, waiting)
    # If the cases sorted so far don't supply the reserves either, the draw is made again from all cases.
    held = all(int(frame.groups[g][waiting].sum()) >= n for g, n in quotas.items())
    complete = not (drawn.short or drawn.unfilled or short) and len(waiting) == sum(around) and held
    return _Chosen(
        drawn=drawn,
        waiting=waiting,
        extra=extra,
        elements=elements,
        short_elements=tuple(short),
        complete=complete,
    )


def _list_names(plan: SamplePlan) -> list[str]:
    """The groups that quotas and elements look at."""
    return [
        *plan.quotas,
        *(name for element in plan.elements if element.only for name in element.only.list_names()),
    ]


def _explain_none(exclusions: pl.DataFrame) -> str:
    counted = exclusions["reason"].value_counts(sort=True).rows()
    return "; ".join(f"{n} left out: {format_reason(reason).lower()}" for reason, n in counted)


def _make_frame(
    frame: pl.DataFrame, members: dict[str, Truth], plan: SamplePlan
) -> tuple[Frame, list[str], list[str], list[str]]:
    """What the draw looks at, the names of the strata, what was adjusted and what could not be met."""
    notes, unmet = list[str](), list[str]()
    size = frame.height if plan.every else plan.size or 0
    if plan.precision:
        size = calculate_size(plan.precision, frame.height)
        notes.append(
            f"{size} of {frame.height} cases give a margin of error of ±{plan.precision.points:g} percentage points with "
            f"{plan.precision.confidence:g}% confidence"
        )
    # Not an error: inspecting every eligible case is the best that can be done, and the report of the draw lists what is short.
    if size > frame.height:
        unmet.append(f"sample size: {size} cases planned, but only {frame.height} eligible")
    stratum, names = _number_strata(frame, plan)
    counts = dict(enumerate(count_each(stratum, len(names)).tolist()))
    # A precision or a plan for every case can ask for more cases than there are.
    shares = share_out({str(k): v for k, v in counts.items()}, min(size, frame.height))
    manager = _list_numbers(frame, plan.cap_by)[0] if plan.cap and plan.cap_by else None
    return (
        Frame(
            stratum=stratum,
            sizes=list(shares.values()),
            groups={g: members[g] == 1 for g in plan.quotas},
            quotas=plan.quotas,
            manager=manager,
            cap=plan.cap,
        ),
        names,
        notes,
        unmet,
    )


def _number_strata(frame: pl.DataFrame, plan: SamplePlan) -> tuple[npt.NDArray[np.int64], list[str]]:
    if plan.strata is None:
        return np.zeros(frame.height, dtype=np.int64), [""]
    return _list_numbers(frame, plan.strata)


def _list_numbers(frame: pl.DataFrame, key: str) -> tuple[npt.NDArray[np.int64], list[str]]:
    """An attribute as numbers in the order of its values."""
    texts = frame[key].cast(pl.String).fill_null("")
    # One pass over the texts; all else is done with their numbers.
    numbered = texts.cast(pl.Categorical)
    different = numbered.unique()
    texts_of = different.cast(pl.String).to_list()
    # Sorted, so that strata have the same numbers whatever the order of rows.
    names = sorted(texts_of)
    numbers = different.to_physical().to_numpy()
    place = np.zeros(int(numbers.max(initial=0)) + 1, dtype=np.int64)
    place[numbers] = [names.index(name) for name in texts_of]
    return place[numbered.to_physical().to_numpy()], names


def _list_unmet(
    framework: Framework,
    frame: Frame,
    members: dict[str, Truth],
    drawn: Draw,
    strata: list[str],
    plan: SamplePlan,
) -> list[str]:
    unmet = []
    titles = {g.key: g.title for g in framework.groups}
    for group, lack in drawn.short.items():
        eligible_there = int((members[group] == 1).sum())
        unmet.append(
            f"quota for {titles[group]}: {frame.quotas[group]} cases planned, but only {frame.quotas[group] - lack} drawn "
            f"({eligible_there} eligible)"
        )
    for h, lack in drawn.unfilled.items():
        name = f"stratum {strata[h]}" if plan.strata else "sample size"
        unmet.append(
            f"{name}: {lack} case{'' if lack == 1 else 's'} too few, because no manager may have more than {frame.cap} cases"
        )
    return unmet


def _list_elements(
    frame: pl.DataFrame,
    members: dict[str, Truth],
    plan: SamplePlan,
    order: Places,
    drawn: Draw,
    waiting: list[int],
) -> tuple[dict[int, list[str]], list[int], list[str]]:
    """Which cases each thematic element is inspected on, and the additional cases that it needs."""
    elements_of: dict[int, list[str]] = {}
    extra, notes = list[int](), list[str]()
    for element in plan.elements:
        fits = evaluate(element.only, frame, members) == 1
        # Cases of the main sample are used first: each one saves an additional inspection.
        inside = [place for place in drawn.taken if fits[place]]
        if element.at_least is not None:
            inside = _enlarge(element, fits, inside, order, drawn, extra, waiting)
            if len(inside) < element.at_least:
                notes.append(
                    f"element {element.framework}: {element.at_least} cases planned, but only {len(inside)} eligible"
                )
        for place in inside:
            elements_of.setdefault(place, []).append(element.framework)
    return elements_of, extra, notes


def _enlarge(
    element: SampledElement,
    fits: npt.NDArray[np.bool_],
    inside: list[int],
    order: Places,
    drawn: Draw,
    extra: list[int],
    waiting: list[int],
) -> list[int]:
    """The element's cases with additional ones, in random order, up to the number that it asks for; reserves last."""
    taken, drawn_cases = set(drawn.taken), set(waiting)
    free = [place for place in order[fits[order]].tolist() if place not in taken]
    # Taking a reserve here would leave the main sample with fewer substitutes.
    for place in [p for p in free if p not in drawn_cases] + [p for p in free if p in drawn_cases]:
        if len(inside) >= (element.at_least or 0):
            break
        inside = [*inside, place]
        if place not in extra:
            extra.append(place)
    return inside
