"""A room that an earlier version left is brought up to date when it is opened: nothing is lost, and it works."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.web.served import environment

MIGRATIONS = ROOT / "scrutineer_web" / "records" / "migrations"
SCHEMAS = sorted(p.stem for p in MIGRATIONS.glob("0*.py"))
KINDS = [
    pytest.param(kind, marks=pytest.mark.xdist_group(f"upgrades {kind}")) for kind in ("sqlite", "postgres")
]

Seen = dict[str, dict[str, object]]


@pytest.fixture(scope="module", params=KINDS)
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """What is seen in a room of every earlier schema once it was opened, on SQLite or on PostgreSQL."""
    database = "" if request.param == "sqlite" else request.getfixturevalue("postgres")()
    folder = tmp_path_factory.mktemp("upgrades") / "data"
    done = subprocess.run(
        [sys.executable, "-m", "tests.web.upgrading", str(folder), *SCHEMAS[:-1]],
        cwd=ROOT, env=environment(folder, database), capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return {schema: json.loads((folder / f"{schema}.json").read_text()) for schema in SCHEMAS[:-1]}


@pytest.mark.parametrize("schema", SCHEMAS[:-1])
def test_every_earlier_schema_is_brought_up_to_date(seen: Seen, schema: str) -> None:
    room = seen[schema]
    assert room["answer"] == ["poor", "the file shows it", 1]
    assert room["broken"] == []
    assert room["events"] == 3
    assert room["references"] == ["F-1", "F-2"]
    assert len(set(room["pseudonyms"])) == 2
    assert room["pages"] == [200] * 5
    assert room["schema"] == "ok"


def test_migrations_that_were_released_are_never_changed() -> None:
    """A room that has them would not get the change; the list grows with each release."""
    import hashlib

    released = {
        "0001_initial": "1f159d2ccdc2cacb",
        "0002_events_stay": "4ba313f259e0ecbb",
        "0003_report": "9118770ae44c65c7",
    }
    there = {n: hashlib.sha256((MIGRATIONS / f"{n}.py").read_bytes()).hexdigest()[:16] for n in released}
    assert there == released
