"""Logs say what went wrong and where, never what anybody wrote of a case."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

EXTRA = ("route", "method", "status", "milliseconds", "account", "request_id")
"""What a record of a request contains besides its message."""


class Bare(logging.Filter):
    """Takes the request's own data out of a record; the path holds no case content."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything through, without its request."""
        if hasattr(record, "request"):
            del record.request
        if record.exc_info and record.exc_info[1] is not None:
            record.msg = f"{record.getMessage()} ({find_place(record.exc_info[1])})"
            record.args, record.exc_info, record.exc_text = (), None, None
        return True


def find_place(error: BaseException) -> str:
    """What kind of error it is and where it came from: places in programs and templates, and nothing that was entered.

    An error's own words can quote what somebody wrote of a case; names of files and functions cannot.
    """
    frames = list(traceback.walk_tb(error.__traceback__))
    inner = frames[-1:]
    own = [pair for pair in frames if _is_own(pair[0]) and pair not in inner][-PLACES:]
    places = [_name_place(*pair) for pair in (*own, *inner)]
    templates = list(filter(None, (_find_template(frame) for frame, _ in frames)))
    where = [*reversed(places), *templates[-1:]]
    text = type(error).__name__ + (f" at {', from '.join(where)}" if where else "")
    return text + (f"; caused by {find_place(error.__cause__)}" if error.__cause__ is not None else "")


PLACES = 6
"""So many places of a traceback are logged, the innermost ones of the program's own."""


def _is_own(frame: FrameType) -> bool:
    return _name_file(frame).startswith(("scrutineer/", "scrutineer_web/"))


def _name_place(frame: FrameType, line: int) -> str:
    return f"{_name_file(frame)}:{line} {frame.f_code.co_name}"


def _name_file(frame: FrameType) -> str:
    """A file's name within its package: where the packages lie is nobody's business."""
    path = Path(frame.f_code.co_filename)
    folders = [folder for folder in (HERE, *map(Path, sys.path)) if folder.is_absolute()]
    # The nearest one: libraries can lie in a folder below that of the program.
    inside = [path.relative_to(folder).as_posix() for folder in folders if path.is_relative_to(folder)]
    return min(inside, key=len, default=path.name)


HERE = Path(__file__).resolve().parents[2]


def _find_template(frame: FrameType) -> str:
    """The template and line that a frame renders, where it renders one."""
    if frame.f_code.co_name != "render_annotated":
        return ""
    node = frame.f_locals.get("self")
    origin, token = getattr(node, "origin", None), getattr(node, "token", None)
    return (
        f"template {origin.template_name}:{token.lineno}" if origin is not None and token is not None else ""
    )


class Quiet(logging.Filter):
    """Leaves out that work in the background begins and ends as it should; the worker sets its own level, too low."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let faults through, and everything of others."""
        return record.levelno >= logging.WARNING or not record.name.startswith("django_tasks")


class Json(logging.Formatter):
    """One line of JSON per record, in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's own words, and of a request what `EXTRA` names."""
        entry: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        entry |= {name: getattr(record, name) for name in EXTRA if hasattr(record, name)}
        return json.dumps(entry, ensure_ascii=False, default=str)
