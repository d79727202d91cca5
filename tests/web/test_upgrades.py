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

SHOW = """
import json, os
from pathlib import Path
from scrutineer_web.commands import _open
_open(Path(os.environ["SCRUTINEER_DATA"]))
from scrutineer_web.audit.verify import broken
from django.test import Client
from scrutineer_web.operations import health
from scrutineer_web.records.answer import Answer
from scrutineer_web.records.case import Case
from scrutineer_web.records.event import Event
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.user import User
client = Client()
client.force_login(User.objects.get(username="lead"))
inspection = Inspection.objects.get(area="Farfield")
pages = ["/", "/inspections/", f"/inspections/{inspection.pk}/", "/programmes/", f"/inspections/{inspection.pk}/scores/"]
answer = Answer.objects.get(question="b2_score")
print(json.dumps({
    "broken": list(broken()),
    "answer": [answer.value, answer.note, answer.rev], "events": Event.objects.filter(inspection=inspection).count(),
    "references": list(Case.objects.values_list("reference", flat=True)),
    "pseudonyms": list(Case.objects.values_list("pseudonym", flat=True)),
    "pages": [client.get(page, HTTP_HOST="localhost").status_code for page in pages],
    "schema": health.parts()["schema"],
}))
"""


def run(folder: Path, database: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment(folder, database), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize("where", ["sqlite", "postgres"])
@pytest.mark.parametrize("schema", SCHEMAS[:-1])
def test_every_earlier_schema_is_brought_up_to_date(
    request: pytest.FixtureRequest, tmp_path: Path, schema: str, where: str
) -> None:
    database = "" if where == "sqlite" else request.getfixturevalue("postgres")()
    folder = tmp_path / "data"
    run(folder, database, "-m", "tests.web.upgrading", str(folder), schema)
    told = json.loads(run(folder, database, "-c", SHOW).splitlines()[-1])
    assert told["answer"] == ["poor", "the file shows it", 1]
    assert told["broken"] == []
    assert told["events"] == 3
    assert told["references"] == ["F-1", "F-2"]
    assert len(set(told["pseudonyms"])) == 2
    assert told["pages"] == [200] * 5
    assert told["schema"] == "ok"


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
