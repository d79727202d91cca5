"""Inspections on disk: create, check, draft."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scrutineer.errors import Fault, UserError, shorten_path
from scrutineer.tasks.files import open_library, write_all
from scrutineer.tasks.locking import hold_lock
from scrutineer.tasks.notices import notify

if TYPE_CHECKING:
    from scrutineer.frameworks.library import Library
    from scrutineer.frameworks.model import Framework
    from scrutineer.inspection.whole import Inspection
    from scrutineer.report.figures.figures import Figures
    from scrutineer.report.texts.bound import Bound

Step = Callable[[Path], None]


@dataclass(frozen=True)
class NewInspection:
    """What a person asks of a new inspection."""

    framework: str
    area: str
    elements: Sequence[str] = ()
    synthetic: bool = False
    original: Path | None = None


def create_inspection(request: NewInspection, out: Path, folder: Path | None) -> list[Path]:
    """Make the folder of a new inspection.

    Raises:
        UserError: the folder holds an inspection already, or a framework is not known; then nothing is written.
    """
    from scrutineer.inspection.scaffold import make_scaffold

    if (out / "inspection.yaml").exists():
        raise UserError(
            Fault(shorten_path(out), "there is already an inspection there", "Choose another folder")
        )
    shelf = open_library(folder)
    framework = shelf.load_framework(request.framework)
    elements = [shelf.load_framework(name) for name in request.elements]
    faults = list(_find_unfitting(request, framework, elements))
    if faults:
        raise UserError(faults)
    files: dict[Path, str | bytes] = {}
    report, synthetic = "", request.synthetic
    if request.original is not None:
        original = _find_original(request.original)
        report, files[out / "original" / "results.json"] = original.label, original.text
        # What follows up a made-up inspection is made up itself.
        synthetic = synthetic or original.synthetic
    area = " ".join(request.area.split())
    texts = make_scaffold(framework, shelf.load_house(framework.id), elements, area, synthetic, report)
    files |= {out / name: text for name, text in texts.items()}
    write_all(files)
    return sorted(files)


def _find_unfitting(
    request: NewInspection, framework: Framework, elements: Sequence[Framework]
) -> Iterator[Fault]:
    """What of a new inspection does not go together."""
    from scrutineer.inspection.fitting import find_framework_problems, list_element_problems

    if not request.area.strip():
        yield Fault("--area", "the area has no name", "Enter the name of the area")
    yield from (Fault("--framework", what, do) for what, do in find_framework_problems(framework))
    yield from (Fault("--element", what, do) for _, (what, do) in list_element_problems(framework, elements))
    is_follow_up = framework.kind == "follow_up"
    if is_follow_up and request.original is None:
        yield Fault(
            "--original",
            "a follow-up needs the results of the original inspection",
            "Enter the file of the original's results",
        )
    if not is_follow_up and request.original is not None:
        yield Fault(
            "--original",
            f"'{framework.id}' is not a framework for follow-ups",
            "Remove it, or use a framework for follow-ups",
        )


@dataclass(frozen=True)
class _Original:
    label: str
    text: str
    synthetic: bool


def _find_original(path: Path) -> _Original:
    from scrutineer.scoring.comparison.read_results import read_results

    original = read_results(path)
    return _Original(
        original.label, path.read_text(encoding="utf-8"), bool(original.content.get("synthetic"))
    )


def open_inspection(
    place: Path, folder: Path | None, step: Step = lambda _: None
) -> tuple[Inspection, Library]:
    """An inspection from its folder, read and checked.

    Raises:
        UserError: with every fault of every file.
    """
    from scrutineer.fieldwork.cases.caseload import list_notices
    from scrutineer.inspection.load import load

    shelf = open_library(folder)
    inspection = load(place, shelf, step)
    notify(inspection.notes)
    if inspection.cases is not None:
        notify(
            [
                *list_notices(inspection.cases.caseload, inspection.framework),
                *inspection.cases.answers.list_notices(),
            ]
        )
    return inspection, shelf


def open_bound(place: Path, folder: Path | None, step: Step = lambda _: None) -> tuple[Bound, Library]:
    """An inspection with its scores and figures.

    Raises:
        UserError: with every fault of every file, or no cases yet.
    """
    from scrutineer.report.texts.bound import bind

    inspection, shelf = open_inspection(place, folder, step)
    return bind(inspection, shelf), shelf


@dataclass(frozen=True)
class Checked:
    """What a check found apart from faults: what is left to do, and how much there is."""

    inspection: Inspection
    open: tuple[Fault, ...]


def check(place: Path, folder: Path | None, step: Step = lambda _: None) -> Checked:
    """Check a whole inspection: every file, and every file against the others.

    Raises:
        UserError: with every fault of every file.
    """
    from scrutineer.inspection.folder import open_folder as unpacked
    from scrutineer.inspection.issued import list_issued_versions
    from scrutineer.inspection.open_points import open_points

    with unpacked(place) as inside:
        inspection, _ = open_inspection(inside, folder, step)
        altered = [fault for version in list_issued_versions(inside) for fault in version.faults]
        notify(_list_day_remarks(inspection))
        return Checked(inspection, (*altered, *open_points(inspection)))


def _list_day_remarks(inspection: Inspection) -> Iterator[str]:
    """Days of the calendar on which hardly anybody works: no fault, but worth a second look."""
    from scrutineer.frameworks.holidays import remark_on_day

    for event, day in inspection.dates.events.items():
        if why := remark_on_day(day):
            yield f"{event.replace('_', ' ')}: {day.day} {day:%B %Y} {why}"


@dataclass(frozen=True)
class Drafted:
    """The files that a draft wrote, and those that it left as people wrote them."""

    written: tuple[Path, ...]
    unchanged: tuple[Path, ...]


def draft(
    place: Path, folder: Path | None, again: Sequence[str] = (), step: Step = lambda _: None
) -> Drafted:
    """Write the first draft of the findings; what a person has written stays, unless it is asked for again.

    A draft that no one has changed belongs to no one, so it is drafted again.

    Args:
        place: the inspection's folder.
        folder: the folder of frameworks, where not those that ship.
        again: criteria (B1, element:B1) or `summary` that are drafted again and replaced.
        step: called with each file before it is read.

    Raises:
        UserError: with every fault of every file, or a name that is not known; then nothing is written.
    """
    with hold_lock(place):
        return _draft_unlocked(place, folder, again, step)


def _draft_unlocked(place: Path, folder: Path | None, again: Sequence[str], step: Step) -> Drafted:
    from scrutineer.inspection.load import load
    from scrutineer.report.texts.bound import make_figures

    shelf = open_library(folder)
    inspection = load(place, shelf, step)
    drafts = dict(list_drafts(inspection, make_figures(inspection, shelf)))
    unknown = [name for name in again if name not in drafts]
    if unknown:
        raise UserError(
            [
                Fault(
                    "--again", f"there is nothing called '{n}' to draft", f"Choose from {', '.join(drafts)}"
                )
                for n in unknown
            ]
        )
    known = _list_drafted_before(place)
    files: dict[Path, str | bytes] = {}
    unchanged = []
    for name, (where, make) in drafts.items():
        path = place / where
        if name in again or _is_unwritten(path) or known.get(where) == _find_hash(path):
            written = make()
            known[where] = _hash_text(written)
            if not path.exists() or path.read_text(encoding="utf-8") != written:
                files[path] = written
        else:
            unchanged.append(path)
    if files:
        record = json.dumps({"format": 1, "kind": "drafts", "sha256": dict(sorted(known.items()))}, indent=1)
        write_all({**files, place / DRAFTS: record + "\n"})
    return Drafted(tuple(files), tuple(unchanged))


DRAFTS = "drafts.json"
"""What was drafted, by the hash of each file: one that no one has changed since may be drafted again."""


def _list_drafted_before(place: Path) -> dict[str, str]:
    try:
        return dict(json.loads((place / DRAFTS).read_text(encoding="utf-8"))["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _find_hash(path: Path) -> str:
    return _hash_text(path.read_text(encoding="utf-8"))


def _hash_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def list_drafts(
    inspection: Inspection, figures: Figures
) -> Iterator[tuple[str, tuple[str, Callable[[], str]]]]:
    """Everything that can be drafted: its name, its place in the folder, and what makes it."""
    from functools import partial

    from scrutineer.report.drafting import drafting
    from scrutineer.report.texts.bound import make_element_figures

    for code, criterion in inspection.framework.criteria.items():
        yield code, (f"findings/{code}.md", partial(drafting.draft_criterion, figures, criterion))
    if "summary" in inspection.house.parts:
        yield "summary", ("narrative/summary.md", partial(drafting.draft_summary, figures))
    for element in inspection.elements:
        own = make_element_figures(inspection, element, figures)
        place = f"elements/{element.framework.id}"
        for code, criterion in element.framework.criteria.items():
            name = f"{element.framework.id}:{code}"
            yield name, (f"{place}/findings/{code}.md", partial(drafting.draft_criterion, own, criterion))
        name = f"{element.framework.id}:assessment"
        yield name, (f"{place}/narrative/assessment.md", partial(drafting.draft_assessment, own))


def _is_unwritten(path: Path) -> bool:
    return not path.exists() or is_unwritten(path.read_text(encoding="utf-8"))


def is_unwritten(text: str) -> bool:
    """Whether no one has written anything yet: there is only a placeholder."""
    from scrutineer.report.texts.check import UNFILLED

    return not UNFILLED.sub("", text).strip()


@dataclass(frozen=True)
class Refreshed:
    """A figure that was read again: its file and line, what it was and what it is."""

    path: Path
    line: int
    was: str | None
    now: str


def refresh(place: Path, folder: Path | None, step: Step = lambda _: None) -> list[Refreshed]:
    """Say of every bound figure that its sentence was read with today's data.

    Raises:
        UserError: with every fault of every file.
    """
    with hold_lock(place):
        return _refresh(place, folder, step)


def _refresh(place: Path, folder: Path | None, step: Step) -> list[Refreshed]:
    from scrutineer.report.texts.refresh import refresh_text

    bound, _ = open_bound(place, folder, step)
    files: dict[Path, str | bytes] = {}
    refreshed: list[Refreshed] = []
    every = [(place, parsed, bound.figures) for parsed in bound.texts.values()]
    for element in bound.elements:
        own = place / "elements" / element.element.framework.id
        every += [(own, parsed, element.figures) for parsed in element.texts.values()]
    known = _list_drafted_before(place)
    for where, parsed, figures in every:
        before = "\n".join(parsed.text.lines)
        after = refresh_text(before, figures)
        if after == before:
            continue
        path = where / f"{parsed.text.name}.md"
        files[path] = after
        name = path.relative_to(place).as_posix()
        if known.get(name) == _hash_text(before):
            known[name] = _hash_text(after)
        refreshed += [
            Refreshed(path=path, line=spot.line, was=spot.binding.was, now=spot.figure.text)
            for spot in parsed.spots
            if spot.binding.was != spot.figure.text and spot.binding.name != "source"
        ]
    if files:
        text = json.dumps({"format": 1, "kind": "drafts", "sha256": dict(sorted(known.items()))}, indent=1)
        write_all({**files, place / DRAFTS: text + "\n"})
    return refreshed
