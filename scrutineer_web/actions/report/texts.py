"""The texts of a report: drafted, written by several people at once, kept in every version."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from merge3 import Merge3

from scrutineer.errors import Fault, UserError
from scrutineer.report.texts.refresh import refresh_text
from scrutineer.tasks.inspecting import is_unwritten, list_drafts
from scrutineer_web.audit.events import tell
from scrutineer_web.permissions import Rights, check
from scrutineer_web.queries.report import bound
from scrutineer_web.queries.report.texts import hash_text, list_parts, read_version
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.text import Text
from scrutineer_web.safeguards.guards import refuse_finished

if TYPE_CHECKING:
    from scrutineer_web.records.user import User

LARGEST = 100_000
"""Characters of a text that is written here: some fifty pages, where the longest part of a report has five."""


@dataclass(frozen=True)
class SavedText:
    """What came of saving a text.

    Attributes:
        rev: the revision that stands.
        content: the text that stands.
        merged: whether somebody else's change was put together with this one.
        conflict: whether both changed the same lines: then nothing was overwritten, and this one was set aside.
    """

    rev: int
    content: str
    merged: bool = False
    conflict: bool = False


def save(*, inspection: Inspection, path: str, content: str, base: int, by: User) -> SavedText:
    """Save a text. Where somebody else saved in between, both changes are put together, if they touch other lines.

    Args:
        inspection: whose report.
        path: the text's place in the folder.
        content: Markdown with bound figures.
        base: the revision that the person began from; 0 where there was none.
        by: who writes.

    Raises:
        PermissionDenied: the person does not write the report.
        UserError: the report is finished, there is no such text, or it is too long.
    """
    check(Rights(by).can("report.write", inspection))
    cleaned = content.replace("\r\n", "\n").replace("\r", "\n")
    if len(cleaned) > LARGEST:
        what = _("it has %(number)s characters, and the most is %(most)s") % {
            "number": f"{len(cleaned):,}",
            "most": f"{LARGEST:,}",
        }
        raise UserError(Fault(_("The text"), what, _("Split it into shorter texts")))
    if "\x00" in cleaned:
        raise UserError(Fault(path, _("it has a character that can't be used in a text"), _("Remove it")))
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
        refuse_finished(locked)
        _refuse_unknown(locked, path)
        stored = Text.objects.filter(inspection=locked, path=path).first()
        rev = stored.rev if stored else 0
        if stored is None or (base == rev and stored.content != cleaned) or stored.retired_at is not None:
            return SavedText(_write(locked, path, cleaned, by, "text.saved"), cleaned)
        if stored.content == cleaned:
            return SavedText(rev, cleaned)
        return _put_together(locked, stored, cleaned, base, by)


def _put_together(inspection: Inspection, stored: Text, mine: str, base: int, by: User) -> SavedText:
    before = read_version(inspection, stored.path, base)
    if before is not None:
        base_lines, stored_lines, own_lines = (
            text.splitlines(keepends=True) for text in (before, stored.content, mine)
        )
        merge = Merge3(base_lines, stored_lines, own_lines)
        if not any(group[0] == "conflict" for group in merge.merge_groups()):
            both = "".join(merge.merge_lines())
            if both == stored.content:
                return SavedText(stored.rev, both, merged=True)
            return SavedText(_write(inspection, stored.path, both, by, "text.saved"), both, merged=True)
    tell("text.set_aside", by=by, inspection=inspection, path=stored.path, base=base, content=mine)
    return SavedText(stored.rev, stored.content, conflict=True)


def _write(inspection: Inspection, path: str, content: str, by: User, kind: str) -> int:
    stored = Text.objects.filter(inspection=inspection, path=path).first() or Text(
        inspection=inspection, path=path, rev=0
    )
    # The first version of a text that came with a folder is in no event: it is logged with the one after it.
    came: dict[str, Any] = (
        {"was": stored.content} if stored.rev and read_version(inspection, path, stored.rev) is None else {}
    )
    stored.content, stored.rev = content, stored.rev + 1
    stored.saved_at, stored.saved_by, stored.retired_at, stored.retired_by = timezone.now(), by, None, None
    if kind == "text.drafted":
        stored.drafted = hash_text(content)
    stored.save()
    tell(kind, by=by, inspection=inspection, path=path, rev=stored.rev, content=content, **came)
    return stored.rev


def _refuse_unknown(inspection: Inspection, path: str) -> None:
    codes = "|".join(re.escape(c) for c in inspection.framework.criteria)
    if re.fullmatch(rf"practice/({codes})-[1-9][0-9]?\.md", path):
        return
    if path not in {part.path for part in list_parts(inspection)}:
        raise UserError(Fault(path, _("the report has no part of this name, so this wouldn't be printed")))


def retire(*, inspection: Inspection, path: str, by: User) -> None:
    """Take a good practice example out of the report; it stays in the records.

    Raises:
        PermissionDenied: the person does not write the report.
        UserError: the report is finished, or it is another text.
    """
    check(Rights(by).can("report.write", inspection))
    if not path.startswith("practice/"):
        raise UserError(
            Fault(path, _("every report has this part"), _("Leave its text empty if there is nothing to say"))
        )
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
        refuse_finished(locked)
        stored = Text.objects.get(inspection=locked, path=path, retired_at=None)
        stored.retired_at, stored.retired_by = timezone.now(), by
        stored.save(update_fields=["retired_at", "retired_by"])
        tell("text.retired", by=by, inspection=locked, path=path, rev=stored.rev)


def draft(*, inspection: Inspection, again: Collection[str] = (), by: User) -> tuple[list[str], list[str]]:
    """Write the first draft of the findings; what a person has written stays, unless it is asked for again.

    Args:
        inspection: whose report.
        again: the places of texts that are drafted again over what is there.
        by: who asks for it.

    Returns:
        the places of the texts that were drafted, and of those that were left as people wrote them.

    Raises:
        PermissionDenied: the person does not write the report.
        UserError: the report is finished, or there are no cases yet.
    """
    check(Rights(by).can("report.write", inspection))
    refuse_finished(inspection)
    known = bound.bind_inspection(inspection)
    drafted, lists = [], []
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
        refuse_finished(locked)
        there = {text.path: text for text in locked.texts.filter(retired_at=None)}
        for _, (path, make) in list_drafts(known.inspection, known.figures):
            stored = there.get(path)
            if (
                path in again
                or stored is None
                or is_unwritten(stored.content)
                or stored.drafted == hash_text(stored.content)
            ):
                drafts = make()
                if stored is None or stored.content != drafts:
                    _write(locked, path, drafts, by, "text.drafted")
                    drafted.append(path)
            else:
                lists.append(path)
    return drafted, lists


def refresh(*, inspection: Inspection, path: str, base: int, by: User) -> SavedText:
    """Say of every bound figure of a text that its sentence was read with today's data.

    Raises:
        PermissionDenied: the person does not write the report.
        UserError: the report is finished, or the text is not there.
    """
    check(Rights(by).can("report.write", inspection))
    stored = Text.objects.filter(inspection=inspection, path=path, retired_at=None).first()
    if stored is None:
        raise UserError(Fault(path, _("there is no text to draft again"), _("Write the text first")))
    known = bound.bind_inspection(inspection)
    figures = bound.find_figures(known, path.split("/")[1] if path.startswith("elements/") else "")
    return save(
        inspection=inspection, path=path, content=refresh_text(stored.content, figures), base=base, by=by
    )
