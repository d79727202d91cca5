"""A report split into parts that people can refer to: every paragraph, list and table, with an address and its figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scrutineer.report.document.blocks import (
    Block,
    Box,
    Bullets,
    Cell,
    Chart,
    CriterionHead,
    Heading,
    Inline,
    Paragraph,
    Quote,
    ReportDocument,
    ReportSection,
    Table,
    Terms,
    join_text,
)


@dataclass(frozen=True)
class PassageText:
    """One passage.

    Attributes:
        place: its address: the part's key and its number there. It holds for one made report.
        part: the heading of its part.
        heading: whether it is a heading itself, of which nothing is said.
        figures: key and text of every figure in it, in order.
    """

    place: str
    part: str
    text: str
    heading: bool
    figures: tuple[tuple[str, str], ...]


def list_passages(document: ReportDocument) -> Iterator[PassageText]:
    """Every passage of a report, in order."""
    for section in document.sections:
        yield from _read_section(section)


def _read_section(section: ReportSection) -> Iterator[PassageText]:
    for number, (text, heading, figures) in enumerate(_list_blocks(section.blocks), 1):
        yield PassageText(
            place=f"{section.key}-{number}", part=section.title, text=text, heading=heading, figures=figures
        )
    for child in section.children:
        yield from _read_section(child)


Passage = tuple[str, bool, tuple[tuple[str, str], ...]]


def _list_blocks(blocks: tuple[Block, ...]) -> Iterator[Passage]:
    for block in blocks:
        match block:
            case Heading():
                yield block.text, True, ()
            case Paragraph():
                yield join_text(block.content), False, _list_figures_of(block.content)
            case Bullets():
                yield from _read_list(block)
            case Terms():
                yield from ((f"{term}: {meaning}", False, ()) for term, meaning in block.rows)
            case Box() | Quote():
                yield from _set_apart(block)
            case CriterionHead():
                yield _read_head(block)
            case Table():
                yield from _read_table(block)
            case Chart():
                yield from _read_table(block.table)


def _set_apart(block: Box | Quote) -> Iterator[Passage]:
    if isinstance(block, Box):
        yield block.title, True, ()
    yield from _list_blocks(block.blocks)


def _read_list(block: Bullets) -> Iterator[Passage]:
    for n, item in enumerate(block.items):
        yield join_text(item), False, _list_figures_of(item)
        yield from _list_blocks(block.find_within(n))


def _read_head(block: CriterionHead) -> Passage:
    notes = "; ".join(
        " ".join(filter(None, (f"{of}:" if of else "", figure.text, note)))
        for of, figure, note in block.values
    )
    figures = tuple((figure.key, figure.text) for _, figure, _ in block.values)
    return f"{block.code} {block.title}: {notes}", False, figures


def _read_table(table: Table) -> Iterator[Passage]:
    if table.secondary:
        return  # It repeats what is in the chart.
    yield table.caption, True, ()
    for row in table.rows:
        cells = [
            f"{name} {cell.text}"
            for name, cell in zip(table.columns[1:], row.cells, strict=False)
            if cell.text
        ]
        figures = tuple(pair for cell in row.cells for pair in _list_figures_of_cell(cell))
        yield f"{row.head}: {'; '.join(cells)}" if cells else row.head, False, figures


def _list_figures_of_cell(cell: Cell) -> tuple[tuple[str, str], ...]:
    return _list_figures_of(cell.runs) or (((cell.figure.key, cell.figure.text),) if cell.figure else ())


def _list_figures_of(inline: Inline) -> tuple[tuple[str, str], ...]:
    return tuple((run.figure.key, run.figure.text) for run in inline if run.figure)
