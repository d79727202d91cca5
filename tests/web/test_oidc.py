"""Signing in elsewhere: the room asks an OpenID Connect provider, and believes it about issuer and subject alone."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.web.served import Room, served

KEY, OTHER_KEY = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
SECRET = "a word between the two"


class Provider(BaseHTTPRequestHandler):
    """As much of a provider as a sign-in needs, and as much of a hostile one as a test asks for."""

    claims: ClassVar[dict[str, Any]] = {}
    """What is said besides, or instead."""
    key: ClassVar[Any] = KEY
    asked: ClassVar[dict[str, list[str]]] = {}
    sent: ClassVar[dict[str, list[str]]] = {}

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path == "/.well-known/openid-configuration":
            ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
            places = {name: f"{self.base}/{path}" for name, path in ends.items()}
            self.say(
                {
                    "issuer": self.base,
                    **places,
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                }
            )
        elif address.path == "/authorize":
            Provider.asked = parse_qs(address.query)
            back = f"{self.asked['redirect_uri'][0]}?code=once&state={self.asked['state'][0]}"
            self.send_response(302)
            self.send_header("Location", back)
            self.end_headers()
        else:
            public = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
            self.say({"keys": [{**public, "kid": "1", "alg": "RS256", "use": "sig"}]})

    def do_POST(self) -> None:
        Provider.sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if self.sent["code"] != ["once"] or self.sent["client_secret"] != [SECRET]:
            self.say({"error": "invalid_grant"})
            return
        claims = {
            "iss": self.base, "aud": "scrutineer", "sub": "8a31", "exp": time.time() + 300, "iat": time.time(),
            "nonce": self.asked.get("nonce", [""])[0], **self.claims,
        }  # fmt: skip
        signed = jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "1"})
        self.say({"access_token": "a", "token_type": "Bearer", "id_token": signed})

    @property
    def base(self) -> str:
        return f"http://{self.headers['Host']}"

    def say(self, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def room(issuer: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """A room whose administrator has linked subject 8a31 of the provider to the inspector."""
    more = {
        "SCRUTINEER_OIDC": issuer, "SCRUTINEER_OIDC_CLIENT": "scrutineer", "SCRUTINEER_OIDC_SECRET": SECRET,
        "SCRUTINEER_OIDC_NAME": "the Ministry",
    }  # fmt: skip
    place: Path = tmp_path_factory.mktemp("oidc") / "data"
    with served(place, more=more) as served_room:
        admin = served_room.signed_in("administrator")
        page = admin.get(f"{served_room.address}/accounts/", timeout=30).text
        number = re.search(r'/accounts/(\d+)/">Inspector<', page)
        assert number
        answer = admin.post(
            f"{served_room.address}/accounts/{number[1]}/links/",
            data={"issuer": issuer, "subject": "8a31"},
            timeout=30,
        )
        assert "can now sign in through the provider" in answer.text
        served_room.kill()
        served_room.more["SCRUTINEER_SECOND_FACTOR"] = "1"
        served_room.start()
        yield served_room


@pytest.fixture(autouse=True)
def honest() -> Iterator[None]:
    yield
    Provider.claims, Provider.key = {}, KEY


def begin(room: Room, session: requests.Session, query: str = "") -> requests.Response:
    """As far as the provider's own page, which is not followed."""
    page = session.get(f"{room.address}/account/login/", timeout=30).text
    assert "Sign in with the Ministry" in page
    form = re.search(r'<form[^>]*action="([^"]*oidc[^"]*)"[^>]*>.*?value="([^"]+)"', page, re.DOTALL)
    assert form
    return session.post(
        f"{room.address}{form[1]}{query}", data={"csrfmiddlewaretoken": form[2]}, headers={"Referer": room.address},
        timeout=30, allow_redirects=False,
    )  # fmt: skip


def outside(room: Room, query: str = "", **claims: Any) -> requests.Response:
    """Sign in through the provider, which says something besides."""
    Provider.claims = claims
    session = requests.Session()
    return session.get(begin(room, session, query).headers["Location"], timeout=30)


def is_in(answer: requests.Response) -> bool:
    return "Sign out" in answer.text


def test_a_linked_subject_signs_in_and_its_owner_hears_of_the_link(room: Room) -> None:
    answer = outside(room, amr=["pwd", "mfa"])
    assert answer.url == f"{room.address}/me/news/"
    assert "Administrator linked your account" in answer.text
    session = requests.Session()
    Provider.claims = {"amr": ["mfa"]}
    session.get(begin(room, session).headers["Location"], timeout=30)
    session.post(
        f"{room.address}/me/news/", data={"csrfmiddlewaretoken": session.cookies["csrftoken"]}, timeout=30
    )
    assert "My cases" in session.get(f"{room.address}/", timeout=30).text
    assert outside(room, acr="phr").url == f"{room.address}/"


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "9", "preferred_username": "administrator"},
        {
            "sub": "9",
            "preferred_username": "inspector",
            "email": "inspector@example.org",
            "email_verified": True,
        },
        {"sub": "inspector", "name": "Inspector"},
        {"sub": "8A31"},
        {"sub": " 8a31"},
        {"sub": hashlib.sha256(b"x").hexdigest()},
    ],
)
def test_nobody_else_becomes_an_account_by_what_the_provider_says_of_them(
    room: Room, claims: dict[str, Any]
) -> None:
    answer = outside(room, amr=["mfa"], **claims)
    assert answer.url == f"{room.address}/no-account/"
    assert not is_in(answer)
    assert str(claims["sub"]) in answer.text  # what an administrator needs for linking it


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example.org"},
        {"aud": "another-room"},
        {"aud": ["scrutineer", "x"], "azp": "x"},
        {"exp": 1},
        {"exp": None},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"nonce": ""},
        {"sub": ""},
        {"sub": None},
    ],
)
def test_what_is_signed_for_somebody_or_something_else_is_refused(room: Room, claims: dict[str, Any]) -> None:
    answer = outside(room, amr=["mfa"], **claims)
    assert (answer.status_code, is_in(answer)) == (401, False)
    assert "couldn't confirm who you are" in answer.text


def test_what_another_key_signed_is_refused(room: Room) -> None:
    Provider.key = OTHER_KEY
    assert outside(room, amr=["mfa"]).status_code == 401


def test_the_code_is_bound_to_this_sign_in(room: Room) -> None:
    outside(room, amr=["mfa"])
    assert Provider.asked["code_challenge_method"] == ["S256"]
    proof = hashlib.sha256(Provider.sent["code_verifier"][0].encode()).digest()
    assert Provider.asked["code_challenge"] == [base64.urlsafe_b64encode(proof).rstrip(b"=").decode()]
    assert len(Provider.asked["nonce"][0]) >= 16
    assert Provider.asked["scope"] == ["openid"]


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(room: Room) -> None:
    theirs, mine = requests.Session(), requests.Session()
    location = begin(room, theirs).headers["Location"]
    back = requests.get(location, timeout=30, allow_redirects=False).headers["Location"]
    assert mine.get(back, timeout=30).status_code == 401
    assert not is_in(mine.get(f"{room.address}/", timeout=30))
    Provider.claims = {"amr": ["mfa"]}
    assert theirs.get(back, timeout=30).status_code == 200
    assert theirs.get(back, timeout=30).status_code == 401  # nor twice


def test_nothing_in_the_address_changes_what_is_asked_for(room: Room) -> None:
    session = requests.Session()
    query = "?process=connect&scope=admin&auth_params=nonce%3Dmine%26acr_values%3D0"
    Provider.asked = {}
    session.get(begin(room, session, query).headers["Location"], timeout=30)
    assert Provider.asked["scope"] == ["openid"]
    assert Provider.asked["nonce"] != ["mine"]
    assert "acr_values" not in Provider.asked


def test_whoever_is_signed_in_links_no_account_by_themselves(room: Room) -> None:
    session = requests.Session()
    Provider.claims = {"amr": ["mfa"]}
    session.get(begin(room, session).headers["Location"], timeout=30)
    assert session.get(f"{room.address}/account/", timeout=30).status_code == 404
    Provider.claims = {"sub": "mine", "amr": ["mfa"]}
    form = session.get(f"{room.address}/account/oidc/oidc/login/?process=connect", timeout=30).text
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)[-1]
    session.post(
        f"{room.address}/account/oidc/oidc/login/?process=connect", data={"csrfmiddlewaretoken": token}, timeout=30
    )  # fmt: skip
    assert outside(room, sub="mine", amr=["mfa"]).url == f"{room.address}/no-account/"


@pytest.mark.parametrize(
    "claims", [{}, {"amr": ["pwd"]}, {"amr": "mfa-not"}, {"acr": "0"}, {"amr": ["pwd", "mfa2"]}]
)
def test_without_a_second_factor_there_one_is_asked_for_here(room: Room, claims: dict[str, Any]) -> None:
    answer = outside(room, **claims)
    assert answer.url.startswith(f"{room.address}/account/second-factor/app/")
    api = requests.Session()
    Provider.claims = claims
    api.get(begin(room, api).headers["Location"], timeout=30)
    assert api.get(f"{room.address}/api/v1/inspections", timeout=30).status_code == 403


def test_a_provider_that_is_away_is_a_sentence(room: Room) -> None:
    from tests.web.served import free_port

    room.kill()
    before = room.more["SCRUTINEER_OIDC"]
    room.more["SCRUTINEER_OIDC"] = f"http://127.0.0.1:{free_port()}"
    room.start()
    answer = begin(room, requests.Session())
    assert answer.status_code == 401
    assert "couldn't confirm who you are" in answer.text
    room.more["SCRUTINEER_OIDC"] = before
