"""polars as an engine: on one machine, without anything further to install."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import narwhals as nw
import polars as pl

from scrutineer.scoring.stored.engine import BLANK, Lazy, Part

_BATCH = 65_536


class PolarsEngine:
    """Reads with polars' streaming engine."""

    name = "polars"

    def scan(self, files: Sequence[Path | str]) -> Lazy:
        """Parquet files as one frame, columns by name."""
        # Parts may lack columns of questions that they hold no answer to.
        frames = [pl.scan_parquet(file) for file in files]
        return nw.from_native(pl.concat(frames, how="diagonal_relaxed"))

    def hold(self, frame: pl.DataFrame) -> Lazy:
        """A frame that the engine can join with its own."""
        return nw.from_native(frame.lazy())

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
        numbers = {text: n for n, text in enumerate(texts, 1)}
        kind = pl.UInt8 if len(texts) < 256 else pl.UInt16
        numbered = [
            (pl.col(name).cast(pl.String).str.strip_chars() if trims else pl.col(name).cast(pl.String))
            .str.to_lowercase()
            .fill_null(BLANK)
            .replace_strict(numbers, default=0, return_dtype=kind)
            .alias(alias)
            for name, alias in columns.items()
        ]
        others = [pl.col(name).alias(alias) for name, alias in kept.items()]
        native: pl.LazyFrame = frame.to_native()
        return nw.from_native(native.select(*numbered, *others))

    def widen(self, rows: Lazy, questions: Sequence[str]) -> Lazy | None:
        """Rows are put in their places batch by batch, which takes less memory than turning them into columns."""
        del rows, questions
        return None

    def add_up(self, frame: Lazy, work: Callable[[Iterator[pl.DataFrame]], Iterator[Part]]) -> Iterator[Part]:
        """Do some work on the rows of a frame, batch by batch."""
        native: pl.LazyFrame = frame.to_native()
        yield from work(native.collect_batches(chunk_size=_BATCH, maintain_order=False))
