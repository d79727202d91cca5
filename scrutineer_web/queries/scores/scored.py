"""What the core scores: the same as it has after assessment the exported files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scrutineer.inspection.rated_whole import make_judged_results, rate_whole
from scrutineer.scoring.groups import ALL, GroupOf
from scrutineer.scoring.rated import RatedLevels
from scrutineer.scoring.results import GroupResult
from scrutineer.tasks.scoring import Loaded, ScoreRequest, ScoringOutcome, score_loaded
from scrutineer_web.queries.shelf import list_elements_on
from scrutineer_web.records import frames
from scrutineer_web.records.frames.cases import Read
from scrutineer_web.records.inspection import Inspection


def load_cases(inspection: Inspection, read: Read) -> Loaded:
    """The same as `scrutineer score` has it after assessment the exported files."""
    return Loaded(
        inspection.framework, list_elements_on(inspection.framework), read.cases.caseload, read.cases.answers
    )


def score_inspection(
    inspection: Inspection, read: Read, groups: Sequence[GroupOf] | None = None
) -> ScoringOutcome:
    """The results of an inspection as they are now, of every group or those given, and what is still open.

    Ratings of all cases follow from what people judged, too.
    """
    framework = inspection.framework
    if not framework.reads_cases:
        rated = rate_inspection(inspection, None)
        return ScoringOutcome(
            make_judged_results(framework, rated, inspection.area, inspection.synthetic), ()
        )
    outcome = score_loaded(load_cases(inspection, read), ScoreRequest(label=inspection.area), groups)
    everyone = outcome.results.groups.get(ALL)
    if everyone is None or not framework.rates_levels:
        return outcome
    own = replace(everyone, rated=rate_inspection(inspection, everyone))
    return replace(outcome, results=replace(outcome.results, groups={**outcome.results.groups, ALL: own}))


def rate_inspection(inspection: Inspection, group: GroupResult | None) -> RatedLevels | None:
    """The ratings of an inspection as its scores and evidence are now.

    Args:
        inspection: whose.
        group: the results of all cases; None without cases.
    """
    framework = inspection.framework
    judged = frames.judge(inspection, framework)
    return rate_whole(framework, group, judged, frames.make_evidence(inspection))
