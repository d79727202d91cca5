"""Replace a case that cannot be inspected with a reserve, and list the sample as it is now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import polars as pl

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.caseload import Caseload
from scrutineer.fieldwork.cases.columns import CASE
from scrutineer.fieldwork.cases.exclusions import GIVEN
from scrutineer.fieldwork.cases.membership import collect_groups, evaluate
from scrutineer.fieldwork.sampling.record import ChosenCase, SampleRecord, Substitution
from scrutineer.fieldwork.sampling.weights import WeightingCell, calibrate
from scrutineer.frameworks.model import Framework


def substitute(
    record: SampleRecord,
    caseload: Caseload,
    framework: Framework,
    case: str,
    *,
    reason: str,
    note: str = "",
    by: str,
    on: str,
) -> SampleRecord:
    """The record with the next suitable reserve in a case's place.

    The reserve comes from the same stratum, in its order, and is the first one without which no quota that
    holds now would fall short.

    Args:
        record: the record before the change.
        caseload: the cases that it was drawn from.
        framework: gives the groups of the quotas.
        case: the case that cannot be inspected.
        reason: one of the reasons that a person may give.
        note: needed where the reason is 'other'.
        by: who decided.
        on: the day, as 2006-03-31.

    Raises:
        UserError: the case is not in the sample, the reason is not on the list or lacks its note, or no
            reserve is left that keeps the quotas.
    """
    current = {chosen.case: chosen for chosen in list_standing(record)}
    faults = _find_wrong(current, case, reason, note, by)
    if faults:
        raise UserError(faults)
    reserve = _find_next(record, caseload, framework, current, case)
    substitution = Substitution(case=case, by=reserve, reason=reason, note=note, decided_by=by, on=on)
    return record.model_copy(update={"substitutions": (*record.substitutions, substitution)})


def _find_wrong(current: Mapping[str, ChosenCase], case: str, reason: str, note: str, by: str) -> list[Fault]:
    """Everything that keeps a case from being replaced."""
    faults = []
    if case not in current:
        faults.append(
            Fault(
                "the sample",
                f"case '{case}' is not in the sample",
                "Enter the reference of a case in the sample",
            )
        )
    if reason not in GIVEN:
        faults.append(
            Fault("the sample", f"'{reason}' is not one of the reasons", f"Choose from {', '.join(GIVEN)}")
        )
    if not by.strip():
        faults.append(
            Fault(
                "the sample",
                "there is no name for the person who decided",
                "Enter the name of the person who decided",
            )
        )
    if reason == "other" and not note.strip():
        faults.append(
            Fault(
                "the sample",
                "the reason is 'other', but there is no note",
                "Write a note that gives the reason",
            )
        )
    return faults


def _find_next(
    record: SampleRecord, caseload: Caseload, framework: Framework, current: dict[str, ChosenCase], case: str
) -> str:
    # A reserve is used once, even if the case that it replaced was later replaced again.
    used = {s.by for s in record.substitutions}
    leaving = current[case]
    stratum = leaving.stratum
    waiting = [
        c.case
        for c in record.selected
        # Reserves are in random order, so taking the next one keeps the sample random.
        if c.selected_as == "reserve" and c.stratum == stratum and c.case not in used
    ]
    frame = caseload.frame.filter(pl.col(CASE).is_in([*current, *waiting]))
    if leaving.selected_as == "additional":
        return _find_for_element(record, frame, framework, leaving, waiting)
    # Additional cases count towards no quota and no cap, which were set for the main sample.
    current = {name: holder for name, holder in current.items() if holder.selected_as != "additional"}
    member = {
        group: dict(zip(frame[CASE].to_list(), (values == 1).tolist(), strict=True))
        for group, values in collect_groups(framework, frame).items()
        if group in record.plan.quotas
    }
    busy = _collect_managers(record, caseload, current, case)
    for reserve in waiting:
        # Without a cap there is no manager to count either, so this comparison never excludes anyone.
        if busy.get(_find_manager(record, caseload, reserve), 0) >= (record.plan.cap or len(current)):
            continue
        if all(
            _is_met(record.plan.quotas[g], inside, current, case, reserve) for g, inside in member.items()
        ):
            return reserve
    where = f"stratum '{stratum}'" if stratum else "the sample"
    if waiting:
        what = f"none of the {len(waiting)} reserves left in {where} would keep to the quotas and the cap in place of case '{case}'"
    else:
        what = f"{where} has no reserve left"
    raise UserError(Fault("the sample", what, "Draw again with more reserves, or inspect one case fewer"))


def _find_for_element(
    record: SampleRecord, frame: pl.DataFrame, framework: Framework, leaving: ChosenCase, waiting: list[str]
) -> str:
    """The next reserve that fits the elements that a case was added for; the main sample is not touched."""
    known = collect_groups(framework, frame)
    fits = np.ones(frame.height, dtype=np.bool_)
    for element in record.plan.elements:
        if element.framework in leaving.elements:
            fits &= evaluate(element.only, frame, known) == 1
    allowed = {name for name, fit in zip(frame[CASE].to_list(), fits.tolist(), strict=True) if fit}
    candidate = next((reserve for reserve in waiting if reserve in allowed), None)
    if candidate is None:
        what = f"none of the {len(waiting)} reserves left is in scope for {', '.join(leaving.elements)}"
        raise UserError(Fault("the sample", what, "Draw again with more reserves, or inspect one case fewer"))
    return candidate


def _find_manager(record: SampleRecord, caseload: Caseload, case: str) -> object:
    """Whose case it is, if the plan has a cap."""
    if record.plan.cap is None or record.plan.cap_by is None:
        return None
    return caseload.frame.filter(pl.col(CASE) == case)[record.plan.cap_by][0]


def _collect_managers(
    record: SampleRecord, caseload: Caseload, current: dict[str, ChosenCase], leaving: str
) -> Counter[object]:
    """How many cases each manager has once a case has left."""
    if record.plan.cap is None or record.plan.cap_by is None:
        return Counter()
    there = caseload.frame.filter(pl.col(CASE).is_in([c for c in current if c != leaving]))
    return Counter(there[record.plan.cap_by].to_list())


def _is_met(
    least: int, inside: dict[str, bool], current: dict[str, ChosenCase], case: str, reserve: str
) -> bool:
    """Whether a quota that is met now would still be met, and a short one would not get shorter."""
    now = sum(inside[c] for c in current if c in inside)
    then = now - inside.get(case, False) + inside.get(reserve, False)
    # A quota that was short from the start must not block every substitution.
    return then >= min(least, now)


def list_standing(record: SampleRecord) -> tuple[ChosenCase, ...]:
    """The cases to be inspected, with every reserve in the place of the case that it replaces."""
    by_case = {c.case: c for c in record.selected}
    gone = {s.case for s in record.substitutions}
    sample = [c for c in record.selected if c.selected_as != "reserve" and c.case not in gone]
    for s in record.substitutions:
        if (
            by_case[s.case].selected_as == "additional"
        ):  # A reserve that replaces a case added for an element counts as such a case too.
            role = {"selected_as": "additional", "elements": by_case[s.case].elements}
            by_case[s.by] = by_case[s.by].model_copy(update=role)
    return (*sample, *(by_case[s.by] for s in record.substitutions if s.by not in gone))


def collect_weights(record: SampleRecord) -> dict[str, float]:
    """How many eligible cases each remaining case of the main sample represents; together, all of them.

    Additional cases of elements represent no other case in the sample. A record that was made before weights were calibrated
    has no cells: its weights are scaled to the eligible cases as a whole.
    """
    there = [c for c in list_standing(record) if c.selected_as != "additional"]
    cells = [WeightingCell(c.stratum, c.eligible) for c in record.cells] or [
        WeightingCell(0, record.eligible)
    ]
    places = [c.cell if record.cells and c.cell is not None else 0 for c in there]
    # Weights are calculated again after every substitution, because each cell is then shared by other cases.
    values = calibrate([c.inclusion_probability for c in there], places, cells)
    return {c.case: float(w) for c, w in zip(there, values, strict=True)}


def sample_frame(record: SampleRecord, caseload: Caseload) -> pl.DataFrame:
    """The cases to be inspected with their attributes, how they were selected, and their weights."""
    instead = {s.by for s in record.substitutions}
    rows = [
        (c, "substitute" if c.case in instead and c.selected_as != "additional" else c.selected_as)
        for c in list_standing(record)
    ]
    return _join([(c.case, kind, c) for c, kind in rows], caseload, collect_weights(record))


def find_reserves(record: SampleRecord, caseload: Caseload) -> pl.DataFrame:
    """The reserves that are left, in their order."""
    used = {s.by for s in record.substitutions}
    rows = [c for c in record.selected if c.selected_as == "reserve" and c.case not in used]
    return _join([(c.case, "reserve", c) for c in rows], caseload, {})


def _join(
    rows: list[tuple[str, str, ChosenCase]], caseload: Caseload, weights: Mapping[str, float]
) -> pl.DataFrame:
    from scrutineer.fieldwork.cases.columns import ADDED
    from scrutineer.tables.table import ROW

    chosen = pl.DataFrame(
        {
            CASE: [case for case, _, _ in rows],
            "selected_as": [kind for _, kind, _ in rows],
            "place": [c.place for _, _, c in rows],
            "stratum": [c.stratum or None for _, _, c in rows],
            # A case added for an element was not drawn for the sample, and represents no other case in it.
            "inclusion_probability": [
                None if k == "additional" else c.inclusion_probability for _, k, c in rows
            ],
            "weight": [weights.get(case) for case, _, _ in rows],
            "elements": [" ".join(c.elements) or None for _, _, c in rows],
        },
        schema={
            CASE: pl.String,
            "selected_as": pl.String,
            "place": pl.Int64,
            "stratum": pl.String,
            "inclusion_probability": pl.Float64,
            "weight": pl.Float64,
            "elements": pl.String,
        },
    )
    added = {c.key for c in ADDED} - {"synthetic"}
    own = caseload.frame.select(
        [name for name in caseload.frame.columns if name not in added | {ROW, "elements"}]
    )
    joined = chosen.join(own, on=CASE, how="left", maintain_order="left")
    attributes = [name for name in own.columns if name != CASE]
    return joined.select(CASE, *attributes, *[n for n in chosen.columns if n != CASE])
