"""Evidence for judgement criteria, and the ratings that it earns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import ValidationError

from scrutineer.errors import Fault, UserError
from scrutineer.inspection.evidence import Evidence, find_faults, rate_criteria
from scrutineer.inspection.evidence import Piece as PieceModel
from scrutineer.inspection.rated_whole import list_decision_faults
from scrutineer.scoring.groups import ALL
from scrutineer_web.audit.events import tell
from scrutineer_web.permissions import Rights, check
from scrutineer_web.queries.fieldwork.evidence import find_framework, list_unexplained
from scrutineer_web.queries.scores import scored
from scrutineer_web.records import frames
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.judgement import Judgement
from scrutineer_web.records.piece import Piece
from scrutineer_web.safeguards.guards import refuse_finished, refuse_stale

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from scrutineer.frameworks.model import Framework
    from scrutineer_web.records.user import User


def put_piece(
    *,
    inspection: Inspection,
    content: Mapping[str, Any],
    piece: Piece | None = None,
    element: str = "",
    base: int = 0,
    by: User,
) -> Piece:
    """Enter a piece of evidence, or change one.

    Args:
        inspection: whose.
        content: kind, title, source, on, bears, note and says, as `evidence.yaml` has them.
        piece: the one that is changed; None for a new one.
        element: the thematic element whose criteria it bears on.
        base: of one that is changed: the revision that the person saw.
        by: who enters it.

    Raises:
        PermissionDenied: the person does not work on the evidence.
        UserError: with everything that cannot be, or somebody else changed it in between.
    """
    check(Rights(by).can("evidence.edit", inspection))
    element = piece.element if piece else element
    framework = find_framework(inspection, element)
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
        refuse_finished(locked)
        # Retired pieces as well: their keys stay taken, and positions count on after them.
        standing = Piece.objects.filter(inspection=locked, element=element)
        key = piece.key if piece else _make_key(str(content.get("title", "")), standing)
        checked = _check_piece(framework, {**content, "id": key})
        now = (
            _load_to_change(piece, base)
            if piece
            else Piece(inspection=locked, element=element, key=key, rev=0, position=standing.count() + 1)
        )
        _save_piece(now, checked, by)
        tell(
            "evidence.saved",
            by=by,
            inspection=locked,
            piece=now.pk,
            element=element,
            rev=now.rev,
            content=checked.model_dump(mode="json", exclude_defaults=True),
        )
        _unsettle(locked, framework, element, by)
    return now


def _check_piece(framework: Framework, content: Mapping[str, Any]) -> PieceModel:
    try:
        piece = PieceModel.model_validate(content)
    except ValidationError as error:
        problems = [
            Fault(f"the {' '.join(map(str, f['loc']))}".strip(), str(f["msg"])) for f in error.errors()
        ]
        raise UserError(problems) from None
    faults = [
        Fault(str(at[-1]) if at else "", what, do)
        for at, what, do in find_faults(framework, Evidence(pieces=(piece,)))
    ]
    # evidence.yaml may hold such a piece. Entered here, it would have no effect on any rating.
    if not piece.bears:
        faults.append(
            Fault(
                _("the items"), _("it isn't graded against any item"), _("Grade it against at least one item")
            )
        )
    if faults:
        raise UserError(faults)
    return piece


def _make_key(title: str, standing: QuerySet[Piece]) -> str:
    """A name for the file, made from the title, that no other piece has had."""
    plain = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:40].strip("_")
    # Keys begin with a letter, which a title in figures or another alphabet doesn't give.
    base = plain if plain[:1].isalpha() else f"x_{plain}".rstrip("_")
    taken, key, n = set(standing.values_list("key", flat=True)), base, 1
    while key in taken:
        n += 1
        key = f"{base}_{n}"
    return key


def retire_piece(*, piece: Piece, by: User) -> None:
    """Take a piece of evidence out; it stays in the records with its files.

    Raises:
        PermissionDenied: the person does not work on the evidence.
        UserError: the report is finished.
    """
    check(Rights(by).can("evidence.edit", piece.inspection))
    with transaction.atomic():
        # The inspection's row is the lock for all of its evidence, because a grade comes from several
        # pieces. `_unsettle` runs after the save, to see the evidence as it then is.
        standing = Inspection.objects.select_for_update().get(pk=piece.inspection_id)
        refuse_finished(standing)
        if Piece.objects.get(pk=piece.pk).retired_at is not None:
            return
        piece.retired_at, piece.retired_by = timezone.now(), by
        piece.save(update_fields=["retired_at", "retired_by"])
        tell("evidence.retired", by=by, inspection=standing, piece=piece.pk)
        _unsettle(standing, find_framework(standing, piece.element), piece.element, by)


def _load_to_change(piece: Piece, base: int) -> Piece:
    """A piece of evidence as it is now.

    Raises:
        UserError: somebody else changed it since, or took it out.
    """
    now = Piece.objects.get(pk=piece.pk)
    refuse_stale(_("the evidence"), base, now.rev)
    if now.retired_at:
        raise UserError(Fault(_("the evidence"), _("somebody else has removed it"), _("Add it again")))
    return now


def _save_piece(row: Piece, checked: PieceModel, by: User) -> None:
    for name in ("kind", "title", "source", "on", "note"):
        setattr(row, name, getattr(checked, name))
    row.bears, row.says = dict(checked.bears), dict(checked.says)
    row.rev, row.saved_at, row.saved_by = row.rev + 1, timezone.now(), by
    row.save()


def judge(
    *,
    inspection: Inspection,
    criterion: str,
    grades: Mapping[str, str],
    rating: str,
    reason: str,
    element: str = "",
    base: int = 0,
    by: User,
) -> Judgement:
    """Settle grades on which pieces of evidence disagree, or set another grade or rating than the evidence gives.

    Args:
        inspection: whose.
        criterion: its code.
        grades: the settled grade of items.
        rating: another than the computed one; empty where that stands.
        reason: why; needed for another rating, and for a grade that no piece of evidence gives.
        element: the thematic element of the criterion.
        base: the revision that the person saw; 0 where nothing was settled before.
        by: the lead inspector.

    Raises:
        PermissionDenied: the person does not lead the inspection.
        UserError: with everything that cannot be, or somebody else settled it in between.
    """
    check(Rights(by).can("rating.set", inspection))
    framework = find_framework(inspection, element)
    settled = {key: grade for key, grade in grades.items() if grade}
    content: dict[str, Any] = {"grades": settled, "reason": reason.strip(), "by": str(by)}
    if rating:
        content["rating"] = rating
    # Faults of the content need no lock, so nobody waits for this.
    proposed = _check_judgement(framework, criterion, content)
    with transaction.atomic():
        standing = Inspection.objects.select_for_update().get(pk=inspection.pk)
        refuse_finished(standing)
        before = Judgement.objects.filter(inspection=standing, element=element, criterion=criterion).first()
        # 0 means that nothing was settled. Of two people who begin there, the second is refused.
        refuse_stale(criterion, base, before.rev if before else 0)
        # Under the lock, because it compares with evidence that others may be changing.
        _refuse_unexplained(standing, framework, element, proposed)
        judgement = before or Judgement(inspection=standing, element=element, criterion=criterion, rev=0)
        judgement.grades, judgement.rating, judgement.reason = settled, rating, reason.strip()
        judgement.said_by, judgement.settled_at, judgement.settled_by = str(by), timezone.now(), by
        judgement.rev += 1
        judgement.save()
        _tell_settled(standing, framework, judgement, content, by)
    return judgement


def _check_judgement(framework: Framework, criterion: str, content: Mapping[str, Any]) -> Evidence:
    """A judgement on a criterion, as `evidence.yaml` would have it.

    Raises:
        UserError: with everything that cannot be.
    """
    try:
        proposed = Evidence.model_validate({"judgements": {criterion: content}})
    except ValidationError as error:
        raise UserError([Fault(criterion, str(f["msg"])) for f in error.errors()]) from None
    faults = [Fault(str(at[-1]), what, do) for at, what, do in find_faults(framework, proposed)]
    if faults:
        raise UserError(faults)
    return proposed


def _refuse_unexplained(
    inspection: Inspection, framework: Framework, element: str, proposed: Evidence
) -> None:
    """Refuse another grade or rating than the evidence gives, where no reason is given for it."""
    evidence = frames.make_evidence(inspection, element).model_copy(
        update={"judgements": proposed.judgements}
    )
    faults = [fault for _, _, fault in list_unexplained(framework, evidence)]
    if faults:
        raise UserError(faults)
    if not element:
        _refuse_decision(inspection, proposed)


def _refuse_decision(inspection: Inspection, proposed: Evidence) -> None:
    """Refuse a rating that the framework doesn't let people set, such as one too far from its boundary."""
    framework = inspection.framework
    code = next(iter(proposed.judgements))
    criterion = framework.criteria.get(code)
    if proposed.judgements[code].rating is None or (criterion and criterion.kind == "judgement"):
        return
    evidence = frames.make_evidence(inspection)
    evidence = evidence.model_copy(update={"judgements": {**evidence.judgements, **proposed.judgements}})
    judged = rate_criteria(framework, evidence)
    group = None
    if framework.reads_cases:
        read = frames.read_cases_of(inspection)
        if not read.rows:
            raise UserError(Fault("", _("there are no scores yet"), _("Wait until the cases are assessed")))
        group = scored.score_inspection(inspection, read).results.groups[ALL]
    faults = list_decision_faults(framework, group, judged, evidence)
    if faults:
        raise UserError(faults)


def _tell_settled(
    inspection: Inspection, framework: Framework, judgement: Judgement, content: Mapping[str, Any], by: User
) -> None:
    outcome = frames.judge(inspection, framework).get(judgement.criterion)
    tell(
        "rating.settled",
        by=by,
        inspection=inspection,
        criterion=judgement.criterion,
        element=judgement.element,
        rev=judgement.rev,
        content=content,
        computed=outcome.rating.computed.rating if outcome and outcome.rating else None,
        final=outcome.final.rating if outcome and outcome.final else judgement.rating or None,
    )


def _unsettle(inspection: Inspection, framework: Framework, element: str, by: User) -> None:
    """Withdraw settled grades that the evidence, as it is now, no longer gives: nobody has said why they should be kept."""
    gone: dict[str, dict[str, str]] = {}
    for code, key, fault in list_unexplained(framework, frames.make_evidence(inspection, element)):
        gone.setdefault(code, {})[key] = fault.what
    for judgement in Judgement.objects.filter(inspection=inspection, element=element, criterion__in=gone):
        was = {key: judgement.grades[key] for key in gone[judgement.criterion]}
        judgement.grades = {key: grade for key, grade in judgement.grades.items() if key not in was}
        judgement.rev += 1
        judgement.settled_at, judgement.settled_by = timezone.now(), by
        judgement.save(update_fields=["grades", "rev", "settled_at", "settled_by"])
        tell(
            "rating.unsettled",
            by=by,
            inspection=inspection,
            criterion=judgement.criterion,
            element=element,
            rev=judgement.rev,
            grades=was,
        )
