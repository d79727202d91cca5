"""One function per command: load, compute, hand back. Nothing here prints or ends the program."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrutineer.errors import Fault, UserError, short
from scrutineer.frameworks.compare import Change, compare
from scrutineer.frameworks.fingerprint import fingerprint
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework

if TYPE_CHECKING:
    from scrutineer.proof.prove import Proof
    from scrutineer.published.report import Report
    from scrutineer.reporting.rederivations import Rederivation

_HERE = Path(__file__).resolve().parent


def data_folder(name: str) -> Path:
    """A folder of data that ships with the project: inside the installed package, or beside it in a checkout."""
    inside = _HERE / "data" / name
    return inside if inside.is_dir() else _HERE.parent / name


def library(folder: Path | None) -> Library:
    """The frameworks of a folder, or those that ship with the project."""
    if folder is not None and not folder.is_dir():
        raise UserError(Fault(short(folder), "there is no such folder", "Name a folder of frameworks"))
    shelf = Library(folder or data_folder("frameworks"))
    if not shelf.ids:
        what = "this folder holds no framework"
        raise UserError(
            Fault(short(shelf.folder), what, "A framework is a folder with a framework.yaml in it")
        )
    return shelf


def list_frameworks(folder: Path | None) -> list[tuple[str, str, str, str]]:
    """Id, version, title and hash of every framework."""
    shelf = library(folder)
    frameworks = [shelf.framework(name) for name in shelf.ids]
    return [(f.id, f.version, f.title, fingerprint(f)) for f in frameworks]


def show_framework(name: str, folder: Path | None) -> Framework:
    """A framework by its id, or from a file."""
    shelf = library(folder)
    path = Path(name)
    return shelf.load(path) if path.suffix in {".yaml", ".yml"} else shelf.framework(name)


def check_framework(path: Path, folder: Path | None) -> tuple[Framework, int]:
    """Check a framework, its reading hints, and the worked examples beside it.

    Args:
        path: a framework file, its folder, or the id of a framework.
        folder: the folder of frameworks, where not those that ship.

    Returns:
        The framework, and how many examples came out.

    Raises:
        UserError: with every fault of the files, or every example that does not come out.
    """
    from scrutineer.frameworks.reading import unknown_names
    from scrutineer.scoring.examples import count_examples, failures, read_examples

    shelf = library(folder)
    if not path.exists() and str(path) in shelf.ids:
        path = shelf.folder / path
    if path.is_dir():
        path = path / "framework.yaml"
    framework = shelf.load(path)
    wrong = unknown_names(path.with_name("reading.yaml"), framework)
    beside = path.with_name("examples.yaml")
    number = 0
    if beside.exists():
        source, examples = read_examples(beside)
        number = count_examples(examples)
        wrong += failures(framework, source, examples)
    if wrong:
        raise UserError(wrong)
    return framework, number


def diff_frameworks(old: str, new: str, folder: Path | None) -> tuple[Change, ...]:
    """Every change from one framework to another, each by id or file."""
    return compare(show_framework(old, folder), show_framework(new, folder))


def read_report(path: Path, folder: Path | None) -> tuple[Report, Library]:
    """A published report as read."""
    from scrutineer.published.read import read_file

    shelf = library(folder)
    return read_file(path, shelf), shelf


def prove_reports(
    paths: Sequence[Path], folder: Path | None, progress: Callable[[Path], None]
) -> list[Proof]:
    """Prove reports, one after another.

    Raises:
        UserError: with the fault of every file that cannot be read; then nothing is proved.
    """
    from scrutineer.proof.prove import prove
    from scrutineer.published.read import read
    from scrutineer.published.source import read_lines

    shelf = library(folder)
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
        proofs.append(prove(read(text, shelf, short(path)), shelf))
    return proofs


def figures_of(path: Path, folder: Path | None) -> str:
    """The figures of a report as a YAML file for a person to check."""
    from scrutineer.published.dataset import to_yaml
    from scrutineer.published.figures import from_report

    report, shelf = read_report(path, folder)
    return to_yaml(from_report(report, shelf))


@dataclass(frozen=True)
class Demonstration:
    """What the demo made: the re-derivations, and the page that shows them."""

    rederivations: list[Rederivation]
    page: Path


def demonstrate(out: Path, progress: Callable[[Path], None]) -> Demonstration:
    """Re-derive the published inspections whose figures ship with the project, and write one page of them."""
    from scrutineer.reporting.pages import rederivation_page

    rederivations = rederive_files(sorted(data_folder("published").glob("*.yaml")), None, progress)
    page = out / "index.html"
    write(page, rederivation_page(rederivations))
    return Demonstration(rederivations, page)


def rederive_files(
    paths: Iterable[Path], folder: Path | None, progress: Callable[[Path], None]
) -> list[Rederivation]:
    """Re-derive every printed score of figures files and reports.

    Raises:
        UserError: with the faults of every file (then nothing is re-derived).
    """
    from scrutineer.published.figures import from_report, read_dataset
    from scrutineer.published.read import read_file
    from scrutineer.reporting.rederivations import rederivations

    shelf = library(folder)
    found: list[Rederivation] = []
    faults: list[Fault] = []
    for path in paths:
        progress(path)
        try:
            is_figures = path.suffix in {".yaml", ".yml"}
            dataset = read_dataset(path, shelf) if is_figures else from_report(read_file(path, shelf), shelf)
            found += rederivations(dataset, shelf)
        except UserError as error:
            faults += error.faults
    if faults:
        raise UserError(faults)
    return found


def schema_text() -> str:
    """The JSON Schema of framework files."""
    import json

    from scrutineer.frameworks.schema import schema

    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all: a reader never sees half of it.

    Raises:
        UserError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        raise UserError(
            Fault(short(path), f"the file cannot be written ({error.strerror})", "Choose another place")
        ) from error


def findings_as_json(proofs: Sequence[Proof]) -> dict[str, Any]:
    """What `scrutineer proof --format json` prints."""
    return {"reports": [proof.as_dict() for proof in proofs]}
