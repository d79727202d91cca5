"""What the files of a folder are, by their paths."""

from __future__ import annotations

UPLOADS, DRAFTS = "fieldwork/uploads/", "fieldwork/drafts/"
"""Where files that were sent in lie, by their hash, and drafts that were made, by their number."""


def is_text(path: str) -> bool:
    """Whether a file of the folder is a text of the report."""
    # An element's texts are in a folder of its own: elements/<framework>/narrative/….
    place = path.split("/")[2:] if path.startswith("elements/") else path.split("/")
    return (
        # As long as the column in which a text's path is kept.
        len(path) <= 200
        and len(place) == 2
        and place[0] in ("narrative", "findings", "practice")
        and path.endswith(".md")
    )


def match_made_report(path: str) -> tuple[tuple[str, int], str] | None:
    """Of a file of a made report: its kind and number, and its place there; None for any other file."""
    for start, kind in (("issued/v", "issue"), (DRAFTS, "draft")):
        number, _, rest = path.removeprefix(start).partition("/")
        if (
            path.startswith(start)
            and number.isdecimal()
            and 0 < int(number) <= 10_000
            and rest
            # As long as the column in which a report's file is kept.
            and len(rest) <= 150
        ):
            return (kind, int(number)), rest
    return None
