"""A whole inspection as the core has it after reading the exported folder, made without writing that folder."""

from __future__ import annotations

import tempfile
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from django.utils.text import slugify

from scrutineer.frameworks.house import House
from scrutineer.inspection.issues import Issue, read_issues
from scrutineer.inspection.load import Beside, load_beside
from scrutineer.inspection.people import People, Person
from scrutineer.inspection.recommendations import Recommendation, Recommendations
from scrutineer.inspection.texts import Text
from scrutineer.inspection.whole import Element
from scrutineer.inspection.whole import Inspection as Whole
from scrutineer.report.document.blocks import Section
from scrutineer.report.figures.figures import Figures
from scrutineer.report.parts.compose import compose_part
from scrutineer.report.parts.material import Material
from scrutineer.report.render.html import part_html
from scrutineer.report.texts.bound import Bound, bind
from scrutineer.report.texts.check import remarks
from scrutineer.report.texts.finding import Remark
from scrutineer.report.texts.parse import parse
from scrutineer_web.records.event import Event
from scrutineer_web.records.frames.cases import cases_of
from scrutineer_web.records.frames.evidence import evidence_of
from scrutineer_web.records.frames.scores import shelf
from scrutineer_web.records.frames.stored import dates_of, manifest_of, profile_of, record_of, surveys_of
from scrutineer_web.records.inspection import Inspection

BESIDE = ("issues.csv", "original/", "elements/")
"""The files that are read from the folder's own, as they came."""


def whole(inspection: Inspection) -> Whole:
    """Everything that the folder would hold, read.

    Raises:
        UserError: a file that the room only keeps has faults.
    """
    framework, library, manifest = inspection.framework, shelf(), manifest_of(inspection)
    read = cases_of(inspection, notes=True)
    cases = read.cases if read.rows else None
    where = slugify(inspection.area) or "inspection"
    beside = _beside(inspection, cases)
    texts = texts_of(inspection, where)
    elements = []
    for pin in manifest.elements:
        own = library.framework(pin.id)
        place = f"elements/{pin.id}/"
        elements.append(
            Element(
                own, library.house(own.id), evidence_of(inspection, own.id),
                {n.removeprefix(place): t for n, t in texts.items() if n.startswith(place)}, beside.cases.get(own.id),
            )
        )  # fmt: skip
    return Whole(
        where, manifest, framework, library.house(framework.id), profile_of(inspection), people_of(inspection),
        dates_of(inspection), evidence_of(inspection), surveys_of(inspection), recommendations_of(inspection), beside.issues,
        {n: t for n, t in texts.items() if not n.startswith("elements/")}, tuple(elements), cases, record_of(inspection),
        beside.original,
    )  # fmt: skip


def house_of(inspection: Inspection) -> House:
    """The house style of an inspection's framework."""
    return shelf().house(inspection.framework.id)


def issues_of(inspection: Inspection) -> tuple[Issue, ...]:
    """What offenders needed work on, as the file says that came: issues with a case; none where none came."""
    kept = inspection.documents.filter(path="issues.csv").exclude(content=b"").first()
    if kept is None:
        return ()
    cases = set(inspection.cases.values_list("reference", flat=True))
    with tempfile.TemporaryDirectory(prefix="scrutineer-") as name:
        path = Path(name) / "issues.csv"
        path.write_bytes(bytes(kept.content))
        found, _ = read_issues(path, house_of(inspection).issues, cases)
    return tuple(one for one in found if one.cases)


def people_of(inspection: Inspection) -> People:
    """Those who take part and whom the report names."""
    listed = inspection.participants.filter(listed=True, retired_at=None).order_by("position")
    return People(people=tuple(Person(name=p.name, role=p.role, team=p.team) for p in listed))


def recommendations_of(inspection: Inspection) -> Recommendations:
    """What the inspection recommends, and to whom."""
    standing = inspection.recommendations.filter(retired_at=None)
    told = {"to": inspection.recommended_to} if inspection.recommended_to else {}
    return Recommendations(
        recommendations=tuple(
            Recommendation(text=r.text, criteria=tuple(r.criteria), progress=r.progress or None)
            for r in standing
        ),
        **told,
    )


def text_of(path: str, content: str, where: str) -> Text:
    """A text as the core reads it from its file."""
    name = path.removesuffix(".md").removeprefix("elements/")
    if path.startswith("elements/"):
        name = name.partition("/")[2]
    return Text(name, f"{where}/{path}", tuple(content.replace("\r\n", "\n").split("\n")))


def texts_of(inspection: Inspection, where: str) -> dict[str, Text]:
    """Every text that stands, by its place in the folder without the ending."""
    return {
        one.path.removesuffix(".md"): text_of(one.path, one.content, where)
        for one in inspection.texts.filter(retired_at=None)
    }


def _beside(inspection: Inspection, cases: object) -> Beside:
    """What is read from files that the room only keeps."""
    files = [d for d in inspection.documents.exclude(content=b"") if d.path.startswith(BESIDE)]
    with tempfile.TemporaryDirectory(prefix="scrutineer-") as name:
        folder = Path(name)
        for one in files:
            path = folder / one.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(bytes(one.content))
        return load_beside(folder, shelf(), manifest_of(inspection), cases)


# -- kept while nothing changes ---------------------------------------------------------

_KEPT: OrderedDict[tuple[int, int, str], Bound] = OrderedDict()
_MOST = 8
_LOCK = Lock()
MADE = ("issue.asked", "issue.made", "issue.failed")
"""Events after which everything that a report is made from is the same as before."""

TEXTS = ("text.saved", "text.drafted", "text.retired", *MADE)
"""Events after which the data are the same as before."""


def standing_of(inspection: Inspection) -> tuple[str, str]:
    """What changes with the data of an inspection, whatever is written about them.

    Events of several readings may become visible in another order than that of their numbers: they are counted, too.
    """
    events = Event.objects.filter(inspection=inspection).exclude(kind__in=TEXTS)
    return str(events.count()), events.order_by("-id").values_list("hash", flat=True).first() or ""


def bound(inspection: Inspection) -> Bound:
    """The inspection with its scores and its figures, and every text with the figures put in.

    Scoring takes a second and is kept while no event but those of texts was added; texts are read each time.

    Raises:
        UserError: there are no cases yet, or a kept file has faults.
    """
    number, last = standing_of(inspection)
    # As it stands, not as the caller read it some time ago.
    inspection = Inspection.objects.select_related("framework_version").get(pk=inspection.pk)
    key = (inspection.pk, int(number), last)
    with _LOCK:
        kept = _KEPT.get(key)
    if kept is None:
        kept = bind(whole(inspection), shelf())
        with _LOCK:
            _KEPT[key] = kept
            while len(_KEPT) > _MOST:
                _KEPT.popitem(last=False)
        return kept
    return rebound(kept, inspection)


def rebound(kept: Bound, inspection: Inspection) -> Bound:
    """The same figures with the texts as they stand now."""
    texts = texts_of(inspection, kept.inspection.where)
    main = {n: t for n, t in texts.items() if not n.startswith("elements/")}
    elements = []
    for one in kept.elements:
        place = f"elements/{one.element.framework.id}/"
        own = {n.removeprefix(place): t for n, t in texts.items() if n.startswith(place)}
        parsed = {n: parse(t, one.figures) for n, t in own.items()}
        elements.append(replace(one, element=replace(one.element, texts=own), texts=parsed))
    told = replace(
        kept.inspection, texts=main, elements=tuple(e.element for e in elements),
        recommendations=recommendations_of(inspection),
    )  # fmt: skip
    parsed = {n: parse(t, kept.figures) for n, t in main.items()}
    return replace(kept, inspection=told, texts=parsed, elements=tuple(elements))


@dataclass(frozen=True)
class Look:
    """A text as it would be printed.

    Attributes:
        html: with its figures put in.
        remarks: what is wrong with it.
    """

    html: str
    remarks: tuple[Remark, ...]


def look(inspection: Inspection, path: str, content: str) -> Look:
    """One text of the report as it would be printed, and what is wrong with it, whether it is saved or not.

    Raises:
        UserError: there are no cases yet.
    """
    kept = bound(inspection)
    text = text_of(path, content, kept.inspection.where)
    element = path.split("/")[1] if path.startswith("elements/") else ""
    figures = figures_for(kept, element)
    parsed = parse(text, figures)
    section = None
    if not element:
        part = text.name.rpartition("/")[2]
        with_it = replace(kept, texts={**kept.texts, text.name: parsed})
        section = compose_part(
            Material(with_it, ""), part.rpartition("-")[0] if path.startswith("practice/") else part
        )
    if section is None:
        section = Section("part", "", parsed.blocks)
    return Look(part_html(section, "preview"), remarks(parsed, figures))


def figures_for(kept: Bound, element: str) -> Figures:
    """The figures of the inspection, or of one of its elements."""
    return next((e.figures for e in kept.elements if e.element.framework.id == element), kept.figures)
