"""Accounts, appointments, and keys to the API."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scrutineer.errors import Fault, UserError
from scrutineer_web.actions.operations import access
from scrutineer_web.audit.events import tell
from scrutineer_web.permissions import Rights, check
from scrutineer_web.queries.operations.access import check_password_rules
from scrutineer_web.queries.operations.accounts import hash_key, list_administrators
from scrutineer_web.records.appointment import APPOINTMENTS, Appointment
from scrutineer_web.records.event import Chain
from scrutineer_web.records.text_lengths import describe_too_long
from scrutineer_web.records.token import Token
from scrutineer_web.records.user import User
from scrutineer_web.safeguards import four_eyes

if TYPE_CHECKING:
    pass

SCOPES = {
    "inspections": gettext_lazy("Read inspections, samples, timetables, surveys and people"),
    "cases": gettext_lazy("Read cases, assessments and their answers"),
    "scores": gettext_lazy("Read scores, explanations and agreement"),
    "reports": gettext_lazy(
        "Read evidence, ratings, texts, drafts, the area's comments, and recommendations and their progress"
    ),
    "programmes": gettext_lazy(
        "Read programmes, and the signed-off results and outcomes of all their inspections"
    ),
    "frameworks": gettext_lazy("Read frameworks"),
    "events": gettext_lazy("Read the audit log"),
    "answers": gettext_lazy("Save answers to your own assessments"),
}
"""What a key may be used for, within what its owner may do."""

LONGEST_DAYS = 366
LONGEST_MAIL = 254


def create(*, username: str, name: str, password: str, mail: str = "", by: User | None) -> User:
    """Make an account. Without `by` it is the first one, made at the machine itself.

    Raises:
        PermissionDenied: the person manages no accounts.
        UserError: with everything that is wrong with it.
    """
    if by is not None:
        check(Rights(by).can("account.manage"))
    faults = []
    user = User(username=username.strip().lower(), name=name.strip(), email=mail.strip())
    faults += _find_mail_faults(user.email)
    if not user.username.replace(".", "").replace("-", "").isalnum():
        faults.append(
            Fault(
                _("the username"),
                _("'%(username)s' has characters other than letters, digits, full stops and hyphens")
                % {"username": username},
                _("Enter a different one"),
            )
        )
    if User.objects.filter(username=user.username).exists():
        faults.append(
            Fault(
                _("the username"),
                _("somebody already uses '%(user)s'") % {"user": user.username},
                _("Enter a different one"),
            )
        )
    if not user.name:
        faults.append(Fault(_("the name"), _("it is empty"), _("Enter the person's name")))
    faults += check_password_rules(password, user)
    if faults:
        raise UserError(faults)
    with transaction.atomic():
        user.set_password(password)
        user.save()
        access.note_seen(event=tell("account.created", by=by, account=user.username, name=user.name), by=user)
    return user


def _find_mail_faults(mail: str) -> list[Fault]:
    if len(mail) > LONGEST_MAIL:
        return [Fault(_("the email address"), describe_too_long(len(mail), LONGEST_MAIL).lower())]
    try:
        if mail:
            validate_email(mail)
    except ValidationError:
        return [
            Fault(
                _("the email address"),
                _("'%(mail)s' isn't an email address") % {"mail": mail},
                _("Enter it as name@example.org, or leave it empty"),
            )
        ]
    return []


def set_mail(*, user: User, mail: str, by: User) -> None:
    """Say where somebody is reminded of what waits; nowhere where it is empty.

    Raises:
        PermissionDenied: the person manages no accounts, and it is somebody else's.
        UserError: it is no email address.
    """
    check(user.pk == by.pk or Rights(by).can("account.manage"))
    faults = _find_mail_faults(mail.strip())
    if faults:
        raise UserError(faults)
    with transaction.atomic():
        # A link to a new password goes to the address: anyone at the old address hears of it there.
        access.send_news(user=user, kind="account.mail", by=by, mail=user.email)
        user.email = mail.strip()
        user.save(update_fields=["email"])
        tell("account.mail", by=by, account=user.username, mail=bool(user.email))


def retire(*, user: User, by: User) -> None:
    """Close an account: nobody signs in with it again, and its sessions and keys end.

    Raises:
        PermissionDenied: the person manages no accounts.
        UserError: it is the person's own, or closed already, or nobody would be left to manage accounts.
    """
    check(Rights(by).can("account.manage"))
    if user.pk == by.pk:
        raise UserError(
            Fault(_("the account"), _("this is your own account"), _("Ask another administrator"))
        )
    with transaction.atomic():
        _refuse_last(user, by, _("the account"))
        user.refresh_from_db()
        if user.retired_at is not None:
            raise UserError(Fault(_("the account"), _("it is already closed")))
        user.retired_at, user.is_active = timezone.now(), False
        user.save(update_fields=["retired_at", "is_active"])
        access.end_access(user=user, by=by)
        tell("account.retired", by=by, account=user.username)


def end_all_sessions(*, why: str, by: User | None = None) -> int:
    """End every session of the room: everybody signs in again. For a restored room, whose sessions are of an earlier day.

    Returns:
        how many there were.
    """
    with transaction.atomic():
        number, _ = Session.objects.all().delete()
        tell("sessions.ended", by=by, sessions=number, why=why)
    return number


def set_password(*, user: User, password: str, by: User) -> None:
    """Give somebody's account a new password; its sessions and keys end, and its owner is notified.

    Raises:
        PermissionDenied: the person manages no accounts.
        UserError: it is the person's own, or with everything that is wrong with the password.
    """
    check(Rights(by).can("account.manage"))
    if user.pk == by.pk:
        raise UserError(
            Fault(
                _("the password"),
                _("this is your own account"),
                _("Change your own password under Your account, with your current password"),
            )
        )
    faults = check_password_rules(password, user)
    if faults:
        raise UserError(faults)
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        access.end_access(user=user, by=by)
        tell("account.password", by=by, account=user.username)
        access.send_news(user=user, kind="account.password", by=by)


def reset_second_factor(*, user: User, by: User) -> None:
    """Take an account's second factor away, where somebody lost the device; a new one is set at the next sign-in.

    Raises:
        PermissionDenied: the person manages no accounts, or it is the person's own.
    """
    from allauth.mfa.models import Authenticator

    check(Rights(by).can("account.manage") and user.pk != by.pk)
    with transaction.atomic():
        Authenticator.objects.filter(user=user).delete()  # a secret, no record: its removal is logged
        access.end_access(user=user, by=by)
        tell("account.second_factor_reset", by=by, account=user.username)
        access.send_news(user=user, kind="account.second_factor_reset", by=by)


def appoint(*, user: User, role: str, by: User | None) -> Appointment:
    """Give somebody a role in the whole inspectorate.

    Raises:
        PermissionDenied: the person manages no accounts.
        UserError: there is no such role, the person holds it already, or the person gives it to themselves.
    """
    if by is not None:
        check(Rights(by).can("account.manage"))
        faults = four_eyes.find_against_appointment(user, by)
        if faults:
            raise UserError(faults)
    if role not in dict(APPOINTMENTS):
        raise UserError(
            Fault(
                _("the role"),
                _("'%(role)s' isn't a role") % {"role": role},
                _("Choose from: %(roles)s")
                % {"roles": ", ".join(str(title) for title in dict(APPOINTMENTS).values())},
            )
        )
    with transaction.atomic():
        _hold_room()
        if not User.objects.filter(pk=user.pk, is_active=True).exists():
            raise UserError(Fault(_("the account"), _("it is closed")))
        if user.appointments.filter(role=role, retired_at=None).exists():
            raise UserError(Fault(_("the role"), _("%(user)s already has this role") % {"user": user}))
        appointment = Appointment.objects.create(
            user=user, role=role, given_at=timezone.now(), given_by=by or user
        )
        tell("appointment.given", by=by, account=user.username, role=role)
    return appointment


def dismiss(*, appointment: Appointment, by: User) -> None:
    """Take a role away.

    Raises:
        PermissionDenied: the person manages no accounts.
        UserError: nobody would be left to manage accounts.
    """
    check(Rights(by).can("account.manage"))
    with transaction.atomic():
        if appointment.role == "administrator":
            _refuse_last(appointment.user, by, _("the role"))
        appointment.refresh_from_db()
        if appointment.retired_at is not None:
            raise UserError(
                Fault(_("the role"), _("%(user)s no longer has this role") % {"user": appointment.user})
            )
        appointment.retired_at, appointment.retired_by = timezone.now(), by
        appointment.save(update_fields=["retired_at", "retired_by"])
        tell("appointment.retired", by=by, account=appointment.user.username, role=appointment.role)


def _refuse_last(user: User, by: User, where: str) -> None:
    """Refuse to take the last administrator away, even if somebody else does the same at this moment.

    Raises:
        PermissionDenied: the person was an administrator until a moment ago.
        UserError: nobody else would be left.
    """
    _hold_room()
    check(list_administrators().filter(user=by).exists())
    others = list_administrators().exclude(user=user)
    if list_administrators().filter(user=user).exists() and not others.exists():
        what = _("nobody would be left to manage accounts")
        raise UserError(Fault(where, what, _("Make somebody else an administrator first")))


def _hold_room() -> None:
    """Wait until nobody else changes who manages accounts; then look again at who does."""
    Chain.objects.get_or_create(name="room")
    Chain.objects.select_for_update().get(name="room")


def make_token(*, name: str, scopes: Sequence[str], days: int, by: User) -> tuple[Token, str]:
    """A key to the API for oneself; what it is called with is shown once and never again.

    Raises:
        UserError: with everything that is wrong with it.
    """
    faults = []
    if not name.strip():
        faults.append(Fault(_("the name"), _("it is empty"), _("Enter what the key is for")))
    unknown = [s for s in scopes if s not in SCOPES]
    if unknown or not scopes:
        faults.append(Fault(_("the scopes"), _("choose from %(scopes)s") % {"scopes": ", ".join(SCOPES)}))
    if not 1 <= days <= LONGEST_DAYS:
        faults.append(
            Fault(
                _("the days"),
                _("%(days)s isn't between 1 and %(most)s") % {"days": days, "most": LONGEST_DAYS},
            )
        )
    if faults:
        raise UserError(faults)
    secret = f"scr_{secrets.token_urlsafe(32)}"
    now = timezone.now()
    with transaction.atomic():
        token = Token.objects.create(
            user=by,
            name=name.strip(),
            hash=hash_key(secret),
            scopes=" ".join(scopes),
            made_at=now,
            expires_at=now + timedelta(days=days),
        )
        tell("token.made", by=by, token=token.pk, name=token.name, scopes=token.scopes)
    return token, secret


def retire_token(*, token: Token, by: User) -> None:
    """End a key: one's own, or anybody's for who manages accounts.

    Raises:
        PermissionDenied: it is somebody else's.
    """
    if token.user_id != by.pk and not Rights(by).can("account.manage"):
        raise PermissionDenied
    with transaction.atomic():
        token.retired_at, token.retired_by = timezone.now(), by
        token.save(update_fields=["retired_at", "retired_by"])
        tell("token.retired", by=by, token=token.pk, name=token.name)


def note_use(*, token: Token, now: datetime) -> None:
    """Note the day on which a key was used, once a day."""
    Token.objects.filter(pk=token.pk).exclude(used_on=now.date()).update(used_on=now.date())
