"""Rooms as earlier versions of the program left them, their tables and an inspection in them; and what becomes of each.

python -m tests.web.upgrading FOLDER SCHEMA...

makes a room of every schema in the database of the environment and beside it, opens each in a process of its own, and
writes what is seen there to FOLDER/SCHEMA.json. The tables of a schema are made from those of the one before, and the
processes are forked from this one, which has imported everything and computed nothing: each of them would else begin by
importing the whole program and making every table again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import django

WHEN = datetime(2005, 10, 31, 10, 0, tzinfo=UTC)
LABELS = ("contenttypes", "auth", "sessions")


def make_all(folder: Path, schemas: Sequence[str]) -> dict[str, str]:
    """Make a room of each schema; gives the name of the database of each."""
    from django.core.management import call_command
    from django.db import connection

    folder.mkdir(parents=True, exist_ok=True)
    base, names = str(connection.settings_dict["NAME"]), {}
    for app in LABELS:
        call_command("migrate", app, verbosity=0)
    for schema in schemas:
        connect(base)
        call_command("migrate", "records", schema, verbosity=0)
        names[schema] = copy(base, schema)
        connect(names[schema])
        make(schema)
    connection.close()
    return names


def connect(name: str) -> None:
    """Go on with another database of the same server, or another file."""
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = name


def copy(base: str, schema: str) -> str:
    """The base's tables as a database of their own."""
    from django.db import connection

    if connection.vendor == "sqlite":
        place = Path(base).parent / schema / Path(base).name
        connection.close()  # what was written is in the file itself then
        place.parent.mkdir()
        shutil.copy(base, place)
        return str(place)
    name = f"{base}_{schema[:4]}"
    connect("postgres")
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{base}"')
    return name


def open_each(folder: Path, names: dict[str, str]) -> None:
    """Open each room as `scrutineer` does, in a process of its own, and write down what is there."""
    from django.conf import settings

    import_module("scrutineer_web.urls")
    for schema, name in names.items():
        child = os.fork()
        if not child:
            connect(name)
            settings.DATA = folder / schema
            os.environ["SCRUTINEER_DATA"] = str(settings.DATA)
            (folder / f"{schema}.json").write_text(json.dumps(look(settings.DATA)))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status:
            raise SystemExit(f"a room of {schema} could not be opened")


def look(place: Path) -> dict[str, Any]:
    """What is seen in a room once it is opened."""
    from django.test import Client

    from scrutineer_web.audit.verify import broken
    from scrutineer_web.commands import _open
    from scrutineer_web.records.answer import Answer
    from scrutineer_web.records.case import Case
    from scrutineer_web.records.event import Event
    from scrutineer_web.records.inspection import Inspection
    from scrutineer_web.records.user import User
    from scrutineer_web.running import health

    _open(place)
    client = Client()
    client.force_login(User.objects.get(username="lead"))
    inspection = Inspection.objects.get(area="Farfield")
    own = f"/inspections/{inspection.pk}/"
    pages = ["/", "/inspections/", own, "/programmes/", f"{own}scores/"]
    answer = Answer.objects.get(question="b2_score")
    return {
        "broken": list(broken()),
        "answer": [answer.value, answer.note, answer.rev],
        "events": Event.objects.filter(inspection=inspection).count(),
        "references": list(Case.objects.values_list("reference", flat=True)),
        "pseudonyms": list(Case.objects.values_list("pseudonym", flat=True)),
        "pages": [client.get(page, HTTP_HOST="localhost").status_code for page in pages],
        "schema": health.parts()["schema"],
    }


def make(schema: str) -> None:
    """An inspection in tables as `schema` left them: two cases, one of them read."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    old = executor.loader.project_state(("records", schema)).apps

    def model(name: str) -> Any:
        return old.get_model("records", name)

    who = model("User").objects.create(
        username="lead", name="Lead Inspector", password="", is_active=True, date_joined=WHEN
    )
    model("Appointment").objects.create(user=who, role="programme_manager", given_at=WHEN, given_by=who)
    version = framework(model)
    inspection = model("Inspection").objects.create(
        area="Farfield", framework_version=version, state="fieldwork", synthetic=True, manifest=manifest(version), created_at=WHEN,
        created_by=who,
    )  # fmt: skip
    cases = [
        model("Case").objects.create(
            inspection=inspection,
            reference=f"F-{n}",
            position=n,
            state="allocated",
            particulars={"sex": "male"},
        )
        for n in (1, 2)
    ]
    part = model("Participant").objects.create(
        inspection=inspection, user=who, name="Lead Inspector", role="lead_inspector", position=1
    )
    from scrutineer_web.records.frames import blank_codes
    from scrutineer_web.records.framework_version import read

    reading = model("Assessment").objects.create(
        case=cases[0], reading=1, assessor=part, framework_version=version, state="in_progress", codes=blank_codes(read(version.hash)),
    )  # fmt: skip
    model("Answer").objects.create(
        assessment=reading,
        question="b2_score",
        value="poor",
        note="the file shows it",
        rev=1,
        saved_at=WHEN,
        saved_by=who,
    )
    events(model, inspection.pk, reading, who)
    if schema >= "0003":
        report(model, inspection, who)


def framework(model: Any) -> Any:
    from scrutineer.frameworks.fingerprint import fingerprint
    from scrutineer.tasks.files import library

    own = library(None).framework("esi-2003")
    content = own.model_dump(mode="json", by_alias=True)
    del content["retention"]  # no framework had it then
    plain = own.model_copy(update={"retention": type(own.retention)()})
    made = model("FrameworkVersion").objects.create(
        framework_id=own.id, version=own.version, hash=fingerprint(plain), title=own.title, kind=own.kind, added_at=WHEN,
    )  # fmt: skip
    model("FrameworkText").objects.create(version=made, content=content, source="")
    return made


def manifest(version: Any) -> dict[str, Any]:
    pin = {"id": version.framework_id, "version": version.version, "hash": version.hash}
    return {"format": 1, "kind": "inspection", "area": "Farfield", "framework": pin, "synthetic": True}


def events(model: Any, inspection: int, reading: Any, who: Any) -> None:
    """One chain of the inspection and one of the reading, hashed as they were."""
    from scrutineer_web.audit.chain import hash_of

    for chain, kinds in (
        (f"inspection:{inspection}", ("inspection.created", "inspection.moved")),
        (f"assessment:{reading.pk}", ("answer.saved",)),
    ):
        head = ""
        for number, kind in enumerate(kinds, 1):
            said = {
                "chain": chain, "number": number, "inspection": inspection, "kind": kind, "happened_at": WHEN,
                "happened_by": who.pk, "actor": "Lead Inspector", "details": {"question": "b2_score"}, "uid": None,
                "previous": head,
            }  # fmt: skip
            head = hash_of(said)
            fields = {**said, "inspection_id": inspection, "happened_by_id": who.pk, "hash": head}
            del fields["inspection"], fields["happened_by"]
            model("Event").objects.create(**fields)
        if chain.startswith("inspection"):
            model("Chain").objects.create(name=chain, events=len(kinds), head=head)
        else:
            type(reading).objects.filter(pk=reading.pk).update(events=len(kinds), head=head)


def report(model: Any, inspection: Any, who: Any) -> None:
    blob = model("Blob").objects.create(hash=hashlib.sha256(b"x").hexdigest(), size=1, content=b"x")
    issue = model("Issue").objects.create(
        inspection=inspection, kind="draft", number=1, state="ready", asked_at=WHEN, asked_by=who
    )
    model("IssueFile").objects.create(issue=issue, path="report.html", blob=blob)


if __name__ == "__main__":
    django.setup()
    open_each(Path(sys.argv[1]), make_all(Path(sys.argv[1]), sys.argv[2:]))
