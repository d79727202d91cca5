"""A room as an earlier version of the program left it: its tables, and an inspection in them.

python -m tests.web.upgrading FOLDER SCHEMA    makes it; the database and everything else come from the environment
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

WHEN = datetime(2005, 10, 31, 10, 0, tzinfo=UTC)


def make(folder: Path, schema: str) -> None:
    """Tables as `schema` left them, with one inspection: two cases, one of them read."""
    folder.mkdir(parents=True, exist_ok=True)
    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    for app in ("contenttypes", "auth", "sessions"):
        call_command("migrate", app, verbosity=0)
    call_command("migrate", "records", schema, verbosity=0)
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
    from scrutineer.main.files import library

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
    blob = model("Blob").objects.create(hash="a" * 64, size=1, content=b"x")
    issue = model("Issue").objects.create(
        inspection=inspection, kind="draft", number=1, state="ready", asked_at=WHEN, asked_by=who
    )
    model("IssueFile").objects.create(issue=issue, path="report.html", blob=blob)


if __name__ == "__main__":
    make(Path(sys.argv[1]), sys.argv[2])
