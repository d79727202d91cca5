"""Signing in and out, and failing to, as events; and what ends with a password or a second factor."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from allauth.account.signals import password_changed
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.contrib import messages
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import Signal, receiver
from django.http import HttpRequest
from django.utils.translation import ngettext

from scrutineer_web.actions.operations import access
from scrutineer_web.audit.events import tell
from scrutineer_web.queries.operations.access import count_failures, list_news
from scrutineer_web.records.user import User

if TYPE_CHECKING:
    from allauth.mfa.models import Authenticator


@receiver(user_logged_in)
def note_signed_in(sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
    """Somebody signed in: is shown what others did to the account, or tried."""
    del sender
    with transaction.atomic():
        event = tell("signed_in", by=user)
        failures, news = count_failures(user), list_news(user).exists()
        # News that needs confirming stays unseen until it is confirmed. Without any, this sign-in counts as having looked.
        if not news:
            access.note_seen(event=event, by=user)
    request.just_signed_in = user  # type: ignore[attr-defined]  # for `SecondFactor`, which gets the same request
    request.session["signed_in_at"] = time.time()
    if getattr(request, "factor_at_provider", False):
        request.session["second_factor"] = True
    if news:
        request.session["news"] = True
    elif failures >= access.FAILURES_WORTH_TELLING:
        text = ngettext(
            "There has been %(failures)s failed attempt to sign in with your name since you last signed in. "
            "If it wasn't yours, contact an administrator.",
            "There have been %(failures)s failed attempts to sign in with your name since you last signed in. "
            "If they weren't yours, contact an administrator.",
            failures,
        ) % {"failures": failures}
        messages.warning(request, text, fail_silently=True)


@receiver(user_logged_out)
def note_signed_out(sender: Any, request: HttpRequest, user: User | None, **_: Any) -> None:
    """Somebody signed out."""
    del sender, request
    if user is not None:
        with transaction.atomic():
            tell("signed_out", by=user)


@receiver(user_login_failed)
def note_failed(sender: Any, credentials: dict[str, Any], **_: Any) -> None:
    """Somebody did not get in. Nothing is stored of what was typed: only which account it was, where it was one."""
    del sender
    name = str(credentials.get("username") or "").strip().lower()[:150]
    # People sometimes type a password where the name belongs, so only names of real accounts are recorded.
    account = User.objects.filter(username=name).values_list("username", flat=True).first()
    with transaction.atomic():
        tell("sign_in_failed", by=None, account=account)


@receiver(password_changed)
def note_changed(sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
    """Somebody changed their own password: whatever was opened with the one before ends."""
    del sender
    with transaction.atomic():
        # Somebody who knew the old password may still be signed in. The person's own session is kept.
        access.end_access(user=user, by=user, but=request.session.session_key)
        tell("account.own_password", by=user)


@receiver(authenticator_added)
@receiver(authenticator_removed)
@receiver(authenticator_reset)
def note_second_factor(
    sender: Any, request: HttpRequest, user: User, authenticator: Authenticator, signal: Signal, **_: Any
) -> None:
    """Somebody set, removed or renewed a second factor: no session and no key goes on that has not shown it."""
    del sender
    # This session proved a factor that no longer exists, so it has to prove the next one.
    if signal is authenticator_removed and authenticator.type == authenticator.Type.TOTP:
        request.session.pop("second_factor", None)
    with transaction.atomic():
        if authenticator.type == authenticator.Type.TOTP:
            access.end_access(user=user, by=user, but=request.session.session_key)
        tell("account.own_second_factor", by=user, factor=str(authenticator.type))
