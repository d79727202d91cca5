"""Tables in Parquet files: typed columns as text."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from scrutineer.errors import Fault, UserError, shorten_path
from scrutineer.tables.limits import Limits, check_extent
from scrutineer.tables.table import Mark


def read_parquet(path: Path, limits: Limits) -> tuple[pl.DataFrame, dict[str, Mark]]:
    """The columns of a Parquet file as text, and which of them hold dates or truths.

    Raises:
        UserError: the file is damaged or too large, or holds lists, bytes or spans of time.
    """
    try:
        schema = pl.read_parquet_schema(path)
        rows = pl.scan_parquet(path).select(pl.len()).collect().item()
        check_extent(path, rows, len(schema), limits.cells, limits)
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError):
        raise UserError(
            Fault(shorten_path(path), "this Parquet file can't be read", "Export it again")
        ) from None
    strange = [
        name
        for name, kind in frame.schema.items()
        if kind.is_nested() or kind in {pl.Binary, pl.Duration, pl.Object}
    ]
    if strange:
        listed = ", ".join(f"'{name}'" for name in strange)
        raise UserError(
            Fault(shorten_path(path), f"{listed} contain lists, bytes or durations", "Remove these columns")
        )
    marks: dict[str, Mark] = {
        name: "boolean" if kind == pl.Boolean else "date"
        for name, kind in frame.schema.items()
        if kind == pl.Boolean or kind.is_temporal()
    }
    texts = [_make_text(n, name, kind) for n, (name, kind) in enumerate(frame.schema.items())]
    return frame.select(texts), marks


def _make_text(place: int, name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.nth(place)  # Chosen by position, because a name such as `*` would select every column.
    if kind == pl.Boolean:
        return pl.when(column).then(pl.lit("yes")).when(~column).then(pl.lit("no")).alias(name)
    if kind.is_float():
        whole = column == column.round(0)
        return (
            pl.when(whole)
            .then(column.cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(column.cast(pl.String))
            .alias(name)
        )
    if isinstance(kind, pl.Datetime):
        return column.dt.date().cast(pl.String).alias(name)
    return column.cast(pl.String).alias(name)
