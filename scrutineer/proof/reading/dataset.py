"""Write a figures file as a person would: short entries in flow style, one line per figure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scrutineer.proof.reading.printed_figures import Dataset, PrintedFigure, PrintedGroup, PrintedInspection


def to_yaml(dataset: Dataset) -> str:
    """A dataset as YAML; reading it again gives the same dataset."""
    return "\n".join(_list_lines(dataset)) + "\n"


def _list_lines(dataset: Dataset) -> Iterator[str]:
    yield "# Figures printed in one published report: figures, codes and line numbers, no sentences."
    yield f"format: {dataset.format}"
    yield f"area: {_quote(dataset.area)}"
    yield f"date: {_quote(dataset.date)}"
    yield f"report: {_quote(dataset.report)}"
    yield f"checked: {'true' if dataset.checked else 'false'}"
    yield "inspections:"
    for inspection in dataset.inspections:
        yield from _write_inspection(inspection)


def _write_inspection(inspection: PrintedInspection) -> Iterator[str]:
    yield f"  - framework: {inspection.framework}"
    yield f"    base_group: {inspection.base_group}"
    if inspection.ratings:
        yield "    ratings:"
        for code, rated in inspection.ratings.items():
            yield f"      {_quote(code)}: {{rating: {_quote(rated.rating)}, line: {rated.line}}}"
    yield "    groups:"
    for name, group in inspection.groups.items():
        yield f"      {name}:"
        yield from _write_group(group)


def _write_group(group: PrintedGroup) -> Iterator[str]:
    if group.cases is not None:
        yield f"        cases: {group.cases}"
    if group.overall is not None:
        yield f"        overall: {_write_figure(group.overall)}"
    for name in ("sections", "criteria", "threads", "questions"):
        figures: dict[str, PrintedFigure] = getattr(group, name)
        if figures:
            yield f"        {name}:"
            yield from (
                f"          {_quote(key)}: {_write_figure(figure)}" for key, figure in figures.items()
            )
    # An empty mapping, because a key without a value would be read back as null.
    if group == PrintedGroup():
        yield "        {}"


def _write_figure(figure: PrintedFigure) -> str:
    entries: dict[str, Any] = {
        name: getattr(figure, name) for name in ("percent", "above", "relevant", "line")
    }
    shown = (f"{name}: {value:g}" for name, value in entries.items() if value is not None)
    return "{" + ", ".join(shown) + "}"


# In YAML 1.1, which other programs read, more words than in 1.2.
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def _quote(text: str) -> str:
    # What begins with a digit would be read back as a number or a date, and some words as true, false or nothing.
    plain = text.replace(" ", "").replace("-", "").replace("_", "").isalnum() and not text[:1].isdigit()
    plain = plain and text.lower() not in _WORDS and text == text.strip(" -")
    return text if plain else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
