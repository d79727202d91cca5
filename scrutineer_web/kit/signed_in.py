"""A request whose user is an account: what a screen gets that only people who are signed in see."""

from __future__ import annotations

from typing import TypeGuard

from django.http import HttpRequest

from scrutineer_web.records.user import User


class SignedInRequest(HttpRequest):
    """A request of somebody who is signed in.

    No request is ever made of this class: Django makes its own, and `is_signed_in` says which of them are such.
    """

    user: User


def is_signed_in(request: HttpRequest) -> TypeGuard[SignedInRequest]:
    """Whether a request comes from somebody who is signed in."""
    return request.user.is_authenticated
