"""What there is to know of an account: news of it, failed attempts, whether a link can be mailed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from scrutineer.errors import Fault
from scrutineer_web.records.event import Event
from scrutineer_web.records.user import User

if TYPE_CHECKING:
    from django.db.models import QuerySet


def can_mail_links() -> bool:
    """Whether links to a new password can be sent: there is a mail server, and an address to put into them."""
    return bool(settings.MAIL and settings.ADDRESS)


def check_password_rules(password: str, user: User) -> list[Fault]:
    """What is wrong with a password."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [Fault(_("the password"), text.rstrip(".")) for text in error.messages]
    return []


def list_news(user: User) -> QuerySet[Event]:
    """What others did to an account since its owner last confirmed having seen it."""
    return _select_since(user).filter(kind__in=NEWS).exclude(happened_by=user).order_by("number")


def count_failures(user: User) -> int:
    """How often somebody failed to sign in with the account's name since its owner last did."""
    return _select_since(user).filter(kind="sign_in_failed").count()


def _select_since(user: User) -> QuerySet[Event]:
    seen = User.objects.values_list("seen_event", flat=True).get(pk=user.pk)
    return Event.objects.filter(chain="room", number__gt=seen, details__account=user.username)


NEWS = (
    "account.password",
    "account.second_factor_reset",
    "account.mail",
    "account.linked",
    "account.unlinked",
)
"""What others do to an account that may let them in: its owner must see it, with who and when."""
