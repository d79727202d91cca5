"""The blocks of a report. All are frozen; every format is made from the same ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from scrutineer.report.figures.figures import Figure


@dataclass(frozen=True)
class Run:
    """A stretch of text of one kind.

    Attributes:
        text: what it says; a line break, where it is "\\n" and nothing else.
        figure: the figure that it prints, where it prints one.
        link: where it leads.
        raised: whether it is the number of a note, set above the line.
    """

    text: str
    strong: bool = False
    emphasis: bool = False
    figure: Figure | None = None
    link: str = ""
    raised: bool = False


Inline = tuple[Run, ...]


def make_words(text: str, strong: bool = False, emphasis: bool = False) -> Inline:
    """Plain text as a line of runs."""
    return (Run(text, strong, emphasis),)


def join_text(inline: Inline) -> str:
    """The text of a line."""
    return "".join(run.text for run in inline)


@dataclass(frozen=True)
class Heading:
    """A heading inside a part; its level counts from 1 below the part's own."""

    text: str
    level: int = 1
    anchor: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `role` says what it is for, where it is more than running text."""

    content: Inline
    role: Literal["", "lead", "description", "signature", "note", "synthetic", "value"] = ""


@dataclass(frozen=True)
class Bullets:
    """A list; numbered, lettered or bulleted.

    Attributes:
        items: the first line of each item.
        nested: what else each item holds, by its place: lists within it, further paragraphs; empty if no item does.
        start: the number of the first item of a numbered list.
    """

    items: tuple[Inline, ...]
    kind: Literal["bullets", "numbers", "letters"] = "bullets"
    nested: tuple[tuple[Block, ...], ...] = ()
    start: int = 1

    def find_within(self, item: int) -> tuple[Block, ...]:
        """What an item holds besides its first line."""
        return self.nested[item] if item < len(self.nested) else ()


@dataclass(frozen=True)
class Quote:
    """Blocks that somebody else said."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Terms:
    """Terms with their meanings: a glossary, or people by role."""

    rows: tuple[tuple[str, str], ...]
    kind: Literal["glossary", "people"] = "glossary"


@dataclass(frozen=True)
class Box:
    """Blocks set apart from the text: a good practice example."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Cell:
    """A cell of a table; `value` is what the data files give, where the text is not it.

    Attributes:
        runs: its text with figures and emphasis, where it holds more than one figure or plain text.
    """

    text: str
    value: str | float | int | None = None
    figure: Figure | None = None
    runs: Inline = ()

    @property
    def data(self) -> str | float | int | None:
        """What the data files give for the cell."""
        return self.value if self.value is not None or self.text == "" else self.text


@dataclass(frozen=True)
class Row:
    """A row of a table, with its heading first; `strong` rows sum others up."""

    head: str
    cells: tuple[Cell, ...]
    strong: bool = False


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        key: its name among the data files.
        columns: the headings, that of the row headings first.
        names: the columns' names in the data files.
        numbers: which columns hold numbers, by place.
        secondary: a table of the figures in a chart, folded away where a format can do so.
    """

    key: str
    caption: str
    columns: tuple[str, ...]
    names: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str = ""
    numbers: frozenset[int] = frozenset()
    secondary: bool = False


@dataclass(frozen=True)
class Mark:
    """One row of a chart, in percent: a value with the ends of its interval, and a second value next to it."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    other: float | None = None
    strong: bool = False


@dataclass(frozen=True)
class Chart:
    """A chart with its description in words and the table of its data.

    Attributes:
        kind: estimates (a dot and its interval), pairs (two marks a row), parts (a bar of shares), targets.
        marks: its rows; of `parts` every row has shares instead.
        shares: of `parts`: label and percentages of each row.
        names: what the marks or the shares mean.
        line: a line across, in percent.
        nothing: what is shown in place of a mark that has no value.
    """

    key: str
    kind: Literal["estimates", "pairs", "parts"]
    title: str
    alt: str
    table: Table
    marks: tuple[Mark, ...] = ()
    shares: tuple[tuple[str, tuple[float, ...]], ...] = ()
    names: tuple[str, ...] = ()
    line: float | None = None
    line_name: str = ""
    unit: str = "score, %"
    nothing: str = "no score"


@dataclass(frozen=True)
class Contents:
    """Where the list of contents goes; each format makes its own."""


@dataclass(frozen=True)
class CriterionHead:
    """The head of a criterion: its code, its title, and its score or rating in one or more lines.

    Attributes:
        values: what each value is of (empty if there is one), the value, and its interval or remark.
    """

    code: str
    title: str
    values: tuple[tuple[str, Figure, str], ...]
    anchor: str
    prefix: str = ""


Block = Heading | Paragraph | Bullets | Quote | Terms | Box | Table | Chart | Contents | CriterionHead


@dataclass(frozen=True)
class ReportSection:
    """One part of a report with its heading.

    Attributes:
        key: its name in addresses: `foreword`, `section-B`.
        level: 1 for a part, 2 for a part of a part.
        new_page: whether it begins a page in print.
    """

    key: str
    title: str
    blocks: tuple[Block, ...]
    level: int = 1
    new_page: bool = True
    children: tuple[ReportSection, ...] = ()

    @property
    def head(self) -> CriterionHead | None:
        """The head of the criterion that this part is about, printed in the place of its title; None for other parts."""
        first = self.blocks[0] if self.blocks else None
        return first if isinstance(first, CriterionHead) else None


@dataclass(frozen=True)
class Cover:
    """What is on the cover.

    Attributes:
        area: whom the report is about.
        several: whether that is more than one area.
    """

    lines: tuple[str, ...]
    kind: str
    area: str
    date: str
    by: str
    several: bool = False


@dataclass(frozen=True)
class Notice:
    """What a reader of any format must know before the rest: a report of made-up data must never pass for a real one."""

    kind: Literal["draft", "issue", "synthetic"]
    text: str


@dataclass(frozen=True)
class ReportDocument:
    """A whole report.

    Attributes:
        title: for the window and the file's particulars.
        version: the number of the issue; None for a draft.
        stamp: what ties it to its data: the names and hashes of the verification page.
    """

    title: str
    cover: Cover
    sections: tuple[ReportSection, ...]
    synthetic: bool
    version: int | None = None
    language: str = "en-GB"
    stamp: dict[str, str] = field(default_factory=dict)

    def notices(self) -> tuple[Notice, ...]:
        """What every format says on its cover: whether it's a draft or which version, and whether its data are made up."""
        draft = Notice("draft", "Draft: not for publication")
        issued = draft if self.version is None else Notice("issue", f"Version {self.version}")
        if not self.synthetic:
            return (issued,)
        whose = "The areas are fictional" if self.cover.several else f"{self.cover.area} is a fictional area"
        return issued, Notice("synthetic", f"Synthetic data. {whose}; nobody was inspected.")

    def list_contents(self) -> list[ReportSection]:
        """The parts that the list of contents names: those after it."""
        return [s for s in self.sections if s.key not in {"contents", "acknowledgements", "foreword"}]

    def list_blocks(self) -> Iterator[Block]:
        """Every block, in order, those inside boxes included."""
        for section in self.sections:
            yield from _list_blocks(section)

    def list_tables(self) -> Iterator[Table]:
        """Every table, those of charts included, each once."""
        seen: set[str] = set()
        for block in self.list_blocks():
            table = block.table if isinstance(block, Chart) else block
            if isinstance(table, Table) and table.key not in seen:
                seen.add(table.key)
                yield table

    def list_figures(self) -> Iterator[Figure]:
        """Every figure that the report prints, in order."""
        for block in self.list_blocks():
            yield from _list_figures(block)


def _list_blocks(section: ReportSection) -> Iterator[Block]:
    for block in section.blocks:
        yield from add_inner(block)
    for child in section.children:
        yield from _list_blocks(child)


def add_inner(block: Block) -> Iterator[Block]:
    """A block and every block within it."""
    yield block
    inner: tuple[Block, ...] = ()
    if isinstance(block, Box | Quote):
        inner = block.blocks
    elif isinstance(block, Bullets):
        inner = tuple(part for item in block.nested for part in item)
    for part in inner:
        yield from add_inner(part)


def _list_figures(block: Block) -> Iterator[Figure]:
    if isinstance(block, Paragraph):
        yield from _list_figures_of(block.content)
    elif isinstance(block, Bullets):
        for item in block.items:
            yield from _list_figures_of(item)
    elif isinstance(block, CriterionHead):
        yield from (figure for _, figure, _ in block.values)
    elif isinstance(block, Table | Chart):
        table = block if isinstance(block, Table) else block.table
        for row in table.rows:
            for cell in row.cells:
                if cell.runs:
                    yield from _list_figures_of(cell.runs)
                elif cell.figure:
                    yield cell.figure


def _list_figures_of(inline: Sequence[Run]) -> Iterator[Figure]:
    return (run.figure for run in inline if run.figure)
