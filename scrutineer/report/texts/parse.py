"""A narrative as blocks: Markdown read, its bound figures put in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from scrutineer.inspection.texts import Text
from scrutineer.report.document.blocks import (
    Block,
    Bullets,
    Cell,
    Heading,
    Inline,
    Paragraph,
    Quote,
    Row,
    Run,
    Table,
    join_text,
)
from scrutineer.report.figures.figures import Figure, FigureError, Figures
from scrutineer.report.figures.words import capitalise
from scrutineer.report.texts.binding import Binding, list_bindings
from scrutineer.report.texts.remark import Remark

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

# Figures are put into the Markdown as characters that no one types, so that nothing in them is taken for Markdown.
_FIRST, _MOST = 0xE000, 6400
_HELD = re.compile("([\ue000-\uf8ff])")

_OPENS = re.compile(r"(?:^\s*(?:[-*+]\s+|\d+[.)]\s+)?|[.!?]\s+)$")
"""What comes before a figure that opens a sentence."""


@dataclass(frozen=True)
class Spot:
    """A figure in a text: its line and place, and what was written."""

    line: int
    binding: Binding
    figure: Figure


@dataclass(frozen=True)
class Prose:
    """What one paragraph, list item or heading says, as a reader sees it.

    Attributes:
        text: without Markdown, a line end as a blank, each figure as one character (`FIGURE`).
        line: on which it begins, from 1.
        breaks: where its lines end.
        figures: the text of each `FIGURE`, in order; None if it could not be printed.
        under: the heading that it comes under.
    """

    text: str
    line: int
    breaks: tuple[int, ...]
    figures: tuple[Figure | None, ...]
    under: str = ""

    def find_line(self, place: int) -> int:
        """The line of the file for a place in the text."""
        return self.line + sum(end < place for end in self.breaks)


FIGURE = "\ufffc"
"""Stands for a figure in the text of a `Prose`."""


@dataclass(frozen=True)
class Parsed:
    """A text with its figures.

    Attributes:
        text: as written.
        blocks: what it says.
        prose: the same paragraph by paragraph, for checking its words.
        spots: its figures, in order.
        remarks: what kept a figure from being put in.
    """

    text: Text
    blocks: tuple[Block, ...]
    prose: tuple[Prose, ...]
    spots: tuple[Spot, ...]
    remarks: tuple[Remark, ...]


def parse(text: Text, figures: Figures) -> Parsed:
    """Read a text and put its figures in; one that cannot be printed leaves NOT_PRINTED and a remark."""
    spots: list[Spot] = []
    remarks: list[Remark] = []
    held: list[Held] = []
    lines = [_fill_in(text, n, line, figures, spots, remarks, held) for n, line in enumerate(text.lines, 1)]
    blocks = _Blocks(text.where, held, text.name)
    blocks.parse("\n".join(lines))
    lost = [
        Remark(
            rule="binding",
            severity="error",
            where=text.where,
            line=at,
            quote=written,
            message="this is where nothing is printed",
            do="move it into a sentence",
        )
        for n, (_, at, written) in enumerate(held)
        if n not in blocks.shown
    ]
    return Parsed(
        text=text,
        blocks=tuple(blocks.blocks),
        prose=tuple(blocks.prose),
        spots=tuple(spots),
        remarks=(*remarks, *lost, *blocks.remarks),
    )


def _fill_in(
    text: Text,
    number: int,
    line: str,
    figures: Figures,
    spots: list[Spot],
    remarks: list[Remark],
    held: list[Held],
) -> str:
    pieces, at = [], 0
    clean = _HELD.sub("\ufffd", line)
    note = partial(Remark, severity="error", where=text.where, line=number)
    for binding in list_bindings(clean):
        if isinstance(binding, tuple):
            quote, what, do = binding
            remarks.append(note(rule="binding", quote=quote, message=what, do=do))
            continue
        run, written = Run(NOT_PRINTED), f"{{{{ {binding.code} }}}}"
        try:
            figure = binding.make_figure(figures)
            spots.append(Spot(number, binding, figure))
            opens = _OPENS.search(clean[: binding.start]) is not None
            run = Run(capitalise(figure.text) if opens else figure.text, figure=figure)
        except FigureError as refusal:
            remarks.append(note(rule="refused", quote=written, message=refusal.what, do=refusal.do))
        pieces.append(clean[at : binding.start])
        if len(held) == _MOST:
            what = f"there are more than {_MOST} figures"
            remarks.append(note(rule="binding", quote="", message=what, do="split the text"))
        pieces.append(chr(_FIRST + min(len(held), _MOST - 1)))
        held.append((run, number, written))
        at = binding.end
    return "".join((*pieces, clean[at:]))


Held = tuple[Run, int, str]
"""A figure that waits for its place: how it is printed, its line, and what was written."""

_UNPRINTED = {"fence", "code_block", "html_block", "hr"}
_RAW = re.compile(r"</?[A-Za-z][^<>\n]*>|~~[^~\n]+~~|\[\^[^\]\n]+\]|^\[[ xX]\] ")
"""What people write who know other kinds of Markdown: it would be printed as it is typed."""


@dataclass
class _Blocks:
    """Markdown to blocks: paragraphs, headings, lists, tables, quotes and notes. Anything else is refused."""

    where: str
    held: Sequence[Held]
    name: str = ""
    blocks: list[Block] = field(default_factory=list)
    prose: list[Prose] = field(default_factory=list)
    shown: set[int] = field(default_factory=set)
    remarks: list[Remark] = field(default_factory=list)
    under: str = ""
    tables: int = 0

    def parse(self, markdown: str) -> None:
        from markdown_it import MarkdownIt
        from markdown_it.tree import SyntaxTreeNode
        from mdit_py_plugins.footnote import footnote_plugin

        reader = MarkdownIt("commonmark", {"html": False}).enable("table").use(footnote_plugin, inline=False)
        environment: dict[str, Any] = {}
        tree = SyntaxTreeNode(reader.parse(markdown, environment))
        self.blocks += self._make_blocks(tree.children)
        self._note_unused(markdown, environment)

    def _make_blocks(self, nodes: Sequence[SyntaxTreeNode]) -> list[Block]:
        return [block for node in nodes for block in self._make_block(node)]

    def _make_block(self, node: SyntaxTreeNode) -> Iterator[Block]:
        match node.type:
            case "heading":
                text = "".join(run.text for run in self._inline(node.children[0]))
                self.under = text.strip().rstrip(":")
                yield Heading(text, max(1, int(node.tag[1]) - 1))
            case "paragraph":
                yield Paragraph(self._inline(node.children[0]))
            case "bullet_list" | "ordered_list":
                yield self._list(node)
            case "blockquote":
                yield Quote(tuple(self._make_blocks(node.children)))
            case "table":
                yield self._make_table(node)
            case "footnote_block":
                yield from self._make_notes(node)
            case kind if kind in _UNPRINTED:
                self._refuse(node)

    def _refuse(self, node: SyntaxTreeNode) -> None:
        line = (node.map or (0, 0))[0] + 1
        self._note_unprinted(
            line,
            node.content[:40],
            "this is not a paragraph, heading, list, table, quote or note, so it would not be printed",
            "write it as a sentence",
        )

    def _note_unprinted(self, line: int, quote: str, what: str, do: str) -> None:
        self.remarks.append(
            Remark(
                rule="unprinted",
                severity="error",
                where=self.where,
                line=line,
                quote=quote,
                message=what,
                do=do,
            )
        )

    def _list(self, node: SyntaxTreeNode) -> Bullets:
        items: list[Inline] = []
        nested: list[tuple[Block, ...]] = []
        for item in node.children:
            parts = list(item.children)
            first = parts.pop(0) if parts and parts[0].type == "paragraph" else None
            items.append(self._inline(first.children[0]) if first else ())
            nested.append(tuple(self._make_blocks(parts)))
        kind: Literal["numbers", "bullets"] = "numbers" if node.type == "ordered_list" else "bullets"
        start = int(node.attrs.get("start", 1))
        return Bullets(
            items=tuple(items), kind=kind, nested=tuple(nested) if any(nested) else (), start=start
        )

    def _make_table(self, node: SyntaxTreeNode) -> Table:
        """A table: its first column heads the rows, and the sentence or heading above it is its caption."""
        self.tables += 1
        rows = [row for part in node.children for row in part.children]
        cells = [
            [self._inline(cell.children[0]) if cell.children else () for cell in row.children] for row in rows
        ]
        numbers = {
            n for n, cell in enumerate(rows[0].children) if "right" in str(cell.attrs.get("style", ""))
        }
        heads = tuple(join_text(cell).strip() for cell in cells[0])
        key = f"{self.name.replace('/', '-').lower() or 'text'}-{self.tables}"
        names = tuple(f"column_{n}" for n in range(1, len(heads) + 1))
        body = tuple(Row(join_text(row[0]).strip(), tuple(map(_make_cell, row[1:]))) for row in cells[1:])
        return Table(
            key=key,
            caption=self.under or f"Table {self.tables}",
            columns=heads,
            names=names,
            rows=body,
            numbers=frozenset(numbers),
        )

    def _make_notes(self, node: SyntaxTreeNode) -> Iterator[Block]:
        """The notes that the text refers to by number, in order."""
        yield Paragraph((Run("Notes", strong=True),))
        items, nested = list[Inline](), list[tuple[Block, ...]]()
        for note in node.children:
            first, *rest = [part for part in note.children if part.type != "footnote_anchor"]
            items.append(self._inline(first.children[0]))
            nested.append(tuple(self._make_blocks(rest)))
        yield Bullets(tuple(items), "numbers", tuple(nested) if any(nested) else ())

    def _note_unused(self, markdown: str, environment: dict[str, Any]) -> None:
        """Notes that nothing refers to would vanish."""
        for label, number in environment.get("footnotes", {}).get("refs", {}).items():
            if number < 0:
                name = label.removeprefix(":")
                line = next((n for n, text in enumerate(markdown.split("\n"), 1) if f"[^{name}]:" in text), 1)
                what = "nothing in the text refers to this note, so it would not be printed"
                self._note_unprinted(
                    line, f"[^{name}]", what, f"write [^{name}] where it belongs, or remove it"
                )

    def _inline(self, node: SyntaxTreeNode) -> Inline:
        runs: list[Run] = []
        breaks: list[int] = []
        strong = emphasis = 0
        link = ""
        line = (node.map or (0, 0))[0] + 1
        for child in (node.token.children if node.token else None) or []:
            match child.type:
                case "strong_open" | "strong_close":
                    strong += 1 if child.nesting > 0 else -1
                case "em_open" | "em_close":
                    emphasis += 1 if child.nesting > 0 else -1
                case "link_open":
                    link = _make_safe(str(child.attrs.get("href", "")))
                case "link_close":
                    link = ""
                case "softbreak" | "hardbreak":
                    breaks.append(sum(1 if r.figure or r.text == NOT_PRINTED else len(r.text) for r in runs))
                    runs.append(Run(" " if child.type == "softbreak" else "\n"))
                case "footnote_ref":
                    runs.append(Run(str(int(child.meta["id"]) + 1), raised=True))
                case "footnote_anchor":
                    continue
                case "image":
                    what = "pictures can't be printed here"
                    self._note_unprinted(line, f"![{child.content}]", what, "describe in words what it shows")
                case _:
                    runs += self._make_runs_of_text(child.content, bool(strong), bool(emphasis), link)
        self._note_raw(line, runs)
        self._note(node, runs, tuple(breaks))
        return tuple(runs)

    def _note_raw(self, line: int, runs: Sequence[Run]) -> None:
        for run in runs:
            match = None if run.figure else _RAW.search(run.text)
            if match:
                what = "this would be printed exactly as typed"
                do = (
                    "write a note as [^1] with a line that begins [^1]: below"
                    if "[^" in match[0]
                    else "write it in plain words"
                )
                self._note_unprinted(line, match[0], what, do)

    def _note(self, node: SyntaxTreeNode, runs: Sequence[Run], breaks: tuple[int, ...]) -> None:
        figures = [run for run in runs if run.figure or run.text == NOT_PRINTED]
        text = "".join(FIGURE if run.figure or run.text == NOT_PRINTED else run.text for run in runs)
        line = (node.map or (0, 0))[0] + 1
        self.prose.append(
            Prose(
                text=text,
                line=line,
                breaks=breaks,
                figures=tuple(run.figure for run in figures),
                under=self.under,
            )
        )

    def _make_runs_of_text(self, text: str, strong: bool, emphasis: bool, link: str) -> list[Run]:
        runs = []
        for piece in _HELD.split(text):
            if _HELD.fullmatch(piece):
                place = ord(piece) - _FIRST
                run = self.held[place][0]
                self.shown.add(place)
                runs.append(
                    Run(text=run.text, strong=strong, emphasis=emphasis, figure=run.figure, link=link)
                )
            elif piece:
                runs.append(Run(text=piece, strong=strong, emphasis=emphasis, figure=None, link=link))
        return runs


def _make_cell(runs: Inline) -> Cell:
    """A cell of a table: with its figure where that is all it holds, else with its runs."""
    text = join_text(runs).strip()
    if len(runs) == 1 and not (runs[0].strong or runs[0].emphasis or runs[0].link or runs[0].raised):
        return Cell(text, figure=runs[0].figure)
    return Cell(text, runs=runs)


NOT_PRINTED = "[?]"
"""What is printed in place of a figure that could not be printed."""


def _make_safe(link: str) -> str:
    """A link that leads to a page or to a place in this one; nothing else is followed."""
    return link if link.startswith(("https://", "http://", "mailto:", "#")) else ""
