"""Where a table of a known name lies in a folder, whatever kind of file it is."""

from __future__ import annotations

from pathlib import Path

from scrutineer.errors import Fault, UserError, shorten_path
from scrutineer.tables.file_kinds import KINDS


def find_table(folder: Path, stem: str) -> Path | None:
    """The file of a table, such as `issues.csv` or `issues.xlsx`; None if there is none.

    Raises:
        UserError: there are several, so it is not clear which one counts.
    """
    there = [path for kind in KINDS if (path := folder / f"{stem}{kind}").is_file()]
    if len(there) > 1:
        names = " and ".join(path.name for path in there)
        raise UserError(
            Fault(
                shorten_path(folder),
                f"{names} both contain {stem.replace('_', ' ')}",
                "Keep one of them and move the other to another folder",
            )
        )
    return there[0] if there else None
