"""Signing in: accounts are made by administrators, and what happens is told."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import redirect

from scrutineer_web.records.statements import Joined
from scrutineer_web.records.user import User

_USER = Joined({"u": (User, [f.name for f in User._meta.concrete_fields])}, "records_user u WHERE u.id = %s")


class Backend(AuthenticationBackend):
    """Signing in with a password; each request then finds its account by a statement that is made once."""

    def get_user(self, user_id: int) -> User | None:
        """The account, where it may sign in."""
        row = _USER.get(user_id)
        return row[0] if row is not None and self.user_can_authenticate(row[0]) else None


class Accounts(DefaultAccountAdapter):
    """Nobody makes an account for oneself."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        del request
        return False

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Whoever signed in a moment ago is not asked for the password again."""
        del app
        moments = [m.get("at", 0) for m in self.request.session.get("account_authentication_methods", [])]
        return not any(time.time() - at < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT for at in moments)


class Outside(DefaultSocialAccountAdapter):
    """An outside account signs in as the room's account of the same name; none is made on the way."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never."""
        del request, sociallogin
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Join an outside account to the room's, by the name that the provider vouches for."""
        if sociallogin.is_existing:
            return
        told = sociallogin.account.extra_data
        names = [told.get("userinfo", told).get(key) for key in ("preferred_username",)]
        user = User.objects.filter(username__in=[n.lower() for n in names if n], is_active=True).first()
        if user is None:
            raise ImmediateHttpResponse(redirect("no_account"))
        sociallogin.connect(request, user)
