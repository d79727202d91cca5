"""An inspection bound to its figures, kept while nothing changes; and one text as it would be printed."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from threading import Lock

from scrutineer.report.document.blocks import ReportSection
from scrutineer.report.figures.figures import Figures
from scrutineer.report.parts.compose import compose_part
from scrutineer.report.parts.material import ReportMaterial
from scrutineer.report.render.html import write_part_html
from scrutineer.report.texts.bound import Bound, bind
from scrutineer.report.texts.check import find_remarks
from scrutineer.report.texts.parse import parse
from scrutineer.report.texts.remark import Remark
from scrutineer_web.queries.report.whole import read_inspection, read_recommendations, read_text, read_texts
from scrutineer_web.queries.shelf import read_library_of
from scrutineer_web.records.event import Event
from scrutineer_web.records.inspection import Inspection

_KEPT: OrderedDict[tuple[int, int, str], Bound] = OrderedDict()


_MOST = 8


_LOCK = Lock()


MADE = ("issue.asked", "issue.made", "issue.failed")
"""Events after which everything that a report is made from is the same as before."""


TEXTS = ("text.saved", "text.drafted", "text.retired", *MADE)
"""Events after which the data are the same as before."""


def read_stamp(inspection: Inspection) -> tuple[str, str]:
    """What changes with the data of an inspection, whatever is written about them.

    Events of several assessments may become visible in another order than that of their numbers: they are counted, too.
    """
    events = Event.objects.filter(inspection=inspection).exclude(kind__in=TEXTS)
    return str(events.count()), events.order_by("-id").values_list("hash", flat=True).first() or ""


def bind_inspection(inspection: Inspection) -> Bound:
    """The inspection with its scores and its figures, and every text with the figures put in.

    Scoring takes a second and is kept while no event but those of texts was added; texts are read each time.

    Raises:
        UserError: there are no cases yet, or a kept file has faults.
    """
    number, last = read_stamp(inspection)
    # As it is now, not as the caller read it some time ago.
    inspection = Inspection.objects.select_related("framework_version").get(pk=inspection.pk)
    key = (inspection.pk, int(number), last)
    with _LOCK:
        cached = _KEPT.get(key)
    if cached is None:
        cached = bind(read_inspection(inspection), read_library_of(inspection))
        with _LOCK:
            _KEPT[key] = cached
            while len(_KEPT) > _MOST:
                _KEPT.popitem(last=False)
        return cached
    return bind_texts(cached, inspection)


def bind_texts(bound: Bound, inspection: Inspection) -> Bound:
    """The same figures with the texts as they are now."""
    texts = read_texts(inspection, bound.inspection.where)
    main = {n: t for n, t in texts.items() if not n.startswith("elements/")}
    elements = []
    for element in bound.elements:
        place = f"elements/{element.element.framework.id}/"
        own = {n.removeprefix(place): t for n, t in texts.items() if n.startswith(place)}
        parsed = {n: parse(t, element.figures) for n, t in own.items()}
        elements.append(replace(element, element=replace(element.element, texts=own), texts=parsed))
    changed = replace(
        bound.inspection,
        texts=main,
        elements=tuple(e.element for e in elements),
        recommendations=read_recommendations(inspection),
    )
    parsed = {n: parse(t, bound.figures) for n, t in main.items()}
    return replace(bound, inspection=changed, texts=parsed, elements=tuple(elements))


@dataclass(frozen=True)
class TextPreview:
    """A text as it would be printed.

    Attributes:
        html: with its figures put in.
        remarks: what is wrong with it.
    """

    html: str
    remarks: tuple[Remark, ...]


def preview_text(inspection: Inspection, path: str, content: str) -> TextPreview:
    """One text of the report as it would be printed, and what is wrong with it, whether it is saved or not.

    Raises:
        UserError: there are no cases yet.
    """
    bound = bind_inspection(inspection)
    text = read_text(path, content, bound.inspection.where)
    element = path.split("/")[1] if path.startswith("elements/") else ""
    figures = find_figures(bound, element)
    parsed = parse(text, figures)
    section = None
    if not element:
        part = text.name.rpartition("/")[2]
        with_it = replace(bound, texts={**bound.texts, text.name: parsed})
        section = compose_part(
            ReportMaterial(with_it, ""), part.rpartition("-")[0] if path.startswith("practice/") else part
        )
    if section is None:
        section = ReportSection("part", "", parsed.blocks)
    return TextPreview(write_part_html(section, "preview"), find_remarks(parsed, figures))


def find_figures(bound: Bound, element: str) -> Figures:
    """The figures of the inspection, or of one of its elements."""
    return next((e.figures for e in bound.elements if e.element.framework.id == element), bound.figures)
