"""Who did something and when, as it goes out with a folder: by this room's events, or as an earlier folder named it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Model

from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.named import NamedElsewhere


class RowMoments:
    """What goes out for a row's moments: its own, or what the folder that brought the row said of them.

    A row that came with a folder bears the moment of its import and the person who imported it. What the folder said goes out
    again as long as that is so; once somebody here does the same again, the row speaks for itself.

    Args:
        inspection: whose rows; None where only this room's own moments are wanted.
    """

    def __init__(self, inspection: Inspection | None = None):
        self._at = inspection.created_at if inspection is not None else None
        rows = NamedElsewhere.objects.filter(inspection=inspection) if inspection is not None else ()
        # One query for the whole folder, which has thousands of rows.
        self._parts: dict[tuple[str, int], dict[str, Any]] = {(n.table, n.row): n.parts for n in rows}

    def find_moment(self, row: Model, name: str) -> list[str] | None:
        """When and by whom; None where it did not happen."""
        at = getattr(row, f"{name}_at")
        parts = self.find_all(row)
        # The row still has the moment of its import, or one that was taken
        # over as it was, as with pseudonymising.
        if name in parts and (
            at == self._at or (parts[name] and at == datetime.fromisoformat(parts[name][0]))
        ):
            said: list[str] | None = parts[name]
            return said
        return None if at is None else [at.isoformat(), getattr(row, f"{name}_by").username]

    def find_all(self, row: Model) -> dict[str, Any]:
        """Everything that a folder said of a row."""
        return self._parts.get((type(row).__name__, row.pk), {})


HERE = RowMoments()
"""This room's own moments."""
