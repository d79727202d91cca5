"""A mail server as one address; read the same way by the settings and by the check that tries it."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True)
class MailServer:
    """Where mails are handed over.

    Attributes:
        kind: smtp, smtps (TLS from the start), file (a folder), or empty where no mail is sent.
        folder: of a trial, where mails are written as files.
        starttls: whether TLS is begun after the greeting; always, before a password is sent.
    """

    kind: str = ""
    host: str = "localhost"
    port: int = 25
    user: str = ""
    password: str = field(default="", repr=False)
    folder: str = ""

    @property
    def starttls(self) -> bool:
        """Whether TLS is begun after the greeting."""
        return self.kind == "smtp" and bool(self.user)


def read_mail_server(address: str) -> MailServer:
    """The mail server of an address such as smtp://user:password@host:587."""
    parts = urlsplit(address)
    if parts.scheme == "file":
        return MailServer("file", folder=unquote(parts.path))
    if parts.scheme not in ("smtp", "smtps"):
        return MailServer()
    port = parts.port or (465 if parts.scheme == "smtps" else 25)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(parts.scheme, parts.hostname or "localhost", port, user, password)
