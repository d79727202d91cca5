"""Where in a report a line belongs: the headings that inspection reports share, anyone who their publisher."""

from __future__ import annotations

import re
from collections.abc import Iterator

ZONES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (zone, re.compile(pattern, re.IGNORECASE))
    for zone, pattern in (
        ("foreword", r"foreword"),
        ("acknowledgements", r"acknowledgements?"),
        ("contents", r"(table of )?contents"),
        ("glossary", r"glossary|(list of )?abbreviations.*|acronyms.*"),
        ("reasons", r"reasons for undertaking.*"),
        (
            "summary",
            r"(executive )?summary( and recommendations)?|summary of (the )?(main )?findings.*|key findings",
        ),
        ("recommendations", r"recommendations?( for improvement)?"),
        ("next_steps", r"next steps"),
        ("sheet", r"scoring summary sheet|scoring sheet|summary of scores|summary of ratings"),
        ("arrangements", r"inspection arrangements|inspection methodology"),
        ("approach", r"scoring approach"),
        ("overview", r"overview of the area|contextual information"),
        ("good_practice", r"sharing good practice"),
        ("users", r"service users.? perspective"),
        ("role", r"(the )?role of (the )?(hmi|her majesty|his majesty|inspectorate).*"),
        ("appendix", r"appendix( \w+)?"),
    )
)
_ZONE_WORDS = re.compile(
    r"^(?:the )?(?:foreword|acknowl|contents|table of|glossary|list of|abbrev|acronym|reasons|executive|summary|key"
    r"|recommend|next|scoring|inspection|overview|context|sharing|service|role|appendix)",
    re.IGNORECASE,
)

STRENGTHS = re.compile(r"^strengths?\s*:?$", re.IGNORECASE)
IMPROVEMENTS = re.compile(r"^areas? for improvement\s*:?$", re.IGNORECASE)
GOOD_PRACTICE = re.compile(r"^good practice examples?\s*:?$", re.IGNORECASE)
DESCRIPTION = re.compile(r"^description\s*:?$", re.IGNORECASE)
CAPTION = re.compile(r"^(?:table|chart|figure)\s+\w+\s*:", re.IGNORECASE)
CONCLUSION = re.compile(r"^conclusion\s*:\s*(.*)$", re.IGNORECASE)

PERCENT_LINE = re.compile(r"^(\d{1,3})\s?%$")
PERCENT_THEN_HEADING = re.compile(
    r"^(\d{1,3})\s?%\s*(strengths?|areas? for improvement)\s*:?$", re.IGNORECASE
)
BULLET = re.compile(r"^(?:[-–•▣*▪●]\s*)+(?:▣\s*)?")
LABEL = re.compile(r"^\(([a-z]{1,2}|\d{1,2})\)\s*")
CODE = re.compile(r"^([A-Z]\d{1,2}|\d\.\d{1,2})\b[:.]?\s*")
GENERAL = re.compile(r"^general criterion\s*:\s*", re.IGNORECASE)
SECTION = re.compile(r"^section\s+([A-Z0-9][A-Z0-9.]{0,7})\b\s*[:–-]?\s*(.*)$", re.IGNORECASE)
SECTION_SCORE = re.compile(r"^score for section\s+([A-Z0-9][A-Z0-9.]{0,7})\b", re.IGNORECASE)
ROW = re.compile(r"^(?:overall )?score\b", re.IGNORECASE)
OVERALL_SCORE = re.compile(r"^overall score\b", re.IGNORECASE)

# Two brackets are no tag but a place that was left open, as in <<AREA>>.
_MARKS = re.compile(r"(?<!<)</?[a-zA-Z][^<>]{0,200}>(?!>)|\*+|^#+\s*|\\")


def clean(line: str) -> str:
    """A line without marks of layout: Markdown, HTML tags, doubled spaces. Tabs between cells stay."""
    text = line
    # Most lines have no marks at all, and searching for four characters is far cheaper than the pattern.
    if "<" in text or "*" in text or "#" in text or "\\" in text:
        text = _MARKS.sub("", text)
    if "\t" in text:
        return "\t".join(" ".join(cell.split()) for cell in text.rstrip().split("\t"))
    return " ".join(text.split())


def find_zone(text: str) -> str | None:
    """The zone that a line opens, if it is such a heading."""
    # A heading is short, and the first word rules out nearly every line before the full patterns are tried.
    if len(text) > 60 or "\t" in text or not _ZONE_WORDS.match(text):
        return None
    bare = text.rstrip(":").strip()
    return next((zone for zone, pattern in ZONES if pattern.fullmatch(bare)), None)


def remove_bullet(text: str) -> tuple[str, str, bool]:
    """A line without its bullet: (label, text, whether it had a bullet or label)."""
    bullet = BULLET.match(text)
    rest = text[bullet.end() :] if bullet else text
    label = LABEL.match(rest)
    if label:
        return label.group(1), rest[label.end() :], True
    return "", rest, bullet is not None


def list_pieces(text: str, longest: int) -> Iterator[str]:
    """A text unchanged, or an extremely long one in pieces cut at spaces, so that work on it stays linear."""
    while len(text) > longest:
        cut = text.rfind(" ", 0, longest)
        # Text without any space, such as a long row of dots, has to be cut somewhere.
        cut = cut if cut > 0 else longest
        yield text[:cut]
        text = text[cut:].lstrip()
    yield text
