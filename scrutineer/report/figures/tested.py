"""Which differences a test finds: two sides compared once, adjusted for all comparisons between them."""

from __future__ import annotations

from collections.abc import Callable

from scrutineer.frameworks.model import Framework
from scrutineer.scoring.comparison.read_results import ResultsFile, Side
from scrutineer.scoring.comparison.sides import Compared, compare_sides, is_found_by_test
from scrutineer.scoring.results import Results


def find_side(results: Results, group: str) -> Side | None:
    """One group of results as a side of a comparison; None if there is no such group."""
    if group not in results.groups:
        return None
    return ResultsFile(results.label, results.as_dict()).make_side(group)


class Tests:
    """Comparisons made when they are first asked for.

    Args:
        framework: of the first side.
        other: of the second.
        sides: gives the two sides; either may be None, and then nothing is compared.
    """

    def __init__(
        self, framework: Framework, other: Framework, sides: Callable[[], tuple[Side | None, Side | None]]
    ):
        self._frameworks, self._sides = (framework, other), sides
        self._rows: dict[str, Compared] | None = None

    def find_row(self, name: str) -> Compared | None:
        """One question or score compared; None if the two sides cannot be."""
        if self._rows is None:
            first, second = self._sides()
            comparison = compare_sides(first, second, self._frameworks) if first and second else None
            self._rows = {row.name: row for row in comparison.rows} if comparison else {}
        return self._rows.get(name)


def is_significant(row: Compared | None) -> bool:
    """Whether a test, adjusted for all comparisons, finds the difference."""
    return row is not None and is_found_by_test(row.difference, row.adjusted)
