"""Signing in: second factor, recovery codes, sessions that end, accounts that are closed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from scrutineer.errors import UserError
from scrutineer_web.actions.operations import account_mails, accounts, outside
from scrutineer_web.audit.verify import list_broken
from scrutineer_web.kit.proxies import FORWARDED, Proxies, find_client
from scrutineer_web.queries.operations.access import NEWS
from scrutineer_web.queries.operations.accounts import list_administrators
from scrutineer_web.records.event import Event
from scrutineer_web.records.token import Token
from scrutineer_web.records.user import User
from tests.web.village import PASSWORD

People = dict[str, User]
NEW, WRONG = "another-long-word-7", "wrong"


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
    recovery_codes = re.findall(r"\b[0-9]{8}\b", codes) or re.findall(r"\b[0-9a-f]{10}\b", codes)
    assert recovery_codes
    # The next sign-in asks for it; a recovery code stands in for the app, once.
    again = signed_in("inspector")
    assert again.get("/").status_code == 302
    assert again.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert again.post(reverse("mfa_authenticate"), {"code": recovery_codes[0]}).status_code == 302
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
    assert "You can't create your own account" in page


def test_the_last_administrator_stays(people: People) -> None:
    admin = people["administrator"]
    with pytest.raises(UserError, match="nobody would be left"):
        accounts.dismiss(appointment=admin.appointments.get(), by=admin)


# -- guessing ----------------------------------------------------------------------------


@pytest.fixture
def counted() -> Iterator[None]:
    """Nothing counted before, and nothing after."""
    cache.clear()
    yield
    cache.clear()


def attempt(
    name: str, password: str = WRONG, client: str = "198.51.100.7", browser: Client | None = None
) -> bool:
    """Try to sign in from an address; whether it worked."""
    browser = browser or Client()
    answer = browser.post(reverse("account_login"), {"login": name, "password": password}, REMOTE_ADDR=client)
    return answer.status_code == 302


def test_made_up_names_from_one_client_keep_nobody_else_out(people: People, counted: None) -> None:
    for number in range(40):
        assert not attempt(f"somebody-{number}")
    assert not attempt("inspector", PASSWORD)  # the guesser's own address waits, even with the right password
    assert attempt("inspector", PASSWORD, "203.0.113.9")
    assert attempt("lead_inspector", PASSWORD, "203.0.113.9")


def test_guessing_at_one_name_from_one_client_keeps_its_owner_out_nowhere_else(
    people: People, counted: None
) -> None:
    for _ in range(150):
        attempt("inspector")
    assert not attempt("inspector", PASSWORD)
    assert attempt("inspector", PASSWORD, "203.0.113.9")


def test_guessing_from_everywhere_is_slowed_and_leaves_the_owners_browser_alone(
    people: People, counted: None
) -> None:
    own = Client()
    assert attempt("inspector", PASSWORD, "203.0.113.9", own)
    own.post(reverse("account_logout"))
    got = sum(attempt("inspector", PASSWORD if i == 119 else "wrong", f"198.51.100.{i}") for i in range(120))
    assert got == 0  # the hundred-and-twentieth guess was right, and came too late
    assert attempt("inspector", PASSWORD, "198.51.100.200", own)
    forged = Client()
    forged.cookies["scrutineer_browser"] = own.cookies["scrutineer_browser"].value[:-4] + "AAAA"
    assert not attempt("inspector", PASSWORD, "198.51.100.201", forged)


def test_a_known_browser_guesses_no_longer_than_others(people: People, counted: None) -> None:
    own = Client()
    assert attempt("inspector", PASSWORD, browser=own)
    own.post(reverse("account_logout"))
    assert [attempt("inspector", browser=own) for _ in range(12)] == [False] * 12
    assert not attempt("inspector", PASSWORD, browser=own)
    assert not attempt("lead_inspector", "wrong", browser=own)  # it is known for one account only


@pytest.mark.parametrize(
    ("hops", "forwarded", "client"),
    [
        (0, "203.0.113.1", "127.0.0.1"),
        (1, "203.0.113.1", "203.0.113.1"),
        (1, "10.0.0.1, 203.0.113.1", "203.0.113.1"),
        (2, "10.0.0.1, 203.0.113.1, 192.0.2.1", "203.0.113.1"),
        (2, "203.0.113.1", "203.0.113.1"),
        (1, "203.0.113.1:5123", "203.0.113.1"),
        (1, "[2001:db8::1]:443", "2001:db8::1"),
        (1, "::ffff:203.0.113.1", "203.0.113.1"),
        (1, "203.0.113.1, unknown", "127.0.0.1"),
        (1, "<script>", "127.0.0.1"),
        (1, ",,", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_the_client_is_read_behind_the_declared_proxies_and_no_further(
    settings: Any, hops: int, forwarded: str, client: str
) -> None:
    settings.TRUSTED_PROXIES = hops
    seen: list[HttpRequest] = []
    request = RequestFactory().get(
        "/", HTTP_X_FORWARDED_FOR=forwarded, HTTP_X_FORWARDED_PROTO="https", HTTP_X_REAL_IP="192.0.2.66"
    )
    Proxies(lambda r: seen.append(r) or HttpResponse())(request)  # type: ignore[func-returns-value]
    assert seen[0].META["REMOTE_ADDR"] == client
    assert seen[0].is_secure() == (hops > 0)
    assert not [name for name in FORWARDED if name in seen[0].META]


def test_one_ipv6_customer_is_one_client() -> None:
    requests = [
        RequestFactory().get("/", REMOTE_ADDR=a)
        for a in ("2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1")
    ]
    assert [find_client(r) for r in requests] == ["2001:db8::/64", "2001:db8::/64", "2001:db8:0:1::/64"]


def test_nothing_that_was_typed_is_stored(people: People, counted: None) -> None:
    word = "my-password-typed-where-the-name-belongs"
    for name in (word, "inspector", f" {word} ", "Inspector"):
        attempt(name, f"{word}-too")
    events = list(
        Event.objects.filter(kind="sign_in_failed").order_by("number").values_list("details", flat=True)
    )
    assert events == [
        {"account": None},
        {"account": "inspector"},
        {"account": None},
        {"account": "inspector"},
    ]
    plain = hashlib.sha256(word.encode()).hexdigest()
    held = str(list(Event.objects.values())) + str(cache._cache)  # type: ignore[attr-defined]
    assert word not in held
    assert plain not in held


def test_failed_attempts_are_shown_at_the_next_sign_in(people: People, counted: None) -> None:
    attempt("inspector")
    assert "failed attempts" not in signed_in("inspector").get("/").content.decode()  # a slip
    for number in range(4):
        attempt("inspector", client=f"198.51.100.{number}")
    assert "4 failed attempts to sign in" in signed_in("inspector").get("/").content.decode()
    assert "failed attempts" not in signed_in("inspector").get("/").content.decode()


# -- sessions ----------------------------------------------------------------------------


def shift(client: Client, hours: float) -> None:
    """Let time pass for a session."""
    held = Session.objects.get(session_key=client.session.session_key)
    store = client.session
    store["signed_in_at"] -= hours * 3600
    Session.objects.filter(pk=held.pk).update(
        session_data=store.encode(dict(store.items())), expire_date=held.expire_date - timedelta(hours=hours)
    )


def test_a_session_that_nobody_uses_ends_and_one_that_is_used_lasts_a_working_day(people: People) -> None:
    idle, used = signed_in("inspector"), signed_in("inspector")
    shift(idle, 4.1)
    assert idle.get("/").status_code == 302
    for _ in range(3):
        shift(used, 3.5)
        assert used.get("/").status_code == 200
    shift(used, 1.6)
    assert used.get("/").status_code == 302  # after twelve hours, used or not


def test_the_api_obeys_the_second_factor_in_a_browsers_session(people: People, strict: None) -> None:
    client = signed_in("inspector")
    answer = client.get("/api/v1/inspections")
    assert answer.status_code == 403
    assert "second factor" in answer.json()["faults"][0]["what"]
    _, secret = accounts.make_token(name="x", scopes=["inspections"], days=1, by=people["inspector"])
    key = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    assert Client().get("/api/v1/inspections", **key).status_code == 200


def test_a_session_opened_before_the_second_factor_does_not_pass_by_it(
    people: People, strict: None, django_capture_on_commit_callbacks: Any
) -> None:
    other, own = signed_in("inspector"), signed_in("inspector")
    secret = re.search(r'value="([A-Z2-7]{20,})"', own.get(reverse("mfa_activate_totp")).content.decode())
    assert secret
    with django_capture_on_commit_callbacks(execute=True):
        own.post(reverse("mfa_activate_totp"), {"code": code_for(secret[1])})
    assert own.get("/").status_code == 200
    assert other.get("/").status_code == 302
    assert other.get("/api/v1/inspections").status_code in (401, 403)


@pytest.mark.parametrize("what", ["password", "second", "retire"])
def test_a_reset_ends_sessions_and_keys(people: People, what: str) -> None:
    user, admin = people["inspector"], people["administrator"]
    totp.TOTP.activate(user, totp.generate_totp_secret())
    _, secret = accounts.make_token(name="x", scopes=["inspections"], days=1, by=user)
    client, key = Client(), {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    client.force_login(user)
    assert client.get("/").status_code == 200
    assert Client().get("/api/v1/inspections", **key).status_code == 200
    {
        "password": lambda: accounts.set_password(user=user, password=NEW, by=admin),
        "second": lambda: accounts.reset_second_factor(user=user, by=admin),
        "retire": lambda: accounts.retire(user=user, by=admin),
    }[what]()
    assert client.get("/").status_code == 302
    assert Client().get("/api/v1/inspections", **key).status_code == 401
    assert list(list_broken()) == []


def test_changing_ones_own_password_ends_what_else_was_opened(people: People) -> None:
    other, own = signed_in("inspector"), signed_in("inspector")
    _, secret = accounts.make_token(name="x", scopes=["inspections"], days=1, by=people["inspector"])
    words = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert own.post(reverse("account_change_password"), words).status_code == 302
    assert own.get("/").status_code == 200
    assert other.get("/").status_code == 302
    assert not Token.objects.filter(user=people["inspector"], retired_at=None).exists()
    assert secret


def test_a_key_is_made_only_after_a_fresh_sign_in_and_what_was_typed_is_kept(people: People) -> None:
    client = signed_in("inspector")
    session = client.session
    session["account_authentication_methods"] = [
        {**m, "at": m["at"] - 3600} for m in session["account_authentication_methods"]
    ]
    session.save()
    words = {"name": "nightly", "scopes": ["scores"], "days": 3}
    answer = client.post(reverse("own_account"), words)
    assert (answer.status_code, Token.objects.count()) == (302, 0)
    page = client.post(answer["Location"], {"password": PASSWORD}).content.decode()
    assert re.search(r"scr_[A-Za-z0-9_-]{20,}", page)
    assert Token.objects.get().name == "nightly"


# -- what others do to an account --------------------------------------------------------


@pytest.fixture
def mailoutbox(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the background would send, which is sent here where it is asked for."""
    sent: list[Any] = []

    def send(subject: str, body: str, _: None, to: list[str]) -> None:
        sent.append(SimpleNamespace(subject=subject, body=body, to=to))

    monkeypatch.setattr(account_mails, "send_mail", send)
    for name in ("mail_news", "mail_link"):
        monkeypatch.setattr(account_mails, name, SimpleNamespace(enqueue=getattr(account_mails, name).func))
    return sent


@pytest.mark.parametrize("what", ["password", "second", "mail", "link"])
def test_its_owner_sees_what_an_administrator_did_to_an_account(
    people: People,
    what: str,
    settings: Any,
    mailoutbox: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.MAIL = "smtp://x"
    user, admin = people["inspector"], people["administrator"]
    accounts.set_mail(user=user, mail="inspector@example.org", by=user)
    with django_capture_on_commit_callbacks(execute=True):
        {
            "password": lambda: accounts.set_password(user=user, password=NEW, by=admin),
            "second": lambda: accounts.reset_second_factor(user=user, by=admin),
            "mail": lambda: accounts.set_mail(user=user, mail="mine@example.org", by=admin),
            "link": lambda: outside.link(
                user=user, issuer="https://login.example.org", subject="1", by=admin
            ),
        }[what]()
    (mail,) = mailoutbox
    assert mail.to == ["inspector@example.org"]  # the address before, where that was changed
    assert "Administrator" in mail.body
    client = Client()
    client.force_login(user)
    assert client.get("/")["Location"] == reverse("own_news")
    assert client.get("/api/v1/inspections").status_code == 403
    again = Client()
    again.force_login(user)  # signing in again does not make it go away
    page = again.get(reverse("own_news")).content.decode()
    kind = {"second": "account.second_factor_reset", "link": "account.linked"}.get(what, f"account.{what}")
    assert str(account_mails.MAILED[kind]).rstrip(".") % {"who": "Administrator"} in mail.body
    assert str(NEWS[kind]).split(" on ")[0] % {"who": "Administrator"} in page
    assert f"{timezone.localdate():%B %Y}" in page
    assert again.post(reverse("own_news")).status_code == 302
    assert again.get("/").status_code == 200
    last = Client()
    last.force_login(user)
    assert last.get("/").status_code == 200
    assert Event.objects.filter(kind="account.news_seen", happened_by=user).exists()


def test_nobody_gets_round_it_with_what_is_ones_own(people: People) -> None:
    admin = people["administrator"]
    with pytest.raises(UserError, match="your own"):
        accounts.set_password(user=admin, password=NEW, by=admin)
    with pytest.raises(UserError, match="your own"):
        outside.link(user=admin, issuer="https://login.example.org", subject="1", by=admin)


# -- the last administrator --------------------------------------------------------------


def test_the_last_administrator_stays_however_it_is_tried(people: People) -> None:
    first, second = people["administrator"], people["inspector"]
    held = accounts.appoint(user=second, role="administrator", by=first)
    accounts.retire(user=second, by=first)
    assert list_administrators().count() == 1
    with pytest.raises(UserError, match="nobody would be left"):
        accounts.dismiss(appointment=first.appointments.get(role="administrator"), by=first)
    with pytest.raises(UserError, match="closed"):
        accounts.appoint(user=second, role="administrator", by=first)
    with pytest.raises(PermissionDenied):  # an administrator no more
        accounts.retire(user=first, by=second)
    with pytest.raises(UserError, match="your own"):
        accounts.retire(user=first, by=first)
    accounts.dismiss(appointment=held, by=first)  # of a closed account: nobody is lost by it
    assert list_administrators().get().user == first


# -- a new password by mail --------------------------------------------------------------


@pytest.fixture
def mails(settings: Any) -> None:
    settings.MAIL, settings.ADDRESS = "smtp://x", "https://room.example.org"


def link_of(mail: Any) -> str:
    match = re.search(r"https://room\.example\.org(/account/password/new/\S+)", mail.body)
    assert match
    return match[1]


def test_a_new_password_by_mail(
    people: People, mails: None, mailoutbox: list[Any], strict: None, counted: None
) -> None:
    user = people["inspector"]
    accounts.set_mail(user=user, mail="inspector@example.org", by=user)
    totp.TOTP.activate(user, totp.generate_totp_secret())
    _, secret = accounts.make_token(name="x", scopes=["inspections"], days=1, by=user)
    before = Client()
    before.force_login(user)
    pages = [
        Client().post(reverse("ask_for_link"), {"name": name})
        for name in ("Inspector", "nobody-at-all", "administrator")
    ]
    assert len({re.sub(rb'value="[^"]{64}"', b"", p.content) for p in pages}) == 1
    (mail,) = mailoutbox
    link = link_of(mail)
    assert "too common" in Client().post(link, {"password": "password1234"}).content.decode()
    assert Client().post(link, {"password": NEW}).status_code == 302
    assert Client().post(link, {"password": "another-long-word-8"}).status_code == 404  # it works once
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert before.get("/").status_code == 302
    assert Client().get("/api/v1/inspections", HTTP_AUTHORIZATION=f"Bearer {secret}").status_code == 401
    client = Client()
    answer = client.post(reverse("account_login"), {"login": "inspector", "password": NEW})
    assert answer["Location"] == reverse("mfa_authenticate")  # the second factor is asked for still
    assert client.get("/").status_code == 302
    assert Event.objects.filter(kind="account.password_by_mail", happened_by=user).count() == 1


def test_a_link_ends_soon_and_is_of_one_account(
    people: People, mails: None, mailoutbox: list[Any], settings: Any, counted: None
) -> None:
    user = people["inspector"]
    accounts.set_mail(user=user, mail="inspector@example.org", by=user)
    Client().post(reverse("ask_for_link"), {"name": "inspector"})
    link = link_of(mailoutbox[0])
    assert settings.PASSWORD_RESET_TIMEOUT <= 3600
    other = link.replace(f"/{user.pk}/", f"/{people['administrator'].pk}/")
    assert Client().get(other).status_code == 404
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert Client().get(link).status_code == 404


def test_links_are_limited_and_there_are_none_without_mail(
    people: People, mails: None, mailoutbox: list[Any], settings: Any, counted: None
) -> None:
    user = people["inspector"]
    accounts.set_mail(user=user, mail="inspector@example.org", by=user)
    pages = [
        Client().post(reverse("ask_for_link"), {"name": "inspector"}, REMOTE_ADDR=f"198.51.100.{i}")
        for i in range(9)
    ]
    assert len({re.sub(rb'value="[^"]{64}"', b"", p.content) for p in pages}) == 1
    assert len(mailoutbox) == 3
    assert "forgotten" in Client().get(reverse("account_login")).content.decode()
    settings.MAIL = ""
    assert Client().get(reverse("ask_for_link")).status_code == 404
    assert "forgotten" not in Client().get(reverse("account_login")).content.decode()
