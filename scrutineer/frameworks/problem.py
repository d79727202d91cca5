"""Something in a framework that doesn't fit: where, what, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One thing that does not fit, at a place in the framework's file."""

    place: Place
    near: str
    what: str
    do: str = ""


def list_known(name: str, known: Iterable[str]) -> str:
    """What to choose from, with the name that comes closest."""
    names = list(known)
    close = get_close_matches(name, names, n=1)
    listed = (
        f"Choose from {', '.join(names)}" if len(names) <= 12 else f"There are {len(names)} to choose from"
    )
    return f"Did you mean '{close[0]}'? {listed}" if close else listed
