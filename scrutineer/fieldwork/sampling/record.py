"""The record of a sample: everything needed to draw it again, and what has been replaced since."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scrutineer.errors import Fault, UserError, make_fault, shorten_path
from scrutineer.fieldwork.cases.caseload import Caseload
from scrutineer.fieldwork.cases.exclusions import FOUND, GIVEN, Exclusion
from scrutineer.fieldwork.cases.order import ALGORITHM
from scrutineer.fieldwork.sampling.sample import Sample, SelectedAs, SelectedCase, draw_sample
from scrutineer.fieldwork.sampling.sample_plan import SamplePlan
from scrutineer.frameworks.fingerprint import hash_framework
from scrutineer.frameworks.model import Framework


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RecordedFramework(_Part):
    """The exact version of a framework."""

    id: str
    version: str
    hash: str


class CaseloadSource(_Part):
    """The exact caseload.

    Attributes:
        cases: how many rows it has, including repeated ones.
    """

    file: str
    hash: str
    cases: int


class Left(_Part):
    """A case that was left out."""

    case: str
    reason: str
    note: str = ""


class ChosenCase(_Part):
    """A case of the sample, or a reserve, as drawn."""

    case: str
    selected_as: SelectedAs
    place: int
    stratum: str
    inclusion_probability: Annotated[float, Field(ge=0, le=1)]
    elements: tuple[str, ...] = ()
    cell: Annotated[int, Field(ge=0)] | None = None


class RecordedCell(_Part):
    """The eligible cases of one stratum that belong to the same quota groups. Weights of those drawn add up to this number."""

    stratum: int
    eligible: int


class Substitution(_Part):
    """A case of the sample that a reserve replaces."""

    case: str
    by: str
    reason: str
    note: str = ""
    decided_by: str
    on: str


class SampleRecord(_Part):
    """The record of a sample."""

    format: Literal[1] = 1
    kind: Literal["sample"] = "sample"
    # How cases are put in random order has a version, because a
    # record must be drawn again as it was.
    algorithm: Annotated[int, Field(ge=1)] = ALGORITHM
    framework: RecordedFramework
    caseload: CaseloadSource
    # 64 bits, as the random order takes them.
    seed: Annotated[int, Field(ge=0, lt=2**64)]
    plan: SamplePlan
    eligible: int
    exclusions: tuple[Left, ...]
    adjustments: tuple[str, ...]
    unmet: tuple[str, ...]
    probabilities_from: str
    cells: tuple[RecordedCell, ...] = ()
    selected: tuple[ChosenCase, ...]
    substitutions: tuple[Substitution, ...] = ()
    synthetic: bool = False


def make_record(
    sample: Sample, caseload: Caseload, framework: Framework, plan: SamplePlan, seed: int
) -> SampleRecord:
    """The record of a sample that was just drawn."""
    return SampleRecord(
        # Hashes pin the exact framework and caseload, so that a replay knows if it has the same ones.
        framework=RecordedFramework(
            id=framework.id, version=framework.version, hash=hash_framework(framework)
        ),
        # Only the name: the hash identifies the caseload, wherever it is kept.
        caseload=CaseloadSource(
            file=Path(caseload.where).name, hash=caseload.hash_content(), cases=sample.cases
        ),
        seed=seed,
        plan=plan,
        eligible=sample.eligible,
        exclusions=tuple(Left(case=c, reason=r, note=n) for c, r, n in sample.exclusions.rows()),
        adjustments=sample.adjustments,
        unmet=sample.unmet,
        probabilities_from=sample.probabilities_from,
        cells=tuple(RecordedCell(stratum=c.stratum, eligible=c.eligible) for c in sample.cells),
        selected=tuple(_make_chosen(case) for case in sample.selected),
        synthetic=caseload.synthetic,
    )


def _make_chosen(case: SelectedCase) -> ChosenCase:
    return ChosenCase(
        case=case.case,
        selected_as=case.selected_as,
        place=case.place,
        stratum=case.stratum,
        inclusion_probability=case.probability,
        elements=case.elements,
        cell=case.cell,
    )


def to_json(record: SampleRecord) -> str:
    """The record as it is written to disk."""
    # By alias, because a condition's `not_` is called `not` in the file.
    return record.model_dump_json(indent=1, by_alias=True, exclude_none=True) + "\n"


def read_record(path: Path) -> SampleRecord:
    """A record from its file.

    Raises:
        UserError: with every fault of the file.
    """
    try:
        return SampleRecord.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(make_fault(error, shorten_path(path))) from None
    # A record that is damaged or of another kind gives every fault at once, each with its place in the file.
    except (ValidationError, UnicodeDecodeError) as error:
        faults = (
            error.errors() if isinstance(error, ValidationError) else [{"loc": (), "msg": "this is not text"}]
        )
        raise UserError(
            [
                Fault(
                    f"{shorten_path(path)} {'.'.join(map(str, f['loc']))}".strip(),
                    str(f["msg"]),
                    "Use the sample.json that was saved with the sample",
                )
                for f in faults
            ]
        ) from None


def check_record(record: SampleRecord, framework: Framework, where: str) -> None:
    """Refuse a record with names that don't exist: it has been altered by hand.

    Raises:
        UserError: with everything in it that the framework or the record itself does not know.
    """
    # A record can be edited by hand, and a name that is not in the framework would fail later as a Python error.
    plan = record.plan
    groups, attributes = {g.key for g in framework.groups}, {a.key for a in framework.attributes}
    drawn = {c.case for c in record.selected}
    wrong = [f"the plan has a quota for unknown group '{g}'" for g in plan.quotas if g not in groups]
    wrong += [
        f"the plan names unknown attribute '{a}'"
        for a in (plan.strata, plan.cap_by, plan.started)
        if a and a not in attributes
    ]
    wrong += (
        [f"the plan takes every case of unknown group '{plan.every}'"]
        if plan.every and plan.every not in groups
        else []
    )
    wrong += [
        f"case '{c.case}' has no cell, or a cell that is not in the record"
        for c in record.selected
        if record.cells and (c.cell is None or c.cell >= len(record.cells))
    ]
    wrong += [
        f"case '{e.case}' is left out for an unknown reason, '{e.reason}'"
        for e in record.exclusions
        if e.reason not in {**FOUND, **GIVEN}
    ]
    for s in record.substitutions:
        wrong += [
            f"a substitution names case '{c}', which was not drawn" for c in (s.case, s.by) if c not in drawn
        ]
        wrong += (
            [f"case '{s.case}' is replaced for an unknown reason, '{s.reason}'"]
            # A substitution is always someone's decision.
            if s.reason not in GIVEN
            else []
        )
    if wrong:
        raise UserError(
            [
                Fault(where, what, "Use the record as it was saved with the sample, unchanged")
                for what in wrong
            ]
        )


def replay(
    record: SampleRecord,
    caseload: Caseload,
    framework: Framework,
    progress: Callable[[float], None] = lambda _: None,
) -> list[str]:
    """Draw the sample again from its record, and list every difference.

    Returns:
        Sentences; none where the same sample comes out.
    """
    # Another version draws another sample from the same seed, so
    # comparing the rest would say nothing.
    if record.algorithm != ALGORITHM:
        return [
            f"the record was made with version {record.algorithm} of the algorithm, but this is version {ALGORITHM}"
        ]
    differences = []
    if record.framework.hash != hash_framework(framework):
        differences.append(
            f"framework '{framework.id}' is not the one in the record ({record.framework.hash})"
        )
    # Drawn again all the same: what differs in the sample shows how much it matters.
    if record.caseload.hash != caseload.hash_content():
        differences.append(f"the caseload is not the one in the record ({record.caseload.hash})")
    # Only what people decided. The reasons in the caseload itself are found again.
    listed = [Exclusion(e.case, e.reason, e.note) for e in record.exclusions if e.reason in GIVEN]
    again = make_record(
        draw_sample(caseload, framework, record.plan, record.seed, listed, progress),
        caseload,
        framework,
        record.plan,
        record.seed,
    )
    pairs: list[tuple[str, list[Any], list[Any]]] = [
        ("cases", [c.case for c in record.selected], [c.case for c in again.selected]),
        ("exclusions", list(record.exclusions), list(again.exclusions)),
        ("probabilities of inclusion", _list_chances(record), _list_chances(again)),
        ("details of the cases drawn", list(record.selected), _match_kept(again.selected, record)),
        ("numbers of eligible cases", [record.eligible], [again.eligible]),
        ("adjustments", list(record.adjustments), list(again.adjustments)),
        ("what could not be met", list(record.unmet), list(again.unmet)),
    ]
    for what, old, new in pairs:
        if old != new:
            differences.append(_describe_difference(what, old, new))
    return differences


def _match_kept(drawn: Sequence[ChosenCase], record: SampleRecord) -> list[ChosenCase]:
    """Cases drawn again, as the record keeps them: those made before weights were calibrated name no cells."""
    return list(drawn) if record.cells else [c.model_copy(update={"cell": None}) for c in drawn]


def _list_chances(record: SampleRecord) -> list[Any]:
    # Compared exactly: simulated ones come from the same seed, so they must be the same as well.
    return [c.inclusion_probability for c in record.selected]


def _describe_difference(what: str, old: list[Any], new: list[Any]) -> str:
    place = next(
        (n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    pair, other = (str(values[place]) if place < len(values) else "nothing" for values in (old, new))
    return f"{what} differ: {len(old)} in the record, {len(new)} now; item {place + 1} is {pair} in the record and {other} now"
