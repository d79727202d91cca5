"""What the room needs from elsewhere, tried before it starts: its database, the mail server, the sign-in provider.

Nothing is changed by trying: no table, no file, no mail.
"""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from scrutineer.errors import Fault, UserError
from scrutineer_web.kit.mail_server import MailServer, read_mail_server
from scrutineer_web.running import room_places
from scrutineer_web.running.room_places import RoomPlace

PATIENCE = 10.0
"""Seconds that each of them has to answer."""

_DISCOVERY = "/.well-known/openid-configuration"
_ENDPOINTS = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")


def find_unusable(environment: Mapping[str, str], place: RoomPlace) -> list[Fault]:
    """What the room can't start without, or is set and can't be used.

    Args:
        environment: the settings, which are good in themselves.
        place: the room.
    """
    return [*_find_room(place), *_find_mail(environment), *_find_provider(environment)]


def find_older(place: RoomPlace) -> Iterator[Fault]:
    """That a room's tables are of an earlier version of the program."""
    try:
        applied = room_places.list_tables(place)
    except UserError:
        return
    if applied and applied < room_places.list_released():
        what = "its tables are of an earlier version of this program"
        yield Fault(
            str(place.data), what, "Take a backup. Then start Scrutineer, which brings them up to date"
        )


def _find_room(place: RoomPlace) -> Iterator[Fault]:
    try:
        applied = room_places.list_tables(place)
    except UserError as error:
        yield from error.faults
        return
    fault = room_places.find_absent(place, applied) or room_places.find_newer(place, applied)
    if fault is not None:
        yield fault


# -- mail --------------------------------------------------------------------------------


def _find_mail(environment: Mapping[str, str]) -> Iterator[Fault]:
    mail = read_mail_server(environment.get("SCRUTINEER_MAIL", ""))
    if mail.kind == "file":
        folder = Path(mail.folder)
        # The folder is created with the first email, so the nearest one that exists decides.
        there = next(path for path in (folder, *folder.parents) if path.exists())
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            yield Fault("SCRUTINEER_MAIL", f"nothing can be written to {folder}", "Name another folder")
    elif mail.kind:
        yield from _find_smtp(mail)


def _find_smtp(mail: MailServer) -> Iterator[Fault]:
    """Greet the mail server and sign in, as before a mail; none is sent."""
    where, place = "SCRUTINEER_MAIL", f"{mail.host}:{mail.port}"
    context = ssl.create_default_context()
    try:
        server = (
            smtplib.SMTP_SSL(mail.host, mail.port, timeout=PATIENCE, context=context)
            if mail.kind == "smtps"
            else smtplib.SMTP(mail.host, mail.port, timeout=PATIENCE)
        )
        with server:
            # Greeting and signing in is all that a real email needs before its text, and it bothers nobody.
            server.ehlo_or_helo_if_needed()
            if mail.starttls:
                server.starttls(context=context)
                server.ehlo()
            if mail.user:
                server.login(mail.user, mail.password)
    except smtplib.SMTPAuthenticationError:
        yield Fault(
            where,
            f"the mail server {place} doesn't accept the user name or the password",
            "Set what it expects",
        )
    except smtplib.SMTPNotSupportedError:
        what = f"the mail server {place} doesn't offer encrypted sign-in"
        yield Fault(where, what, "Use its port for STARTTLS (often 587), or smtps:// (often 465)")
    except ssl.SSLError as error:
        what = f"the certificate of the mail server {place} isn't accepted ({error.reason or 'TLS failed'})"
        yield Fault(where, what, "Use the name that its certificate is made for")
    # Last, since the more telling errors above are kinds of these two.
    except (OSError, smtplib.SMTPException) as error:
        text = getattr(error, "strerror", None) or type(error).__name__
        yield Fault(
            where, f"the mail server {place} can't be reached ({text})", "Check its name, port and firewall"
        )


# -- the sign-in provider ----------------------------------------------------------------


def _find_provider(environment: Mapping[str, str]) -> Iterator[Fault]:
    """Read the provider's own description, which the sign-in begins with."""
    address = environment.get("SCRUTINEER_OIDC", "")
    if not address:
        return
    import requests

    where = "SCRUTINEER_OIDC"
    host = urlsplit(address).hostname or "the sign-in provider"
    if not address.endswith(_DISCOVERY):
        address += _DISCOVERY
    do = "Set the provider's own address, and let this machine reach it"
    try:
        answer = requests.get(address, timeout=PATIENCE, headers={"Accept": "application/json"})
    except requests.RequestException as error:
        yield Fault(where, f"{host} can't be reached ({type(error).__name__})", do)
        return
    if answer.status_code != requests.codes.ok:
        yield Fault(where, f"{host} answered {answer.status_code} when asked for its description", do)
        return
    try:
        description = answer.json()
        lacking = [name for name in _ENDPOINTS if not isinstance(description.get(name), str)]
    except (ValueError, AttributeError):
        lacking = list(_ENDPOINTS)
    if lacking:
        yield Fault(where, f"{host} doesn't describe itself as a sign-in provider (no {lacking[0]})", do)
