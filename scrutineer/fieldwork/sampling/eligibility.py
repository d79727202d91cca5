"""Which cases of a caseload may be drawn, and why the others may not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.caseload import Caseload
from scrutineer.fieldwork.cases.columns import CASE
from scrutineer.fieldwork.cases.exclusions import Exclusion, make_exclusions_table
from scrutineer.fieldwork.cases.membership import collect_groups, evaluate
from scrutineer.fieldwork.sampling.sample_plan import SamplePlan
from scrutineer.frameworks.model import Framework

_SCHEMA = {CASE: pl.String, "reason": pl.String, "note": pl.String}


@dataclass(frozen=True)
class Eligible:
    """The cases that may be drawn; every case that may not, with its reason (columns case, reason, note)."""

    frame: pl.DataFrame
    exclusions: pl.DataFrame


def find_eligible(
    caseload: Caseload, framework: Framework, plan: SamplePlan, listed: Iterable[Exclusion] = ()
) -> Eligible:
    """Check every case against the plan.

    Args:
        caseload: all cases.
        framework: gives the groups that conditions look at.
        plan: the window of supervision and the kind of case.
        listed: exclusions that a person gives, with their reasons.

    Raises:
        UserError: listed cases that are not in the caseload (all at once).
    """
    exclusions = list(listed)
    frame = caseload.frame
    if exclusions:
        _refuse_strangers(caseload, exclusions)
        frame = frame.filter(~pl.col(CASE).is_in([e.case for e in exclusions]))
    tables = [
        make_exclusions_table(
            (*exclusions, *(Exclusion(case, "repeated_row") for case, _ in caseload.repeated))
        )
    ]
    frame = _apply_window(frame, plan, tables)
    frame = _apply_scope(frame, framework, plan, tables)
    return Eligible(frame, pl.concat(tables).sort(CASE, "reason"))


def _refuse_strangers(caseload: Caseload, exclusions: list[Exclusion]) -> None:
    there = set(caseload.ids)
    unknown = [e.case for e in exclusions if e.case not in there]
    if unknown:
        what = "is in the list of exclusions but not in the caseload"
        raise UserError(
            [Fault(caseload.where, f"case '{case}' {what}", "Check its reference") for case in unknown]
        )


def _list_left_out(frame: pl.DataFrame, mask: pl.Series, reason: str) -> pl.DataFrame:
    # Of the references alone: the other columns would be filtered to be thrown away.
    cases = frame[CASE].filter(mask)

    def repeat(text: str) -> pl.Series:
        return pl.Series([text], dtype=pl.String).new_from_index(0, len(cases))

    return pl.DataFrame({CASE: cases, "reason": repeat(reason), "note": repeat("")}, schema=_SCHEMA)


def _apply_window(frame: pl.DataFrame, plan: SamplePlan, tables: list[pl.DataFrame]) -> pl.DataFrame:
    """Cases whose completed months under supervision lie in the window."""
    if plan.months is None or plan.started is None or plan.on is None:
        return frame
    least, most = plan.months
    latest, earliest = pl.select(
        # Whole months are counted back from the first day of fieldwork: a case that began on 15 March has completed nine months
        # on 15 December. The end of a short month counts as the same day (31 March less one month is 28 February).
        pl.lit(plan.on).dt.offset_by(f"-{least}mo").alias("latest"),
        pl.lit(plan.on).dt.offset_by(f"-{most + 1}mo").alias("earliest"),
    ).row(0)
    started = frame[plan.started]
    # A case has been under supervision too long once it has completed one month more than `most`.
    short, long = started > latest, started <= earliest
    tables += [
        _list_left_out(frame, short, "supervision_too_short"),
        _list_left_out(frame, long, "supervision_too_long"),
    ]
    out = short | long
    return frame.filter(~out) if out.any() or out.null_count() else frame


def _apply_scope(
    frame: pl.DataFrame, framework: Framework, plan: SamplePlan, tables: list[pl.DataFrame]
) -> pl.DataFrame:
    """Cases of the kind that the plan samples."""
    if plan.only is None and plan.every is None:
        return frame
    names = [*(plan.only.list_names() if plan.only else ()), *([plan.every] if plan.every else [])]
    members = collect_groups(framework, frame, names)
    truth = members[plan.every] if plan.every else np.ones(frame.height, dtype=np.int8)
    if plan.only is not None:
        asked = evaluate(plan.only, frame, members)
        # Three values: no (0), yes (1), not known (-1). "No" decides even if the other condition is not known.
        truth = np.where((truth == 0) | (asked == 0), 0, np.minimum(truth, asked)).astype(np.int8)
    tables += [
        _list_left_out(frame, pl.Series(truth == 0), "not_in_scope"),
        _list_left_out(frame, pl.Series(truth == -1), "scope_not_known"),
    ]
    return frame.filter(pl.Series(truth == 1))
