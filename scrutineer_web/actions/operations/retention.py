"""How long what was read about people is kept: cases pseudonymised, free text purged, each with a record that it was."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.question_kinds import find_kind
from scrutineer.inspection.dates import format_day
from scrutineer_web.actions.fieldwork.needs_file import PATH as ISSUES
from scrutineer_web.audit.events import tell
from scrutineer_web.audit.redact import make_digest, redact
from scrutineer_web.audit.seal import make_seal
from scrutineer_web.permissions import Rights, check
from scrutineer_web.queries.operations.retention import find_due
from scrutineer_web.records import frames
from scrutineer_web.records.accuracy import AccuracyComment, Correction
from scrutineer_web.records.adjudication import Adjudication
from scrutineer_web.records.answer import TEXTS, Answer
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.case import Case
from scrutineer_web.records.comment import Comment
from scrutineer_web.records.conflict import Conflict
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.job import Job

if TYPE_CHECKING:
    from scrutineer_web.records.user import User

Step = Literal["pseudonymise", "purge"]
GONE = "[purged]"
"""What replaces words that were deleted."""

OVER = ("published", "closed")
"""The phases of an inspection whose cases nobody needs to find any longer."""

_CASE_FILES = ("cases.", "answers", "sample.json", "fieldwork/", "elements/")
"""Kept files that speak of single cases."""

_WORDS = (*TEXTS, "text", "reason", "note")
_ABOUT_CASES = ("answer.", "comment.", "conflict.", "assessment.", "adjudication", "case.", "sample.")
"""Kinds of events whose words are about a case."""


def pseudonymise(*, inspection: Inspection, by: User) -> int:
    """Take from an inspection's cases the references and names by which anybody could be found.

    Each case keeps its pseudonym in the place of its reference, by which outcomes still find it; days lose their day
    of the month; team, manager and particulars in free words go; the caseload and files that came are emptied; events
    that name a reference name the pseudonym. Answers and scores stay as they are.

    Returns:
        how many cases.

    Raises:
        PermissionDenied: the person keeps no retention.
        UserError: it is not due, or was done.
    """
    with transaction.atomic():
        locked = _lock_inspection(inspection, "pseudonymise", by)
        cases = list(locked.cases.all())
        names = {case.reference: case.pseudonym for case in cases}
        for case in cases:
            case.reference = case.pseudonym
            words = _keep_words(locked.framework, case.particulars)
            for name, value in frames.collect_case_fields(locked.framework, words, case.first).items():
                setattr(case, name, value)
        Case.objects.bulk_update(
            cases, ["reference", "particulars", "office", "team", "manager"], batch_size=200
        )
        _forget_work(locked)
        swap = _make_swapper(names)
        locked.sample = swap(locked.sample)
        for timetable in locked.timetables.all():
            timetable.plan = swap(timetable.plan)
            timetable.save(update_fields=["plan"])
        _empty_files(locked, swap)
        _swap_in_words(locked, swap)
        seals = _reseal(locked, lambda assessment: _keep_facts(locked.framework, assessment))
        changed = redact(locked.pk, lambda _, details: swap(details))
        locked.pseudonymised_at, locked.pseudonymised_by = timezone.now(), by
        locked.save(update_fields=["sample", "pseudonymised_at", "pseudonymised_by"])
        tell(
            "retention.pseudonymised",
            by=by,
            inspection=locked,
            cases=len(cases),
            events=changed,
            seals=seals,
            digest=make_digest(locked.pk),
        )
    inspection.refresh_from_db()
    return len(cases)


def purge(*, inspection: Inspection, by: User) -> int:
    """Delete what assessors wrote in their own words: evidence, reasons, remarks, and answers in free words.

    Answers of a scale and scores stay; so do the report, the evidence of its judgement criteria, and the trail of the
    factual accuracy check, which are about the area.

    Returns:
        how many texts.

    Raises:
        PermissionDenied: the person keeps no retention.
        UserError: it is not due, was done, or the cases are not pseudonymised yet.
    """
    with transaction.atomic():
        locked = _lock_inspection(inspection, "purge", by)
        _forget_work(locked)
        assessments = Assessment.objects.filter(case__inspection=locked)
        free = {key for key, scale in locked.framework.scale_of.items() if find_kind(scale).has_words}
        texts = 0
        for name in TEXTS:
            answers = Answer.objects.filter(assessment__in=assessments).exclude(**{name: ""})
            texts += answers.update(**{name: ""})
        free |= {a.key for a in locked.framework.attributes if a.kind == "text"}
        own = Answer.objects.filter(assessment__in=assessments, question__in=free).exclude(value=None)
        texts += own.update(value=GONE)
        texts += Comment.objects.filter(assessment__in=assessments).update(text=GONE)
        texts += Adjudication.objects.filter(case__inspection=locked).exclude(reason="").update(reason=GONE)
        texts += Correction.objects.filter(assessment__in=assessments).exclude(note="").update(note="")
        for conflict in Conflict.objects.filter(assessment__in=assessments):
            conflict.content = conflict.content | dict.fromkeys(TEXTS, "")
            conflict.save(update_fields=["content"])
            texts += 1
        seals = _reseal(
            locked, lambda assessment: {k: v for k, v in assessment.facts.items() if k not in free}
        )
        changed = redact(locked.pk, lambda kind, details: _remove_words(kind, details, free))
        locked.purged_at, locked.purged_by = timezone.now(), by
        locked.save(update_fields=["purged_at", "purged_by"])
        tell(
            "retention.purged",
            by=by,
            inspection=locked,
            texts=texts,
            events=changed,
            seals=seals,
            digest=make_digest(locked.pk),
        )
    inspection.refresh_from_db()
    return texts


def _lock_inspection(inspection: Inspection, step: Step, by: User) -> Inspection:
    """The inspection, held, where a step of retention is due.

    Raises:
        PermissionDenied: the person keeps no retention.
        UserError: with everything that stands against it.
    """
    check(Rights(by).can_everywhere("retention.do"))
    locked = (
        Inspection.objects.select_for_update(of=("self",))
        .select_related("framework_version")
        .get(pk=inspection.pk)
    )
    faults = list(_find_undue(locked, step))
    if faults:
        raise UserError(faults)
    return locked


def _find_undue(inspection: Inspection, step: Step) -> Iterator[Fault]:
    due, where = find_due(inspection), _("the inspection")
    day = due.pseudonymise if step == "pseudonymise" else due.purge
    done = inspection.pseudonymised_at if step == "pseudonymise" else inspection.purged_at
    if done is not None:
        done_on = format_day(timezone.localdate(done))
        yield Fault(where, _("it was already done on %(day)s") % {"day": done_on})
    elif inspection.state not in OVER and not (inspection.internal and inspection.scores):
        what = _("its phase is “%(phase)s”") % {"phase": inspection.phase.lower()}
        yield Fault(where, what, _("Wait until its report is published"))
    elif day is None:
        yield Fault(
            _("the framework"),
            _("it has no retention period"),
            _("Add a retention period to the next version of the framework"),
        )
    elif day > timezone.localdate():
        yield Fault(where, _("it is due on %(day)s") % {"day": format_day(day)}, _("Wait until that date"))
    if step == "purge" and inspection.pseudonymised_at is None:
        yield Fault(where, _("its cases haven't been pseudonymised yet"), _("Pseudonymise them first"))


_SAMPLED = ("selected_as", "place", "stratum", "inclusion_probability", "weight", "elements")


def _keep_words(framework: Framework, particulars: Mapping[str, Any]) -> dict[str, Any]:
    """The particulars by which nobody is found: no names and no free words, days as months.

    How a case was sampled stays, since scores rest on it; who read it isn't among its particulars.
    """
    kinds = {a.key: a for a in framework.attributes}
    words = {key: particulars[key] for key in _SAMPLED if key in particulars}
    for key, value in particulars.items():
        attribute = kinds.get(key)
        if attribute is None or attribute.kind == "text" or attribute.role in ("team", "manager"):
            continue
        words[key] = f"{value[:7]}-01" if attribute.kind == "date" and isinstance(value, str) else value
    return words


def _keep_facts(framework: Framework, assessment: Assessment) -> dict[str, Any]:
    own = {a.key for a in framework.attributes}
    words = _keep_words(framework, {k: v for k, v in assessment.facts.items() if k in own})
    return {**{k: v for k, v in assessment.facts.items() if k not in own}, **words}


def _make_swapper(names: Mapping[str, str]) -> Callable[[Any], Any]:
    """What puts pseudonyms in the place of references, as values, as keys and inside of sentences."""
    if not names:
        return lambda value: value
    longest = sorted(names, key=len, reverse=True)
    pattern = re.compile(r"(?<![\w-])(" + "|".join(map(re.escape, longest)) + r")(?![\w-])")

    def swap(value: Any) -> Any:
        if isinstance(value, str):
            return names.get(value) or pattern.sub(lambda m: names[m[1]], value)
        if isinstance(value, dict):
            return {swap(key): swap(item) for key, item in value.items()}
        if isinstance(value, list):
            return [swap(item) for item in value]
        return value

    return swap


def _swap_in_words(inspection: Inspection, swap: Callable[[Any], Any]) -> None:
    """Where somebody wrote a reference among other words, the pseudonym is used now."""
    assessments = Assessment.objects.filter(case__inspection=inspection)
    written: tuple[tuple[QuerySet[Any], tuple[str, ...]], ...] = (
        (Answer.objects.filter(assessment__in=assessments), TEXTS),
        (Comment.objects.filter(assessment__in=assessments), ("text",)),
        (Conflict.objects.filter(assessment__in=assessments), ("content",)),
        (Adjudication.objects.filter(case__inspection=inspection), ("reason",)),
        (Correction.objects.filter(assessment__in=assessments), ("reason", "note")),
        (AccuracyComment.objects.filter(check_of__inspection=inspection), ("text", "reason", "quote")),
    )
    for rows, names in written:
        changed = []
        for row in rows:
            now = {name: swap(getattr(row, name)) for name in names}
            if any(value != getattr(row, name) for name, value in now.items()):
                for name, value in now.items():
                    setattr(row, name, value)
                changed.append(row)
        rows.model._default_manager.bulk_update(changed, names, batch_size=200)


def _forget_work(inspection: Inspection) -> None:
    """Let go what the background was given and made of an inspection: files that were sent, folders, previews."""
    Job.objects.filter(inspection=inspection).exclude(state="doing").delete()


def _empty_files(inspection: Inspection, swap: Callable[[Any], Any]) -> None:
    """Files that speak of single cases lose their content; that they were there stays. The issues keep theirs, by pseudonym."""
    inspection.caseloads.update(content=b"", notes=[])
    for document in inspection.documents.all():
        if document.path == ISSUES:
            document.content = swap(bytes(document.content).decode("utf-8", "replace")).encode()
        elif document.path.startswith(_CASE_FILES):
            document.content = b""
        else:
            continue
        document.save(update_fields=["content"])


def _reseal(inspection: Inspection, facts: Callable[[Assessment], dict[str, Any]]) -> list[list[Any]]:
    """Give assessments their facts as they are kept, and signed-off ones a new seal.

    Returns:
        the number of each signed-off assessment, its seal before and its seal now.
    """
    seals = []
    for assessment in Assessment.objects.filter(case__inspection=inspection).select_related(
        "framework_version"
    ):
        assessment.facts = facts(assessment)
        if assessment.state == "signed_off":
            was, assessment.seal = assessment.seal, make_seal(assessment)
            seals.append([assessment.pk, was, assessment.seal])
        assessment.save(update_fields=["facts", "seal"])
    return seals


def _remove_words(kind: str, details: dict[str, Any], free: set[str]) -> dict[str, Any]:
    """An event's details without what somebody wrote about a case."""
    if not kind.startswith(_ABOUT_CASES):
        return details
    details_left = {k: GONE if k in _WORDS and isinstance(v, str) and v else v for k, v in details.items()}
    if details.get("question") in free and details.get("value") is not None:
        details_left["value"] = GONE
    return details_left
