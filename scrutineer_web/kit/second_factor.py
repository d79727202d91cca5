"""What comes between signing in and the room: a second factor, and news of one's account that must be seen.

A session obeys it wherever it goes, the API included. Programs with a key of their own have no session; a key is only
ever made in one that obeys.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from scrutineer.errors import Fault
from scrutineer_web.kit import sign_in_limits
from scrutineer_web.kit.faults import answer_error

OPEN = (
    "/account/",
    "/static/",
    "/service-worker.js",
    "/offline/",
    "/health/",
    "/metrics/",
    "/reports/",
    "/me/news/",
)
"""Where a session may go before: to signing in and out, to the factor itself, and to what is anybody's."""


class SecondFactor:
    """Leads somebody to the second factor, then to what happened to the account, before anything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or lead on."""
        next_page = _write_next_page(request)
        if next_page:
            return _lead(request, next_page)
        response = self.get_response(request)
        just_signed_in = getattr(request, "just_signed_in", None)
        if just_signed_in is not None:
            sign_in_limits.remember(request, response, just_signed_in)
        return response


def _write_next_page(request: HttpRequest) -> str:
    if request.path.startswith(OPEN) or not request.user.is_authenticated:
        return ""
    # The factor comes before the news: what happened to an account is shown only to a person who has proved to own it.
    if settings.SECOND_FACTOR and not is_passed(request):
        return "mfa_reauthenticate" if is_mfa_enabled(request.user) else "mfa_activate_totp"
    return "own_news" if request.session.get("news") else ""


def is_passed(request: HttpRequest) -> bool:
    """Whether this very session has shown a second factor, here or at the provider that it was opened through."""
    if request.session.get("second_factor"):
        return True
    methods = request.session.get("account_authentication_methods", [])
    if any(method.get("method") == "mfa" for method in methods):
        # Noted in the session, so that the list of methods isn't searched with every request.
        request.session["second_factor"] = True
        return True
    return False


class Activate(ActivateTOTPView):
    """Setting a second factor, which shows it at the same time."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Set it; the session that set it goes on, all others have ended."""
        response: HttpResponse = super().form_valid(form)
        self.request.session["second_factor"] = True
        return response


def _lead(request: HttpRequest, page: str) -> HttpResponse:
    if request.path.startswith("/api/") or request.headers.get("Accept", "").startswith("application/json"):
        what = {
            "own_news": _("there was a change to your account that you haven't confirmed yet"),
        }.get(page, _("you haven't entered a second factor in this session"))
        return answer_error(
            request,
            [
                Fault(
                    _("your account"),
                    what,
                    _("Open Scrutineer in your browser and follow the instructions there"),
                )
            ],
            403,
        )
    return redirect(page)
