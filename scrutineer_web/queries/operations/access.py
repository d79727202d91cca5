"""What there is to know of an account: news of it, failed attempts, whether a link can be mailed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scrutineer.errors import Fault
from scrutineer.inspection.dates import format_day
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
    return _select_since(user).filter(kind__in=list(NEWS)).exclude(happened_by=user).order_by("number")


def describe_news(event: Event) -> str:
    """What somebody did to an account, and when."""
    who = event.actor if event.happened_by_id else _("Somebody working on the server")
    local = timezone.localtime(event.happened_at)
    return str(NEWS[event.kind]) % {"who": who, "day": format_day(local.date()), "time": f"{local:%H:%M}"}


def count_failures(user: User) -> int:
    """How often somebody failed to sign in with the account's name since its owner last did."""
    return _select_since(user).filter(kind="sign_in_failed").count()


def _select_since(user: User) -> QuerySet[Event]:
    seen = User.objects.values_list("seen_event", flat=True).get(pk=user.pk)
    return Event.objects.filter(chain="room", number__gt=seen, details__account=user.username)


NEWS = {
    "account.password": gettext_lazy("%(who)s set a new password for your account on %(day)s at %(time)s."),
    "account.second_factor_reset": gettext_lazy(
        "%(who)s removed the second factor of your account on %(day)s at %(time)s."
    ),
    "account.mail": gettext_lazy("%(who)s changed the email address of your account on %(day)s at %(time)s."),
    "account.linked": gettext_lazy(
        "%(who)s linked your account to an account with another provider, which can now sign in as you on %(day)s at %(time)s."
    ),
    "account.unlinked": gettext_lazy(
        "%(who)s removed the link between your account and an account with another provider on %(day)s at %(time)s."
    ),
}
"""What others do to an account that may let them in: its owner must see it, with who and when."""
