"""What a person should know of how files were read, for whoever shows it: the command line prints it beside its results."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Final

LOG: Final = "scrutineer.notices"


def notify(sentences: Iterable[str]) -> None:
    """Pass sentences on, each without its full stop."""
    for sentence in sentences:
        logging.getLogger(LOG).info("%s", sentence)
