"""The data behind every table of a report, as CSV, Parquet and JSON, with what is withheld left out."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import polars as pl

from scrutineer.report.document.blocks import ReportDocument, Table
from scrutineer.report.pages.results_tables import write_results_csv
from scrutineer.scoring.results import Results
from scrutineer.tables.write_table import format_csv


def report_data(document: ReportDocument, shown: dict[str, Results]) -> dict[str, bytes]:
    """The data files by name.

    Args:
        document: gives the tables.
        shown: all results as the public may see them: of the inspection (key ""), and of its elements by id.
    """
    files: dict[str, bytes] = {}
    tables = []
    for table in document.list_tables():
        frame = _label(make_table_frame(table), document.synthetic)
        files[f"{table.key}.csv"] = format_csv(frame).encode()
        packed = BytesIO()
        frame.write_parquet(packed, compression="zstd", statistics=False)
        files[f"{table.key}.parquet"] = packed.getvalue()
        tables.append(_as_dict(table))
    for name, results in shown.items():
        stem = f"results-{name}" if name else "results"
        frame = pl.read_csv(write_results_csv(results).encode(), infer_schema=False)
        files[f"{stem}.csv"] = format_csv(_label(frame, document.synthetic)).encode()
        files[f"{stem}.json"] = _write_json(results.as_dict())
    figures = {f.key: f.text for f in document.list_figures()}
    files["tables.json"] = _write_json(
        {"format": 1, "kind": "tables", "synthetic": document.synthetic, "tables": tables}
    )
    files["figures.json"] = _write_json(
        {
            "format": 1,
            "kind": "figures",
            "synthetic": document.synthetic,
            "stamp": document.stamp,
            "figures": dict(sorted(figures.items())),
        }
    )
    return files


def _label(frame: pl.DataFrame, synthetic: bool) -> pl.DataFrame:
    """The frame, with a column that says so where the data were made up."""
    return frame.with_columns(synthetic=pl.lit("synthetic data: a fictional area")) if synthetic else frame


def make_table_frame(table: Table) -> pl.DataFrame:
    """A table as a frame: a column of text for the row headings, numbers where every cell of a column is one."""
    columns: dict[str, list[Any]] = {table.names[0]: [row.head for row in table.rows]}
    for n, name in enumerate(table.names[1:]):
        columns[name] = [row.cells[n].data if n < len(row.cells) else None for row in table.rows]
    return pl.DataFrame([_make_series(name, values) for name, values in columns.items()])


def _make_series(name: str, values: list[Any]) -> pl.Series:
    cleaned = [None if value == "" else value for value in values]
    there = [v for v in cleaned if v is not None]
    if there and all(isinstance(v, int) for v in there):
        return pl.Series(name, cleaned, dtype=pl.Int64)
    if there and all(isinstance(v, int | float) for v in there):
        return pl.Series(name, [None if v is None else float(v) for v in cleaned], dtype=pl.Float64)
    return pl.Series(name, [None if v is None else str(v) for v in cleaned], dtype=pl.String)


def _as_dict(table: Table) -> dict[str, Any]:
    frame = make_table_frame(table)
    return {
        "key": table.key,
        "caption": table.caption,
        "note": table.note,
        "columns": dict(zip(table.names, table.columns, strict=True)),
        "rows": frame.to_dicts(),
    }


def _write_json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=False) + "\n").encode()
