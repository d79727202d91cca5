"""Published reports: read, re-derive, prove."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrutineer.errors import Fault, UserError, shorten_path
from scrutineer.frameworks.library import Library
from scrutineer.tasks.files import find_data_folder, open_library, write

if TYPE_CHECKING:
    from scrutineer.proof.prove import Proof
    from scrutineer.proof.reading.report import PublishedReport
    from scrutineer.report.pages.rederivations import Rederivation


def read_report(path: Path, folder: Path | None) -> tuple[PublishedReport, Library]:
    """A published report as read."""
    from scrutineer.proof.reading.read_report import read_file

    shelf = open_library(folder)
    return read_file(path, shelf), shelf


def prove_reports(
    paths: Sequence[Path], folder: Path | None, progress: Callable[[Path], None]
) -> list[Proof]:
    """Prove reports, one after another.

    Raises:
        UserError: with the fault of every file that cannot be read; then nothing is proved.
    """
    from scrutineer.proof.prove import prove
    from scrutineer.proof.reading.read_report import read
    from scrutineer.proof.reading.source import read_lines

    shelf = open_library(folder)
    lines: list[tuple[Path, list[str]]] = []
    faults: list[Fault] = []
    for path in paths:
        try:
            lines.append((path, read_lines(path)))
        except UserError as error:
            faults += error.faults
    if faults:
        raise UserError(faults)
    proofs = []
    for path, text in lines:
        progress(path)
        proofs.append(prove(read(text, shelf, shorten_path(path)), shelf))
    return proofs


def write_figures(path: Path, folder: Path | None) -> str:
    """The figures of a report as a YAML file for a person to check."""
    from scrutineer.proof.reading.dataset import to_yaml
    from scrutineer.proof.reading.printed_figures import take_from_report

    report, shelf = read_report(path, folder)
    return to_yaml(take_from_report(report, shelf))


def demonstrate_published(out: Path, progress: Callable[[Path], None]) -> tuple[list[Rederivation], Path]:
    """Re-derive the published inspections whose figures ship with the project, and write one page of them."""
    from scrutineer.report.pages.pages import write_rederivation_page

    rederivations = rederive_files(sorted(find_data_folder("published").glob("*.yaml")), None, progress)
    page = out / "published.html"
    write(page, write_rederivation_page(rederivations))
    return rederivations, page


def rederive_files(
    paths: Iterable[Path], folder: Path | None, progress: Callable[[Path], None]
) -> list[Rederivation]:
    """Re-derive every printed score of figures files and reports.

    Raises:
        UserError: with the faults of every file (then nothing is re-derived).
    """
    from scrutineer.proof.reading.printed_figures import read_dataset, take_from_report
    from scrutineer.proof.reading.read_report import read_file
    from scrutineer.report.pages.rederivations import list_rederivations

    shelf = open_library(folder)
    rederivations: list[Rederivation] = []
    faults: list[Fault] = []
    for path in paths:
        progress(path)
        try:
            is_figures = path.suffix in {".yaml", ".yml"}
            dataset = (
                read_dataset(path, shelf) if is_figures else take_from_report(read_file(path, shelf), shelf)
            )
            rederivations += list_rederivations(dataset, shelf)
        except UserError as error:
            faults += error.faults
    if faults:
        raise UserError(faults)
    return rederivations


def format_findings(proofs: Sequence[Proof]) -> dict[str, Any]:
    """What `scrutineer proof --format json` prints."""
    return {"reports": [proof.as_dict() for proof in proofs]}
