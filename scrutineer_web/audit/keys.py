"""The key of the audit log: outside the database, so that a person who can write there alone can't write its hashes.

It is a file next to the room's secret, readable by its owner alone, or comes from the environment.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
from functools import cache
from pathlib import Path

from django.conf import settings

NAME = "audit-key"
VARIABLE = "SCRUTINEER_AUDIT_KEY"


def find_key_file() -> Path | None:
    """Where the key lies; None where it is set in the environment."""
    return None if os.environ.get(VARIABLE) else Path(settings.DATA) / NAME


def is_there() -> bool:
    """Whether the room has a key already."""
    path = find_key_file()
    return path is None or path.exists()


@cache
def load_key() -> bytes:
    """The key, made when a room is opened for the first time."""
    path = find_key_file()
    if path is None:
        return os.environ[VARIABLE].encode()
    if not path.exists():
        _make(path)
    return path.read_bytes().strip()


def _make(path: Path) -> None:
    """Write a new key whole: of two processes that begin at once the first one's stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".key-", dir=path.parent)
    try:
        # Written under another name first, so that no process ever reads half a key.
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o600)
        # A link fails where the file exists, so the first of two processes wins and the second reads its key.
        os.link(name, path)
    except FileExistsError:
        pass
    finally:
        Path(name).unlink()


@cache
def derive_key(purpose: str) -> bytes:
    """A key of its own for each purpose, 32 bytes."""
    return hmac.new(load_key(), f"scrutineer {purpose}".encode(), hashlib.sha256).digest()


def sign(purpose: str, content: bytes) -> str:
    """HMAC-SHA256 of some bytes, in hexadecimal."""
    return hmac.new(derive_key(purpose), content, hashlib.sha256).hexdigest()


def name_key() -> str:
    """What the log notes of the key, so that another one is noticed: it says nothing of the key itself."""
    # 64 bits are enough to notice that a different key was put there. Nothing is proved with them.
    return sign("name", b"")[:16]


def forget_key() -> None:
    """Read the key again when it is next needed."""
    load_key.cache_clear()
    derive_key.cache_clear()
