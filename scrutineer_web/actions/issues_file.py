"""`issues.csv`: what offenders needed work on, and how far it came."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db import transaction

from scrutineer.inspection.issues import read_issues
from scrutineer.tables.limits import SERVER
from scrutineer_web.actions.files import on_disk
from scrutineer_web.actions.guards import refuse_finished
from scrutineer_web.audit.write import tell
from scrutineer_web.permissions import Person, check
from scrutineer_web.records import frames
from scrutineer_web.records.document import Document
from scrutineer_web.records.inspection import Inspection

if TYPE_CHECKING:
    from scrutineer_web.records.user import User

PATH = "issues.csv"


def put(*, inspection: Inspection, name: str, content: bytes, by: User) -> int:
    """Take the file, in the place of an earlier one, which is kept beside it.

    Returns:
        how many issues it tells of.

    Raises:
        PermissionDenied: the person enters no surveys.
        UserError: with every fault of the file, or the report is finished.
    """
    check(Person(by).can("survey.edit", inspection))
    cases = set(inspection.cases.values_list("reference", flat=True))
    with on_disk(name if name.lower().endswith(".csv") else PATH, content) as path:
        found = [
            one for one in read_issues(path, frames.house_of(inspection).issues, cases, SERVER) if one.cases
        ]
    with transaction.atomic():
        held = Inspection.objects.select_for_update().get(pk=inspection.pk)
        refuse_finished(held)
        before = held.documents.filter(path=PATH).first()
        if before is not None:
            number = held.documents.filter(path__startswith="fieldwork/issues-").count() + 1
            before.path = f"fieldwork/issues-{number}.csv"
            before.save(update_fields=["path"])
        Document.objects.create(inspection=held, path=PATH, content=content)
        tell(
            "issues.put",
            by=by,
            inspection=held,
            issues=len(found),
            sha256=hashlib.sha256(content).hexdigest(),
        )
    return len(found)
