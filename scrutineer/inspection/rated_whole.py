"""The ratings of an inspection: from its scores, from what people judged, and from what they decided otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from scrutineer.errors import Fault, UserError
from scrutineer.frameworks.model import Framework
from scrutineer.inspection.evidence import Evidence, Judged
from scrutineer.scoring.groups import ALL
from scrutineer.scoring.rated import RatedFigures, RatedLevels, collect_figures, rate_levels
from scrutineer.scoring.rated_part import Decision
from scrutineer.scoring.results import GroupResult, Levels, Results


@dataclass(frozen=True)
class _Basis:
    """What ratings rest on: exact scores, ratings that people gave, and what they decided otherwise."""

    figures: RatedFigures
    given: Mapping[str, str]
    decisions: Mapping[str, Decision]


def rate_whole(
    framework: Framework, group: GroupResult | None, judged: Mapping[str, Judged], evidence: Evidence
) -> RatedLevels | None:
    """The ratings of every level of an inspection.

    Args:
        framework: gives the methods.
        group: the results of all cases; None if nothing is scored from cases.
        judged: judgement criteria by code.
        evidence: with what people decided. A decision that isn't allowed is left out: `list_decision_faults` names it.

    Returns:
        None if the framework says of nothing how it's rated.
    """
    if not framework.rates_levels:
        return None
    basis = _collect_basis(framework, group, judged, evidence)
    allowed: dict[str, Decision] = {}
    rated = rate_levels(framework, basis.figures, basis.given)
    for code, decision in basis.decisions.items():
        # One that isn't allowed, because scores have changed since, takes no other with it.
        with suppress(UserError):
            rated = rate_levels(framework, basis.figures, basis.given, {**allowed, code: decision})
            allowed[code] = decision
    return rated


def list_decision_faults(
    framework: Framework, group: GroupResult | None, judged: Mapping[str, Judged], evidence: Evidence
) -> list[Fault]:
    """Why decisions aren't allowed, such as one too far from the boundary of its rating."""
    if not framework.rates_levels:
        return []
    basis = _collect_basis(framework, group, judged, evidence)
    try:
        rate_levels(framework, basis.figures, basis.given, basis.decisions)
    except UserError as error:
        return list(error.faults)
    return []


def make_judged_results(
    framework: Framework, rated: RatedLevels | None, label: str, synthetic: bool
) -> Results:
    """The results of an inspection without cases: nothing is scored, and ratings follow from what people judged."""
    levels = Levels(overall=None, sections={}, criteria={}, threads={})
    group = GroupResult(key=ALL, title="All cases", cases=0, questions={}, levels=levels, rated=rated)
    return Results(framework, {ALL: group}, synthetic=synthetic, label=label)


def collect_given(framework: Framework, judged: Mapping[str, Judged]) -> dict[str, str]:
    """The ratings that people gave, by the code of a criterion, of those that play a part in other ratings."""
    return {
        code: j.final.rating for code, j in judged.items() if j.final and framework.find_method(j.criterion)
    }


def _collect_basis(
    framework: Framework, group: GroupResult | None, judged: Mapping[str, Judged], evidence: Evidence
) -> _Basis:
    counts = {key: question.counts for key, question in group.questions.items()} if group else {}
    shares = {key: share for key, count in counts.items() if (share := count.percent) is not None}
    exact = {key: (count.above, count.relevant) for key, count in counts.items()}
    figures = collect_figures(framework, shares, exact)
    decisions = {
        code: Decision(said.rating, said.reason, said.by, said.on.isoformat() if said.on else "")
        for code, said in evidence.judgements.items()
        if said.rating is not None and code not in judged
    }
    return _Basis(
        replace(figures, cases=group.cases if group else None),
        collect_given(framework, judged),
        decisions,
    )
