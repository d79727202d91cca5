"""An inspection's folder as a zip file and back: the same bytes for the same folder, and protection against what a zip file can hide."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from scrutineer.errors import Fault, UserError, shorten_path

LARGEST = 500_000_000
"""Bytes that an archive may unpack to."""

MOST = 5000
"""Files that an archive may hold."""

_EPOCH = (1980, 1, 1, 0, 0, 0)


@contextmanager
def open_folder(path: Path) -> Iterator[Path]:
    """The folder of an inspection; a zip file is unpacked for as long as it is needed.

    Raises:
        UserError: there is no such folder or file, or the zip file is damaged, too large, or leads elsewhere.
    """
    if path.is_dir():
        yield path
        return
    if not path.exists():
        raise UserError(
            Fault(shorten_path(path), "there is no such folder", "Choose an inspection's folder or zip file")
        )
    with tempfile.TemporaryDirectory(prefix="scrutineer-") as name:
        place = Path(name) / (path.stem or "inspection")
        place.mkdir()
        unpack(path, place)
        inner = [child for child in place.iterdir() if child.is_dir()]
        alone = len(inner) == 1 and not (place / "inspection.yaml").exists()
        root = inner[0] if alone else place
        try:
            yield root
        except UserError as error:
            # A person knows the zip file, not where it was unpacked for a moment.
            faults = [
                Fault(f.where.replace(str(root), shorten_path(path)), f.what, f.do) for f in error.faults
            ]
            raise UserError(faults) from error


def unpack(archive: Path, place: Path) -> None:
    """Unpack a zip file into a folder.

    Raises:
        UserError: the file is damaged, too large, or names a place outside the folder; then nothing is unpacked.
    """
    try:
        with ZipFile(archive) as file:
            names = [info for info in file.infolist() if not info.is_dir()]
            faults = _list_refused(names, shorten_path(archive))
            if faults:
                raise UserError(faults)
            for info in names:
                target = place / info.filename
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.read(info))
    except (BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error, LZMAError) as error:
        raise UserError(
            Fault(shorten_path(archive), "this zip file can't be read", "Create the zip file again")
        ) from error


def _list_refused(names: list[ZipInfo], where: str) -> list[Fault]:
    faults = []
    if len(names) > MOST:
        faults.append(Fault(where, f"it has {len(names)} files; the limit is {MOST}"))
    if sum(info.file_size for info in names) > LARGEST:
        faults.append(Fault(where, f"it is larger than {LARGEST // 1_000_000} MB once unpacked"))
    for info in names:
        path = PurePosixPath(info.filename.replace("\\", "/"))
        if not path.parts or path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            faults.append(
                Fault(
                    where,
                    f"the file name '{info.filename}' points outside the folder",
                    "Create the zip file again",
                )
            )
        elif not info.filename.isprintable():
            faults.append(
                Fault(
                    where,
                    f"the file name {info.filename!r} contains characters that are not allowed",
                    "Create the zip file again",
                )
            )
        elif info.external_attr >> 16 & 0o170000 == 0o120000:
            faults.append(Fault(where, f"'{info.filename}' is a link", "Include the file itself"))
    return faults


def pack(folder: Path) -> bytes:
    """A folder as a zip file: names in order, no dates, so that the same folder gives the same bytes."""
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as file:
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith(".")):
            info = ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", _EPOCH)
            info.compress_type = ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            file.writestr(info, path.read_bytes())
    return packed.getvalue()
