"""What lets somebody in: sessions, keys, passwords by mail, and what its owner is notified of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer_web.audit.events import tell
from scrutineer_web.queries.operations.access import can_mail_links, check_password_rules
from scrutineer_web.records.event import Event
from scrutineer_web.records.token import Token
from scrutineer_web.records.user import User

if TYPE_CHECKING:
    pass


FAILURES_WORTH_TELLING = 3
"""Fewer wrong passwords than that are one's own slips."""

TOKENS = PasswordResetTokenGenerator()


def _end_sessions(user: User, but: str | None = None) -> None:
    """End the sessions of an account, but for the one named."""
    for session in Session.objects.filter(expire_date__gte=timezone.now()).iterator():
        if session.session_key != but and session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()  # a session is no record: it is what signing out ends


def end_access(*, user: User, by: User | None, but: str | None = None) -> None:
    """End the sessions and keys of an account, in the transaction of what makes that necessary."""
    now = timezone.now()
    for token in Token.objects.filter(user=user, retired_at=None):
        token.retired_at, token.retired_by = now, by or user
        token.save(update_fields=["retired_at", "retired_by"])
        tell("token.retired", by=by, token=token.pk, name=token.name)
    _end_sessions(user, but)


# -- news of one's account ---------------------------------------------------------------


def mark_seen(*, by: User) -> None:
    """Confirm that one has seen what others did to one's account."""
    with transaction.atomic():
        event = tell("account.news_seen", by=by, account=by.username)
        note_seen(event=event, by=by)


def note_seen(*, event: Event, by: User) -> None:
    """Count what happened before an event of the room's chain as seen."""
    by.seen_event = event.number
    by.save(update_fields=["seen_event"])


def send_news(*, user: User, kind: str, by: User | None, mail: str = "") -> None:
    """Have a mail sent about what was done to an account, once it is done; where mail is set up."""
    from scrutineer_web.actions.operations import account_mails

    address = mail or user.email
    if settings.MAIL and address and (by is None or by.pk != user.pk):
        actor = str(by) if by else ""
        transaction.on_commit(lambda: account_mails.mail_news.enqueue(user.pk, kind, actor, address))


# -- a new password by mail --------------------------------------------------------------


def ask_for_link(*, name: str) -> None:
    """Have a link to a new password sent, where there is such an account with an email address.

    The person who asks learns nothing: the answer, and the time that it takes, is the same for a name that nobody has.
    """
    from scrutineer_web.actions.operations import account_mails

    user = User.objects.filter(username=name.strip().lower(), is_active=True).exclude(email="").first()
    account_mails.mail_link.enqueue(user.pk if user is not None else 0)


def set_password_by_link(*, link: str, password: str, by: User) -> None:
    """Set a new password with a link that was sent; the link, sessions and keys end. A second factor is asked for still.

    Raises:
        UserError: the link has ended, or with everything that is wrong with the password.
    """
    with transaction.atomic():
        # Held, so that the same link used twice at once works once.
        held = User.objects.select_for_update().get(pk=by.pk)
        if not can_mail_links() or not held.is_active or not TOKENS.check_token(held, link):
            raise UserError(
                Fault(_("the link"), _("it has already been used, or has expired"), _("Ask for a new link"))
            )
        faults = check_password_rules(password, held)
        if faults:
            raise UserError(faults)
        held.set_password(password)
        held.save(update_fields=["password"])
        end_access(user=held, by=held)
        tell("account.password_by_mail", by=held, account=held.username)
