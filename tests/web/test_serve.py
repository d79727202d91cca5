"""`serve --demo`, as the README starts it: the fictional inspections are there, and everybody can sign in."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests

from tests.conftest import ROOT
from tests.web.served import free_port, signed_in


def test_the_demonstration_is_served_with_a_person_for_every_role(tmp_path: Path) -> None:
    port = free_port()
    log = tmp_path / "log"
    env = {k: v for k, v in os.environ.items() if not k.startswith(("SCRUTINEER_", "DJANGO_"))}
    command = [sys.executable, "-m", "scrutineer", "serve", "--demo", "--workers", "1", "--port", str(port)]
    with log.open("w") as out:
        process = subprocess.Popen(
            [*command, "--data", str(tmp_path / "room")], cwd=ROOT, env=env, stdout=out, stderr=out,
            start_new_session=True,
        )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(600):
            assert process.poll() is None, log.read_text()
            try:
                if requests.get(f"{address}/account/login/", timeout=5).status_code == 200:
                    break
            except requests.RequestException:
                time.sleep(0.5)
        text = log.read_text()
        password = re.search(r"with the password (\S+):", text)
        people = re.findall(r"^ {2}(\S+) +\S+ \S+, (.+)$", text, re.MULTILINE)
        assert password
        assert {role for _, role in people} == {
            "programme manager", "information manager", "lead inspector", "inspector", "practice assessor",
            "area assessor", "area liaison", "analyst", "methodologist", "auditor", "administrator", "chief inspector", "publications",
        }  # fmt: skip
        seen = {name: inspections(address, name, password[1]) for name, _ in people}
        assert seen["lead"] == {"Northmoor", "Farfield"}
        assert seen["liaison"] == set()  # nothing before the draft is sent
        assert "synthetic" in text.lower()
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def inspections(address: str, name: str, password: str) -> set[str]:
    page = signed_in(address, name, password).get(f"{address}/", timeout=30)
    assert "My work" in page.text, name
    assert "Synthetic data" in page.text
    return {area for area in ("Northmoor", "Farfield") if area in page.text}
