"""Caseload, sample and substitution."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.caseload import Caseload, list_notices
from scrutineer.fieldwork.cases.columns import CASE
from scrutineer.fieldwork.cases.membership import collect_groups
from scrutineer.fieldwork.sampling.record import SampleRecord, make_record
from scrutineer.fieldwork.sampling.sample import draw_sample
from scrutineer.fieldwork.sampling.substitute import sample_frame
from scrutineer.fieldwork.sampling.substitute import substitute as substituted
from scrutineer.tables.table import ROW
from scrutineer_web.actions.fieldwork.answers import lock_assessment
from scrutineer_web.audit.events import tell, tell_of
from scrutineer_web.permissions import DONE, Rights, check
from scrutineer_web.queries.preparation.samples import SampleChoices, _make_plan, _read, read_caseload
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
    check(Rights(by).can("caseload.import", inspection))
    if inspection.state != "preparation":
        raise UserError(
            Fault(
                _("the caseload"),
                _("the inspection's phase is “%(phase)s”, and its sample is already in use")
                % {"phase": inspection.phase.lower()},
                _("Import the caseload before the sample is used"),
            )
        )
    caseload = _read(inspection.framework, name, content)
    with transaction.atomic():
        now = timezone.now()
        inspection.caseloads.filter(retired_at=None).update(retired_at=now, retired_by=by)
        stored = CaseloadFile.objects.create(
            inspection=inspection,
            name=Path(name).name[:200],
            content=content,
            hash=caseload.hash_content(),
            cases=caseload.frame.height,
            notes=list_notices(caseload, inspection.framework),
            imported_at=now,
            imported_by=by,
        )
        if caseload.synthetic and not inspection.synthetic:
            inspection.synthetic = True
            inspection.save(update_fields=["synthetic"])
        tell(
            "caseload.imported",
            by=by,
            inspection=inspection,
            caseload=stored.pk,
            name=stored.name,
            hash=stored.hash,
            cases=stored.cases,
        )
    return stored


def draw(*, inspection: Inspection, choices: SampleChoices, by: User) -> SampleRecord:
    """Draw the sample; one that was drawn before fieldwork began gives way to the new one.

    Raises:
        PermissionDenied: the person draws no samples.
        UserError: with everything that is wrong with the choices, or fieldwork has begun.
    """
    check(Rights(by).can("sample.draw", inspection))
    framework = inspection.framework
    plan = _make_plan(framework, choices)
    caseload = read_caseload(inspection)
    record = make_record(
        draw_sample(caseload, framework, plan, choices.seed), caseload, framework, plan, choices.seed
    )
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
        locked.state = INSPECTION.find_after(locked.state, "sample")
        _refuse_read(locked)
        _write(locked, record, caseload)
        locked.manifest = {**locked.manifest, "caseload": record.caseload.hash}
        locked.save(update_fields=["state", "sample", "manifest"])
        tell(
            "sample.drawn",
            by=by,
            inspection=locked,
            seed=record.seed,
            plan=record.plan.model_dump(mode="json"),
            caseload=record.caseload.hash,
            cases=[c.case for c in record.selected],
        )
    inspection.refresh_from_db()
    return record


def _refuse_read(inspection: Inspection) -> None:
    if inspection.cases.filter(assessments__isnull=False).exists():
        what = _("cases in the current sample have already been allocated")
        raise UserError(Fault(_("the sample"), what, _("Substitute single cases instead")))


def _write(inspection: Inspection, record: SampleRecord, caseload: Caseload) -> None:
    """The cases of a record, in the place of those that stood before, which are set aside."""
    inspection.sample = record.model_dump(mode="json", by_alias=True, exclude_none=True)
    inspection.cases.filter(state="sampled").update(state=CASE_STATES.find_after("sampled", "set_aside"))
    add_cases(inspection=inspection, frame=sample_frame(record, caseload))


def add_cases(*, inspection: Inspection, frame: pl.DataFrame) -> list[Case]:
    """Cases from the core's frame, after those that are there; one that was set aside comes back."""
    framework = inspection.framework
    last = inspection.cases.order_by("-position").values_list("position", flat=True).first() or 0
    first = framework.sample.inspectors_first
    urgent = (
        (collect_groups(framework, frame, [first])[first] == 1).tolist() if first else [False] * frame.height
    )
    names = [n for n in frame.columns if n != ROW]
    cases = [
        Case(
            inspection=inspection,
            reference=row[CASE],
            position=last + n,
            **frames.collect_case_fields(framework, frames.make_row(row), bool(urgent[n - 1])),
        )
        for n, row in enumerate(frame.select(names).iter_rows(named=True), 1)
    ]
    return Case.objects.bulk_create(
        cases,
        update_conflicts=True,
        unique_fields=["inspection", "reference"],
        update_fields=["position", "state", "particulars", "first", "office", "team", "manager"],
    )


def substitute(*, case: Case, reason: str, note: str, by: User) -> Case:
    """Put the next fitting reserve in the place of a case that cannot be inspected; nothing of the case is lost.

    Raises:
        PermissionDenied: the person substitutes no cases.
        UserError: the reason is none, an assessment is complete, or no reserve is left.
    """
    inspection = case.inspection
    check(Rights(by).can("sample.substitute", inspection))
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
        record = frames.find_record(locked)
        if record is None:
            do = _("Draw a sample here, or import sample.json")
            raise UserError(Fault(_("the sample"), _("there is no record of how it was drawn"), do))
        refuse_settled(locked)
        caseload = read_caseload(locked)
        case = (
            Case.objects.select_for_update().select_related("inspection__framework_version").get(pk=case.pk)
        )
        state = CASE_STATES.find_after(case.state, "substitute")
        standing = _lock_unfinished(case)
        new = substituted(
            record,
            caseload,
            locked.framework,
            case.reference,
            reason=reason,
            note=note,
            by=str(by),
            on=timezone.localdate().isoformat(),
        )
        reserve = new.substitutions[-1].by
        locked.sample = new.model_dump(mode="json", by_alias=True, exclude_none=True)
        locked.save(update_fields=["sample"])
        case.state = state
        case.save(update_fields=["state"])
        _retire(standing, by)
        added = add_cases(inspection=locked, frame=_keep_only(sample_frame(new, caseload), [reserve]))[0]
        tell(
            "case.substituted",
            by=by,
            inspection=locked,
            case=case.pk,
            reference=case.reference,
            reserve=reserve,
            reason=reason,
            note=note,
        )
    return added


def _lock_unfinished(case: Case) -> list[Assessment]:
    """The assessments of a case that is to be replaced.

    Raises:
        UserError: one of them is complete.
    """
    standing = [
        lock_assessment(assessment=pk)
        for pk in case.assessments.filter(retired_at=None).values_list("pk", flat=True)
    ]
    done = [r for r in standing if r.state in DONE]
    if done:
        raise UserError(
            Fault(
                _("case %(case)s") % {"case": case},
                _("its assessment is %(phase)s") % {"phase": done[0].phase.lower()},
                _("Reopen it first if the case must be replaced"),
            )
        )
    return standing


def _retire(standing: Sequence[Assessment], by: User) -> None:
    """Assessments of a case that is not inspected any more; everything in them stays."""
    for assessment in standing:
        assessment.state = ASSESSMENT.find_after(assessment.state, "retire")
        assessment.retired_at, assessment.retired_by = timezone.now(), by
        tell_of(assessment, "assessment.retired", ("state", "retired_at", "retired_by"), by=by)


def _keep_only(frame: pl.DataFrame, cases: Sequence[str]) -> pl.DataFrame:
    return frame.filter(frame[CASE].is_in(list(cases)))
