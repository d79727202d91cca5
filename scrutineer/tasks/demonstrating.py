"""Whole inspections of fictional areas, from caseload to issued report: what `./run demo` shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

from scrutineer.errors import Fault, UserError
from scrutineer.frameworks.library import Library
from scrutineer.tables.write_table import format_csv
from scrutineer.tasks.files import find_data_folder, open_library, write, write_all
from scrutineer.tasks.inspecting import NewInspection, create_inspection, draft, refresh
from scrutineer.tasks.sampling import SampleRequest
from scrutineer.tasks.sampling import draw as draw_sample

if TYPE_CHECKING:
    from scrutineer.fieldwork.cases.caseload import Caseload
    from scrutineer.frameworks.model import Framework

Step = Callable[[str], None]


@dataclass(frozen=True)
class Fieldwork:
    """One made-up inspection.

    Attributes:
        words: the folder of `demonstration` that holds what people wrote.
        kind: inspection or follow_up, and whether the framework has a priority line: how the framework is found.
        on: the day on which the caseload was taken.
        months: completed months under supervision of the cases that are drawn.
        quality: of the area's work, in log odds.
        seconds: for the timetable; 0 for none.
    """

    words: str
    framework: str
    area: str
    on: str
    months: str
    quality: float
    seed: int
    caseload: int = 2000
    elements: tuple[str, ...] = ()
    seconds: float = 3


def list_inspections(shelf: Library) -> tuple[Fieldwork, Fieldwork, Fieldwork]:
    """The three inspections of the demonstration, each by the framework that fits its form."""
    every = [shelf.load_framework(name) for name in shelf.ids]
    follow_up = next(f for f in every if f.kind == "follow_up")
    element = next(f for f in every if f.kind == "element" and f.sample.part_of)
    lined = next(f for f in every if f.kind == "inspection" and f.scoring.priority_line is not None)
    main = str(element.sample.part_of)
    return (
        Fieldwork(
            words="esi",
            framework=main,
            area="Northmoor",
            on="2005-09-30",
            months="9-10",
            quality=0.9,
            seed=21,
            elements=(element.id,),
        ),
        Fieldwork(
            words="follow-up",
            framework=follow_up.id,
            area="Northmoor",
            on="2007-01-31",
            months="9-10",
            quality=1.5,
            seed=22,
            seconds=0,
        ),
        Fieldwork(
            words="omi",
            framework=lined.id,
            area="Southmere",
            on="2006-08-31",
            months="6-7",
            quality=1.1,
            seed=23,
            seconds=0,
        ),
    )


def make_inspection(
    work: Fieldwork, out: Path, folder: Path | None, original: Path | None = None, step: Step = lambda _: None
) -> Path:
    """Make up a whole inspection, up to the first draft of its findings.

    Args:
        work: which one.
        out: its folder, which is replaced.
        folder: the folder of frameworks, where not those that ship.
        original: of a follow-up: the folder of the inspection that it returns to.
        step: called with the name of each step as it starts.
    """
    import numpy as np

    from scrutineer.fieldwork.cases.values import read_day
    from scrutineer.simulation.caseload import make_cases
    from scrutineer.tasks.simulating import make_profile

    shelf = open_library(folder)
    framework = shelf.load_framework(work.framework)
    step(f"{work.area}: a new inspection")
    _begin(work, out, folder, original)
    step(f"{work.area}: caseload")
    generator = np.random.Generator(np.random.PCG64(work.seed))
    caseload = make_cases(
        framework, make_profile(framework, shelf), work.caseload, read_day(work.on), generator, "N"
    )
    hidden = [a.key for a in framework.attributes if a.known_from == "case_file"]
    fieldwork = out / "fieldwork"
    write(fieldwork / "caseload.csv", format_csv(caseload.frame.drop(["row_in_file", *hidden])))
    step(f"{work.area}: sample")
    request = SampleRequest(
        framework=work.framework, seed=work.seed, on=work.on, months=work.months, reserves=0
    )
    record = draw_sample(fieldwork / "caseload.csv", request, fieldwork, folder, lambda _: None)
    write(out / "sample.json", (fieldwork / "sample.json").read_text(encoding="utf-8"))
    if work.seconds:
        step(f"{work.area}: timetable")
        _make_timetable(work, fieldwork, folder)
    step(f"{work.area}: answers")
    drawn = [c.case for c in record.selected if c.selected_as != "reserve"]
    _make_answers(work, framework, shelf, caseload, drawn, out, generator)
    _lay_words_over(work, out, record.caseload.hash)
    step(f"{work.area}: findings")
    draft(out, folder)
    _put_replacements(work, out)
    refresh(out, folder)
    return out


def _begin(work: Fieldwork, out: Path, folder: Path | None, original: Path | None) -> None:
    results = _keep_results(original, out) if original else None
    asked = NewInspection(
        framework=work.framework, area=work.area, elements=work.elements, synthetic=True, original=results
    )
    create_inspection(asked, out, folder)


def _make_timetable(work: Fieldwork, fieldwork: Path, folder: Path | None) -> None:
    from scrutineer.tasks.fieldwork import TimetableRequest, make_timetable

    arrangements = find_data_folder("demonstration") / "arrangements.yaml"
    request = TimetableRequest(
        framework=work.framework,
        cases=fieldwork / "sample.csv",
        arrangements=arrangements,
        seconds=work.seconds,
    )
    make_timetable(request, fieldwork / "timetable", folder, lambda _what, _seconds, _gap: None)


def _make_answers(
    work: Fieldwork,
    framework: Framework,
    shelf: Library,
    caseload: Caseload,
    drawn: Sequence[str],
    out: Path,
    generator: object,
) -> None:
    import numpy as np
    import polars as pl

    from scrutineer.simulation.answers import keep_only, make_answered
    from scrutineer.simulation.latent import Model

    assert isinstance(generator, np.random.Generator)  # noqa: S101
    cases = keep_only(caseload, list(drawn))
    needs = tuple(shelf.load_house(framework.id).issues) if framework.kind == "inspection" else ()
    answered = make_answered(framework, cases, needs, 12, Model(quality=work.quality), generator)
    frame = answered.cases.drop("row_in_file")
    placed = out / "fieldwork" / "timetable" / "cases.csv"
    if placed.exists():
        who = pl.read_csv(placed, infer_schema=False).select(
            "case", "assessor", "assessor_kind", "second_assessor"
        )
        frame = frame.drop("assessor", "assessor_kind", "second_assessor").join(
            who, on="case", how="left", maintain_order="left"
        )
    files: dict[Path, str | bytes] = {
        out / "cases.csv": format_csv(frame),
        out / "answers.csv": format_csv(
            answered.answers.with_columns(assessor=pl.lit(None, dtype=pl.String))
        ),
    }
    if needs:
        files[out / "issues.csv"] = format_csv(answered.needs)
    write_all(files)


def _lay_words_over(work: Fieldwork, out: Path, caseload: str) -> None:
    """What people wrote, laid over the empty files; the manifest says who inspects."""
    source = find_data_folder("demonstration") / work.words
    files: dict[Path, str | bytes] = {
        out / path.relative_to(source): path.read_bytes()
        for path in sorted(source.rglob("*"))
        if path.is_file() and not path.name.startswith("findings-")
    }
    manifest = (out / "inspection.yaml").read_text(encoding="utf-8")
    concern = "concern: true\n" if work.words == "esi" else ""
    extra = f"  chief: M. Ashdown\n  address: [The Inspectorate, 1 Example Street, Northmoor]\n{concern}caseload: {caseload}\n"
    manifest = manifest.replace("  name: The Inspectorate\n", f"  name: The Inspectorate\n{extra}")
    files[out / "inspection.yaml"] = _write_original(manifest)
    write_all(files)


def _write_original(manifest: str) -> str:
    text = """  group: high_risk
  published: February 2006
  concerns:
    - managers were seldom involved in high risk of harm cases
    - staff did not review risk of harm when something changed
  recommendations:
    - risk of harm is assessed on time and reviewed when circumstances change
    - managers are involved in every high risk of harm case
"""
    return manifest.replace('  published: "[to be written: month and year]"\n', text)


def _put_replacements(work: Fieldwork, out: Path) -> None:
    """Findings on management criteria that a follow-up reports without a rating."""
    source = find_data_folder("demonstration") / work.words
    files: dict[Path, str | bytes] = {
        out / "findings" / f"{path.stem.removeprefix('findings-')}.md": path.read_bytes()
        for path in sorted(source.glob("findings-*.md"))
    }
    if files:
        write_all(files)


def _keep_results(original: Path, out: Path) -> Path:
    """The results of the original, as the follow-up keeps them."""
    from scrutineer.tasks.inspecting import open_bound

    bound, _ = open_bound(original, None)
    path = out.parent / f"{original.name}-results.json"
    write(path, json.dumps(bound.scored.shown.as_dict(), ensure_ascii=False, indent=1) + "\n")
    return path


@dataclass(frozen=True)
class ShownReport:
    """One report of the demonstration."""

    title: str
    folder: Path
    area: str
    files: tuple[str, ...]

    @property
    def home(self) -> str:
        """The inspection's folder, from the index page."""
        return f"{self.folder.parent.parent.name}/"

    @property
    def data(self) -> str:
        """The folder of data, from the index page."""
        return f"{self.home}issued/{self.folder.name}/data/"


@dataclass(frozen=True)
class Demonstration:
    """What the demonstration made: its reports, the page that names them, and what this machine could not make."""

    reports: tuple[ShownReport, ...]
    index: Path
    left_out: tuple[str, ...]


def demonstrate(out: Path, step: Step = lambda _: None, every: bool = False) -> Demonstration:
    """Take a fictional area from caseload to issued report, and to its follow-up a year on.

    Args:
        out: the folder; what an earlier demonstration wrote there is replaced.
        step: called with the name of each step as it starts.
        every: the third form, too.
    """
    from scrutineer.report.formats import FORMATS
    from scrutineer.report.pages.environment import render

    shelf = open_library(None)
    first, second, third = list_inspections(shelf)
    reports: list[ShownReport] = []
    left_out: list[str] = []
    original: Path | None = None
    for work in (first, second, third) if every else (first, second):
        place = _clear(out / f"{work.area.lower()}-{work.words}")
        make_inspection(work, place, None, original if work is second else None, step)
        original = original or place
        shown, missing = _issue(work, place, out, shelf, step)
        reports.append(shown)
        left_out += missing
    index = out / "index.html"
    labels = [pair for each in FORMATS.values() for pair in each.files.items()]
    write(
        index,
        render(
            "demonstration.html.j2",
            reports=reports,
            labels=labels,
            left_out=tuple(dict.fromkeys(left_out)),
        ),
    )
    return Demonstration(tuple(reports), index, tuple(dict.fromkeys(left_out)))


def _clear(place: Path) -> Path:
    """The folder of a demonstration, without what an earlier one wrote: all of it is fictional, and written again."""
    if (place / "inspection.yaml").exists() and "synthetic: true" in (place / "inspection.yaml").read_text(
        "utf-8"
    ):
        rmtree(place)
    return place


def _issue(
    work: Fieldwork, place: Path, out: Path, shelf: Library, step: Step
) -> tuple[ShownReport, tuple[str, ...]]:
    from scrutineer.report.formats import FORMATS, is_read
    from scrutineer.tasks.reporting import make, prepare, prove_draft

    step(f"{work.area}: proof")
    ready = prepare(place, None, 1)
    proof = prove_draft(ready)
    if proof.errors:
        remarks = [str(r).rstrip(".") for r in (*proof.open, *proof.remarks, *proof.unfaithful)]
        raise UserError([Fault(work.words, text) for text in remarks])
    issue = make(
        ready,
        tuple(FORMATS),
        place / "issued" / "v1",
        lambda name: step(f"{work.area}: {name}"),
        lenient=True,
    )
    files = tuple(str(path.relative_to(out)) for path in issue.files if is_read(path.name))
    title = shelf.load_framework(work.framework).title
    return ShownReport(
        title=title, folder=place / "issued" / "v1", area=work.area, files=files
    ), issue.left_out
