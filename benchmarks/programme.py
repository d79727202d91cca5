"""A programme of 42 areas and 4,200 cases: how long it takes to load, and how long its screens take to answer."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from benchmarks.clock import Short
from tests.web.served import environment

if TYPE_CHECKING:
    from scrutineer_web.records.user import User

LOAD, SCREEN = 120.0, 0.2
"""What the load may take, and any screen: the limits that are aimed at, in seconds."""

PATHS = (
    "/programmes/", "/programmes/1/", "/programmes/1/progress/", "/programmes/1/areas/", "/programmes/1/areas/?name=b1_assessed_start",
    "/programmes/1/families/", "/programmes/1/across/", "/programmes/1/across/?group=high_risk",
    "/programmes/1/across/?group=ethnicity%3Dminority_ethnic", "/programmes/1/across/?group=element:esi-substance-misuse",
    "/programmes/1/period/", "/programmes/1/scorecard/", "/programmes/1/scorecard/weights/", "/programmes/1/outcomes/",
    "/programmes/1/reports/", "/programmes/1/tranches/new/", "/programmes/1/places/new/", "/areas/", "/areas/1/", "/areas/1/change/",
)  # fmt: skip


def measure(console: Console, short: Short | None = None) -> None:
    """Measure, in a process of its own, and print the table."""
    with tempfile.TemporaryDirectory() as name:
        settings = {"DJANGO_SETTINGS_MODULE": "scrutineer_web.settings"}
        env = environment(Path(name), "") | settings
        if short is not None:
            shutil.copytree(short.room, name, dirs_exist_ok=True)
        form = [] if short is None else ["short"]
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.programme", name, *form], env=env, check=True, stdout=subprocess.PIPE, text=True
        )  # fmt: skip
    report = json.loads(done.stdout.splitlines()[-1])
    table = Table(
        "",
        "took",
        "limit",
        "ratio",
        title=f"A programme of {report['areas']} areas and {report['cases']} cases",
    )
    table.add_row("loaded", f"{report['load']:.0f} s", f"{LOAD:.0f} s", f"{report['load'] / LOAD:.2f}")
    for path, seconds in sorted(report["screens"].items(), key=lambda screen: -screen[1]):
        table.add_row(path, f"{seconds * 1000:.0f} ms", f"{SCREEN * 1000:.0f} ms", f"{seconds / SCREEN:.2f}")
    console.print(table)


def main(folder: Path, *, short: bool) -> None:
    from benchmarks.clock import best
    from scrutineer_web.commands import _open

    _open(folder)
    from django.conf import settings
    from django.test import Client

    import scrutineer_web.wsgi  # noqa: F401 as whoever answers has it: everything imported
    from scrutineer_web import demonstration, fictional
    from scrutineer_web.records.case import Case
    from scrutineer_web.records.user import User

    settings.ALLOWED_HOSTS.append("testserver")
    names, cases = (fictional.NAMES[:5], 24) if short else (fictional.NAMES, fictional.CASES)
    people = _people_of(User.objects.all()) or demonstration._make_people()
    begun = time.perf_counter()
    fictional.load(people, lambda _: None, cases, tuple(names))
    load = time.perf_counter() - begun
    client = Client()
    client.force_login(people["programme"])

    def seen(path: str) -> None:
        assert client.get(path).status_code == 200, path

    most = 1 if short else 20
    screens = {path: best(lambda path=path: seen(path), most=most) for path in PATHS}  # type: ignore[misc]
    print(json.dumps({"load": load, "screens": screens, "areas": len(names), "cases": Case.objects.count()}))


def _people_of(users: Iterable[User]) -> dict[str, User]:
    """The people that a room has already, by the names that the demonstration calls them."""
    roles = {"programme": "programme_manager", "information": "information_manager", "lead": "lead_inspector"}
    by_name = {user.username: user for user in users}
    return {name: by_name[role] for name, role in roles.items() if role in by_name}


if __name__ == "__main__":
    main(Path(sys.argv[1]), short="short" in sys.argv[2:])
