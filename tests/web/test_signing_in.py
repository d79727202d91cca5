"""Signing in: second factor, recovery codes, sessions that end, accounts that are closed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.test import Client
from django.urls import reverse

from scrutineer_web.actions import accounts
from scrutineer_web.records.event import Event
from scrutineer_web.records.user import User
from tests.web.village import PASSWORD

People = dict[str, User]


def signed_in(name: str) -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": name, "password": PASSWORD})
    return client


def code_for(secret: str) -> str:
    return totp.format_hotp_value(totp.hotp_value(secret, totp.yield_hotp_counters_from_time().__next__()))


@pytest.fixture
def strict(settings: Any) -> None:
    settings.SECOND_FACTOR = True


def test_whoever_has_no_second_factor_is_led_to_set_one(
    people: People, strict: None, django_capture_on_commit_callbacks: Any
) -> None:
    client = signed_in("inspector")
    response = client.get("/")
    assert response["Location"] == reverse("mfa_activate_totp")
    page = client.get(reverse("mfa_activate_totp"))
    secret = re.search(r'value="([A-Z2-7]{20,})"', page.content.decode())
    assert secret
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(reverse("mfa_activate_totp"), {"code": code_for(secret[1])})
    assert done.status_code == 302
    assert client.get("/").status_code == 200
    assert Event.objects.filter(kind="account.own_second_factor").exists()
    codes = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    found = re.findall(r"\b[0-9]{8}\b", codes) or re.findall(r"\b[0-9a-f]{10}\b", codes)
    assert found
    # The next sign-in asks for it; a recovery code stands in for the app, once.
    again = signed_in("inspector")
    assert again.get("/").status_code == 302
    assert again.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert again.post(reverse("mfa_authenticate"), {"code": found[0]}).status_code == 302
    assert again.get("/").status_code == 200


def test_an_administrator_takes_a_lost_one_away(people: People, strict: None) -> None:
    user = people["inspector"]
    totp.TOTP.activate(user, totp.generate_totp_secret())
    accounts.reset_second_factor(user=user, by=people["administrator"])
    assert not Authenticator.objects.filter(user=user).exists()
    assert signed_in("inspector").get("/")["Location"] == reverse("mfa_activate_totp")


def test_sessions_end(people: People) -> None:
    client = signed_in("inspector")
    assert client.get("/").status_code == 200
    assert client.session.get_expiry_age() <= 10 * 60 * 60
    accounts.retire(user=people["inspector"], by=people["administrator"])
    assert client.get("/").status_code == 302
    assert signed_in("inspector").get("/").status_code == 302


def test_signing_in_and_failing_to_are_told_without_the_password(people: People) -> None:
    signed_in("inspector")
    Client().post(reverse("account_login"), {"login": "inspector", "password": "wrong-secret-word"})
    kinds = list(Event.objects.filter(chain="room").values_list("kind", flat=True))
    assert "signed_in" in kinds
    assert "sign_in_failed" in kinds
    assert not any("wrong-secret" in str(e.details) for e in Event.objects.all())


def test_nobody_makes_an_account_for_oneself(people: People) -> None:
    assert len(people) > 5
    page = Client().get(reverse("account_signup")).content.decode()
    assert "Nobody makes an account" in page


def test_the_last_administrator_stays(people: People) -> None:
    from scrutineer.errors import UserError

    admin = people["administrator"]
    with pytest.raises(UserError, match="nobody would be left"):
        accounts.dismiss(appointment=admin.appointments.get(), by=admin)
