"""A file of settings, read as systemd reads an EnvironmentFile: one `NAME=value` a line, quotes, comments.

The same file serves the service, a shell and every command's `--env-file`, so that nobody backs up another room than
the one that runs. What systemd would pass over in silence is refused here with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from scrutineer.errors import Fault, UserError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ESCAPED_IN_QUOTES = '"\\`$'
"""Inside double quotes a backslash comes before one of these, or for itself."""


def read_env_file(path: Path) -> dict[str, str]:
    """The settings of a file; a later line of the same name wins, as it does for systemd.

    Raises:
        UserError: it cannot be read, or a line is none that systemd takes; every such line is named.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        do = "Check the name, and that you may read it"
        raise UserError(Fault(str(path), f"it can't be read ({error.strerror})", do)) from None
    except ValueError:
        raise UserError(Fault(str(path), "it isn't text in UTF-8", "Save it as UTF-8")) from None
    settings: dict[str, str] = {}
    faults: list[Fault] = []
    for number, line in _list_lines(text):
        try:
            name, value = _read_setting(line)
        except ValueError as error:
            do = 'Write NAME=value, or NAME="value" where the value has spaces or special characters'
            faults.append(Fault(f"{path} line {number}", str(error), do))
        else:
            settings[name] = value
    if faults:
        raise UserError(faults)
    return settings


def _list_lines(text: str) -> Iterator[tuple[int, str]]:
    """Every setting with the number of its first line: comments and blank lines left out, continued lines joined."""
    number, begun, pending = 0, 0, ""
    for raw in text.split("\n"):
        number += 1
        line = raw.removesuffix("\r")
        if not pending:
            begun = number
            if not line.strip() or line.lstrip()[0] in "#;":
                continue
        pending += line
        quote = _open_quote(pending)
        if quote:
            pending += "\n"  # a quoted value goes on in the next line
        elif _is_continued(pending):
            pending = pending[:-1]
        else:
            yield begun, pending
            pending = ""
    if pending:
        yield begun, pending


def _is_continued(line: str) -> bool:
    # Backslashes in pairs stand for themselves. Only an odd one joins the next line on.
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _open_quote(text: str) -> str:
    """The quote that is still open at the end; empty where none is."""
    quote, signs = "", iter(text.partition("=")[2])
    for sign in signs:
        if sign == "\\" and quote != "'":
            next(signs, "")
        elif sign == quote:
            quote = ""
        elif not quote and sign in "'\"":
            quote = sign
    return quote


def _read_setting(line: str) -> tuple[str, str]:
    """The name and the value of one line.

    Raises:
        ValueError: with what is wrong, as a sentence without its full stop.
    """
    name, equals, value = line.partition("=")
    name = name.strip().removeprefix("export ").strip()  # a shell's own word is let through
    if not equals:
        raise ValueError("it has no '='")
    if not _NAME.fullmatch(name):
        raise ValueError("its name has characters other than letters, digits and '_'")
    if "\x00" in value:
        raise ValueError("it has a character that settings can't have")
    return name, _read_value(value.strip(" \t\r\n"))


def _read_value(text: str) -> str:
    parts: list[str] = []
    quote, before, signs = "", "", iter(text)
    for sign in signs:
        if sign == "#" and not quote and before in " \t" and before:
            # A shell ends the value here, and systemd doesn't: the two would run with different settings.
            raise ValueError("it has a comment, which must be on a line of its own, or '#' outside quotes")
        before = sign
        # In single quotes, a backslash is a character like any other.
        if sign == "\\" and quote != "'":
            after = next(signs, "")
            literal = quote == '"' and after not in _ESCAPED_IN_QUOTES and after != "\n"
            parts.append(f"\\{after}" if literal else "" if after == "\n" else after)
        elif sign == quote:
            quote = ""
        elif not quote and sign in "'\"":
            quote = sign
        else:
            parts.append(sign)
    if quote:
        raise ValueError(f"a quote ({quote}) is opened but not closed")
    return "".join(parts)
