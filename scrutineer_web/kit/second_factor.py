"""Whoever signs in with a password has a second factor, unless the room is set up without."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

OPEN = ("/account/", "/static/", "/api/", "/service-worker.js", "/offline/")


class SecondFactor:
    """Leads somebody without a second factor to where one is set."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or lead on."""
        if self._missing(request):
            return redirect("mfa_activate_totp")
        return self.get_response(request)

    def _missing(self, request: HttpRequest) -> bool:
        if not settings.SECOND_FACTOR or request.path.startswith(OPEN) or not request.user.is_authenticated:
            return False
        if request.session.get("second_factor"):
            return False
        # Whoever signed in elsewhere has whatever second factor is asked for there.
        methods = request.session.get("account_authentication_methods", [])
        there = is_mfa_enabled(request.user) or any(m.get("method") == "socialaccount" for m in methods)
        if there:
            request.session["second_factor"] = True
        return not there
