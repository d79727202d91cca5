"""Spark as an engine: the answers stay on the machines that hold them, and counts of their parts come back."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from scrutineer.scoring.stored.engine import Lazy, Part

_ORDER, _CASE, _QUESTION, _ANSWER = "order_", "case_", "question_", "answer_"


class SparkEngine:
    """Reads with a session of PySpark.

    Every machine of the cluster needs Scrutineer, of the same version: what is sent to it is what to count, not how.
    """

    name = "spark"

    def __init__(self, session: Any):
        self._session = session

    @classmethod
    def on_this_machine(cls) -> SparkEngine:
        """A session as the machine is set up: on its cluster, or with as many workers as it has processors."""
        from pyspark.conf import SparkConf
        from pyspark.sql import SparkSession

        # On a cluster its own settings say where Python is; on this machine alone it's this one.
        if SparkConf().get("spark.master") in (None, "") or str(SparkConf().get("spark.master")).startswith(
            "local["
        ):
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder: Any = SparkSession.builder
        return cls(builder.appName("scrutineer").getOrCreate())

    def scan(self, files: Sequence[Path | str]) -> Lazy:
        """Parquet files as one frame, columns by name."""
        reader = self._session.read.option("mergeSchema", "true" if len(files) > 1 else "false")
        scanned: Lazy = nw.from_native(reader.parquet(*(str(file) for file in files)))
        return scanned

    def hold(self, frame: pl.DataFrame) -> Lazy:
        """A frame that the engine can join with its own."""
        held: Lazy = nw.from_native(self._session.createDataFrame(frame.to_pandas()))
        return held

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
        from pyspark.sql import functions

        native: Any = frame.to_native()
        listed = functions.array(*(functions.lit(text) for text in texts))
        numbered = []
        for name, alias in columns.items():
            text = functions.coalesce(native[_name(name)].cast("string"), functions.lit(""))
            tidied = functions.trim(text) if trims else text
            place = functions.array_position(listed, functions.lower(tidied))
            numbered.append(place.cast("short").alias(alias))
        others = [native[_name(name)].alias(alias) for name, alias in kept.items()]
        selected: Lazy = nw.from_native(native.select(*numbered, *others))
        return selected

    def widen(self, rows: Lazy, questions: Sequence[str]) -> Lazy | None:
        """Rows of answers as a column for each question: of several, the one that comes last in order."""
        from pyspark.sql import functions

        native: Any = rows.to_native()
        last = functions.max_by(_ANSWER, _ORDER)
        wide: Lazy = nw.from_native(native.groupBy(_CASE).pivot(_QUESTION, list(questions)).agg(last))
        return wide

    def add_up(self, frame: Lazy, work: Callable[[Iterator[pl.DataFrame]], Iterator[Part]]) -> Iterator[Part]:
        """Do some work on the rows of a frame, batch by batch, on the machines that hold them."""
        import pyarrow

        def run(batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
            for part in work(_read_batch(batch) for batch in batches):
                yield pyarrow.RecordBatch.from_pydict({"part": [pickle.dumps(part)]})

        native: Any = frame.to_native()
        for row in native.mapInArrow(run, "part binary").toLocalIterator():
            yield pickle.loads(row["part"])  # noqa: S301 what this program's own workers have sent


def _read_batch(batch: Any) -> pl.DataFrame:
    frame: Any = pl.from_arrow(batch)
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 a batch of columns is a frame
    return frame


def _name(column: str) -> str:
    """A column's name as Spark reads it, in which a full stop means nothing."""
    return "`" + column.replace("`", "``") + "`"
