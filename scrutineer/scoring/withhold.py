"""Results of few cases withheld before they are published, for groups that overlap as they please."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from scrutineer.cases.codes import RELEVANT, Codes
from scrutineer.frameworks.model import Framework
from scrutineer.scoring.groups import ALL, GroupOf
from scrutineer.scoring.results import Results
from scrutineer.statistics.suppression import withheld


def withhold(results: Results, codes: Codes, groups: Sequence[GroupOf], below: int) -> Results:
    """The results with every group and question marked that fewer than `below` cases stand behind.

    A group of few cases is withheld as a whole, a question where few of a group's cases are relevant to
    it; as many more as it takes that no withheld number follows from the others; and every score that a
    withheld question is part of. Results of all cases stay.

    Args:
        results: as scored.
        codes: the answers that they were scored from.
        groups: the groups of the results, in the same order.
        below: the least number of cases that may be shown; below 2 nothing is withheld.
    """
    if below < 2:
        return results
    rows, kind_of = np.unique(np.array([g.members for g in groups]).T, axis=0, return_inverse=True)
    kinds = np.asarray(kind_of).reshape(-1)
    sums = rows.T
    kept = [n for n, g in enumerate(groups) if g.key == ALL]
    hidden: set[tuple[str, str | None]] = set()
    cases = np.bincount(kinds, minlength=len(rows))
    out = withheld(sums, cases, below, kept)
    hidden |= {(groups[n].key, None) for n in np.flatnonzero(out).tolist()}
    # Whoever reads the results knows the size of every group that is shown.
    sizes = [None if gone else int(size) for gone, size in zip(out, sums @ cases, strict=True)]
    for place, key in enumerate(next(iter(results.groups.values())).questions):
        relevant = np.bincount(kinds[codes[:, place] & RELEVANT != 0], minlength=len(rows))
        out = withheld(sums, relevant, below, kept, sizes)
        for n in np.flatnonzero(out).tolist():
            hidden |= {(groups[n].key, name) for name in (key, *resting_on(results.framework, key))}
    return replace(results, suppressed=frozenset(hidden))


def resting_on(framework: Framework, question: str) -> list[str]:
    """Every score that a question is part of: its criterion, section, threads and the overall score."""
    criterion = framework.criterion_of[question]
    section = framework.section_of[criterion.code]
    overall = ["overall"] if section.weight else []
    return [criterion.code, section.code, *framework.questions[question].threads, *overall]
