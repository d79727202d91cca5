"""What of the log's protection goes into a backup: its key, where the chains ended, and a seal over the whole."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from scrutineer.errors import Fault, UserError
from scrutineer_web.audit.keys import NAME, VARIABLE


def make_anchor_now(now: datetime) -> dict[str, Any]:
    """Where every chain ends, before the copy of the database begins: all of it is in the copy."""
    from scrutineer_web.audit.anchors import find_ends, make_anchor

    return make_anchor("backup", find_ends(), now)


def seal(said: Mapping[str, Any]) -> dict[str, Any]:
    """What a backup says of itself, with a signature that only who has the key can make."""
    from scrutineer_web.audit.keys import load_key

    return {**said, "seal": _sign(load_key(), said)}


def _sign(key: bytes, said: Mapping[str, Any]) -> str:
    from scrutineer_web.audit.chain import dump

    # Not by `derive_key`, which uses the key of the room that is open. A
    # backup may be sealed with another one.
    own = hmac.new(key, b"scrutineer backup", hashlib.sha256).digest()
    content = dump({name: value for name, value in said.items() if name != "seal"})
    return hmac.new(own, content.encode(), hashlib.sha256).hexdigest()


def find_key_path() -> Path | None:
    """The file with the log's key, to be kept in the backup; None where the key is set in the environment."""
    from scrutineer_web.audit.keys import find_key_file, load_key

    # Makes the key where there is none yet: the backup has to hold the one that seals it.
    load_key()
    return find_key_file()


def refuse_altered(said: Mapping[str, Any], unpacked: Path, data: Path, file: Path) -> None:
    """Refuse a backup that isn't what the room wrote.

    Args:
        said: what the backup says of itself.
        unpacked: the folder with its parts.
        data: where the room will keep its data; a key that lies there is the one that counts.
        file: the backup, for the message.

    Raises:
        UserError: it was altered, or the key that it was sealed with isn't here.
    """
    key = _find_key(unpacked, data)
    if key is None:
        what = "the audit key that it was sealed with is neither in it nor here"
        raise UserError(Fault(str(file), what, f"Set {VARIABLE}, or put the key into {data / NAME}"))
    if not hmac.compare_digest(str(said.get("seal", "")), _sign(key, said)):
        what = "somebody has altered it, or it was sealed with another audit key"
        raise UserError(Fault(str(file), what, "Use another backup"))


def _find_key(unpacked: Path, data: Path) -> bytes | None:
    if os.environ.get(VARIABLE):
        return os.environ[VARIABLE].encode()
    # The key that is here counts first. Whoever alters a backup can put a key of their own into it.
    for place in (data / NAME, unpacked / NAME):
        if place.exists():
            return place.read_bytes().strip()
    return None


def put_key_back(unpacked: Path, data: Path) -> None:
    """Put the log's key where the restored room looks for it; one that lies there already stays."""
    source, target = unpacked / NAME, data / NAME
    if source.exists() and not target.exists() and not os.environ.get(VARIABLE):
        data.mkdir(parents=True, exist_ok=True)
        # O_EXCL, so that a key that appeared in between is never overwritten: its
        # log could not be verified any more.
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(source.read_bytes())
