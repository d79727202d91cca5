"""How often somebody may try to sign in: limits that keep guessers out without keeping others out with them.

Three counts, each for what was typed as a name whether there is such an account or not: one client for one account, one
client for all accounts together, and one account from all clients together. The last is far wider than the first, so
that one client alone cannot reach it. A browser in which somebody signed in before is counted for itself alone: nobody
who knows no more than a name keeps its owner out of it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from allauth.core.internal import ratelimit
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from scrutineer_web.kit.proxies import find_client
from scrutineer_web.records.user import User

ONE_ACCOUNT = "5/5m/key,20/h/key"
"""One client, one account."""

ONE_CLIENT = "30/5m/key"
"""One client, all accounts: an office behind one address has some room for slips."""

ALL_CLIENTS = "100/h/key"
"""One account from everywhere: slower, and wider than what one client can reach."""

KNOWN_BROWSER = "10/5m/key,40/h/key"
"""One account in a browser where its owner has signed in before."""

RESET_CLIENT, RESET_ACCOUNT = "10/h/key", "3/h/key"
"""Asking for a link to a new password: one client, and one account."""

COOKIE, COOKIE_DAYS, COOKIE_ACCOUNTS = "scrutineer_browser", 180, 5


@dataclass
class Usage:
    """Attempts that were counted; `give_back` after one that was none of a guesser."""

    counted: list[ratelimit.RateLimitUsage]

    def give_back(self) -> None:
        """Count them no longer."""
        for usage in self.counted:
            usage.rollback()


def spend_sign_in(request: HttpRequest, name: str) -> Usage | None:
    """Count an attempt to sign in; None where there were too many."""
    name = name.strip().casefold()
    browser = _name_browser(request, name)
    # A browser that the owner has used before has its own limit. Otherwise anyone could lock people out by guessing.
    if browser:
        return _spend(request, [("known", browser, KNOWN_BROWSER)])
    client = find_client(request)
    return _spend(
        request,
        [
            ("account_client", f"{name}\n{client}", ONE_ACCOUNT),
            ("client", client, ONE_CLIENT),
            ("account", name, ALL_CLIENTS),
        ],
    )


def spend_reset(request: HttpRequest, name: str) -> bool:
    """Count a request for a link to a new password; whether there were not too many."""
    client = find_client(request)
    limits = [
        ("reset_client", client, RESET_CLIENT),
        ("reset_account", name.strip().casefold(), RESET_ACCOUNT),
    ]
    return _spend(request, limits) is not None


def _spend(request: HttpRequest, limits: list[tuple[str, str, str]]) -> Usage | None:
    counted: list[ratelimit.RateLimitUsage] = []
    for action, key, rates in limits:
        # People type passwords where the name belongs: no count is kept under what was typed, nor under its plain hash.
        hidden = salted_hmac(f"scrutineer.limits.{action}", key).hexdigest()
        # Counted before the password is checked, so that many attempts at the same moment can't slip through together.
        usage = ratelimit.consume(
            request, app="scrutineer", action=action, config={action: rates}, key=hidden
        )
        # What the wider limits have counted stays counted: an
        # attempt that is refused is an attempt.
        if usage is None:
            return None
        counted.append(usage)
    return Usage(counted)


# -- browsers that are known -------------------------------------------------------------


def _find_known(request: HttpRequest) -> dict[str, str]:
    """The accounts that signed in with this browser before, each with a word of its own."""
    try:
        cookie = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=COOKIE_DAYS * 24 * 60 * 60
        )
    except signing.BadSignature:
        return {}
    return {str(k): str(v) for k, v in cookie.items()} if isinstance(cookie, dict) else {}


def _name_browser(request: HttpRequest, name: str) -> str:
    """What names this browser for an account; nothing where its owner has not signed in with it."""
    known = _find_known(request)
    if not known:
        return ""
    user = User.objects.filter(username=name, is_active=True).values_list("pk", flat=True).first()
    word = known.get(str(user))
    return f"{user} {word}" if word else ""


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Let the browser be known for an account that has just signed in with it."""
    known = _find_known(request)
    word = known.pop(str(user.pk), None) or secrets.token_urlsafe(9)
    # The account that just signed in goes last, so the one used longest ago is dropped first.
    words = dict([*known.items(), (str(user.pk), word)][-COOKIE_ACCOUNTS:])
    response.set_cookie(
        COOKIE,
        signing.dumps(words, salt=COOKIE),
        max_age=COOKIE_DAYS * 24 * 60 * 60,
        # Signing in is all that needs it, so no other request carries it.
        path="/account/",
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
