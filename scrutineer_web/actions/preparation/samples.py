"""Caseload, sample and substitution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.caseload import Caseload, read_cases, said
from scrutineer.fieldwork.cases.columns import CASE
from scrutineer.fieldwork.cases.membership import groups
from scrutineer.fieldwork.cases.values import read_day
from scrutineer.fieldwork.sampling.plan import Plan, make_plan
from scrutineer.fieldwork.sampling.record import Record, make_record
from scrutineer.fieldwork.sampling.sample import draw_sample
from scrutineer.fieldwork.sampling.substitute import sample_frame
from scrutineer.fieldwork.sampling.substitute import substitute as substituted
from scrutineer.frameworks.model import Framework
from scrutineer.tables.limits import SERVER
from scrutineer.tables.table import ROW
from scrutineer_web.actions.fieldwork.answers import locked
from scrutineer_web.audit.write import tell, tell_of
from scrutineer_web.exchange.files import on_disk
from scrutineer_web.permissions import DONE, Person, check
from scrutineer_web.records import frames
from scrutineer_web.records.case import Case
from scrutineer_web.records.caseload import CaseloadFile
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.safeguards.guards import refuse_settled
from scrutineer_web.states import ASSESSMENT, INSPECTION
from scrutineer_web.states import CASE as CASE_STATES

if TYPE_CHECKING:
    import polars as pl

    from scrutineer_web.records.assessment import Assessment
    from scrutineer_web.records.user import User


def import_caseload(*, inspection: Inspection, name: str, content: bytes, by: User) -> CaseloadFile:
    """Take a caseload from a CSV, XLSX or Parquet file; an earlier one is retired.

    Raises:
        PermissionDenied: the person imports no caseloads.
        UserError: with every fault of the file, each with its rows; or the sample is drawn already.
    """
    check(Person(by).can("caseload.import", inspection))
    if inspection.state != "preparation":
        raise UserError(
            Fault(
                "the caseload",
                f"the inspection is in its phase '{inspection.phase.lower()}'",
                "A sample stands on it",
            )
        )
    found = _read(inspection.framework, name, content)
    with transaction.atomic():
        now = timezone.now()
        inspection.caseloads.filter(retired_at=None).update(retired_at=now, retired_by=by)
        made = CaseloadFile.objects.create(
            inspection=inspection, name=Path(name).name[:200], content=content, hash=found.content_hash(),
            cases=found.frame.height, notes=said(found, inspection.framework), imported_at=now, imported_by=by,
        )  # fmt: skip
        if found.synthetic and not inspection.synthetic:
            inspection.synthetic = True
            inspection.save(update_fields=["synthetic"])
        tell(
            "caseload.imported", by=by, inspection=inspection, caseload=made.pk, name=made.name, hash=made.hash,
            cases=made.cases,
        )  # fmt: skip
    return made


def _read(framework: Framework, name: str, content: bytes) -> Caseload:
    with on_disk(name, content) as path:
        return read_cases(path, framework, limits=SERVER)


def caseload_of(inspection: Inspection) -> Caseload:
    """The caseload in use.

    Raises:
        UserError: none is imported yet.
    """
    stored = inspection.caseloads.filter(retired_at=None).first()
    if stored is None:
        raise UserError(Fault("the caseload", "none is imported yet", "Import the area's file of cases"))
    return _read(inspection.framework, stored.name, bytes(stored.content))


@dataclass(frozen=True)
class Wanted:
    """What is asked of a sample; what is None is left to the framework.

    Attributes:
        on: the first day of fieldwork, as 2006-03-31.
        quotas: least numbers by group.
    """

    seed: int
    on: str | None = None
    months: tuple[int, int] | None = None
    size: int | None = None
    reserves: int = 20
    quotas: Mapping[str, int] | None = None
    strata: str | None = None
    cap: int | None = None

    @classmethod
    def from_json(cls, wanted: Mapping[str, Any]) -> Wanted:
        """From the fields as they are kept while the work waits."""
        months = wanted.get("months")
        return cls(**{**wanted, "months": tuple(months) if months else None})


def refuse_wanted(*, inspection: Inspection, wanted: Wanted) -> None:
    """Refuse at once what can be seen to be wrong without reading the caseload.

    Raises:
        UserError: with everything that is wrong with the request, or there is no caseload.
    """
    _plan(inspection.framework, wanted)
    if not inspection.caseloads.filter(retired_at=None).exists():
        raise UserError(Fault("the caseload", "none is imported yet", "Import the area's file of cases"))


def draw(*, inspection: Inspection, wanted: Wanted, by: User) -> Record:
    """Draw the sample; one that was drawn before fieldwork began gives way to the new one.

    Raises:
        PermissionDenied: the person draws no samples.
        UserError: with everything that is wrong with the request, or fieldwork has begun.
    """
    check(Person(by).can("sample.draw", inspection))
    framework = inspection.framework
    plan = _plan(framework, wanted)
    caseload = caseload_of(inspection)
    record = make_record(
        draw_sample(caseload, framework, plan, wanted.seed), caseload, framework, plan, wanted.seed
    )
    with transaction.atomic():
        found = Inspection.objects.select_for_update().get(pk=inspection.pk)
        found.state = INSPECTION.after(found.state, "sample")
        _refuse_read(found)
        _write(found, record, caseload)
        found.manifest = {**found.manifest, "caseload": record.caseload.hash}
        found.save(update_fields=["state", "sample", "manifest"])
        tell(
            "sample.drawn", by=by, inspection=found, seed=record.seed, plan=record.plan.model_dump(mode="json"),
            caseload=record.caseload.hash, cases=[c.case for c in record.selected],
        )  # fmt: skip
    inspection.refresh_from_db()
    return record


MOST_MONTHS = 600
"""Nobody is supervised for longer."""


def _plan(framework: Framework, wanted: Wanted) -> Plan:
    faults = []
    day = None
    if not 0 <= wanted.seed < 2**64:
        faults.append(
            Fault("the seed", f"{wanted.seed} is not a seed", "Give a whole number that is not negative")
        )
    if wanted.on:
        try:
            day = read_day(wanted.on)
        except ValueError as error:
            faults.append(
                Fault("the day", f"'{wanted.on}' is no day", str(error)[:1].upper() + str(error)[1:])
            )
    if day is not None and not 1900 <= day.year <= 2200:
        faults.append(Fault("the day", f"'{wanted.on}' lies too far from now", "Give another"))
    if wanted.months is not None and wanted.months[1] > MOST_MONTHS:
        faults.append(Fault("the months", f"{wanted.months[1]} are more than {MOST_MONTHS}", "Give fewer"))
    if faults:
        raise UserError(faults)
    return make_plan(
        framework, size=wanted.size, on=day, months=wanted.months, quotas=wanted.quotas,
        strata=wanted.strata or None, reserve_percent=wanted.reserves, cap=wanted.cap,
    )  # fmt: skip


def _refuse_read(inspection: Inspection) -> None:
    if inspection.cases.filter(assessments__isnull=False).exists():
        what = "cases of the sample that stands are allocated already"
        raise UserError(Fault("the sample", what, "Substitute single cases instead"))


def _write(inspection: Inspection, record: Record, caseload: Caseload) -> None:
    """The cases of a record, in the place of those that stood before, which are set aside."""
    inspection.sample = record.model_dump(mode="json", by_alias=True, exclude_none=True)
    inspection.cases.filter(state="sampled").update(state=CASE_STATES.after("sampled", "set_aside"))
    add_cases(inspection, sample_frame(record, caseload))


def add_cases(inspection: Inspection, frame: pl.DataFrame) -> list[Case]:
    """Cases from the core's frame, after those that are there; one that was set aside comes back."""
    framework = inspection.framework
    last = inspection.cases.order_by("-position").values_list("position", flat=True).first() or 0
    first = framework.sample.inspectors_first
    urgent = (groups(framework, frame, [first])[first] == 1).tolist() if first else [False] * frame.height
    names = [n for n in frame.columns if n != ROW]
    made = [
        Case(
            inspection=inspection, reference=row[CASE], position=last + n,
            **frames.case_fields(framework, frames.row_of(row), bool(urgent[n - 1])),
        )
        for n, row in enumerate(frame.select(names).iter_rows(named=True), 1)
    ]  # fmt: skip
    return Case.objects.bulk_create(
        made, update_conflicts=True, unique_fields=["inspection", "reference"],
        update_fields=["position", "state", "particulars", "first", "office", "team", "manager"],
    )  # fmt: skip


def substitute(*, case: Case, reason: str, note: str, by: User) -> Case:
    """Put the next fitting reserve in the place of a case that cannot be inspected; nothing of the case is lost.

    Raises:
        PermissionDenied: the person substitutes no cases.
        UserError: the reason is none, a reading is complete, or no reserve is left.
    """
    inspection = case.inspection
    check(Person(by).can("sample.substitute", inspection))
    with transaction.atomic():
        found = Inspection.objects.select_for_update().get(pk=inspection.pk)
        record = frames.record_of(found)
        if record is None:
            raise UserError(
                Fault("the sample", "it has no record", "Draw a sample here, or import sample.json")
            )
        refuse_settled(found)
        caseload = caseload_of(found)
        case = (
            Case.objects.select_for_update().select_related("inspection__framework_version").get(pk=case.pk)
        )
        state = CASE_STATES.after(case.state, "substitute")
        standing = [
            locked(pk) for pk in case.assessments.filter(retired_at=None).values_list("pk", flat=True)
        ]
        done = [r for r in standing if r.state in DONE]
        if done:
            raise UserError(
                Fault(
                    f"case {case}",
                    f"its assessment is {done[0].phase.lower()}",
                    "Open it again first, if it must be replaced",
                )
            )
        new = substituted(
            record, caseload, found.framework, case.reference,
            reason=reason, note=note, by=str(by), on=timezone.localdate().isoformat(),
        )  # fmt: skip
        reserve = new.substitutions[-1].by
        found.sample = new.model_dump(mode="json", by_alias=True, exclude_none=True)
        found.save(update_fields=["sample"])
        case.state = state
        case.save(update_fields=["state"])
        _retire(standing, by)
        made = add_cases(found, _only(sample_frame(new, caseload), [reserve]))[0]
        tell(
            "case.substituted", by=by, inspection=found, case=case.pk, reference=case.reference,
            reserve=reserve, reason=reason, note=note,
        )  # fmt: skip
    return made


def _retire(standing: Sequence[Assessment], by: User) -> None:
    """Readings of a case that is not inspected any more; everything in them stays."""
    for reading in standing:
        reading.state = ASSESSMENT.after(reading.state, "retire")
        reading.retired_at, reading.retired_by = timezone.now(), by
        tell_of(reading, "reading.retired", ("state", "retired_at", "retired_by"), by=by)


def _only(frame: pl.DataFrame, cases: Sequence[str]) -> pl.DataFrame:
    return frame.filter(frame[CASE].is_in(list(cases)))
