"""Mails about one's account: what others did to it, and links to a new password."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tasks import task

from scrutineer_web.actions.operations import access
from scrutineer_web.queries.operations.access import can_mail_links
from scrutineer_web.records.user import User

log = logging.getLogger(__name__)

MAILED = {
    "account.password": gettext_lazy("%(who)s set a new password for your account."),
    "account.second_factor_reset": gettext_lazy("%(who)s removed the second factor of your account."),
    "account.mail": gettext_lazy("%(who)s changed the email address of your account."),
    "account.linked": gettext_lazy(
        "%(who)s linked your account to an account with another provider, which can now sign in as you."
    ),
    "account.unlinked": gettext_lazy(
        "%(who)s removed the link between your account and an account with another provider."
    ),
}
"""What somebody did to an account, as a mail says it."""


def send_news(*, user: int, kind: str, actor: str, address: str) -> None:
    """Tell somebody what another person did to the account."""
    paragraphs = [
        str(User.objects.get(pk=user)),
        str(MAILED[kind]) % {"who": actor or _("Somebody working on the server")},
        f"{settings.ADDRESS}/" if settings.ADDRESS else "",
        _(
            "If you didn't ask for this, contact another administrator at once. When you next sign in, you will be asked to"
            " confirm that you have seen this."
        ),
    ]
    _send(_("Your Scrutineer account was changed"), paragraphs, address)


def send_link(*, user: int) -> None:
    """Send a link to a new password, where the account has an email address and can sign in."""
    person = User.objects.filter(pk=user, is_active=True).exclude(email="").first()
    if person is None or not can_mail_links():
        return
    path = reverse("password_by_link", args=[person.pk, access.TOKENS.make_token(person)])
    asked = _(
        "Somebody asked for a new password for your account %(account)s. Follow this link to set one. It works once, within"
        " %(minutes)s minutes:"
    )
    paragraphs = [
        str(person),
        asked % {"account": person.username, "minutes": settings.PASSWORD_RESET_TIMEOUT // 60},
        f"{settings.ADDRESS}{path}",
        _("If you didn't ask for this, you don't need to do anything: your password stays the same."),
    ]
    _send(_("A new password for Scrutineer"), paragraphs, person.email)


def _send(subject: str, paragraphs: list[str], address: str) -> None:
    text = "\n\n".join(filter(None, paragraphs)) + "\n"
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
