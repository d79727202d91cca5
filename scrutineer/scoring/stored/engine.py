"""What reads stored answers: polars or DuckDB on one machine, Spark on many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    import narwhals as nw
    import polars as pl

Part = TypeVar("Part")
Lazy: TypeAlias = "nw.LazyFrame[Any]"
"""A frame that an engine hasn't read yet."""

EngineName = str
ENGINES: tuple[EngineName, ...] = ("polars", "duckdb", "spark")

BLANK = ""
"""The text of a question that isn't answered yet; the first in every list of texts."""


class Engine(Protocol):
    """What an engine does; frames are lazy, so that it reads what it must and when it must."""

    name: EngineName

    def scan(self, files: Sequence[Path | str]) -> Lazy:
        """Parquet files as one frame, columns by name."""
        ...

    def hold(self, frame: pl.DataFrame) -> Lazy:
        """A frame that the engine can join with its own."""
        ...

    def number_texts(
        self,
        frame: Lazy,
        columns: Mapping[str, str],
        texts: Sequence[str],
        kept: Mapping[str, str],
        *,
        trims: bool,
    ) -> Lazy:
        """A frame in which texts are numbers.

        Args:
            frame: what is read.
            columns: those with texts, and the names that they get.
            texts: in small letters and without blanks around them. A text's number is its place from 1, that of nothing at
                all is 1, and 0 or none that of a text that isn't there.
            kept: further columns, and the names that they get.
            trims: whether blanks around texts in the files are overlooked, which takes longer.
        """
        ...

    def widen(self, rows: Lazy, questions: Sequence[str]) -> Lazy | None:
        """Rows of answers (`case_`, `question_`, `answer_`, `order_`) as a column for each question.

        Returns:
            None where the rows are put in their places batch by batch.
        """
        ...

    def add_up(
        self,
        frame: Lazy,
        work: Callable[[Iterator[pl.DataFrame]], Iterator[Part]],
    ) -> Iterator[Part]:
        """Do some work on the rows of a frame, batch by batch, where they are; gives what it yields."""
        ...


def open_engine(name: EngineName) -> Engine:
    """An engine by its name.

    Raises:
        ImportError: what it needs isn't installed.
    """
    if name == "polars":
        from scrutineer.scoring.stored.polars_engine import PolarsEngine

        return PolarsEngine()
    if name == "duckdb":
        from scrutineer.scoring.stored.duckdb_engine import DuckEngine

        return DuckEngine()
    from scrutineer.scoring.stored.spark_engine import SparkEngine

    return SparkEngine.on_this_machine()
