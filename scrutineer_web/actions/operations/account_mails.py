"""Mails about one's account: what others did to it, and links to a new password."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django_tasks import task

from scrutineer_web.actions.operations import access
from scrutineer_web.queries.operations.access import can_mail_links
from scrutineer_web.records.user import User

log = logging.getLogger(__name__)

WORDS = {
    "account.password": "set a new password for your account",
    "account.second_factor_reset": "removed the second factor of your account",
    "account.mail": "changed the email address of your account",
    "account.linked": "linked your account to an account with another provider, which can now sign in as you",
    "account.unlinked": "removed the link between your account and an account with another provider",
}
"""What was done to an account, after the name of who did it."""


def send_news(*, user: int, kind: str, actor: str, address: str) -> None:
    """Tell somebody what another person did to the account."""
    person = User.objects.get(pk=user)
    who = actor or "Somebody working on the server"
    _send(
        "Your Scrutineer account was changed",
        f"{person}\n\n{who} {WORDS[kind]}.{_find_address()}\n\nIf you didn't ask for this, contact another administrator at once."
        " When you next sign in, you will be asked to confirm that you have seen this.\n",
        address,
    )


def send_link(*, user: int) -> None:
    """Send a link to a new password, where the account has an eemail address and can sign in."""
    person = User.objects.filter(pk=user, is_active=True).exclude(email="").first()
    if person is None or not can_mail_links():
        return
    path = reverse("password_by_link", args=[person.pk, access.TOKENS.make_token(person)])
    minutes = settings.PASSWORD_RESET_TIMEOUT // 60
    _send(
        "A new password for Scrutineer",
        f"{person}\n\nSomebody asked for a new password for your account {person.username}. Follow this link to set one. It"
        f" works once, within {minutes} minutes:\n\n{settings.ADDRESS}{path}\n\nIf you didn't ask for this, you don't need to do"
        " anything: your password stays the same.\n",
        person.email,
    )


def _find_address() -> str:
    return f"\n\n{settings.ADDRESS}/" if settings.ADDRESS else ""


def _send(subject: str, text: str, address: str) -> None:
    try:
        send_mail(subject, text, None, [address])
    except OSError as error:
        log.warning("an email about an account could not be sent (%s)", type(error).__name__)


@task()
def mail_news(user: int, kind: str, actor: str, address: str) -> None:
    """Tell somebody by mail what another person did to the account, in the background."""
    send_news(user=user, kind=kind, actor=actor, address=address)


@task()
def mail_link(user: int) -> None:
    """Send a link to a new password, in the background; nothing where the account is none."""
    send_link(user=user)
