"""Logs tell what went wrong, never what anybody wrote of a case."""

from __future__ import annotations

import logging


class Bare(logging.Filter):
    """Takes the request's own data out of a record; the path holds no case content."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything through, without its request."""
        if hasattr(record, "request"):
            del record.request
        if record.exc_info and record.exc_info[0] is not None:
            record.msg = f"{record.getMessage()} ({record.exc_info[0].__name__})"
            record.args, record.exc_info, record.exc_text = (), None, None
        return True
