"""Signing in elsewhere: the room asks an OpenID Connect provider, and believes it about the name alone."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.web.served import Room, served

pytestmark = pytest.mark.xdist_group("oidc")


class Provider(BaseHTTPRequestHandler):
    """As much of a provider as a sign-in needs; who signs in is told by `name`."""

    name = "inspector"

    def do_GET(self) -> None:
        base = f"http://{self.headers['Host']}"
        address = urlsplit(self.path)
        if address.path == "/.well-known/openid-configuration":
            ends = {
                "authorization_endpoint": "authorize",
                "token_endpoint": "token",
                "userinfo_endpoint": "who",
                "jwks_uri": "keys",
            }
            told = {name: f"{base}/{path}" for name, path in ends.items()}
            self.say(
                {"issuer": base, **told, "token_endpoint_auth_methods_supported": ["client_secret_post"]}
            )
        elif address.path == "/authorize":
            asked = parse_qs(address.query)
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri'][0]}?code=once&state={asked['state'][0]}")
            self.end_headers()
        else:
            self.say({"sub": f"outside-{self.name}", "preferred_username": self.name})

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        right = sent["code"] == ["once"] and sent["client_secret"] == ["a word between the two"]
        self.say({"access_token": "a", "token_type": "Bearer"} if right else {"error": "invalid_grant"})

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
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    more = {
        "SCRUTINEER_OIDC": f"http://127.0.0.1:{server.server_port}", "SCRUTINEER_OIDC_CLIENT": "scrutineer",
        "SCRUTINEER_OIDC_SECRET": "a word between the two", "SCRUTINEER_OIDC_NAME": "the Ministry", "SCRUTINEER_SECOND_FACTOR": "1",
    }  # fmt: skip
    place: Path = tmp_path_factory.mktemp("oidc") / "data"
    with served(place, more=more) as one:
        yield one
    server.shutdown()
    server.server_close()


def outside(room: Room, name: str) -> requests.Response:
    Provider.name = name
    session = requests.Session()
    page = session.get(f"{room.address}/account/login/", timeout=30).text
    assert "Sign in with the Ministry" in page
    form = re.search(r'<form method="post" action="([^"]*oidc[^"]*)">.*?value="([^"]+)"', page, re.DOTALL)
    assert form
    data = {"csrfmiddlewaretoken": form[2]}
    return session.post(f"{room.address}{form[1]}", data=data, headers={"Referer": room.address}, timeout=30)


def test_an_outside_account_signs_in_as_the_rooms_of_the_same_name(room: Room) -> None:
    answer = outside(room, "Inspector")
    assert answer.url == f"{room.address}/"  # without a second factor of the room's own
    assert "My cases" in answer.text
    assert outside(room, "Inspector").url == f"{room.address}/"  # the second time, too


def test_somebody_without_an_account_here_gets_none(room: Room) -> None:
    answer = outside(room, "stranger")
    assert answer.url == f"{room.address}/no-account/"
    assert "this room has no account of that name" in answer.text
