"""Settings looked at before the room starts: what cannot be, and what had better be otherwise, each with what to do."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

from scrutineer.errors import Fault

KNOWN = (
    "SCRUTINEER_DATA",
    "SCRUTINEER_DATABASE",
    "SCRUTINEER_HOSTS",
    "SCRUTINEER_HTTPS",
    "SCRUTINEER_TRUSTED_PROXIES",
    "SCRUTINEER_IDLE_HOURS",
    "SCRUTINEER_SECOND_FACTOR",
    "SCRUTINEER_OIDC",
    "SCRUTINEER_OIDC_CLIENT",
    "SCRUTINEER_OIDC_SECRET",
    "SCRUTINEER_OIDC_NAME",
    "SCRUTINEER_OIDC_SECOND_FACTOR",
    "SCRUTINEER_FRAMEWORKS",
    "SCRUTINEER_ADDRESS",
    "SCRUTINEER_MAIL",
    "SCRUTINEER_MAIL_FROM",
    "SCRUTINEER_LOG",
    "SCRUTINEER_METRICS",
    "SCRUTINEER_DEMO",
    "SCRUTINEER_SECRET",
    "SCRUTINEER_SERVED",
    "SCRUTINEER_PASSWORD",
    "SCRUTINEER_PICTURES",
    "SCRUTINEER_REQUEST_SECONDS",
    "SCRUTINEER_JOB_MEMORY",
    "SCRUTINEER_PULSE",
    "SCRUTINEER_PARENT",
)
"""Every variable of the environment that the room or its tests read."""

_HERE = {"localhost", "127.0.0.1", "[::1]"}
# The least number of characters of the room's secret, and of the word that opens its metrics.
_SECRET, _WORD = 40, 16
MOST_HOURS = 12
"""A session lasts no longer than that, used or not."""


def find_wrong(environment: Mapping[str, str], data: Path) -> list[Fault]:
    """What cannot be: the room does not start with it.

    Args:
        environment: the variables.
        data: where the room keeps its data.
    """
    return [
        *_find_names(environment),
        *_find_values(environment),
        *_find_oidc(environment),
        *_find_place(data),
    ]


def _find_names(environment: Mapping[str, str]) -> Iterator[Fault]:
    for name in sorted(environment):
        # A misspelt setting would be ignored, and the room would
        # run without what it was meant to set.
        if name.startswith("SCRUTINEER_") and name not in KNOWN:
            near = get_close_matches(name, KNOWN, 1)
            yield Fault(
                name, "there is no such setting", f"The nearest setting is {near[0]}" if near else "Remove it"
            )


def _find_values(environment: Mapping[str, str]) -> Iterator[Fault]:
    for name in ("SCRUTINEER_HTTPS", "SCRUTINEER_SECOND_FACTOR", "SCRUTINEER_DEMO"):
        if environment.get(name, "0") not in ("0", "1"):
            yield Fault(name, f"'{environment[name]}' is neither 1 nor 0", "Set one or the other")
    yield from _find_counts(environment)
    if environment.get("SCRUTINEER_LOG", "plain") not in ("plain", "json"):
        yield Fault(
            "SCRUTINEER_LOG", f"'{environment['SCRUTINEER_LOG']}' isn't a log format", "Set json or plain"
        )
    yield from _find_address(
        environment, "SCRUTINEER_DATABASE", ("postgres", "postgresql", "sqlite"), "postgres://user@host/name"
    )
    yield from _find_address(
        environment, "SCRUTINEER_MAIL", ("smtp", "smtps", "file"), "smtp://user:password@host:587"
    )
    yield from _find_address(environment, "SCRUTINEER_ADDRESS", ("http", "https"), "https://room.example.org")
    hosts = environment.get("SCRUTINEER_HOSTS")
    if hosts is not None:
        for host in hosts.split(","):
            if (
                not re.fullmatch(r"\*|\.?[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\]", host.strip())
                or host != host.strip()
            ):
                yield Fault(
                    "SCRUTINEER_HOSTS",
                    f"'{host}' isn't a host name",
                    "Enter host names separated by commas",
                )
    yield from _find_numbers(environment)
    secret = environment.get("SCRUTINEER_SECRET")
    if secret is not None and len(secret) < _SECRET:
        yield Fault(
            "SCRUTINEER_SECRET",
            f"it has {len(secret)} characters",
            f"Set {_SECRET} characters or more, or leave it out: Scrutineer then makes and keeps one",
        )
    word = environment.get("SCRUTINEER_METRICS")
    if word and len(word) < _WORD:
        yield Fault(
            "SCRUTINEER_METRICS",
            f"it has {len(word)} characters",
            f"Set {_WORD} characters or more, or leave it out",
        )
    folder = environment.get("SCRUTINEER_FRAMEWORKS")
    if folder and not Path(folder).is_dir():
        yield Fault("SCRUTINEER_FRAMEWORKS", f"{folder} isn't a folder", "Name the folder of frameworks")


def _find_numbers(environment: Mapping[str, str]) -> Iterator[Fault]:
    hops = environment.get("SCRUTINEER_TRUSTED_PROXIES", "0")
    if not re.fullmatch(r"[0-9]", hops):
        what = f"'{hops}' isn't a number of proxies"
        yield Fault(
            "SCRUTINEER_TRUSTED_PROXIES",
            what,
            "Enter the number of proxies in front of Scrutineer, usually 1",
        )
    hours = environment.get("SCRUTINEER_IDLE_HOURS", "4")
    if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]+)?", hours) or not 0.1 <= float(hours) <= MOST_HOURS:
        what = f"'{hours}' isn't a number of hours between 0.1 and {MOST_HOURS}"
        yield Fault(
            "SCRUTINEER_IDLE_HOURS", what, "Enter how many hours a session may stay unused, such as 4 or 0.5"
        )


def _find_address(
    environment: Mapping[str, str], name: str, kinds: tuple[str, ...], example: str
) -> Iterator[Fault]:
    value = environment.get(name)
    if not value:
        return
    try:
        parts = urlsplit(value)
        # PostgreSQL may be reached by a local socket, and a file has no host.
        good = parts.scheme in kinds and (
            bool(parts.hostname) or parts.scheme in ("file", "sqlite", "postgres", "postgresql")
        )
        # urlsplit looks at the port only when it's asked for, and raises then.
        _ = parts.port
    except ValueError:
        good = False
    if not good:
        # Its value may hold a password: it is not repeated.
        yield Fault(name, "it isn't an address that Scrutineer can use", f"Write it as in {example}")


def _find_counts(environment: Mapping[str, str]) -> Iterator[Fault]:
    for name, example in (("SCRUTINEER_REQUEST_SECONDS", "10"), ("SCRUTINEER_JOB_MEMORY", "2000")):
        if not re.fullmatch(r"[1-9][0-9]{0,5}", environment.get(name) or example):
            yield Fault(
                name, f"'{environment[name]}' is not a whole number above 0", f"Set one, such as {example}"
            )


def _find_oidc(environment: Mapping[str, str]) -> Iterator[Fault]:
    if environment.get("SCRUTINEER_OIDC"):
        for name in ("SCRUTINEER_OIDC_CLIENT", "SCRUTINEER_OIDC_SECRET"):
            if not environment.get(name):
                yield Fault(
                    name, "SCRUTINEER_OIDC is set but this isn't", "Set the value that the provider gave you"
                )
        provider = urlsplit(environment["SCRUTINEER_OIDC"])
        if provider.scheme != "https" and provider.hostname not in ("localhost", "127.0.0.1", "::1"):
            yield Fault(
                "SCRUTINEER_OIDC", "it isn't an https address", "Write it as in https://login.example.org"
            )


def _find_place(data: Path) -> Iterator[Fault]:
    if data.exists() and not data.is_dir():
        yield Fault(str(data), "it isn't a folder", "Name a folder with --data")
    elif data.exists() and not os.access(data, os.W_OK | os.X_OK):
        yield Fault(
            str(data), "nothing can be written there", "Let the user that Scrutineer runs as own the folder"
        )
    key = data / "secret-key"
    if key.exists() and stat.S_IMODE(key.stat().st_mode) & 0o077:
        yield Fault(str(key), "others can read it", f"Run: chmod 600 {key}")


def find_hints(environment: Mapping[str, str]) -> Iterator[Fault]:
    """What had better be otherwise."""
    hosts = set(environment.get("SCRUTINEER_HOSTS", "localhost").split(","))
    outside = bool(hosts - _HERE)
    secure = environment.get("SCRUTINEER_HTTPS") == "1"
    if outside and not secure:
        yield Fault(
            "SCRUTINEER_HTTPS",
            "Scrutineer can be reached from other machines, and passwords travel unencrypted",
            "Put a proxy with TLS in front of it, and set 1",
        )
    if secure and environment.get("SCRUTINEER_TRUSTED_PROXIES", "0") == "0":
        yield Fault(
            "SCRUTINEER_TRUSTED_PROXIES",
            "no proxy is declared, so everybody seems to come from one address and over http",
            "Set how many proxies are in front of Scrutineer, usually 1",
        )
    if secure and not outside:
        yield Fault(
            "SCRUTINEER_HOSTS",
            "nobody can reach Scrutineer over https under the names that are set",
            "Add its name",
        )
    if "*" in hosts:
        yield Fault(
            "SCRUTINEER_HOSTS", "any name will do", "Set the names that people use to reach Scrutineer"
        )
    if environment.get("SCRUTINEER_SECOND_FACTOR") == "0" and environment.get("SCRUTINEER_DEMO") != "1":
        yield Fault("SCRUTINEER_SECOND_FACTOR", "a stolen password is enough to get in", "Leave it out")
    if outside and not environment.get("SCRUTINEER_DATABASE", "").startswith("postgres"):
        yield Fault(
            "SCRUTINEER_DATABASE",
            "SQLite is enough for one machine and a few dozen people",
            "Set a PostgreSQL database for more",
        )
    if outside and not environment.get("SCRUTINEER_MAIL"):
        yield Fault(
            "SCRUTINEER_MAIL", "nobody gets reminders of what is waiting for them", "Set a mail server"
        )
    if environment.get("SCRUTINEER_MAIL") and not environment.get("SCRUTINEER_ADDRESS"):
        yield Fault("SCRUTINEER_ADDRESS", "emails can't link to Scrutineer", "Set Scrutineer's address")
    yield from _find_engines()


def _find_engines() -> Iterator[Fault]:
    from scrutineer.report.render import docx, pdf

    if not pdf.is_available():
        yield Fault(
            "the PDF engine", "a library of the system is missing", "Install Pango, or do without PDF"
        )
    if not docx.is_available():
        yield Fault(
            "the Word converter", "it is not installed", "Install the extra 'docx', or do without Word"
        )
