"""What an inspection's cases and evidence come to: results for its own people, and as the public may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.codes import Codes
from scrutineer.fieldwork.cases.gaps import Gap, list_gaps
from scrutineer.fieldwork.cases.membership import collect_groups, evaluate
from scrutineer.fieldwork.sampling.substitute import collect_weights
from scrutineer.frameworks.model import Framework
from scrutineer.inspection.evidence import Judged, rate_criteria
from scrutineer.inspection.rated_whole import make_judged_results, rate_whole
from scrutineer.inspection.whole import Cases, Element, Inspection
from scrutineer.scoring.fractions import (
    Floats,
    Mask,
    collect_fractions,
    find_weights,
    list_strata,
    make_weighting,
)
from scrutineer.scoring.groups import (
    ALL,
    GroupOf,
    count_members,
    find_counted,
    list_added,
    list_reported_groups,
)
from scrutineer.scoring.inspect import make_results
from scrutineer.scoring.rated import RatedLevels
from scrutineer.scoring.results import Results
from scrutineer.scoring.withhold import coarsen_group, empty_group, find_revealing, withhold

MAIN = "main"
"""Of an element on part of the main sample: all cases of that sample."""

REST = "rest"
"""The cases of the main sample that the element does not look at; only for tests."""


@dataclass(frozen=True)
class InspectionScores:
    """The scores of an inspection, or of one of its elements.

    Attributes:
        full: results of every group and of everyone else; never printed.
        shown: the same, without what is based on few cases.
        hidden: what must not be shown for any group, including everyone else.
        judged: judgement criteria by code.
        gaps: what is not answered yet, or against the framework.
        rated: the ratings of every level; None if the framework says of nothing how it's rated.
    """

    framework: Framework
    full: Results
    shown: Results
    hidden: frozenset[tuple[str, str | None]]
    judged: dict[str, Judged]
    gaps: tuple[Gap, ...] = ()
    rated: RatedLevels | None = None

    @property
    def rated_shown(self) -> RatedLevels | None:
        """The ratings that may be published: none where anything of all cases is withheld, which they could give away."""
        return None if any(key == ALL for key, _ in self.hidden) else self.rated


def score_whole(inspection: Inspection) -> InspectionScores:
    """Score an inspection.

    Raises:
        UserError: there are no cases yet, or the population is smaller than the sample.
    """
    if not inspection.framework.reads_cases:
        return _judge_whole(inspection)
    cases = _keep_inspected(inspection)
    framework, frame = inspection.framework, cases.caseload.frame
    population = inspection.population
    inside = count_members(framework, frame)
    number = int(inside.sum())
    if population is not None and population < number:
        what = f"the population is {population}, but there are {number} cases"
        raise UserError(Fault(f"{inspection.where}/inspection.yaml", what, "Correct the population"))
    elements = [e.framework for e in inspection.elements if e.cases is None]
    frameworks_of = [(key, e) for e in elements for key in (e.id, ALL)]
    reported = list_reported_groups(framework, frame, (), elements, complements=True)
    # A report shows the framework's own groups; values of attributes are for the analyst (scrutineer score).
    every = [group for group in reported if not group.attribute and "=" not in group.key]
    weights = _find_weights(inspection, cases, inside)
    full = make_results(
        framework,
        cases.answers.codes,
        cases.answers.questions,
        every,
        sampled=collect_fractions(every, inside, weights, population),
        weighting=make_weighting(weights, list_strata(frame), inside)
        if weights is not None and _is_uneven(weights[inside])
        else None,
    )
    known = float(population) if population else None
    full = replace(full, population=known, synthetic=inspection.synthetic, label=inspection.manifest.area)
    below = inspection.house.numbers.publish_from
    unseen = list_added(elements, framework, frame)
    shown, hidden = _withhold_unshown(full, cases.answers.codes, every, below, unseen, frameworks_of)
    judged = rate_criteria(framework, inspection.evidence)
    return InspectionScores(
        framework=framework,
        full=full,
        shown=shown,
        hidden=hidden,
        judged=judged,
        gaps=list_gaps(framework, cases.caseload, cases.answers),
        rated=rate_whole(framework, full.groups[ALL], judged, inspection.evidence),
    )


def _judge_whole(inspection: Inspection) -> InspectionScores:
    """An inspection without cases: nothing is scored, and ratings follow from what people judged."""
    framework = inspection.framework
    judged = rate_criteria(framework, inspection.evidence)
    rated = rate_whole(framework, None, judged, inspection.evidence)
    results = make_judged_results(framework, rated, inspection.manifest.area, inspection.synthetic)
    return InspectionScores(framework, results, results, frozenset(), judged, rated=rated)


def _find_weights(inspection: Inspection, cases: Cases, inside: Mask) -> Floats | None:
    """How many eligible cases each case represents, from the sample's record, else from the cases themselves."""
    record = inspection.record
    if record is None:
        return find_weights(cases.caseload.frame, inside)
    known = collect_weights(record)
    weights = np.array([known.get(case, 0.0) for case in cases.caseload.ids], dtype=np.float64)
    return weights if (weights[inside] > 0).all() else None


_EVEN = 1.02
"""Up to this ratio of the largest to the smallest weight, weights differ only by the rounding of strata: plain scores are weighted ones."""


def _is_uneven(weights: Floats) -> bool:
    """Whether some kinds of cases were drawn more often than others, so that weighted scores say something else."""
    return float(weights.max()) > _EVEN * float(weights.min())


def score_element(
    inspection: Inspection, element: Element, main: InspectionScores | None = None
) -> InspectionScores:
    """Score a thematic element: its own sample, or its part of the main sample as well as the whole.

    Args:
        inspection: whose.
        element: which.
        main: the scores of the main sample, where the element's are published with them: what is withheld there of the
            element's cases or of all is withheld here.

    Raises:
        UserError: there are no cases yet, or none that the element looks at.
    """
    own = element.cases is not None
    cases = element.cases or _keep_inspected(inspection)
    framework = element.framework
    every = (
        _list_own_groups(cases)
        if own
        else _list_part_groups(framework, inspection.framework, cases, inspection.where)
    )
    codes = _take_columns(framework, cases)
    sampled: Mapping[str, float] = {}
    if not own:
        inside = count_members(inspection.framework, cases.caseload.frame)
        sampled = collect_fractions(
            every, inside, _find_weights(inspection, cases, inside), inspection.population
        )
    full = make_results(framework, codes, _list_asked(framework, cases), every, sampled=sampled)
    full = replace(full, synthetic=inspection.synthetic, label=inspection.manifest.area)
    if own or main is None:
        shown, hidden = _withhold_unshown(full, codes, every, element.house.numbers.publish_from)
    else:
        shown, hidden = _withhold_as_in(full, framework, main, element.house.numbers.publish_from)
    gaps = list_gaps(framework, cases.caseload, cases.answers) if own else ()
    return InspectionScores(
        framework=framework,
        full=full,
        shown=shown,
        hidden=hidden,
        judged=rate_criteria(framework, element.evidence),
        gaps=gaps,
    )


def _withhold_as_in(
    full: Results, element: Framework, main: InspectionScores, below: int
) -> tuple[Results, frozenset[tuple[str, str | None]]]:
    """The element's results, withholding exactly what the main sample's results withhold for the same cases.

    Both are published, so both are looked at as one (`score_whole` knows of the element's scores). An element of fewer cases
    than may be shown is withheld as a whole.
    """
    hidden: set[tuple[str, str | None]] = set()
    groups = {}
    for own, there in ((ALL, element.id), (MAIN, ALL)):
        whole = (there, None) in main.hidden
        if own == ALL and full.groups[own].cases < below:
            hidden.add((own, None))
        gone = {key for key in element.questions if whole or (there, key) in main.hidden}
        hidden |= {(own, key) for key in gone}
        hidden |= {(own, name) for group, name in main.hidden if group == find_revealing(there) and name}
        names = {name for group, name in hidden if group == own and name is not None}
        groups[own] = empty_group(coarsen_group(full.groups[own], element, gone), names)
    return replace(full, groups=groups, suppressed=frozenset(hidden)), frozenset(hidden)


def _withhold_unshown(
    full: Results,
    codes: Codes,
    every: Sequence[GroupOf],
    below: int,
    unseen: Sequence[GroupOf] = (),
    frameworks_of: Sequence[tuple[str, Framework]] = (),
) -> tuple[Results, frozenset[tuple[str, str | None]]]:
    """The results that the public may see, and everything that must stay hidden.

    Results for everyone else are never printed, but follow from the group and all cases: so where there are few
    behind it, the group is withheld, too. So do cases that were added for an element alone.
    """
    named = [g for g in every if not _is_unpublished(g.key)]
    others = [*(g for g in every if _is_unpublished(g.key)), *unseen]
    withheld = withhold(full, codes, named, below, others, frameworks_of)
    published = {key: group for key, group in withheld.groups.items() if not _is_unpublished(key)}
    return replace(withheld, groups=published), withheld.suppressed


def _is_unpublished(group: str) -> bool:
    return group == REST or group.startswith("not:")


def _keep_inspected(inspection: Inspection) -> Cases:
    if inspection.cases is None:
        raise UserError(
            Fault(inspection.where, "there are no cases yet", "Add cases.csv and answers.csv to the folder")
        )
    return inspection.cases


def _list_asked(framework: Framework, cases: Cases) -> tuple[str, ...]:
    return tuple(key for key in cases.answers.questions if key in framework.questions)


def _take_columns(framework: Framework, cases: Cases) -> Codes:
    """The answers to the questions that the element's framework has."""
    asked = _list_asked(framework, cases)
    places = [cases.answers.questions.index(key) for key in asked]
    return np.ascontiguousarray(cases.answers.codes[:, places])


def _list_own_groups(cases: Cases) -> list[GroupOf]:
    return [GroupOf(ALL, "All cases", np.ones(len(cases.answers.cases), dtype=np.bool_))]


def _list_part_groups(
    framework: Framework, main_framework: Framework, cases: Cases, where: str
) -> list[GroupOf]:
    only = framework.sample.only
    if only is None:
        raise UserError(Fault(where, f"element '{framework.id}' does not say which cases it covers"))
    frame = cases.caseload.frame
    inside = (evaluate(only, frame, collect_groups(framework, frame)) == 1) & find_counted(
        framework, main_framework, frame
    )
    main = count_members(main_framework, frame)
    if not inside.any():
        raise UserError(
            Fault(
                where,
                f"none of the cases is covered by element '{framework.id}'",
                "Remove the element",
            )
        )
    groups = [
        GroupOf(ALL, framework.title, inside),
        GroupOf(MAIN, "Main sample", main),
    ]
    rest = main & ~inside
    return [*groups, GroupOf(REST, "Everyone else", rest)] if rest.any() else groups
