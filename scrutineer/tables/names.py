"""Match the names that people write with known names, after trimming and case-folding.

Nothing is deleted before two names are compared: what was thrown away once made `-1` the same as `1`.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

NOT_RECORDED: Final = "not recorded"
"""What a breakdown shows for cases with a blank value."""


def normalise_name(text: str) -> str:
    """A name for comparison: case-folded, with single blanks in the place of any white space."""
    return " ".join(text.split()).casefold()


def write_spoken(code: str) -> str:
    """A code as people write it: blanks in the place of underscores."""
    return normalise_name(code.replace("_", " "))


def make_key(text: str) -> str:
    """A heading as a key: case-folded, with underscores in the place of blanks."""
    return write_spoken(text).replace(" ", "_")


def suggest_nearest(text: object, known: Iterable[str]) -> str:
    """What may be meant, as a sentence without its full stop; it is offered, never taken."""
    names = {normalise_name(name): name for name in known}
    close = get_close_matches(normalise_name(str(text)), list(names), n=1) if text is not None else []
    return f"Perhaps you meant '{names[close[0]]}'" if close else ""
