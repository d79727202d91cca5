"""Links between accounts here and accounts at an OpenID Connect provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer_web.actions.operations import access
from scrutineer_web.audit.events import tell
from scrutineer_web.permissions import Rights, check
from scrutineer_web.queries.operations.outside import make_key

if TYPE_CHECKING:
    from allauth.socialaccount.models import SocialAccount

    from scrutineer_web.records.user import User

PROVIDER = "oidc"
LONGEST = 255
"""The most signs that a subject has, by the standard."""


def link(*, user: User, issuer: str, subject: str, by: User) -> SocialAccount:
    """Let an account at a provider sign in as an account here.

    Raises:
        PermissionDenied: the person manages no accounts.
        UserError: it is the person's own, or with everything that is wrong with the identity.
    """
    from allauth.socialaccount.models import SocialAccount

    check(Rights(by).can("account.manage"))
    issuer, subject = issuer.strip(), subject.strip()
    faults = []
    if user.pk == by.pk:
        faults.append(Fault(_("the account"), _("this is your own account"), _("Ask another administrator")))
    if not user.is_active:
        faults.append(Fault(_("the account"), _("it is closed")))
    if not issuer.startswith(("https://", "http://127.0.0.1", "http://localhost")) or len(issuer) > LONGEST:
        faults.append(
            Fault(
                _("the provider's address"),
                _("enter it exactly as the person sees it"),
                _("Enter an address that begins with https://"),
            )
        )
    if not subject or len(subject) > LONGEST or not subject.isprintable():
        faults.append(
            Fault(
                _("identity at the provider"),
                _("enter the 1 to %(most)s characters that the person sees") % {"most": LONGEST},
            )
        )
    if faults:
        raise UserError(faults)
    with transaction.atomic():
        key = make_key(issuer=issuer, subject=subject)
        if SocialAccount.objects.filter(provider=PROVIDER, uid=key).exists():
            raise UserError(
                Fault(
                    _("identity at the provider"),
                    _("it is already linked to an account"),
                    _("Remove that link first"),
                )
            )
        details = {"iss": issuer, "sub": subject}
        account = SocialAccount.objects.create(
            user=user, provider=PROVIDER, uid=key, extra_data={"id_token": details}
        )
        tell("account.linked", by=by, account=user.username, issuer=issuer, subject=subject)
        access.send_news(user=user, kind="account.linked", by=by)
    return account


def unlink(*, identity: SocialAccount, by: User) -> None:
    """Remove a link; sessions and keys of the account end, since they may have been opened through it.

    Raises:
        PermissionDenied: the person manages no accounts.
    """
    check(Rights(by).can("account.manage"))
    with transaction.atomic():
        user, details = identity.user, identity.extra_data.get("id_token", {})
        identity.delete()
        access.end_access(user=user, by=by)
        tell(
            "account.unlinked",
            by=by,
            account=user.username,
            issuer=details.get("iss"),
            subject=details.get("sub"),
        )
        access.send_news(user=user, kind="account.unlinked", by=by)
