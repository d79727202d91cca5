"""Scores from Parquet files that are too large for memory, by an engine that reads them where they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scrutineer.errors import Fault, UserError, shorten_path
from scrutineer.tasks.inputs import find_framework, list_elements_of
from scrutineer.tasks.scoring import ScoreRequest, ScoringFiles

if TYPE_CHECKING:
    from scrutineer.scoring.results import Results
    from scrutineer.scoring.stored.engine import Engine, EngineName

_NEEDS = {"duckdb": "duckdb", "spark": "spark"}


def list_parquet(paths: Sequence[Path]) -> list[list[Path]]:
    """The Parquet files of each of some files and folders, in order.

    Raises:
        UserError: a folder without any, or files of another kind or that can't be read.
    """
    files = [sorted(path.rglob("*.parquet")) if path.is_dir() else [path] for path in paths]
    faults = [
        Fault(shorten_path(path), "the folder has no Parquet files", "Choose another folder")
        for path, own in zip(paths, files, strict=True)
        if not own
    ]
    for own in files:
        for file in own:
            faults += _find_unreadable(file)
    if faults:
        raise UserError(faults)
    return files


def score_stored_files(
    material: ScoringFiles, request: ScoreRequest, engine: EngineName
) -> tuple[Results, int]:
    """Score an inspection's Parquet files where they are.

    Returns:
        The results, and how many questions aren't answered yet.

    Raises:
        UserError: an engine that isn't installed, something that only answers in memory can be asked, or faults in the
            files.
    """
    from scrutineer.scoring.stored.score import StoredRequest, score_stored

    _refuse_memory_only(material, request)
    framework, shelf = find_framework(material.framework, material.folder)
    cases, *parts = list_parquet([material.cases, *material.answers])
    answers = [file for part in parts for file in part]
    opened = _open(engine)
    frame = opened.scan(cases)
    where = shorten_path(material.cases), ", ".join(shorten_path(path) for path in material.answers)
    return score_stored(
        opened,
        framework,
        list_elements_of(framework, shelf),
        frame,
        frame if cases == answers else opened.scan(answers),
        StoredRequest(
            by=request.by,
            complements=request.complements,
            suppress=request.suppress,
            population=request.population,
            label=request.label,
        ),
        where,
    )


def _refuse_memory_only(material: ScoringFiles, request: ScoreRequest) -> None:
    do = "Leave it out, or use --engine memory"
    faults = []
    if request.weighted:
        faults.append(Fault("--weighted", "only answers in memory can be weighted", do))
    if material.mapping is not None or material.keep:
        faults.append(Fault("--map", "a mapping can't be used where answers stay in their files", do))
    if faults:
        raise UserError(faults)


def _open(engine: EngineName) -> Engine:
    from scrutineer.scoring.stored.engine import open_engine

    try:
        return open_engine(engine)
    except ImportError:
        what = f"this engine isn't installed: {engine}"
        do = f"Install it with pip install 'scrutineer[{_NEEDS.get(engine, engine)}]'"
        raise UserError(Fault("--engine", what, do)) from None


def _find_unreadable(file: Path) -> list[Fault]:
    import polars as pl

    if file.suffix.lower() != ".parquet":
        what = "this isn't a Parquet file"
        return [Fault(shorten_path(file), what, "Save it as Parquet, or use --engine memory")]
    try:
        pl.read_parquet_schema(file)
    except (pl.exceptions.PolarsError, OSError):
        return [Fault(shorten_path(file), "this Parquet file can't be read", "Export it again")]
    return []
