"""Rate areas from a table of the ratings of their criteria or sections."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scrutineer.errors import Fault, UserError
from scrutineer.frameworks.model import Framework
from scrutineer.inspection.rating_table import read_rating_table
from scrutineer.scoring.rated import RatedLevels, rate_levels
from scrutineer.tables.write_table import write_csv_rows
from scrutineer.tasks.frameworks import show_framework


@dataclass(frozen=True)
class RatedAreas:
    """The ratings of some areas.

    Attributes:
        framework: that they're rated by.
        areas: by name.
        notes: what was left out of the table, in sentences.
    """

    framework: Framework
    areas: dict[str, RatedLevels]
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The areas as JSON gives them."""
        return {"areas": {name: levels.as_dict() for name, levels in self.areas.items()}}


def rate_areas(path: Path, name: str, folder: Path | None) -> RatedAreas:
    """Rate every area of a table.

    Args:
        path: the table (see `read_rating_table`).
        name: the framework's id or file.
        folder: the folder of frameworks, where not those that ship.

    Raises:
        UserError: the framework rates nothing, or faults in the table (all at once).
    """
    framework = show_framework(name, folder)
    if not framework.rates_levels:
        what = f"the framework '{framework.id}' doesn't say how anything is rated"
        raise UserError(Fault("", what, "Add `rated` to its file, or choose another framework"))
    table = read_rating_table(path, framework)
    areas = {area: rate_levels(framework, given=given) for area, given in table.areas.items()}
    return RatedAreas(framework, areas, table.notes)


def write_areas_csv(rated: RatedAreas) -> str:
    """The areas as CSV: a row for each, with its rating, its points and what decided it, then the rating of each part."""
    first = next(iter(rated.areas.values()), None)
    codes = [] if first is None else [*first.sections, *first.criteria]
    headings = ("area", "rating", "total", "out_of", "percent", "rule", *codes)
    return write_csv_rows(headings, [_list_cells(area, levels) for area, levels in rated.areas.items()])


def _list_cells(area: str, levels: RatedLevels) -> list[object]:
    whole = levels.overall.as_dict() if levels.overall else {}
    parts = [*levels.sections.values(), *levels.criteria.values()]
    return [
        area,
        *(whole.get(name) for name in ("rating", "total", "out_of", "percent", "rule")),
        *(part.final.title if part.final else None for part in parts),
    ]
