"""Notices about how files were read; the command line prints them with its results."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Final

LOG: Final = "scrutineer.notices"


def notify(sentences: Iterable[str]) -> None:
    """Pass sentences on, each without its full stop."""
    for sentence in sentences:
        logging.getLogger(LOG).info("%s", sentence)
