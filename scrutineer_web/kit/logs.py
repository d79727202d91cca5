"""Logs tell what went wrong, never what anybody wrote of a case."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

EXTRA = ("route", "method", "status", "milliseconds", "account", "request_id")
"""What a record of a request tells beside its message."""


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


class Quiet(logging.Filter):
    """Leaves out that work in the background begins and ends as it should; the worker sets its own level, too low."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let faults through, and everything of others."""
        return record.levelno >= logging.WARNING or not record.name.startswith("django_tasks")


class Json(logging.Formatter):
    """One line of JSON per record, in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's own words, and of a request what `EXTRA` names."""
        told: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        told |= {name: getattr(record, name) for name in EXTRA if hasattr(record, name)}
        return json.dumps(told, ensure_ascii=False, default=str)
