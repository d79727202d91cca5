"""Who holds work in the background, and how long it may take."""

from __future__ import annotations

import os
import secrets
from functools import cache
from pathlib import Path

from scrutineer_web.safeguards import beats


def name_holder() -> str:
    """A name for this process as a holder of work, by which others on this machine see whether it still runs."""
    return f"{beats.HOLDER}{read_machine()}-{os.getpid():x}-{secrets.token_hex(2)}"[:30]


@cache
def read_machine() -> str:
    """This machine, as long as it runs, and the part of it whose processes see one another; empty where not known."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot[:8]}{Path('/proc/self/ns/pid').stat().st_ino % 0xFFFF:04x}"
    except OSError:
        return ""
