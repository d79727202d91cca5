"""The tables of a report: performance against targets, criminogenic issues, quality ratings."""

from __future__ import annotations

import re

from scrutineer.frameworks.reading_hints import simplify
from scrutineer.proof.reading.layout import CODE
from scrutineer.proof.reading.position import ReadingPosition
from scrutineer.proof.reading.report import (
    Level,
    PrintedTable,
    PrintedValue,
    PublishedReport,
    TableKind,
    TableRow,
)

_ISSUES = re.compile(r"^table\b.*\bissues\b", re.IGNORECASE)
_QUALITY = re.compile(r"^quality ratings$", re.IGNORECASE)
_PERCENT = re.compile(r"^(\d{1,3})\s?%$")
_CASES = re.compile(r"n\s*=\s*(\d+)", re.IGNORECASE)
_NOTE = re.compile(r"^(?:\\\*|\*\s)")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")


class TableReader:
    """Takes the lines that belong to a table, one after another."""

    def __init__(self, report: PublishedReport):
        self.report = report
        self.table: PrintedTable | None = None
        self.awaits: TableKind | None = None

    def take(self, n: int, text: str, at: ReadingPosition) -> bool:
        """Whether the line belongs to a table; if so it has been read."""
        # A table ends with the first line without cells.
        if "\t" not in text:
            return self._read_outside(n, text)
        # The rule below a Markdown table's head is part of the table and has no content.
        if set(text) <= set("-\t |"):
            return self.table is not None
        code = CODE.match(text)
        # A criterion's heading with its score in the next cell looks like a row, but opens a criterion.
        if code and at.framework and code.group(1) in at.framework.criteria:
            self.table = None
            return False
        cells = [cell.strip() for cell in _MARKUP.sub("", self.report.lines[n - 1]).rstrip("\n").split("\t")]
        if any(cell.lower() == "target" for cell in cells[1:]) and at.zone not in {"contents", "glossary"}:
            self._open("targets", n, cells)
            return True
        if self.table is None and self.awaits == "quality_ratings":
            self._open("quality_ratings", n, cells if not _PERCENT.match(cells[-1]) else ["", ""])
            if not _PERCENT.match(cells[-1]):
                return True
        elif self.table is None and self.awaits == "issues":
            self._open("issues", n, ["", ""])
        if self.table is None:
            return False
        self._read_row(n, cells, at)
        return True

    def finish(self) -> None:
        """Close the table that is still open."""
        self.table = None

    def _read_outside(self, n: int, text: str) -> bool:
        last = self.report.tables[-1] if self.report.tables else None
        if last is not None and _NOTE.match(self.report.lines[n - 1]) and n - last.line < 60:
            # A note with an asterisk belongs to the last table, as long as it is on the same page or the next.
            last.notes.append(TableRow("*", [text], n))
            self.table = None
            return last.kind == "targets"
        self.table = None
        if len(text) < 120:
            self.awaits = (
                "issues"
                if _ISSUES.match(text)
                else "quality_ratings"
                if _QUALITY.match(text)
                else self.awaits
            )
        if text.lower().startswith(("overall assessment", "areas for", "strength")):
            self.awaits = None
        return False

    def _open(self, kind: TableKind, n: int, cells: list[str]) -> None:
        # A table without a title in its corner takes the last line of text above it.
        title = (
            next((t for t in (self.report.clean[i] for i in range(n - 2, -1, -1)) if t), "")
            if not cells[0]
            else cells[0]
        )
        self.table = PrintedTable(kind=kind, title=title, line=n, header=cells[1:])
        self.report.tables.append(self.table)
        self.awaits = None

    def _read_row(self, n: int, cells: list[str], at: ReadingPosition) -> None:
        table = self.table
        assert table is not None  # noqa: S101
        if cells[0].startswith("*"):
            table.notes.append(TableRow("*", [" ".join(cells)], n))
            return
        # A head of two rows is read as one: the lower cell, or the upper one if that is blank.
        if not cells[0] and not table.rows:
            table.header = [a or b for a, b in _pair(table.header, cells[1:])]
            return
        table.rows.append(TableRow(" ".join(cells[0].replace("*", " ").split()), cells[1:], n))
        if table.kind == "quality_ratings":
            self._read_rating(table, table.rows[-1], at)

    def _read_rating(self, table: PrintedTable, row: TableRow, at: ReadingPosition) -> None:
        """A row of the quality ratings gives section scores: of the element, and of the main sample next to it."""
        if at.part is None or at.framework is None:
            return
        # Rows name sections in the report's own words, so the section with most words in common is taken.
        best = max(at.framework.sections, key=lambda s: _count_common(row.label, s.title))
        level: Level = "overall" if row.label.lower().startswith("overall") else "section"
        code = "overall" if level == "overall" else best.code
        base = at.reading.base_group if at.reading else "all"
        for column, cell in enumerate(row.cells):
            percent = _PERCENT.match(cell)
            if not percent:
                continue
            # An annex prints the main sample's scores next to its own: those are the main report's.
            main = "main" in (table.header[column].lower() if column < len(table.header) else "")
            part = self.report.main if main else at.part
            part.values.append(
                PrintedValue(
                    level=level,
                    code=code,
                    group=base,
                    line=row.line,
                    where="quality ratings",
                    percent=int(percent.group(1)),
                    rating=None,
                    quote=cell,
                )
            )


def _pair(first: list[str], second: list[str]) -> list[tuple[str, str]]:
    length = max(len(first), len(second))
    return [(second[i] if i < len(second) else "", first[i] if i < len(first) else "") for i in range(length)]


def _count_common(text: str, other: str) -> int:
    return len(set(simplify(text).split()) & set(simplify(other).split()))
