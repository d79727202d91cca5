"""One figure as printed, and the refusal of one that must not be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One figure as printed.

    Attributes:
        key: which figure it is, the same in every format.
        text: as printed.
        percent: the share or score that words may replace; None for other figures.
        change: percentage points from what it is compared with.
        significant: whether a test finds that change.
        source: where it is quoted from, for figures that are not of this inspection's data.
    """

    key: str
    text: str
    percent: float | None = None
    change: float | None = None
    significant: bool = False
    source: str = ""


class FigureError(Exception):
    """A figure that cannot or must not be printed: what is wrong, and what to write instead."""

    def __init__(self, what: str, do: str = ""):
        super().__init__(what)
        self.what, self.do = what, do
