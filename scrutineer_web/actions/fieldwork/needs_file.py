"""The table of issues: what offenders needed work on, and how far it came."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db import transaction

from scrutineer.inspection.needs import count_needs, read_need_rows
from scrutineer.tables.file_kinds import KINDS
from scrutineer.tables.limits import SERVER
from scrutineer.tables.write_table import write_csv_rows
from scrutineer_web.audit.events import tell
from scrutineer_web.permissions import Rights, check
from scrutineer_web.queries import shelf
from scrutineer_web.records.document import Document
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.safeguards.files import write_on_disk
from scrutineer_web.safeguards.guards import refuse_finished

if TYPE_CHECKING:
    from scrutineer_web.records.user import User

PATH = "issues.csv"


def put(*, inspection: Inspection, name: str, content: bytes, by: User) -> tuple[int, tuple[str, ...]]:
    """Take the file, in the place of an earlier one, which is kept as well.

    Returns:
        how many issues it tells of, and what was skipped or left out of it.

    Raises:
        PermissionDenied: the person enters no surveys.
        UserError: with every fault of the file, or the report is finished.
    """
    check(Rights(by).can("survey.edit", inspection))
    cases = set(inspection.cases.values_list("reference", flat=True))
    known = shelf.read_house(inspection).issues
    # Before the inspection is locked, because a large workbook takes a while to read.
    with write_on_disk(name, content) as path:
        rows, notes = read_need_rows(path, known, cases, SERVER)
    needs = [need for need in count_needs(rows, known) if need.cases]
    with transaction.atomic():
        held = Inspection.objects.select_for_update().get(pk=inspection.pk)
        refuse_finished(held)
        before = held.documents.filter(path=PATH).first()
        if before is not None:
            # Documents are never deleted, so counting them gives a number that isn't taken.
            number = held.documents.filter(path__startswith="fieldwork/issues-").count() + 1
            before.path = f"fieldwork/issues-{number}.csv"
            before.save(update_fields=["path"])
        plain = _write_plain(content, rows)
        Document.objects.create(inspection=held, path=PATH, content=plain)
        # Kept as it was sent, too: a workbook may hold more than was read from it.
        if plain != content:
            _keep_original(held, name, content)
        tell(
            "needs.put",
            by=by,
            inspection=held,
            issues=len(needs),
            sha256=hashlib.sha256(content).hexdigest(),
        )
    return len(needs), notes


def _write_plain(content: bytes, rows: list[tuple[str, str, str]]) -> bytes:
    """The file as it came where it is plain CSV, and what it says as CSV otherwise: a workbook, another encoding."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = ""
    if text.lstrip().casefold().startswith("case,"):
        return content
    return write_csv_rows(("case", "issue", "progress"), rows).encode()


def _keep_original(inspection: Inspection, name: str, content: bytes) -> None:
    """The file as it was sent, next to what was read from it."""
    kind = name.rpartition(".")[2].lower()
    # Only tables get this far, so a name with another ending is CSV.
    ending = f".{kind}" if f".{kind}" in KINDS else ".csv"
    number = inspection.documents.filter(path__startswith="fieldwork/as-given/issues-").count() + 1
    Document.objects.create(
        inspection=inspection, path=f"fieldwork/as-given/issues-{number}{ending}", content=content
    )
