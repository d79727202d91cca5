"""A room that an earlier version left is brought up to date when it is opened: nothing is lost, and it works."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.web.served import environment

MIGRATIONS = ROOT / "scrutineer_web" / "records" / "migrations"
SCHEMAS = sorted(p.stem for p in MIGRATIONS.glob("0*.py"))
KINDS = [
    pytest.param(kind, marks=pytest.mark.xdist_group(f"upgrades {kind}")) for kind in ("sqlite", "postgres")
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_earlier_schema_is_brought_up_to_date(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """In one test a kind of database: the tables of each schema are made from those of the one before."""
    database = "" if kind == "sqlite" else request.getfixturevalue("postgres")()
    folder = tmp_path / "data"
    done = subprocess.run(
        [sys.executable, "-m", "tests.web.upgrading", str(folder), *SCHEMAS[:-1]],
        cwd=ROOT, env=environment(folder, database), capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    for schema in SCHEMAS[:-1]:
        room = json.loads((folder / f"{schema}.json").read_text())
        assert room["answer"] == ["poor", "the file shows it", 1], schema
        assert room["broken"] == [], schema
        assert room["events"] == 3, schema
        assert room["references"] == ["F-1", "F-2"], schema
        assert len(set(room["pseudonyms"])) == 2, schema
        assert room["pages"] == [200] * 5, schema
        assert room["schema"] == "ok", schema


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
