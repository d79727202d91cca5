"""Results of few cases withheld before they are published, for groups that overlap as they please."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from scrutineer.cases.codes import RELEVANT, Codes
from scrutineer.frameworks.model import Framework
from scrutineer.scoring.groups import ALL, GroupOf
from scrutineer.scoring.results import Results
from scrutineer.statistics.suppression import withheld


def withhold(
    results: Results,
    codes: Codes,
    groups: Sequence[GroupOf],
    below: int,
    complements: Sequence[GroupOf] = (),
) -> Results:
    """The results with every group and question marked that fewer than `below` cases stand behind.

    A group of few cases is withheld as a whole, a question where few of a group's cases are relevant to
    it; as many more as it takes that no withheld number follows from the others; and every score that a
    withheld question is part of. Results of all cases stay.

    Args:
        results: as scored.
        codes: the answers that they were scored from.
        groups: the groups of the results, in the same order.
        below: the least number of cases that may be shown; below 2 nothing is withheld.
        complements: further groups that nobody is shown, and that must not follow from those shown: everyone
            else beside a group. They are marked where few stand behind them.
    """
    if below < 2:
        return results
    every = [*groups, *complements]
    rows, kind_of = np.unique(np.array([g.members for g in every]).T, axis=0, return_inverse=True)
    kinds = np.asarray(kind_of).reshape(-1)
    looked = _Withheld(rows.T, len(groups), below, [n for n, g in enumerate(groups) if g.key == ALL])
    hidden: set[tuple[str, str | None]] = set()
    cases = np.bincount(kinds, minlength=len(rows))
    gone = looked.at(cases, None)
    hidden |= {(every[n].key, None) for n in gone}
    # Whoever reads the results knows the size of every group that is shown.
    totals = looked.sums @ cases
    sizes = [None if n in gone else int(total) for n, total in enumerate(totals)]
    for place, key in enumerate(next(iter(results.groups.values())).questions):
        relevant = np.bincount(kinds[codes[:, place] & RELEVANT != 0], minlength=len(rows))
        for n in looked.at(relevant, sizes):
            hidden |= {(every[n].key, name) for name in (key, *resting_on(results.framework, key))}
    return replace(results, suppressed=frozenset(hidden))


@dataclass(frozen=True)
class _Withheld:
    """Which sums over kinds of cases must be withheld; the first `shown` are published, the others never are."""

    sums: npt.NDArray[np.bool_]
    shown: int
    below: int
    kept: list[int]

    def at(self, cells: npt.NDArray[np.int64], sizes: list[int | None] | None) -> set[int]:
        """The places of the sums that are withheld, and of the unpublished ones that are small."""
        totals = self.sums @ cells
        small = [n for n in range(self.shown, len(totals)) if 0 < totals[n] < self.below]
        places = [*range(self.shown), *small]
        known = [sizes[n] for n in places] if sizes is not None else None
        found = withheld(self.sums[places], cells, self.below, self.kept, known)
        return {places[n] for n in np.flatnonzero(found).tolist()}


def resting_on(framework: Framework, question: str) -> list[str]:
    """Every score that a question is part of: its criterion, section, threads and the overall score."""
    criterion = framework.criterion_of[question]
    section = framework.section_of[criterion.code]
    overall = ["overall"] if section.weight else []
    return [criterion.code, section.code, *framework.questions[question].threads, *overall]
