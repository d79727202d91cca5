"""Uploaded bytes as files, for as long as the core reads them; faults name the file as the person knows it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scrutineer.errors import Fault, UserError


@contextmanager
def write_on_disk(name: str, content: bytes) -> Iterator[Path]:
    """A file with the uploaded bytes.

    Raises:
        UserError: as what is done inside raises it, with the file's own name in the place of its path.
    """
    with tempfile.TemporaryDirectory(prefix="scrutineer-") as folder:
        file_name = Path(name.replace("\\", "/")).name or "file"
        ending = Path(file_name).suffix.lower()
        # A name of one's own: the file's may be longer than a disk takes.
        path = Path(folder) / f"file{ending if ending[1:].isalnum() and len(ending) < 10 else ''}"
        path.write_bytes(content)
        try:
            yield path
        except UserError as error:
            faults = [
                Fault(f.where.replace(str(path), file_name), f.what.replace(str(path), file_name), f.do)
                for f in error.faults
            ]
            raise UserError(faults) from error
