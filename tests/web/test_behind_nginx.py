"""The room behind a real nginx that speaks https: who the client is, and what is said over which scheme."""

from __future__ import annotations

import datetime
import ipaddress
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from requests.adapters import HTTPAdapter

from tests.web.served import free_port, served
from tests.web.test_oidc import SECRET, Provider
from tests.web.village import PASSWORD

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = [
    pytest.mark.skipif(
        NGINX is None, reason="nginx is not on this machine (Debian: apt install nginx-light)"
    ),
]

CONFIGURATION = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  server {{
    listen 127.0.0.1:{plain}; listen 127.0.0.1:{secure} ssl;
    ssl_certificate {folder}/certificate.pem; ssl_certificate_key {folder}/key.pem;
    location / {{
      proxy_pass http://127.0.0.1:{room};
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
    }}
  }}
}}
"""


@dataclass(frozen=True)
class Front:
    plain: str
    secure: str
    certificate: Path

    def client(self, address: str) -> requests.Session:
        """Somebody who calls from an address of this machine's own."""
        session = requests.Session()
        session.verify, session.trust_env = str(self.certificate), False
        session.mount("https://", From(address))
        return session

    def sign_in(
        self, client: requests.Session, name: str, password: str, **headers: str
    ) -> requests.Response:
        page = client.get(f"{self.secure}/account/login/", timeout=30)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token
        data = {"login": name, "password": password, "csrfmiddlewaretoken": token[1]}
        return client.post(
            f"{self.secure}/account/login/",
            data=data,
            headers={"Referer": self.secure, **headers},
            timeout=30,
        )


class From(HTTPAdapter):
    """Calls from one address."""

    def __init__(self, address: str):
        self.address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, source_address=(self.address, 0), **kwargs)


def write_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    day, now = datetime.timedelta(days=1), datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now - day, now + day)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("nginx")
    write_certificate(folder)
    provider = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    more = {
        "SCRUTINEER_HTTPS": "1", "SCRUTINEER_TRUSTED_PROXIES": "1", "SCRUTINEER_HOSTS": "127.0.0.1",
        "SCRUTINEER_OIDC": f"http://127.0.0.1:{provider.server_port}", "SCRUTINEER_OIDC_CLIENT": "scrutineer",
        "SCRUTINEER_OIDC_SECRET": SECRET,
    }  # fmt: skip
    plain, secure = free_port(), free_port()
    with served(folder / "data", kind="bare", more=more) as room:
        configuration = CONFIGURATION.format(folder=folder, plain=plain, secure=secure, room=room.port)
        (folder / "nginx.conf").write_text(configuration)
        assert NGINX is not None
        nginx = subprocess.Popen([NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")])
        front = Front(f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{secure}", folder / "certificate.pem")
        try:
            for _ in range(100):
                try:
                    front.client("127.0.0.1").get(f"{front.secure}/offline/", timeout=5)
                    break
                except requests.ConnectionError:
                    assert nginx.poll() is None, (folder / "error.log").read_text()
                    time.sleep(0.1)
            yield front
        finally:
            nginx.terminate()
            nginx.wait(10)
            provider.shutdown()
            provider.server_close()


def test_http_leads_to_https_and_https_says_so(front: Front) -> None:
    answer = requests.get(f"{front.plain}/reports/?q=a", timeout=30, allow_redirects=False)
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"https://{urlsplit(front.plain).netloc}/reports/?q=a"
    forged = requests.get(
        f"{front.plain}/reports/", headers={"X-Forwarded-Proto": "https"}, timeout=30, allow_redirects=False
    )
    assert forged.status_code == 301  # what the client says of itself proves nothing
    page = front.client("127.0.0.1").get(f"{front.secure}/account/login/", timeout=30)
    assert page.status_code == 200
    assert int(page.headers["Strict-Transport-Security"].removeprefix("max-age=")) >= 31_536_000
    assert "secure" in page.headers["Set-Cookie"].lower()


def test_links_that_leave_the_room_are_https(front: Front) -> None:
    feed = front.client("127.0.0.1").get(f"{front.secure}/reports/feed/", timeout=30).text
    assert f"{front.secure}/reports/" in feed
    assert "http://127" not in feed


def test_the_provider_is_told_to_lead_back_by_https(front: Front) -> None:
    client = front.client("127.0.0.1")
    page = client.get(f"{front.secure}/account/login/", timeout=30).text
    form = re.search(r'<form[^>]*action="([^"]*oidc[^"]*)"[^>]*>.*?value="([^"]+)"', page, re.DOTALL)
    assert form
    answer = client.post(
        f"{front.secure}{form[1]}", data={"csrfmiddlewaretoken": form[2]}, headers={"Referer": front.secure},
        timeout=30, allow_redirects=False,
    )  # fmt: skip
    back = parse_qs(urlsplit(answer.headers["Location"]).query)["redirect_uri"]
    assert back == [f"{front.secure}/account/oidc/oidc/login/callback/"]


def test_whoever_guesses_keeps_out_nobody_but_oneself_whatever_it_says_of_its_address(front: Front) -> None:
    guesser = front.client("127.0.0.2")
    for number in range(32):
        forged = {"X-Forwarded-For": f"198.51.100.{number}", "X-Real-IP": f"198.51.100.{number}"}
        front.sign_in(guesser, f"made-up-{number}", "wrong", **forged)
    late = front.sign_in(guesser, "inspector", PASSWORD, **{"X-Forwarded-For": "203.0.113.77"})
    assert "too many attempts" in late.text
    other = front.client("127.0.0.3")
    assert front.sign_in(other, "inspector", PASSWORD).url == f"{front.secure}/"
    assert all(cookie.secure for cookie in other.cookies)
