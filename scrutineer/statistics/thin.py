"""What questions of few cases hide: one of one, or two of two, looks as if it could not have been otherwise.

A linearised variance takes p(1-p) at the share that was seen, and that is zero where all cases of a question went one
way. A score that gives such a question its full weight would then look far too certain. The share is taken
a little nearer to a half (half a case more on either side, Jeffreys' prior; Brown, Cai and DasGupta 2001, Statistical
Science 16:101-133), and degrees of freedom are counted over questions (Satterthwaite 1946, Biometrics Bulletin
2:110-114), so that one case alone cannot prove anything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Thin:
    """Questions as parts of estimates.

    Attributes:
        parts: estimates × questions, how much of each a question's share makes.
        spread: p(1-p) ÷ n of each question, with half a case more on either side.
        deficit: how much of that the share as it was seen leaves out.
        freedom: cases of each question less one, at least one.
    """

    parts: Floats
    spread: Floats
    deficit: Floats
    freedom: Floats

    @classmethod
    def from_counts(cls, parts: Floats, above: npt.ArrayLike, relevant: npt.ArrayLike) -> Thin:
        """From counts of each question; those without a relevant case take no part."""
        a, n = np.asarray(above, dtype=np.float64), np.asarray(relevant, dtype=np.float64)
        whole = np.where(n > 0, n, 1.0)
        drawn_in = (a + 0.5) / (n + 1)
        spread = np.where(n > 0, drawn_in * (1 - drawn_in) / whole, 0.0)
        seen = np.where(n > 0, a / whole * (1 - a / whole) / whole, 0.0)
        return cls(parts, spread, np.maximum(spread - seen, 0), np.maximum(n - 1, 1))

    def estimate_missing_variance(self, combined: Floats) -> Floats:
        """The variance to be added to each combination of the estimates."""
        return np.asarray((combined @ self.parts) ** 2 @ self.deficit)

    def calculate_freedoms(self, combined: Floats, most: float) -> Floats:
        """The degrees of freedom of each combination, no more than the cases give."""
        each = (combined @ self.parts) ** 2 * self.spread
        below = (each**2) @ (1 / self.freedom)
        with np.errstate(divide="ignore", invalid="ignore"):
            freedoms = np.where(below > 0, each.sum(axis=1) ** 2 / below, most)
        return np.maximum(np.minimum(freedoms, most), 1.0)
