"""The parts of a report's text, and their versions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from scrutineer.inspection.scaffold import NARRATIVE
from scrutineer_web.queries import shelf
from scrutineer_web.records import frames
from scrutineer_web.records.event import Event
from scrutineer_web.records.inspection import Inspection

if TYPE_CHECKING:
    from scrutineer.frameworks.model import Framework


def list_parts(inspection: Inspection) -> list[TextPlace]:
    """Every text that the report of an inspection has a place for, in the order of the report."""
    from scrutineer.report.parts.material import TITLES

    house = shelf.read_library_of(inspection).load_house(inspection.framework.id)
    parts = [
        TextPlace(
            f"narrative/{name}.md",
            house.titles.get(name, TITLES.get(name, name)),
            _("Narrative"),
        )
        for name in NARRATIVE
        if name in house.parts
    ]
    parts += _list_of_criteria(inspection.framework, "", _("Findings"))
    for pin in frames.make_manifest(inspection).elements:
        own = shelf.read_library_of(inspection).load_framework(pin.id)
        place = f"elements/{pin.id}/"
        parts += [
            TextPlace(f"{place}narrative/{n}.md", t, own.title)
            for n, t in (("introduction", _("Introduction")), ("assessment", _("Overall assessment")))
        ]
        parts += _list_of_criteria(own, place, own.title)
    practice = inspection.texts.filter(retired_at=None, path__contains="practice/").values_list(
        "path", flat=True
    )
    parts += [
        TextPlace(
            path,
            _("Example on %(criterion)s") % {"criterion": path.rpartition("/")[2].removesuffix(".md")},
            _("Good practice"),
        )
        for path in practice
    ]
    return parts


def _list_of_criteria(framework: Framework, place: str, of: str) -> list[TextPlace]:
    return [
        TextPlace(f"{place}findings/{c.code}.md", f"{c.code} {c.title}", of)
        for c in framework.criteria.values()
    ]


def hash_text(content: str) -> str:
    """The hash by which a draft that nobody touched is known."""
    return hashlib.sha256(content.encode()).hexdigest()


def read_version(inspection: Inspection, path: str, rev: int) -> str | None:
    """A text as it was at one revision; empty at revision 0, None where there was no such one."""
    if rev == 0:
        return ""
    events = Event.objects.filter(
        inspection=inspection, kind__in=SAVED, details__path=path, details__rev=rev
    ).first()
    if events is not None:
        content: str = events.details["content"]
        return content
    after = Event.objects.filter(
        inspection=inspection, kind__in=SAVED, details__path=path, details__rev=rev + 1
    ).first()
    return after.details.get("was") if after else None


SAVED = ("text.saved", "text.drafted")
"""The events that hold a version of a text."""


@dataclass(frozen=True)
class TextPlace:
    """A text that the report has a place for.

    Attributes:
        path: its place in the folder.
        title: what it is called on screens.
        of: the heading under which it is listed.
    """

    path: str
    title: str
    of: str
