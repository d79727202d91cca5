"""Keeping files that are sent in, and retiring them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer_web.audit.events import tell
from scrutineer_web.permissions import Rights, check
from scrutineer_web.records.blob import Blob
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.piece import Piece
from scrutineer_web.records.upload import Upload
from scrutineer_web.safeguards.examining import examine
from scrutineer_web.safeguards.guards import refuse_finished

if TYPE_CHECKING:
    from scrutineer_web.records.accuracy import AccuracyComment
    from scrutineer_web.records.action_plan import ProgressReport
    from scrutineer_web.records.user import User


def attach(*, piece: Piece, name: str, content: bytes, by: User) -> Upload:
    """Put a file to a piece of evidence.

    Raises:
        PermissionDenied: the person does not work on the evidence.
        UserError: the report is finished, or the file is none that is kept.
    """
    check(Rights(by).can("evidence.edit", piece.inspection))
    with transaction.atomic():
        # Whoever approves the report waits for the same row, so no file arrives
        # between the check and the approval.
        refuse_finished(Inspection.objects.select_for_update().get(pk=piece.inspection_id))
        # Read again under the lock, because the one in hand is from before it.
        if Piece.objects.get(pk=piece.pk).retired_at is not None:
            raise UserError(Fault(_("the evidence"), _("somebody else has removed it"), _("Add it again")))
        return keep(inspection=piece.inspection, name=name, content=content, by=by, piece=piece)


def keep(
    *,
    inspection: Inspection,
    name: str,
    content: bytes,
    piece: Piece | None = None,
    comment: AccuracyComment | None = None,
    progress: ProgressReport | None = None,
    by: User,
) -> Upload:
    """Keep a file with what it belongs to; inside a transaction of the caller, who has asked whether it is allowed.

    Raises:
        UserError: the file is none that is kept.
    """
    # Before anything is written: what is refused leaves neither bytes nor an event behind.
    kind = examine(name, content)
    upload = Upload.objects.create(
        inspection=inspection,
        blob=keep_blob(content=content),
        name=name.strip(),
        kind=kind,
        uploaded_at=timezone.now(),
        uploaded_by=by,
        piece=piece,
        comment=comment,
        progress=progress,
    )
    tell(
        "upload.kept",
        by=by,
        inspection=inspection,
        upload=upload.pk,
        content=kind,
        size=len(content),
        hash=upload.blob_id,
        piece=piece.pk if piece else None,
        comment=comment.pk if comment else None,
        progress=progress.pk if progress else None,
    )
    return upload


def keep_blob(*, content: bytes) -> Blob:
    """The bytes as they are kept: once, under their hash."""
    # If two people send the same file at once, one finds what the other has kept.
    blob, _ = Blob.objects.get_or_create(
        hash=hashlib.sha256(content).hexdigest(), defaults={"size": len(content), "content": content}
    )
    return blob


def retire(*, upload: Upload, by: User) -> None:
    """Take a file of the evidence out of use; it stays kept.

    Raises:
        PermissionDenied: the person does not work on the evidence.
        UserError: the report is finished.
    """
    check(Rights(by).can("evidence.edit", upload.inspection) and upload.piece_id is not None)
    with transaction.atomic():
        refuse_finished(Inspection.objects.select_for_update().get(pk=upload.inspection_id))
        # Removed already, as with a second click, which is no fault.
        if Upload.objects.get(pk=upload.pk).retired_at is not None:
            return
        upload.retired_at, upload.retired_by = timezone.now(), by
        upload.save(update_fields=["retired_at", "retired_by"])
        tell("upload.retired", by=by, inspection=upload.inspection, upload=upload.pk)
