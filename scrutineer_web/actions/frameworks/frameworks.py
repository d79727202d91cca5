"""Framework versions: held for good, compared, and open inspections taken from one to another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from scrutineer.authoring.read_source import read_framework_source
from scrutineer.errors import Fault, UserError
from scrutineer.frameworks.fingerprint import hash_framework
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.yaml_writing import write_yaml
from scrutineer.inspection.manifest import Pin
from scrutineer.tables.limits import SERVER
from scrutineer_web.actions.fieldwork.answers import lock_assessment
from scrutineer_web.actions.moderation.adjudications import unsettle
from scrutineer_web.audit.events import tell, tell_of
from scrutineer_web.permissions import Rights, check
from scrutineer_web.queries.fieldwork.answer_checks import count_progress, list_particulars
from scrutineer_web.queries.frameworks.migration import Migration, MigrationEffect, plan_migration
from scrutineer_web.queries.shelf import read_library
from scrutineer_web.records import frames
from scrutineer_web.records.answer import Answer
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.framework_text import FrameworkText
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.safeguards.files import write_on_disk

if TYPE_CHECKING:
    from scrutineer_web.records.user import User


def hold(*, framework: Framework, source: str, by: User | None) -> FrameworkVersion:
    """Keep a framework as it is; the same one is kept once. For the room's own use: it asks for no permission."""
    hash_ = hash_framework(framework)
    there = FrameworkVersion.objects.filter(hash=hash_).first()
    if there is not None:
        return there
    version = FrameworkVersion.objects.create(
        framework_id=framework.id,
        version=framework.version,
        hash=hash_,
        title=framework.title,
        kind=framework.kind,
        added_at=timezone.now(),
        added_by=by,
    )
    content = framework.model_dump(mode="json", by_alias=True)
    FrameworkText.objects.create(version=version, content=content, source=source)
    tell("framework.added", by=by, framework=framework.id, version=framework.version, hash=hash_)
    return version


def hold_offered(*, by: User | None = None) -> None:
    """Keep every framework of the offered folder that the room can inspect by, and does not hold yet."""
    shelf = read_library()
    known = set(FrameworkVersion.objects.values_list("hash", flat=True))
    with transaction.atomic():
        for name in shelf.ids:
            framework = shelf.load_framework(name)
            if hash_framework(framework) not in known:
                path = shelf.folder / name / "framework.yaml"
                hold(framework=framework, source=path.read_text(encoding="utf-8"), by=by)


def add(*, name: str, content: bytes, by: User) -> FrameworkVersion:
    """Add a version from its file or workbook; it's checked whole.

    Raises:
        PermissionDenied: the person adds no frameworks.
        UserError: with every fault of the file, or the room holds another framework under that version.
    """
    check(Rights(by).can("framework.add"))
    with write_on_disk(name or "framework.yaml", content) as path:
        if Path(name).suffix.lower() == ".xlsx":
            form, _notes = read_framework_source(Path(path), SERVER)
            framework = read_library().load_source(form)
            stated = framework.model_dump(mode="json", by_alias=True, exclude_defaults=True)
            source = write_yaml(stated).decode()
        else:
            framework = read_library().load(path)
            source = Path(path).read_text(encoding="utf-8")
    same = FrameworkVersion.objects.filter(framework_id=framework.id, version=framework.version).first()
    if same is not None and same.hash != hash_framework(framework):
        what = _("there is already a different version %(version)s of '%(framework)s' here") % {
            "version": framework.version,
            "framework": framework.id,
        }
        raise UserError(
            Fault(name, what, _("A version can't be changed. Give the new one a higher version number"))
        )
    with transaction.atomic():
        return hold(framework=framework, source=source, by=by)


# -- migration -----------------------------------------------------------------------------


def migrate(*, inspection: Inspection, to: FrameworkVersion, by: User) -> Migration:
    """Take an open inspection to another version of its framework.

    Signed-off assessments keep their version, to the byte. No answer is deleted: one that is asked no more is retired,
    and one that means something else now is opened again with its earlier value in the events.

    Raises:
        PermissionDenied: the person migrates no inspections.
        UserError: the inspection cannot be taken to that version.
    """
    check(Rights(by).can("framework.migrate"))
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
        plan = plan_migration(locked, to)
        for effect in plan.effects:
            _migrate(lock_assessment(assessment=effect.assessment.pk), effect, to, by)
        was = locked.framework_version.hash
        locked.framework_version = to
        locked.manifest = {
            **locked.manifest,
            "framework": Pin.from_framework(to.framework).model_dump(mode="json"),
        }
        if locked.sample is not None:
            locked.manifest["sampled_by"] = locked.sample["framework"]
        locked.save(update_fields=["framework_version", "manifest"])
        tell(
            "inspection.migrated",
            by=by,
            inspection=locked,
            was=was,
            now=to.hash,
            assessments=len(plan.effects),
            untouched=plan.untouched,
            changes=[c.as_dict() for c in plan.changes],
        )
    inspection.refresh_from_db()
    return plan


def _migrate(assessment: Assessment, effect: MigrationEffect, to: FrameworkVersion, by: User) -> None:
    old, new, now = assessment.framework_version.framework, to.framework, timezone.now()
    before = frames.read_answers(old, bytes(assessment.codes))
    gone = (*effect.retired, *effect.again)
    codes = frames.make_blank_codes(new)
    for key, value in before.items():
        if value is not None and key not in gone:
            codes = frames.add_code(new, codes, key, value)
    particulars = {a.key for a in list_particulars(new)}
    lost = [k for k in assessment.facts if k in gone or (k not in new.questions and k not in particulars)]
    moved = {k: before.get(k, assessment.facts.get(k)) for k in (*gone, *lost)}
    Answer.objects.filter(assessment=assessment, question__in=[*effect.retired, *lost]).update(retired_at=now)
    for answer in Answer.objects.filter(assessment=assessment, question__in=effect.again):
        answer.value, answer.rev = None, answer.rev + 1
        answer.save(update_fields=["value", "rev"])
    unsettle(case=assessment.case, by=by, questions=gone)
    assessment.codes, assessment.framework_version = codes, to
    assessment.facts = {k: v for k, v in assessment.facts.items() if k not in lost}
    assessment.asked, assessment.answered = count_progress(assessment)
    if assessment.state == "complete" and (effect.again or effect.asked):
        assessment.state, assessment.completed_at, assessment.completed_by = "in_progress", None, None
        if assessment.case.state == "assessed":
            assessment.case.state = "allocated"
            assessment.case.save(update_fields=["state"])
    changed = (
        "codes",
        "facts",
        "framework_version",
        "asked",
        "answered",
        "state",
        "completed_at",
        "completed_by",
    )
    tell_of(
        assessment,
        "assessment.migrated",
        changed,
        by=by,
        now=to.hash,
        retired=list(effect.retired),
        again=list(effect.again),
        answers=moved,
    )
