"""Where data is, and writing without leaving half a file."""

from __future__ import annotations

import os
import tempfile
from errno import EISDIR
from pathlib import Path

from scrutineer.errors import Fault, UserError, make_fault, shorten_path
from scrutineer.frameworks.library import Library

_HERE = Path(__file__).resolve().parent.parent


def find_data_folder(name: str) -> Path:
    """A folder of data that ships with the project: inside the installed package, or next to it in a checkout."""
    inside = _HERE / "data" / name
    return inside if inside.is_dir() else _HERE.parent / name


def open_library(folder: Path | None) -> Library:
    """The frameworks of a folder, or those that ship with the project."""
    if folder is not None and not folder.is_dir():
        raise UserError(
            Fault(shorten_path(folder), "there is no such folder", "Choose a folder of frameworks")
        )
    shelf = Library(folder or find_data_folder("frameworks"))
    if not shelf.ids:
        what = "this folder has no frameworks"
        raise UserError(
            Fault(
                shorten_path(shelf.folder),
                what,
                "Choose a folder whose subfolders each contain a framework.yaml",
            )
        )
    return shelf


def remove_tree(folder: Path) -> None:
    """Remove a folder of our own with everything in it, where it is still there."""
    from shutil import rmtree

    rmtree(folder, ignore_errors=True)


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all: a reader never sees half of it.

    Raises:
        UserError: the file cannot be written.
    """
    write_all({path: text})


def write_all(files: dict[Path, str | bytes]) -> None:
    """Write several files, none before all can be: each is first written to a temporary file in the same folder, then all are moved.

    Raises:
        UserError: one of them cannot be written; then none is.
    """
    waiting: list[tuple[Path, Path]] = []
    try:
        for path, content in files.items():
            if path.is_dir():
                raise IsADirectoryError(EISDIR, f"there is a folder named {path.name}")
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            waiting.append((Path(name), path))
            with os.fdopen(handle, "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
            Path(name).chmod(0o644)
        for moved, path in waiting:
            moved.replace(path)
    except OSError as error:
        for moved, _ in waiting:
            moved.unlink(missing_ok=True)
        where = shorten_path(next(iter(files)).parent)
        reason = error.strerror if isinstance(error, IsADirectoryError) else make_fault(error).what
        raise UserError(
            Fault(where, f"the files cannot be written: {reason}", "Choose another folder")
        ) from error
