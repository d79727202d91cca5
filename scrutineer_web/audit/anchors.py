"""Where the chains of events ended at some moments, kept outside the database.

An anchor is written each day, at each sign-off and publication into a file next to the room's data, and into each backup.
An administrator can send these files elsewhere: whoever shortens a chain later, or writes it again, even with the key,
can't change what was sent.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer_web.audit.chain import dump
from scrutineer_web.audit.keys import sign
from scrutineer_web.records.event import Chain, Event

log = logging.getLogger(__name__)
FORMAT = 1
_CANCEL = b"\x18"
"""At the end of a line that was cut off when the machine stopped: ASCII's sign that what comes before doesn't count."""
Ends = dict[str, tuple[int, str]]
"""By chain: the number and the hash of its last event."""


@dataclass(frozen=True)
class Anchor:
    """Where chains ended at one moment.

    Attributes:
        at: the moment, in ISO's form.
        why: day, backup, sign-off, approval or publication.
        ends: of the chains that it covers.
        genuine: whether this room wrote it.
    """

    at: str
    why: str
    ends: Ends
    genuine: bool = True


def find_ends(inspection: int | None = None) -> Ends:
    """Where every chain ends now; of one inspection's assessments alone, where it's named."""
    from scrutineer_web.records.assessment import Assessment

    ends: Ends = {
        name: (events, head) for name, events, head in Chain.objects.values_list("name", "events", "head")
    }
    rows = Assessment.objects.filter(events__gt=0)
    rows = rows if inspection is None else rows.filter(case__inspection=inspection)
    for pk, events, head in rows.order_by("pk").values_list("pk", "events", "head").iterator():
        ends[f"assessment:{pk}"] = (events, head)
    return ends


def make_anchor(why: str, ends: Mapping[str, tuple[int, str]], now: datetime) -> dict[str, Any]:
    """An anchor as it is kept, signed with the log's key."""
    content = {
        "format": FORMAT,
        "at": now.isoformat(timespec="seconds"),
        "why": why,
        "ends": {name: list(end) for name, end in ends.items()},
    }
    return content | {"signature": _sign(content)}


def _sign(content: Mapping[str, Any]) -> str:
    # The signature can't cover itself.
    return sign("anchors", dump({k: v for k, v in content.items() if k != "signature"}).encode())


def read_anchor(content: Any) -> Anchor:
    """An anchor from what was kept.

    Raises:
        ValueError: it is none.
    """
    try:
        ends = {str(name): (int(number), str(head)) for name, (number, head) in content["ends"].items()}
        genuine = content["signature"] == _sign(content)
        return Anchor(str(content["at"]), str(content["why"]), ends, genuine)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("this isn't an anchor") from error


# -- files ---------------------------------------------------------------------------------


def find_folder() -> Path:
    """Where the room keeps its anchors."""
    return Path(settings.DATA) / "anchors"


def keep(why: str, inspection: int | None = None, only: Mapping[str, tuple[int, str]] | None = None) -> Path:
    """Write where the chains end into the file of the day.

    Args:
        why: it is written now.
        inspection: whose assessments it covers next to the room's and all inspections' chains; None for all.
        only: the ends to write; None for those in the database.
    """
    now = timezone.localtime()
    content = make_anchor(why, find_ends(inspection) if only is None else only, now)
    place = find_folder()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = place / f"{now.date().isoformat()}.jsonl"
    # Appending is safe when several processes write at once, and an earlier line is never rewritten.
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "wb") as file:
        size = os.fstat(handle).st_size
        # The line before is ended first if it has no end, or this anchor would be lost with it.
        torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        file.write((_CANCEL + b"\n" if torn else b"") + dump(content).encode() + b"\n")
        file.flush()
        # On the disk before anyone can rely on it: an anchor that a power cut
        # removes would have protected nothing.
        os.fsync(file.fileno())
    return path


def write(path: Path | None) -> tuple[Path, int]:
    """Write an anchor of every chain into a new file, or into that of the day next to the room's data.

    Returns:
        the file, and how many chains it covers.

    Raises:
        FileExistsError: there is such a file already.
    """
    ends = find_ends()
    if path is None:
        return keep("day", only=ends), len(ends)
    # New, because what is there may be an earlier anchor, and nothing else proves what the log held then.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(dump(make_anchor("day", ends, timezone.localtime())) + "\n")
    return path, len(ends)


def list_from_backup(said: Mapping[str, Any], say: Callable[[str], object]) -> list[Anchor]:
    """The anchor of a backup that was just restored; those of the room that was here before are moved away.

    Args:
        said: what the backup says of itself.
        say: is given a sentence on what was moved.
    """
    aside = _set_aside(timezone.localtime())
    if aside is not None:
        say(f"The anchors of the previous room have been moved to {aside}.")
    return [read_anchor(said["anchor"])] if "anchor" in said else []


def keep_daily() -> Path | None:
    """Write the day's anchor of every chain, once a day; None where it is there."""
    path = find_folder() / f"{timezone.localdate().isoformat()}.jsonl"
    # The file alone proves nothing: a sign-off or publication earlier in the day has begun it too.
    if path.exists() and any(anchor.why == "day" for anchor in _list_lines(path)[0]):
        return None
    return keep("day")


WHY = {"signed_off": "sign-off", "approved": "approval", "published": "publication"}
"""The ends of the kinds of events after which an anchor is kept."""


def keep_after_event(event: Event) -> None:
    """Keep an anchor once the transaction is over, where the event is one after which the log must stay as it is."""
    why = WHY.get(event.kind.rpartition(".")[2])
    if why is None:
        return
    # Signing off one of many assessments anchors its own chain alone. Reading all of them each time would be slow.
    only = {event.chain: (event.number, event.hash)} if event.chain.startswith("assessment:") else None
    # After the commit, since an anchor of something that was rolled back would look like a deleted event.
    transaction.on_commit(partial(_keep_quietly, why, event.inspection_id, only))


def _keep_quietly(why: str, inspection: int | None, only: Ends | None) -> None:
    """What was signed off stays so where the disk is full: the next anchor covers it."""
    try:
        keep(why, inspection, only)
    except OSError as error:
        log.warning("an anchor of the audit log could not be written (%s)", type(error).__name__)


def read_kept() -> tuple[list[Anchor], list[str]]:
    """Every anchor that lies next to the room's data, and what can't be read of it, as sentences."""
    anchors, faults = [], []
    for path in sorted(find_folder().glob("*.jsonl")) if find_folder().is_dir() else []:
        here, wrong = _list_lines(path)
        anchors += here
        faults += wrong
    return anchors, faults


def _list_lines(path: Path) -> tuple[list[Anchor], list[str]]:
    anchors, faults = [], []
    *lines, last = path.read_bytes().split(b"\n")
    for number, line in enumerate([*lines, last + _CANCEL], 1):
        try:
            anchors.append(read_anchor(json.loads(line.removesuffix(_CANCEL))))
        except ValueError:
            # Where the machine stopped while a line was written, nobody has altered anything.
            if line.strip() and not line.endswith(_CANCEL):
                what = _("Line %(number)s of the anchors of %(day)s can't be read.")
                faults.append(what % {"number": number, "day": path.stem})
    return anchors, faults


def read_file(path: Path) -> list[Anchor]:
    """The anchors of a file that was kept elsewhere.

    Raises:
        UserError: it can't be read, or holds none.
    """
    try:
        anchors, faults = _list_lines(path)
    except OSError as error:
        raise UserError(Fault(str(path), f"it can't be read ({error.strerror})", "Check the name")) from None
    if faults or not anchors:
        what = "this isn't a file of the audit log's anchors"
        raise UserError(Fault(str(path), what, "Choose a file that scrutineer audit anchors wrote"))
    return anchors


def _set_aside(when: datetime) -> Path | None:
    """Move the anchors of an earlier room away: a restored log is shorter than they say. None where there are none."""
    if not find_folder().is_dir():
        return None
    # Moved and not deleted: they can still prove what the earlier room's log held.
    path = find_folder().with_name(f"anchors-before-restore-{when:%Y%m%d-%H%M%S}")
    find_folder().rename(path)
    return path


# -- comparing -----------------------------------------------------------------------------


class AnchorComparison:
    """What anchors say of each event, asked while the events are read in order."""

    def __init__(self, anchors: Iterable[Anchor]):
        self.forged = [anchor for anchor in anchors if not anchor.genuine]
        # Every hash that is named of an event, not the first alone: whoever has the key can write the anchors
        # next to the room's data again, and they are read before the copy that was kept elsewhere.
        self.said: dict[str, dict[int, dict[str, Anchor]]] = {}
        for anchor in anchors:
            for name, (number, head) in anchor.ends.items():
                if anchor.genuine and number:
                    self.said.setdefault(name, {}).setdefault(number, {}).setdefault(head, anchor)

    def find_difference(self, chain: str, number: int, head: str) -> Anchor | None:
        """The anchor that says another hash of an event; None where none does."""
        said = self.said.get(chain, {}).get(number, {})
        return next((anchor for named, anchor in said.items() if named != head), None)

    def find_longer(self, ends: Mapping[str, int]) -> Iterator[tuple[str, int, int, Anchor]]:
        """Chains that were longer: name, number then, number now, and the anchor."""
        for name, said in self.said.items():
            # Anchors hold ends only, so the highest number that any of them
            # names is how long the chain once was.
            number = max(said)
            if number > ends.get(name, 0):
                yield name, number, ends.get(name, 0), next(iter(said[number].values()))
