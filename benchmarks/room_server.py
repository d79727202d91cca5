"""What `benchmarks.room` serves: prepares the data, writes what the load must know, then serves room and bare view.

python -m benchmarks.room_server FOLDER PORT ASSESSORS WORKERS
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from scrutineer_web.running.server import list_answering, run_together

PLAIN = "django.contrib.auth.backends.ModelBackend"
"""How Django itself finds an account: the bare view's way."""


def prepare(folder: Path, assessors: int) -> dict[str, object]:
    """An inspection with so many cases, each with an assessor of its own who is signed in."""
    from scrutineer_web.commands import _open

    _open(folder)
    from django.conf import settings

    from scrutineer_web.actions.frameworks import frameworks
    from scrutineer_web.actions.preparation import allocation, inspections
    from scrutineer_web.actions.preparation.samples import add_cases
    from scrutineer_web.records import frames
    from scrutineer_web.records.framework_version import FrameworkVersion
    from scrutineer_web.records.inspection import Inspection
    from scrutineer_web.records.user import User
    from tests.web.village import make_people

    people = {user.username: user for user in User.objects.all()} or make_people()
    frameworks.hold_offered()
    version = FrameworkVersion.objects.get(framework_id="esi-2003")
    manager = people["information_manager"]
    inspection = inspections.create(area="Farfield", framework=version, synthetic=True, by=manager)
    rows = [
        (
            f"C{n}",
            {"order_type": "licence", "risk_of_harm": "high" if n % 5 == 0 else "low", "synthetic": True},
        )
        for n in range(assessors)
    ]
    cases = add_cases(inspection=inspection, frame=frames.make_frame(version.framework, rows))
    accounts = User.objects.bulk_create(
        User(username=f"a{n}", name=f"Assessor {n}") for n in range(assessors)
    )
    assessments = []
    for n, user in enumerate(accounts):
        part = inspections.add_participant(
            inspection=inspection, name=user.name, role="inspector", user=user, by=manager
        )
        assessments.append(allocation.allocate(case=cases[n], number=1, assessor=part, by=manager).pk)
    Inspection.objects.filter(pk=inspection.pk).update(state="fieldwork")
    free = [q.key for q in version.framework.questions.values() if q.when is None]
    return {
        "sessions": sessions(accounts, settings.AUTHENTICATION_BACKENDS[0]),
        "bare_sessions": sessions(accounts, PLAIN),
        "assessments": assessments,
        "questions": free,
        "reader": sessions([people["analyst"]], settings.AUTHENTICATION_BACKENDS[0])[0],
        "inspection": inspection.pk,
    }


def make_table() -> None:
    """The table of the bare view."""
    from django.db import connection

    key = "INTEGER PRIMARY KEY" if connection.vendor == "sqlite" else "BIGSERIAL PRIMARY KEY"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bare (id {key}, person INTEGER, value TEXT, note TEXT)")


def sessions(users: list[object], backend: str) -> list[str]:
    """A session for each, as signing in by the backend makes it."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    people = []
    for user in users:
        store = SessionStore()
        store[SESSION_KEY] = str(user.pk)
        store[BACKEND_SESSION_KEY] = backend
        store[HASH_SESSION_KEY] = user.get_session_auth_hash()
        store.create()
        people.append(store.session_key)
    return people


def main(folder: Path, port: int, assessors: int, workers: int) -> None:
    prepared = prepare(folder, assessors)
    make_table()
    (folder / "told.json").write_text(json.dumps(prepared))
    # In a process of its own, as the room is served: what computed before must not be forked.
    command = ["-m", "benchmarks.room_server", "serve", str(port), str(workers)]
    os.execv(sys.executable, [sys.executable, *command])


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        command = list_answering("benchmarks.bare:application", "127.0.0.1", int(sys.argv[2]))
        sys.exit(run_together([command] * int(sys.argv[3])))
    else:
        main(Path(sys.argv[1]), *map(int, sys.argv[2:5]))
