"""What the room calls the places that the core names as files of an inspection's folder."""

from __future__ import annotations

import re
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scrutineer.errors import Fault
from scrutineer_web.queries import shelf
from scrutineer_web.queries.report import bound
from scrutineer_web.queries.report.texts import list_parts
from scrutineer_web.records import frames
from scrutineer_web.records.inspection import Inspection

FILES = {
    "inspection.yaml": gettext_lazy("the inspection"),
    "evidence.yaml": gettext_lazy("evidence and ratings"),
    "people.yaml": gettext_lazy("the people"),
    "calendar.yaml": gettext_lazy("the calendar"),
    "recommendations.yaml": gettext_lazy("the recommendations"),
    "surveys.yaml": gettext_lazy("the surveys"),
    "area.yaml": gettext_lazy("the area's profile"),
}
"""Those of which the room has a page, not a text."""

_FILE = re.compile(r"[\w./-]*?((?:elements/[\w-]+/)?(?:[\w-]+/)?[\w-]+\.(?:md|yaml))")


class Places:
    """The names of one inspection's parts."""

    def __init__(self, inspection: Inspection):
        self.where = bound.bind_inspection(inspection).inspection.where
        self._titles = {p.path: p.title for p in list_parts(inspection)}
        self._elements = {
            pin.id: shelf.read_library_of(inspection).load_framework(pin.id).title
            for pin in frames.make_manifest(inspection).elements
        }

    def say(self, where: str) -> str:
        """A place as a reader of the screens knows it: the title of a text, the name of a page."""
        if where == self.where:
            return _("the inspection")
        return _FILE.sub(self._name_match, where.removeprefix(f"{self.where}/"))

    def _name_match(self, match: re.Match[str]) -> str:
        path = match[1]
        if path in self._titles:
            return self._titles[path]
        parts = path.split("/")
        name = str(FILES.get(parts[-1], path))
        element = self._elements.get(parts[1]) if parts[0] == "elements" else None
        return _("%(place)s of %(element)s") % {"place": name, "element": element} if element else name

    def name_fault(self, fault: Fault) -> Fault:
        """The same fault, at the place as the room calls it."""
        return replace(fault, where=self.say(fault.where))
