"""A narrative as blocks: Markdown read, its bound figures put in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scrutineer.document.blocks import Block, Bullets, Heading, Inline, Paragraph, Run
from scrutineer.figures.figures import Figure, FigureError, Figures
from scrutineer.figures.words import first_upper
from scrutineer.inspection.texts import Text
from scrutineer.narrative.binding import Binding, bindings
from scrutineer.narrative.finding import Remark

if TYPE_CHECKING:
    from markdown_it.token import Token

# Figures stand in the Markdown as characters that no one types, so that nothing in them is taken for Markdown.
_FIRST, _MOST = 0xE000, 6400
_HELD = re.compile("([\ue000-\uf8ff])")

_OPENS = re.compile(r"(?:^\s*(?:[-*+]\s+|\d+[.)]\s+)?|[.!?]\s+)$")
"""What stands before a figure that opens a sentence."""


@dataclass(frozen=True)
class Spot:
    """A figure in a text: its line and place, and what was written."""

    line: int
    binding: Binding
    figure: Figure


@dataclass(frozen=True)
class Parsed:
    """A text with its figures.

    Attributes:
        text: as written.
        blocks: what it says.
        spots: its figures, in order.
        remarks: what kept a figure from being put in.
    """

    text: Text
    blocks: tuple[Block, ...]
    spots: tuple[Spot, ...]
    remarks: tuple[Remark, ...]

    def under(self, title: str) -> tuple[Block, ...]:
        """The blocks below a heading, up to the next of its level."""
        found: list[Block] = []
        level = None
        for block in self.blocks:
            if isinstance(block, Heading) and (level is None or block.level <= level):
                level = block.level if block.text.strip().rstrip(":").lower() == title.lower() else None
            elif level is not None:
                found.append(block)
        return tuple(found)

    def before_headings(self) -> tuple[Block, ...]:
        """The blocks before the first heading."""
        found: list[Block] = []
        for block in self.blocks:
            if isinstance(block, Heading):
                break
            found.append(block)
        return tuple(found)


def parse(text: Text, figures: Figures) -> Parsed:
    """Read a text and put its figures in; one that cannot be printed leaves "[?]" and a remark."""
    spots: list[Spot] = []
    remarks: list[Remark] = []
    held: list[Run] = []
    lines = [_filled(text, n, line, figures, spots, remarks, held) for n, line in enumerate(text.lines, 1)]
    return Parsed(text, tuple(_Blocks(held).of("\n".join(lines))), tuple(spots), tuple(remarks))


def _filled(
    text: Text,
    number: int,
    line: str,
    figures: Figures,
    spots: list[Spot],
    remarks: list[Remark],
    held: list[Run],
) -> str:
    pieces, at = [], 0
    clean = _HELD.sub("\ufffd", line)
    for found in bindings(clean):
        if isinstance(found, tuple):
            quote, what, do = found
            remarks.append(Remark("binding", "error", text.where, number, quote, what, do))
            continue
        run = Run("[?]")
        try:
            figure = found.figure(figures)
            spots.append(Spot(number, found, figure))
            opens = _OPENS.search(clean[: found.start]) is not None
            run = Run(first_upper(figure.text) if opens else figure.text, figure=figure)
        except FigureError as refusal:
            remarks.append(
                Remark(
                    "refused",
                    "error",
                    text.where,
                    number,
                    f"{{{{ {found.code} }}}}",
                    refusal.what,
                    refusal.do,
                )
            )
        pieces.append(clean[at : found.start])
        pieces.append(chr(_FIRST + len(held) % _MOST))
        held.append(run)
        at = found.end
    return "".join((*pieces, clean[at:]))


@dataclass
class _Blocks:
    """Markdown to blocks: paragraphs, lists, headings; nothing else is part of a report's narrative."""

    held: Sequence[Run]
    found: list[Block] = field(default_factory=list)
    shown: int = 0

    def of(self, markdown: str) -> list[Block]:
        from markdown_it import MarkdownIt

        tokens = MarkdownIt("commonmark", {"html": False}).parse(markdown)
        at = 0
        while at < len(tokens):
            at = self._block(tokens, at)
        return self.found

    def _block(self, tokens: Sequence[Token], at: int) -> int:
        token = tokens[at]
        match token.type:
            case "heading_open":
                text = "".join(run.text for run in self._inline(tokens[at + 1]))
                self.found.append(Heading(text, max(1, int(token.tag[1]) - 1)))
                return at + 3
            case "paragraph_open":
                self.found.append(Paragraph(self._inline(tokens[at + 1])))
                return at + 3
            case "bullet_list_open" | "ordered_list_open":
                return self._list(tokens, at)
            case _:
                return at + 1

    def _list(self, tokens: Sequence[Token], at: int) -> int:
        start = tokens[at]
        items: list[Inline] = []
        at += 1
        depth = 1
        while depth:
            token = tokens[at]
            if token.type in {"bullet_list_open", "ordered_list_open"}:
                depth += 1
            elif token.type in {"bullet_list_close", "ordered_list_close"}:
                depth -= 1
            elif token.type == "inline":
                items.append(self._inline(token))
            at += 1
        self.found.append(
            Bullets(tuple(items), "numbers" if start.type == "ordered_list_open" else "bullets")
        )
        return at

    def _inline(self, token: Token) -> Inline:
        runs: list[Run] = []
        strong = emphasis = 0
        link = ""
        for child in token.children or []:
            match child.type:
                case "strong_open" | "strong_close":
                    strong += 1 if child.nesting > 0 else -1
                case "em_open" | "em_close":
                    emphasis += 1 if child.nesting > 0 else -1
                case "link_open":
                    link = _safe(str(child.attrs.get("href", "")))
                case "link_close":
                    link = ""
                case "softbreak" | "hardbreak":
                    runs.append(Run(" "))
                case _:
                    runs += self._text(child.content, bool(strong), bool(emphasis), link)
        return tuple(runs)

    def _text(self, text: str, strong: bool, emphasis: bool, link: str) -> list[Run]:
        runs = []
        for piece in _HELD.split(text):
            if _HELD.fullmatch(piece):
                run = self.held[self.shown]
                self.shown += 1
                runs.append(Run(run.text, strong, emphasis, run.figure, link))
            elif piece:
                runs.append(Run(piece, strong, emphasis, None, link))
        return runs


def _safe(link: str) -> str:
    """A link that leads to a page or to a place in this one; nothing else is followed."""
    return link if link.startswith(("https://", "http://", "mailto:", "#")) else ""
