"""A whole inspection as the core has it after assessment the exported folder, made without writing that folder."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.utils.text import slugify

from scrutineer.inspection.load import FolderFiles, load_beside
from scrutineer.inspection.needs import Need, read_needs
from scrutineer.inspection.people import People, Person
from scrutineer.inspection.recommendations import Recommendation, Recommendations
from scrutineer.inspection.texts import Text
from scrutineer.inspection.whole import Cases, Element
from scrutineer.inspection.whole import Inspection as Whole
from scrutineer_web.queries.shelf import read_house, read_library_of
from scrutineer_web.records.frames.cases import read_cases_of
from scrutineer_web.records.frames.evidence import make_evidence
from scrutineer_web.records.frames.stored import (
    find_record,
    make_dates,
    make_manifest,
    make_surveys,
    read_profile,
)
from scrutineer_web.records.inspection import Inspection

BESIDE = ("issues.csv", "original/", "elements/")
"""The files that are read from the folder's own, as they came."""


def read_inspection(inspection: Inspection) -> Whole:
    """Everything that the folder would hold, read.

    Raises:
        UserError: a file that the room only keeps has faults.
    """
    framework, library, manifest = (
        inspection.framework,
        read_library_of(inspection),
        make_manifest(inspection),
    )
    read = read_cases_of(inspection, notes=True)
    cases = read.cases if read.rows else None
    where = slugify(inspection.area) or "inspection"
    beside = _make_beside(inspection, cases)
    texts = read_texts(inspection, where)
    elements = []
    for pin in manifest.elements:
        own = library.load_framework(pin.id)
        place = f"elements/{pin.id}/"
        elements.append(
            Element(
                own,
                library.load_house(own.id),
                make_evidence(inspection, own.id),
                {n.removeprefix(place): t for n, t in texts.items() if n.startswith(place)},
                beside.cases.get(own.id),
            )
        )
    return Whole(
        where,
        manifest,
        framework,
        library.load_house(framework.id),
        read_profile(inspection),
        read_people(inspection),
        make_dates(inspection),
        make_evidence(inspection),
        make_surveys(inspection),
        read_recommendations(inspection),
        beside.needs,
        {n: t for n, t in texts.items() if not n.startswith("elements/")},
        tuple(elements),
        cases,
        find_record(inspection),
        beside.original,
    )


def list_needs(inspection: Inspection) -> tuple[Need, ...]:
    """What offenders needed work on, as the file says that came: issues with a case; none where none came."""
    stored = inspection.documents.filter(path="issues.csv").exclude(content=b"").first()
    if stored is None:
        return ()
    cases = set(inspection.cases.values_list("reference", flat=True))
    with tempfile.TemporaryDirectory(prefix="scrutineer-") as name:
        path = Path(name) / "issues.csv"
        path.write_bytes(bytes(stored.content))
        needs, _ = read_needs(path, read_house(inspection).issues, cases)
    return tuple(need for need in needs if need.cases)


def read_people(inspection: Inspection) -> People:
    """Those who take part and whom the report names."""
    listed = inspection.participants.filter(listed=True, retired_at=None).order_by("position")
    return People(
        people=tuple(Person.model_validate({"name": p.name, "role": p.role, "team": p.team}) for p in listed)
    )


def read_recommendations(inspection: Inspection) -> Recommendations:
    """What the inspection recommends, and to whom."""
    standing = inspection.recommendations.filter(retired_at=None)
    content = {"to": inspection.recommended_to} if inspection.recommended_to else {}
    return Recommendations(
        recommendations=tuple(
            Recommendation.model_validate(
                {"text": r.text, "criteria": r.criteria, "progress": r.progress or None}
            )
            for r in standing
        ),
        **content,
    )


def read_text(path: str, content: str, where: str) -> Text:
    """A text as the core reads it from its file."""
    name = path.removesuffix(".md").removeprefix("elements/")
    if path.startswith("elements/"):
        name = name.partition("/")[2]
    return Text(name, f"{where}/{path}", tuple(content.replace("\r\n", "\n").split("\n")))


def read_texts(inspection: Inspection, where: str) -> dict[str, Text]:
    """Every current text, by its place in the folder without the ending."""
    return {
        text.path.removesuffix(".md"): read_text(text.path, text.content, where)
        for text in inspection.texts.filter(retired_at=None)
    }


def _make_beside(inspection: Inspection, cases: Cases | None) -> FolderFiles:
    """What is read from files that the room only keeps."""
    files = [d for d in inspection.documents.exclude(content=b"") if d.path.startswith(BESIDE)]
    with tempfile.TemporaryDirectory(prefix="scrutineer-") as name:
        folder = Path(name)
        for file in files:
            path = folder / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(bytes(file.content))
        return load_beside(folder, read_library_of(inspection), make_manifest(inspection), cases)
