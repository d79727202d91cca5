"""Who did what by a folder that is imported: kept as the folder's word, never as this room's.

A file may say anything. Whatever it says somebody did is written down here as done by the person who imports it, at the moment
of the import; the names and moments in the file are kept with the row as what they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Model

from scrutineer_web.records.named import NamedElsewhere

if TYPE_CHECKING:
    from scrutineer_web.records.inspection import Inspection
    from scrutineer_web.records.user import User

Told = Mapping[str, Any]


class NamesElsewhere:
    """Collects what a folder says of who did what, while its rows are written.

    Args:
        inspection: that is imported.
        by: who imports it.
    """

    def __init__(self, inspection: Inspection, by: User):
        self.inspection, self.by = inspection, by
        self._rows: list[NamedElsewhere] = []

    def pair(self, described: Told, name: str) -> dict[str, Any]:
        """The columns of something that the folder says happened, as this room knows it."""
        return self.begin_now(name) if described.get(name) else {f"{name}_at": None, f"{name}_by": None}

    def begin_now(self, name: str) -> dict[str, Any]:
        """The columns of something that is so from the import on."""
        return {f"{name}_at": self.inspection.created_at, f"{name}_by": self.by}

    def keep(self, row: Model, described: Told, *names: str, **more: Any) -> None:
        """Keep what the folder says of a row; where it says nothing, nothing is kept."""
        parts = {name: _make_plain(described[name]) for name in names if name in described} | more
        if any(value is not None for value in parts.values()):
            table = type(row).__name__
            self._rows.append(
                NamedElsewhere(inspection=self.inspection, table=table, row=row.pk, parts=parts)
            )

    def write(self) -> None:
        """Write down everything that was collected."""
        NamedElsewhere.objects.bulk_create(self._rows, batch_size=500)


def _make_plain(value: Any) -> Any:
    """A moment with its name, or a moment alone, as it goes out again."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).isoformat()
    return [datetime.fromisoformat(value[0]).isoformat(), value[1]] if value else None
