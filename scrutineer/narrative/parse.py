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
class Prose:
    """What one paragraph, list item or heading says, as a reader sees it.

    Attributes:
        text: without Markdown, a line end as a blank, each figure as one character (`FIGURE`).
        line: on which it begins, from 1.
        breaks: where its lines end.
        figures: what stands at each `FIGURE`, in order; None where it could not be printed.
        under: the heading that it stands under.
    """

    text: str
    line: int
    breaks: tuple[int, ...]
    figures: tuple[Figure | None, ...]
    under: str = ""

    def line_at(self, place: int) -> int:
        """The line of the file on which a place of the text stands."""
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
    lines = [_filled(text, n, line, figures, spots, remarks, held) for n, line in enumerate(text.lines, 1)]
    made = _Blocks(text.where, held)
    made.of("\n".join(lines))
    lost = [
        Remark(
            "binding",
            "error",
            text.where,
            at,
            written,
            "this stands where nothing is printed",
            "move it into a sentence",
        )
        for n, (_, at, written) in enumerate(held)
        if n not in made.shown
    ]
    return Parsed(text, tuple(made.found), tuple(made.prose), tuple(spots), (*remarks, *lost, *made.remarks))


def _filled(
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
    for found in bindings(clean):
        if isinstance(found, tuple):
            quote, what, do = found
            remarks.append(Remark("binding", "error", text.where, number, quote, what, do))
            continue
        run = Run(NOT_PRINTED)
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
        if len(held) == _MOST:
            remarks.append(
                Remark(
                    "binding",
                    "error",
                    text.where,
                    number,
                    "",
                    f"there are more than {_MOST} figures",
                    "split the file",
                )
            )
        pieces.append(chr(_FIRST + min(len(held), _MOST - 1)))
        held.append((run, number, f"{{{{ {found.code} }}}}"))
        at = found.end
    return "".join((*pieces, clean[at:]))


Held = tuple[Run, int, str]
"""A figure that waits for its place: how it is printed, its line, and what was written."""

_UNPRINTED = {"fence", "code_block", "html_block", "hr"}


@dataclass
class _Blocks:
    """Markdown to blocks: paragraphs, lists, headings; nothing else is part of a report's narrative."""

    where: str
    held: Sequence[Held]
    found: list[Block] = field(default_factory=list)
    prose: list[Prose] = field(default_factory=list)
    shown: set[int] = field(default_factory=set)
    remarks: list[Remark] = field(default_factory=list)
    under: str = ""

    def of(self, markdown: str) -> None:
        from markdown_it import MarkdownIt

        tokens = MarkdownIt("commonmark", {"html": False}).parse(markdown)
        at = 0
        while at < len(tokens):
            at = self._block(tokens, at)

    def _block(self, tokens: Sequence[Token], at: int) -> int:
        token = tokens[at]
        match token.type:
            case "heading_open":
                text = "".join(run.text for run in self._inline(tokens[at + 1]))
                self.under = text.strip().rstrip(":")
                self.found.append(Heading(text, max(1, int(token.tag[1]) - 1)))
                return at + 3
            case "paragraph_open":
                self.found.append(Paragraph(self._inline(tokens[at + 1])))
                return at + 3
            case "bullet_list_open" | "ordered_list_open":
                return self._list(tokens, at)
            case kind if kind in _UNPRINTED:
                self._refuse(token)
        return at + 1

    def _refuse(self, token: Token) -> None:
        line = (token.map or [0])[0] + 1
        what = "this is neither a paragraph, a list nor a heading, and would not be printed"
        self.remarks.append(
            Remark("unprinted", "error", self.where, line, token.content[:40], what, "write it as a sentence")
        )

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
            elif token.type in _UNPRINTED:
                self._refuse(token)
            at += 1
        self.found.append(
            Bullets(tuple(items), "numbers" if start.type == "ordered_list_open" else "bullets")
        )
        return at

    def _inline(self, token: Token) -> Inline:
        runs: list[Run] = []
        breaks: list[int] = []
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
                    breaks.append(sum(1 if r.figure or r.text == NOT_PRINTED else len(r.text) for r in runs))
                    runs.append(Run(" "))
                case _:
                    runs += self._text(child.content, bool(strong), bool(emphasis), link)
        self._note(token, runs, tuple(breaks))
        return tuple(runs)

    def _note(self, token: Token, runs: Sequence[Run], breaks: tuple[int, ...]) -> None:
        figures = [run for run in runs if run.figure or run.text == NOT_PRINTED]
        text = "".join(FIGURE if run.figure or run.text == NOT_PRINTED else run.text for run in runs)
        line = (token.map or [0])[0] + 1
        self.prose.append(Prose(text, line, breaks, tuple(run.figure for run in figures), self.under))

    def _text(self, text: str, strong: bool, emphasis: bool, link: str) -> list[Run]:
        runs = []
        for piece in _HELD.split(text):
            if _HELD.fullmatch(piece):
                place = ord(piece) - _FIRST
                run = self.held[place][0]
                self.shown.add(place)
                runs.append(Run(run.text, strong, emphasis, run.figure, link))
            elif piece:
                runs.append(Run(piece, strong, emphasis, None, link))
        return runs


NOT_PRINTED = "[?]"
"""What stands where a figure could not be printed."""


def _safe(link: str) -> str:
    """A link that leads to a page or to a place in this one; nothing else is followed."""
    return link if link.startswith(("https://", "http://", "mailto:", "#")) else ""
