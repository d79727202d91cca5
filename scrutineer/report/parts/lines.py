"""Lines of text with figures in them, and the words that parts share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scrutineer.report.document.blocks import Block, Bullets, Heading, Inline, Paragraph, Run
from scrutineer.report.figures.figures import Figure
from scrutineer.report.figures.words import spell_number


def compose_line(*parts: str | Figure) -> Inline:
    """A line of plain text and figures."""
    return tuple(Run(p) if isinstance(p, str) else Run(p.text, figure=p) for p in parts)


def compose_paragraph(*parts: str | Figure) -> Paragraph:
    """A paragraph of plain text and figures."""
    return Paragraph(compose_line(*parts))


def list_words(parts: Sequence[str], last: str = "and") -> str:
    """A list in words: a, b and c."""
    if not parts:
        return ""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def lower(title: str) -> str:
    """A title inside a sentence: its first letter small, unless it begins with an abbreviation."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def format_number(value: int) -> str:
    """A whole number in a sentence: seven, 12, 1,640."""
    return f"{value:,}" if value >= 1000 else spell_number(value) if value else "no"


def letter_items(blocks: Sequence[Block], letters: bool) -> tuple[Block, ...]:
    """The blocks, bullets as letters where the house style asks for it."""
    if not letters:
        return tuple(blocks)
    return tuple(
        replace(b, kind="letters") if isinstance(b, Bullets) and b.kind == "bullets" else b for b in blocks
    )


def lower_headings(blocks: Sequence[Block], by: int) -> tuple[Block, ...]:
    """The blocks with their headings a number of levels further down."""
    return tuple(Heading(b.text, b.level + by, b.anchor) if isinstance(b, Heading) else b for b in blocks)
