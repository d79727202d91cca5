"""DuckDB as an engine: on one machine, the fastest for texts that Parquet files keep once and refer to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import polars as pl
import pyarrow as pa

from scrutineer.scoring.stored.engine import Lazy, Part

_BATCH = 65_536


class DuckEngine:
    """A database that reads the files.

    Args:
        database: a connection of one's own, with whose relations scores are made; a database in memory by default.
        memory: the most that a database in memory holds.
    """

    name = "duckdb"

    def __init__(self, database: duckdb.DuckDBPyConnection | None = None, memory: str = "1GB"):
        self._database = duckdb.connect() if database is None else database
        # The order of rows says nothing, and keeping it would hold many of them back in memory.
        self._database.execute("SET preserve_insertion_order = false")
        # So that it reads on while a batch is counted.
        self._database.execute("SET streaming_buffer_size = '64MB'")
        if database is None:
            self._database.execute(f"SET memory_limit = '{memory}'")

    def scan(self, files: Sequence[Path | str]) -> Lazy:
        """Parquet files as one frame, columns by name."""
        return nw.from_native(
            self._database.read_parquet([str(file) for file in files], union_by_name=len(files) > 1)
        )

    def hold(self, frame: pl.DataFrame) -> Lazy:
        """A frame that the engine can join with its own."""
        return nw.from_native(self._database.from_arrow(frame.to_arrow()))

    def number_texts(
        self,
        frame: Lazy,
        columns: Mapping[str, str],
        texts: Sequence[str],
        kept: Mapping[str, str],
        *,
        trims: bool,
    ) -> Lazy:
        """A frame in which texts are numbers (see `Engine`)."""
        # A mark before every text makes nothing a text, too. Functions of one column are worked out once for each text that
        # a file keeps, not for each row; a CASE isn't.
        listed = ", ".join(_quote(f"|{text}") for text in texts)
        kind = "UTINYINT" if len(texts) < 256 else "USMALLINT"
        text = "lower(trim(CAST({} AS VARCHAR)))" if trims else "lower(CAST({} AS VARCHAR))"
        numbered = [
            f"list_position([{listed}], concat('|', {text.format(_name(name))}))::{kind} AS {_name(alias)}"
            for name, alias in columns.items()
        ]
        others = [f"{_name(name)} AS {_name(alias)}" for name, alias in kept.items()]
        relation: Any = frame.to_native()
        projected: Lazy = nw.from_native(relation.project(", ".join([*numbered, *others])))
        return projected

    def widen(self, rows: Lazy, questions: Sequence[str]) -> Lazy | None:
        """Rows are put in their places batch by batch, which takes less memory than turning them into columns."""
        del rows, questions
        return None

    def add_up(self, frame: Lazy, work: Callable[[Iterator[pl.DataFrame]], Iterator[Part]]) -> Iterator[Part]:
        """Do some work on the rows of a frame, batch by batch."""
        relation: Any = frame.to_native()
        reader = relation.to_arrow_reader(_BATCH)
        yield from work(_read_batch(batch) for batch in reader)


def _read_batch(batch: pa.RecordBatch) -> pl.DataFrame:
    frame: Any = pl.from_arrow(batch)
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 a batch of columns is a frame
    return frame


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
