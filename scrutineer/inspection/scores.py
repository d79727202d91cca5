"""What an inspection's cases and evidence come to: results for its own people, and as the public may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from scrutineer.cases.codes import Codes
from scrutineer.cases.gaps import Gap, gaps
from scrutineer.cases.membership import evaluate, groups
from scrutineer.errors import Fault, UserError
from scrutineer.frameworks.model import Framework
from scrutineer.inspection.evidence import Judged, rating_of
from scrutineer.inspection.whole import Cases, Element, Inspection
from scrutineer.scoring.groups import ALL, GroupOf, reported_groups
from scrutineer.scoring.inspect import results
from scrutineer.scoring.results import Results
from scrutineer.scoring.withhold import withhold

MAIN = "main"
"""Of an element on part of the main sample: all cases of that sample."""

REST = "rest"
"""The cases of the main sample that the element does not look at; only for tests."""


@dataclass(frozen=True)
class Scored:
    """The scores of an inspection, or of one of its elements.

    Attributes:
        full: results of every group and of everyone else; never printed.
        shown: the same without what few cases stand behind.
        hidden: what must not be told of any group, everyone else included.
        judged: judgement criteria by code.
        gaps: what is not answered yet, or against the framework.
    """

    framework: Framework
    full: Results
    shown: Results
    hidden: frozenset[tuple[str, str | None]]
    judged: dict[str, Judged]
    gaps: tuple[Gap, ...] = ()


def scored(inspection: Inspection) -> Scored:
    """Score an inspection.

    Raises:
        UserError: there are no cases yet, or the population is smaller than the sample.
    """
    cases = _there(inspection)
    framework = inspection.framework
    population = inspection.population
    number = len(cases.answers.cases)
    if population is not None and population < number:
        what = f"the population is {population}, but there are {number} cases"
        raise UserError(Fault(f"{inspection.where}/inspection.yaml", what, "Correct the population"))
    elements = [e.framework for e in inspection.elements if e.cases is None]
    # A report tells of the framework's own groups; values of attributes are for the analyst (scrutineer score).
    every = [
        group
        for group in reported_groups(framework, cases.caseload.frame, (), elements, complements=True)
        if not group.attribute and "=" not in group.key
    ]
    full = results(
        framework,
        cases.answers.codes,
        cases.answers.questions,
        every,
        sampled=number / population if population else 0.0,
    )
    full = replace(
        full,
        population=float(population) if population else None,
        synthetic=inspection.synthetic,
        label=inspection.manifest.area,
    )
    shown, hidden = _shown(full, cases.answers.codes, every, inspection.house.numbers.publish_from)
    return Scored(
        framework,
        full,
        shown,
        hidden,
        rating_of(framework, inspection.evidence),
        gaps(framework, cases.caseload, cases.answers),
    )


def scored_element(inspection: Inspection, element: Element) -> Scored:
    """Score a thematic element: its own sample, or its part of the main one beside all of it.

    Raises:
        UserError: there are no cases yet, or none that the element looks at.
    """
    own = element.cases is not None
    cases = element.cases or _there(inspection)
    framework = element.framework
    every = _own_groups(cases) if own else _part_groups(framework, cases, inspection.where)
    codes = _columns(framework, cases)
    full = results(framework, codes, _asked(framework, cases), every)
    full = replace(full, synthetic=inspection.synthetic, label=inspection.manifest.area)
    shown, hidden = _shown(full, codes, every, element.house.numbers.publish_from)
    found = gaps(framework, cases.caseload, cases.answers) if own else ()
    return Scored(framework, full, shown, hidden, rating_of(framework, element.evidence), found)


def _shown(
    full: Results, codes: Codes, every: Sequence[GroupOf], below: int
) -> tuple[Results, frozenset[tuple[str, str | None]]]:
    """The results that the public may see, and everything that it must not learn.

    Everyone else beside a group is never printed, but follows from the group and all cases: so where few stand
    behind it, the group is withheld, too. Of all cases the questions that few are relevant to are withheld.
    """
    named = [g for g in every if not _unpublished(g.key)]
    others = [g for g in every if _unpublished(g.key)]
    hidden = withhold(full, codes, named, below, others).suppressed
    rare = {(ALL, key) for key, one in full.groups[ALL].questions.items() if 0 < one.counts.relevant < below}
    kept = {key: one for key, one in full.groups.items() if not _unpublished(key)}
    return replace(full, groups=kept, suppressed=hidden | rare), hidden


def _unpublished(group: str) -> bool:
    return group == REST or group.startswith("not:")


def _there(inspection: Inspection) -> Cases:
    if inspection.cases is None:
        raise UserError(
            Fault(inspection.where, "no cases are there yet", "Put cases.csv and answers.csv into the folder")
        )
    return inspection.cases


def _asked(framework: Framework, cases: Cases) -> tuple[str, ...]:
    return tuple(key for key in cases.answers.questions if key in framework.questions)


def _columns(framework: Framework, cases: Cases) -> Codes:
    """The answers to the questions that the element's framework has."""
    asked = _asked(framework, cases)
    places = [cases.answers.questions.index(key) for key in asked]
    return np.ascontiguousarray(cases.answers.codes[:, places])


def _own_groups(cases: Cases) -> list[GroupOf]:
    return [GroupOf(ALL, "All cases", np.ones(len(cases.answers.cases), dtype=np.bool_))]


def _part_groups(framework: Framework, cases: Cases, where: str) -> list[GroupOf]:
    only = framework.sample.only
    if only is None:
        raise UserError(Fault(where, f"element '{framework.id}' does not say which cases it looks at"))
    frame = cases.caseload.frame
    inside = evaluate(only, frame, groups(framework, frame)) == 1
    if not inside.any():
        raise UserError(
            Fault(
                where,
                f"none of the cases is one that element '{framework.id}' looks at",
                "Leave the element out",
            )
        )
    found = [
        GroupOf(ALL, framework.title, inside),
        GroupOf(MAIN, "Main sample", np.ones(frame.height, dtype=np.bool_)),
    ]
    return found if inside.all() else [*found, GroupOf(REST, "Everyone else", ~inside)]
