"""The report of an inspection: composed, proved, made in every format, issued."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrutineer.errors import Fault, UserError
from scrutineer.report.formats import Printable, make_files
from scrutineer.tasks.files import write_all
from scrutineer.tasks.inspecting import open_bound

if TYPE_CHECKING:
    from scrutineer.frameworks.library import Library
    from scrutineer.inspection.whole import Inspection
    from scrutineer.proof.prove import Proof
    from scrutineer.report.document.blocks import ReportDocument
    from scrutineer.report.parts.material import ReportMaterial
    from scrutineer.report.texts.bound import Bound
    from scrutineer.report.texts.remark import Remark

Step = Callable[[str], None]


@dataclass(frozen=True)
class Ready:
    """A report composed and ready to be made in any format."""

    material: ReportMaterial
    document: ReportDocument
    shelf: Library


def prepare(place: Path, folder: Path | None, version: int | None = None) -> Ready:
    """Read, score and compose an inspection's report.

    Raises:
        UserError: with every fault of every file, or no cases yet.
    """
    bound, shelf = open_bound(place, folder)
    return compose_bound(bound, shelf, version)


def compose_bound(bound: Bound, shelf: Library, version: int | None = None) -> Ready:
    """Compose the report of a bound inspection."""
    from scrutineer.inspection.fingerprint import hash_data
    from scrutineer.report.parts.compose import compose
    from scrutineer.report.parts.material import ReportMaterial

    material = ReportMaterial(bound, hash_data(bound.inspection), version)
    return Ready(material, compose(material), shelf)


@dataclass(frozen=True)
class DraftProof:
    """What must be fixed before a report is issued.

    Attributes:
        remarks: on the texts, with file and line.
        open: what is not there yet.
        proof: the report itself, read back and checked against the rules.
        unfaithful: figures that the report, read back, gives otherwise than the data.
    """

    remarks: tuple[Remark, ...]
    open: tuple[Fault, ...]
    proof: Proof
    unfaithful: tuple[str, ...]

    @property
    def errors(self) -> int:
        """How much of it keeps the report from being issued."""
        wrong = sum(r.severity == "error" for r in self.remarks)
        return wrong + len(self.open) + self.proof.errors + len(self.unfaithful)

    def as_dict(self) -> dict[str, Any]:
        """The proof as JSON gives it."""
        return {
            "kind": "draft",
            "errors": self.errors,
            "open": [str(fault) for fault in self.open],
            "remarks": [remark.as_dict() for remark in self.remarks],
            "unfaithful": list(self.unfaithful),
            "report": self.proof.as_dict(),
        }


def prove_draft(ready: Ready) -> DraftProof:
    """Hold a draft against its data, the house style and the rules of proof."""
    from scrutineer.inspection.open_points import open_points
    from scrutineer.proof.prove import prove
    from scrutineer.proof.reading.read_report import read
    from scrutineer.proof.reading.source import read_html_lines
    from scrutineer.report.render.html import report_html

    name = f"{ready.material.inspection.where}: report"
    lines = read_html_lines(report_html(ready.document).encode(), name)
    report = read(lines, ready.shelf, name, ready.material.framework.id)
    remarks = tuple(ready.material.bound.list_remarks())
    # Each missing part is reported once: as a remark if a text has a line for it, as open if there is no text.
    unfilled = {f"{r.where} line {r.line}" for r in remarks if r.rule == "unfilled"}
    return DraftProof(
        remarks=remarks,
        open=tuple(fault for fault in open_points(ready.material.inspection) if fault.where not in unfilled),
        proof=prove(report, ready.shelf),
        unfaithful=tuple(read_back(ready, report)),
    )


def read_back(ready: Ready, report: Any) -> Iterator[str]:
    """Every score and rating of the inspection that a report, as read, gives otherwise or not at all."""
    from scrutineer.report.figures.figures import FigureError

    figures = ready.material.figures
    printed: dict[tuple[str, str], set[str]] = {}
    for value in report.main.values:
        if value.where in {"sheet", "body"} and value.group in {"all", "high_risk", "follow_up"}:
            text = f"{value.percent}%" if value.percent is not None else (value.rating or "").lower()
            printed.setdefault((value.level, value.code), set()).add(text)
    for level, code in _list_levels(ready):
        try:
            expected = (
                figures.rating(code).text if code in figures.scored.judged else figures.score(code).text
            )
        except FigureError:
            continue
        printed_here = printed.get((level, code), set())
        if expected not in printed_here:
            listed = ", ".join(sorted(printed_here)) or "nothing"
            yield f"{level} {code} is {expected} in the data, but the printed report gives {listed}"


def _list_levels(ready: Ready) -> Iterator[tuple[str, str]]:
    framework = ready.material.framework
    for section in framework.sections:
        yield from (("criterion", criterion.code) for criterion in section.criteria)
        if section.scored_criteria:
            yield "section", section.code
    if framework.has_overall:
        yield "overall", "overall"


@dataclass(frozen=True)
class Made:
    """The files of a report, and what was left out, with the reason."""

    files: tuple[Path, ...]
    left_out: tuple[str, ...]
    version: int | None


def make(
    ready: Ready, formats: Sequence[str], out: Path, step: Step = lambda _: None, lenient: bool = False
) -> Made:
    """Make a report in its formats and write all files, or none.

    Args:
        ready: the report.
        formats: keys of `FORMATS`.
        out: the folder that the files are written to.
        step: called with the name of each step as it starts.
        lenient: leave out a format that this machine cannot make, and say so, instead of refusing.

    Raises:
        UserError: a format is not known or cannot be made here; then nothing is written.
    """
    content, left_out = list_files(ready, formats, step, lenient)
    files = {out / path: document for path, document in content.items()}
    write_all(files)
    return Made(tuple(files), left_out, ready.material.version)


def list_files(
    ready: Ready, formats: Sequence[str], step: Step = lambda _: None, lenient: bool = False
) -> tuple[dict[str, str | bytes], tuple[str, ...]]:
    """The files of a report in its formats, by their place in its folder; of an issue with its stamp.

    Args:
        ready: the report.
        formats: keys of `FORMATS`.
        step: called with the name of each step as it starts.
        lenient: leave out a format that this machine cannot make, and say so, instead of refusing.

    Returns:
        the files, and what was left out with the reason.

    Raises:
        UserError: a format is not known or cannot be made here.
    """
    files, left_out = make_files(_make_printable(ready), formats, lambda each: step(each.key), lenient)
    if ready.material.version is not None:
        files["issue.json"] = _stamp(ready, files)
    return files, left_out


def _make_printable(ready: Ready) -> Printable:
    from scrutineer.report.parts.brief import make_brief

    bound = ready.material.bound
    return Printable(
        document=ready.document,
        brief=lambda: make_brief(ready.material, ready.document.cover),
        results={"": bound.scored.shown, **{e.element.framework.id: e.scored.shown for e in bound.elements}},
    )


def _stamp(ready: Ready, files: dict[str, str | bytes]) -> str:
    """What was issued: the version, what it was made from, and the hash of every file."""
    hashes = {
        path: hashlib.sha256(c.encode() if isinstance(c, str) else c).hexdigest()
        for path, c in sorted(files.items())
    }
    record = {
        "format": 1,
        "kind": "issue",
        "version": ready.material.version,
        "made_from": ready.document.stamp,
        "files": hashes,
    }
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"


@dataclass(frozen=True)
class PartPreview:
    """One part as HTML, and what is wrong with its texts."""

    html: str
    remarks: tuple[Remark, ...]


def preview(place: Path, part: str, folder: Path | None) -> PartPreview:
    """One part of a report as HTML, as it appears in the whole: to preview what was just written.

    Raises:
        UserError: with every fault of every file, or no such part.
    """
    from scrutineer.inspection.load import load
    from scrutineer.tasks.files import open_library

    shelf = open_library(folder)
    return preview_part(load(place, shelf), shelf, part)


def preview_part(inspection: Inspection, shelf: Library, part: str) -> PartPreview:
    """One part of an inspection's report as HTML, as it appears in the whole.

    Raises:
        UserError: there are no cases yet, or no such part.
    """
    from scrutineer.inspection.fingerprint import hash_data
    from scrutineer.report.parts.compose import compose_part, list_needed_texts
    from scrutineer.report.parts.material import ReportMaterial
    from scrutineer.report.render.html import write_part_html
    from scrutineer.report.texts.bound import bind, bind_some
    from scrutineer.report.texts.check import find_remarks

    if part in inspection.framework.criteria or f"narrative/{part}" in inspection.texts:
        bound = bind_some(inspection, shelf, list_needed_texts(part, inspection.texts))
        section = compose_part(ReportMaterial(bound, hash_data(inspection)), part)
        if section is not None:
            remarks = tuple(r for parsed in bound.texts.values() for r in find_remarks(parsed, bound.figures))
            return PartPreview(write_part_html(section), remarks)
    ready = compose_bound(bind(inspection, shelf), shelf)
    return PartPreview(
        write_part_html(find_section(ready.document, part)), tuple(ready.material.bound.list_remarks())
    )


def find_section(document: ReportDocument, part: str) -> Any:
    """A part of a report by its key or, for a criterion, by its code.

    Raises:
        UserError: there is no such part.
    """
    every = {s.key: s for top in document.sections for s in (top, *top.children)}
    section = every.get(part) or every.get(f"criterion-{part}") or every.get(f"section-{part}")
    if section is None:
        known = ", ".join(key.removeprefix("criterion-") for key in every)
        raise UserError(Fault("--part", f"there is no part '{part}'", f"Choose from {known}"))
    return section
