"""Which room a command works on: one answer for all commands, from options, a file of settings and the environment.

Options win over the file, the file over the environment. What names the room (its folder, its database, its secret) is
never put together from two places that don't belong together: a command that backed up the database of one room with
the secret of another would say that all is well.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from scrutineer.errors import Fault, UserError
from scrutineer_web.kit import private
from scrutineer_web.running.env_file import read_env_file

FOLDER = "room"
"""Where a room lies where nothing says otherwise: in a folder of this name in the working folder."""

_ROOM = ("SCRUTINEER_DATA", "SCRUTINEER_DATABASE", "SCRUTINEER_SECRET")
"""The settings that together name one room."""


@dataclass(frozen=True)
class RoomPlace:
    """A room's folder and database.

    Attributes:
        data: the folder, as a full path.
        database: its address as it was set; empty for SQLite in the folder.
    """

    data: Path
    database: str = ""

    @property
    def on_server(self) -> bool:
        """Whether the database is PostgreSQL."""
        return self.database.startswith("postgres")

    @property
    def file(self) -> Path:
        """The database's file, where it is SQLite."""
        if not self.database:
            return self.data / "room.sqlite3"
        return Path(unquote(urlsplit(self.database).path).removeprefix("/"))

    @property
    def secret(self) -> Path | None:
        """The file with the room's secret; None where it is set in the environment."""
        return None if os.environ.get("SCRUTINEER_SECRET") else self.data / "secret-key"

    def __str__(self) -> str:
        """As a person would say it; never with a password."""
        if not self.on_server:
            return f"Room: {self.data}. Database: SQLite, {self.file}"
        parts = urlsplit(self.database)
        name = unquote(parts.path.lstrip("/")) or "of the address"
        host = f" on {parts.hostname}{f':{parts.port}' if parts.port else ''}" if parts.hostname else ""
        user = f" as {unquote(parts.username)}" if parts.username else ""
        return f"Room: {self.data}. Database: PostgreSQL, {name}{host}{user}"


def load_env_file(path: Path) -> None:
    """Set what a file of settings says: it wins over the environment.

    Raises:
        UserError: the file can't be used, or the environment names a part of a room that the file leaves open.
    """
    settings = read_env_file(path)
    _refuse_mixture(settings, path)
    os.environ.update(settings)


def choose(data: Path | None, *, restoring: bool = False) -> RoomPlace:
    """The room that a command works on, from its option and the environment (with what a file of settings said).

    The environment is made to say the same: everything that reads a setting afterwards, here and in processes that are
    started, reads what was chosen.

    Args:
        data: the folder that an option names.
        restoring: whether a room is put elsewhere: then its folder and its empty database come from different places.

    Raises:
        UserError: folder and database don't belong together.
    """
    chosen = os.environ.get("SCRUTINEER_DATA")
    database = os.environ.get("SCRUTINEER_DATABASE", "")
    folder = Path(data or chosen or FOLDER).resolve()
    # A folder of one room with the database of another would look like a damaged room, and could be damaged by use.
    if data is not None and chosen and Path(chosen).resolve() != folder and not restoring:
        for name in ("SCRUTINEER_DATABASE", "SCRUTINEER_SECRET"):
            if os.environ.get(name):
                what = f"it names {folder}, but {name} belongs to the room in {chosen} (SCRUTINEER_DATA)"
                raise UserError(Fault("--data", what, "Leave out --data, or set everything for one room"))
    # Settings are read once, when Django starts, and by processes that are started later. Both read the environment.
    os.environ["SCRUTINEER_DATA"] = str(folder)
    return RoomPlace(folder, database)


def _refuse_mixture(settings: dict[str, str], env_file: Path) -> None:
    """Refuse to add what names another room to what a file names.

    Raises:
        UserError: the environment names a part of a room that the file leaves open.
    """
    if not any(name in settings for name in _ROOM):
        return
    faults = [
        Fault(
            name,
            f"it is set in the environment, and {env_file} names a room without it",
            f"Unset it, or write it into {env_file}",
        )
        for name in _ROOM
        if os.environ.get(name) and name not in settings
    ]
    if faults:
        raise UserError(faults)


# -- whether there is a room -------------------------------------------------------------


def list_tables(place: RoomPlace) -> set[str]:
    """The migrations of the room's records that its database has; none where it holds no room. Nothing is changed.

    Raises:
        UserError: the database can't be reached or read.
    """
    if place.on_server:
        from scrutineer_web.running import libpq

        return libpq.list_applied(place.database)
    return _list_in_file(place.file)


def find_absent(place: RoomPlace, applied: set[str]) -> Fault | None:
    """Why there is no room at a place; None where there is one.

    Args:
        place: which.
        applied: as `list_tables` gives them.
    """
    do = "Name its folder with --data or its settings with --env-file, or make one: scrutineer room create"
    secret = place.secret is None or place.secret.is_file()
    # Without its secret, sessions and device keys can't be read. A new one made here would lock people's devices out.
    if applied and not secret:
        what = "the database holds a room, but this folder doesn't hold its secret"
        return Fault(str(place.data), what, "Name the folder that the room was made with")
    if not applied:
        return Fault(str(place.data if not place.database else place), "there is no room here", do)
    return None


def find_newer(place: RoomPlace, applied: set[str]) -> Fault | None:
    """That a newer version of the program has worked on a room; None where none has."""
    if applied <= list_released():
        return None
    what = "this room was last used by a newer version of this program"
    return Fault(str(place.data), what, "Update the program, or restore an earlier backup elsewhere")


def list_released() -> set[str]:
    """The migrations of the room's records that this program knows."""
    return {path.stem for path in (Path(__file__).parent.parent / "records" / "migrations").glob("0*.py")}


def furnish(place: RoomPlace, applied: set[str]) -> None:
    """Make a room's folder and its secret where they aren't there yet, and see that others can't read them.

    Args:
        place: which.
        applied: as `list_tables` gives them.

    Raises:
        UserError: the database holds a room of another folder, or of a newer version.
    """
    fault = (find_absent(place, applied) if applied else None) or find_newer(place, applied)
    if fault is not None:
        raise UserError(fault)
    place.data.mkdir(parents=True, exist_ok=True)
    if place.secret is not None and not place.secret.exists():
        make_secret(place.secret)
    tighten(place)


def tighten(place: RoomPlace) -> None:
    """See that nobody else can read a room's folder and files."""
    files = [
        place.data / name
        for name in ("room.sqlite3", "room.sqlite3-wal", "room.sqlite3-shm", "secret-key", "audit-key")
    ]
    if not place.on_server:
        files += [place.file.with_name(f"{place.file.name}{end}") for end in ("", "-wal", "-shm")]
    # A folder that somebody works or lives in isn't the room's to close.
    own = place.data not in (Path.cwd(), Path.home())
    private.tighten((place.data,) if own else (), tuple(files))


def make_secret(path: Path) -> None:
    """Make the key that signs sessions and wraps device keys: whole or not at all, and readable by nobody else."""
    with private.write_whole(path) as file:
        file.write(secrets.token_urlsafe(48).encode())


def _list_in_file(file: Path) -> set[str]:
    if not file.exists():
        return set()
    # Without a log next to it, nobody is using it, and then the file can be read without adding one.
    idle = not file.with_name(f"{file.name}-wal").exists()
    address = f"{file.resolve().as_uri()}?mode=ro{'&immutable=1' if idle else ''}"
    try:
        with closing(sqlite3.connect(address, uri=True)) as database:
            rows = database.execute("SELECT name FROM django_migrations WHERE app = 'records'").fetchall()
    except sqlite3.OperationalError as error:
        # An empty database is not a fault here: it is where a room can be made.
        if "no such table" in str(error):
            return set()
        raise UserError(
            Fault(str(file), f"it can't be read ({error})", "Check that you may read it")
        ) from None
    except sqlite3.DatabaseError:
        do = "Name the room's own folder, or restore a backup"
        raise UserError(Fault(str(file), "it isn't a database, or it is damaged", do)) from None
    return {name for (name,) in rows}
