"""Signing in: accounts are made by administrators, and attempts are counted."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy

from scrutineer_web.kit import sign_in_limits
from scrutineer_web.records.statements import Joined
from scrutineer_web.records.user import User

_USER = Joined({"u": (User, [f.name for f in User._meta.concrete_fields])}, "records_user u WHERE u.id = %s")
_SECOND_FACTOR_STAGE = "allauth.mfa.stages.AuthenticateStage"


class Backend(AuthenticationBackend):
    """Signing in with a password; each request then finds its account by a statement that is made once."""

    def get_user(self, user_id: int) -> User | None:
        """The account, where it may sign in."""
        row = _USER.get(user_id)
        return row[0] if row is not None and self.user_can_authenticate(row[0]) else None


class Accounts(DefaultAccountAdapter):
    """People can't create accounts for themselves, and nobody guesses passwords for long."""

    error_messages = {  # noqa: RUF012 as allauth has it, where it is no class's alone
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": gettext_lazy("There were too many attempts. Try again in five minutes."),
        "username_password_mismatch": gettext_lazy("The username or password isn't right."),
    }
    _usage: sign_in_limits.Usage | None = None

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        del request
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt before the password is looked at."""
        # Takes the place of the library's own limits, so that a browser known for the account is counted separately.
        self._usage = sign_in_limits.spend_sign_in(request, str(credentials.get("username") or ""))
        if self._usage is None:
            raise self.validation_error("too_many_login_attempts")

    def _rollback_login_failed_rl_usage(self) -> None:
        # The library calls this by its own private name once the password was right.
        if self._usage is not None:
            self._usage.give_back()

    def get_login_stages(self) -> list[str]:
        """A second factor that was shown at the provider is not asked for again."""
        stages = super().get_login_stages()
        # Set at sign-in, if the provider reported a method that the settings accept as a second factor.
        if getattr(self.request, "factor_at_provider", False):
            stages.remove(_SECOND_FACTOR_STAGE)
        return stages

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """A person who signed in a moment ago is not asked for the password again."""
        del app, kwargs
        return not is_fresh(self.request)


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person asking has signed in, or given a password or second factor again, a moment ago."""
    moments = [m.get("at", 0) for m in request.session.get("account_authentication_methods", [])]
    return any(0 <= time.time() - at < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT for at in moments)


def require_recent_sign_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A screen whose forms only somebody sends who has just shown who it is; others are asked for it again.

    What was typed is kept meanwhile, and sent once the password or second factor was right.
    """

    @wraps(view)
    def check_first(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST" or is_fresh(request):
            return view(request, *args, **kwargs)
        if get_adapter().get_reauthentication_methods(request.user):
            raise ReauthenticationRequired
        return render(request, "account/sign_in_again.html", {"section": "own"})

    return check_first


class Outside(DefaultSocialAccountAdapter):
    """An account at the provider signs in as the account here that an administrator linked it to, and as no other."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never."""
        del request, sociallogin
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Refuse who is not linked; nobody links an account by signing in, whatever the provider says of a name."""
        identity = sociallogin.account.extra_data["id_token"]
        user = sociallogin.user if sociallogin.is_existing else None
        # The provider's claims about names and email addresses are ignored: only a link made by an administrator counts.
        if user is None or not user.is_active or sociallogin.state.get("process") != "login":
            request.session["identity"] = {
                "issuer": identity.get("iss", ""),
                "subject": identity.get("sub", ""),
            }
            raise ImmediateHttpResponse(redirect("no_account"))
        methods = identity.get("amr") or []
        shown = {str(method) for method in methods} if isinstance(methods, list) else set()
        request.factor_at_provider = bool(  # type: ignore[attr-defined]  # kept for `Accounts`, which gets the same request
            (shown | {str(identity.get("acr", ""))}) & settings.OIDC_SECOND_FACTOR
        )
