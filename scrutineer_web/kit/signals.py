"""Signing in and out, and failing to, as events."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import receiver

from scrutineer_web.audit.write import tell


@receiver(user_logged_in)
def signed_in(sender: Any, request: Any, user: Any, **_: Any) -> None:
    """Somebody signed in."""
    del sender, request
    with transaction.atomic():
        tell("signed_in", by=user)


@receiver(user_logged_out)
def signed_out(sender: Any, request: Any, user: Any, **_: Any) -> None:
    """Somebody signed out."""
    del sender, request
    if user is not None:
        with transaction.atomic():
            tell("signed_out", by=user)


@receiver(user_login_failed)
def failed(sender: Any, credentials: dict[str, Any], **_: Any) -> None:
    """Somebody did not get in; the name as it was typed, cut short, never the password."""
    del sender
    name = str(credentials.get("username") or credentials.get("email") or "")[:60]
    with transaction.atomic():
        tell("sign_in_failed", by=None, name=name)


@receiver(password_changed)
def changed(sender: Any, request: Any, user: Any, **_: Any) -> None:
    """Somebody changed the own password."""
    del sender, request
    with transaction.atomic():
        tell("account.own_password", by=user)


@receiver(authenticator_added)
@receiver(authenticator_removed)
@receiver(authenticator_reset)
def second_factor(sender: Any, request: Any, user: Any, authenticator: Any, **_: Any) -> None:
    """Somebody set, removed or renewed a second factor."""
    del sender, request
    with transaction.atomic():
        tell("account.own_second_factor", by=user, factor=str(authenticator.type))
