"""Mails that say that something waits; never what, since a mail goes through many hands."""

from __future__ import annotations

import logging
from datetime import date, timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scrutineer_web.audit.events import tell
from scrutineer_web.permissions import Rights
from scrutineer_web.queries.inspections.waiting import list_waiting
from scrutineer_web.records.reminder import Reminder
from scrutineer_web.records.user import User

log = logging.getLogger(__name__)
EVERY = timedelta(days=7)
"""After so long somebody is reminded again of what still waits; of something newly overdue at once."""

SATURDAY = 5


def send_due(*, today: date) -> int:
    """Remind everybody for whom something waits, at most once a day, and on no weekend.

    Returns:
        how many mails were sent.
    """
    if not settings.MAIL or today.weekday() >= SATURDAY:
        return 0
    people = User.objects.filter(is_active=True).exclude(email="").order_by("pk")
    return sum(_remind(user, today) for user in people)


def _remind(user: User, today: date) -> bool:
    tasks = list_waiting(Rights(user), today)
    overdue = sum(late for _, _, late in tasks)
    last = user.reminders.exclude(sent_at=None).order_by("-day").first()
    new = last is None or overdue > last.overdue or today - last.day >= EVERY
    if not tasks or not new or (last is not None and last.day == today):
        return False
    reminder, _ = Reminder.objects.get_or_create(
        user=user, day=today, defaults={"waiting": len(tasks), "overdue": overdue}
    )
    try:
        send_mail(
            _write_subject(len(tasks), overdue), _write_mail(user, len(tasks), overdue), None, [user.email]
        )
    except OSError as error:
        # It is tried again at the clock's next round; what waits is listed under My work all the same.
        log.warning("a reminder could not be sent", exc_info=error)
        return False
    with transaction.atomic():
        Reminder.objects.filter(pk=reminder.pk).update(
            waiting=len(tasks), overdue=overdue, sent_at=timezone.now()
        )
        tell("reminder.sent", by=None, account=user.username, waiting=len(tasks), overdue=overdue)
    return True


def _write_subject(waiting: int, overdue: int) -> str:
    if overdue:
        subject = ngettext(
            "You have %(number)s task in Scrutineer, %(overdue)s overdue",
            "You have %(number)s tasks in Scrutineer, %(overdue)s overdue",
            waiting,
        )
    else:
        subject = ngettext(
            "You have %(number)s task in Scrutineer",
            "You have %(number)s tasks in Scrutineer",
            waiting,
        )
    return subject % {"number": waiting, "overdue": overdue}


def _write_mail(user: User, waiting: int, overdue: int) -> str:
    if overdue:
        news = ngettext(
            "You have %(number)s task in Scrutineer, %(overdue)s of them overdue. Sign in to see it under My work.",
            "You have %(number)s tasks in Scrutineer, %(overdue)s of them overdue. Sign in to see them under My work.",
            waiting,
        )
    else:
        news = ngettext(
            "You have %(number)s task in Scrutineer. Sign in to see it under My work.",
            "You have %(number)s tasks in Scrutineer. Sign in to see them under My work.",
            waiting,
        )
    where = f"{settings.ADDRESS}/" if settings.ADDRESS else ""
    why = _(
        "This email gives no details, so that they stay in Scrutineer. To stop these emails, ask an"
        " administrator to remove your email address from your account."
    )
    paragraphs = [str(user), news % {"number": waiting, "overdue": overdue}, where, why]
    return "\n\n".join(filter(None, paragraphs)) + "\n"
