"""Issued versions of a report in the folder, compared with the hashes that were written with them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from scrutineer.errors import Fault, shorten_path

FOLDER: Final = "issued"
STAMP: Final = "issue.json"


@dataclass(frozen=True)
class IssuedVersion:
    """One issued version.

    Attributes:
        number: of the version.
        folder: in which its files lie.
        made_from: what ties it to its data, by name; empty if its stamp cannot be read.
        hashes: the SHA-256 of each file, by its place in the folder.
        faults: what no longer is as it was issued.
    """

    number: int
    folder: Path
    made_from: dict[str, str]
    hashes: dict[str, str]
    faults: tuple[Fault, ...]


def list_issued_versions(place: Path) -> list[IssuedVersion]:
    """Every issued version of an inspection, in order, each checked against its hashes."""
    folders = {p.name[1:]: p for p in (place / FOLDER).glob("v*") if p.is_dir() and p.name[1:].isdigit()}
    return [_make_version(int(number), folders[number]) for number in sorted(folders, key=int)]


def find_next_version(place: Path) -> int:
    """The number of the next issue."""
    return 1 + max((version.number for version in list_issued_versions(place)), default=0)


def _make_version(number: int, folder: Path) -> IssuedVersion:
    stamp = folder / STAMP
    try:
        content = json.loads(stamp.read_text(encoding="utf-8"))
        hashes = {str(path): str(value) for path, value in dict(content["files"]).items()}
        made_from = {str(name): str(value) for name, value in dict(content["made_from"]).items()}
        wrong_number = content.get("version") != number
    except FileNotFoundError:
        what = f"version {number} has no {STAMP}, the record of what was issued"
        fault = Fault(shorten_path(folder), what, "Restore it from a backup")
        return IssuedVersion(number=number, folder=folder, made_from={}, hashes={}, faults=(fault,))
    except (OSError, ValueError, KeyError, TypeError):
        fault = Fault(shorten_path(stamp), "it has changed since it was issued", "Restore it from a backup")
        return IssuedVersion(number=number, folder=folder, made_from={}, hashes={}, faults=(fault,))
    faults = list(_find_altered(folder, hashes))
    if wrong_number:
        faults.append(Fault(shorten_path(stamp), "it belongs to another version", "Restore it from a backup"))
    return IssuedVersion(
        number=number, folder=folder, made_from=made_from, hashes=hashes, faults=tuple(faults)
    )


def _find_altered(folder: Path, hashes: dict[str, str]) -> Iterator[Fault]:
    there = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
    for name, value in hashes.items():
        path = there.pop(name, None)
        if path is None:
            yield Fault(
                shorten_path(folder / name),
                "this file was issued but is now missing",
                "Restore it from a backup",
            )
        elif hashlib.sha256(path.read_bytes()).hexdigest() != value:
            yield Fault(
                shorten_path(path),
                "this file was changed after it was issued",
                "Restore it from a backup, or issue a new version",
            )
    for name, path in sorted(there.items()):
        if name != STAMP:
            yield Fault(
                shorten_path(path), "this file was not issued with the others", "Move it out of the folder"
            )


def list_differing(version: IssuedVersion, files: dict[str, str | bytes]) -> list[str]:
    """The files of an issue that differ from those made now, by their place, including files that only one of the two has.

    Args:
        version: as issued.
        files: as made now, of the same formats; without the stamp.
    """
    written: dict[str, Any] = {
        name: hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()
        for name, content in files.items()
        if name != STAMP
    }
    return sorted(
        name for name in {*written, *version.hashes} if written.get(name) != version.hashes.get(name)
    )
