"""Two heavy pages and one save of the room, timed inside one process.

python -m benchmarks.room_pages FOLDER [INSPECTION]     in the short form, with an inspection that was made before
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.clock import best


def main(folder: Path, inspection: Path | None) -> None:
    from scrutineer_web.commands import _open

    _open(folder)
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    settings.ALLOWED_HOSTS.append("testserver")
    from scrutineer_web.records.assessment import Assessment

    people, whole, village, large = _make_rooms(folder, inspection)
    analyst, inspector = Client(), Client()
    analyst.force_login(people["analyst"])
    inspector.force_login(people["inspector"])

    def seen(address: str) -> None:
        assert analyst.get(address).status_code == 200

    most = 20 if inspection is None else 1
    sheet = best(lambda: seen(f"/inspections/{whole.pk}/scores/"), most=most)
    listed = best(lambda: seen(f"/inspections/{large.pk}/cases/"), most=most)
    assessment = Assessment.objects.filter(
        case__inspection=village, number=1, assessor__user=people["inspector"]
    ).first()
    with CaptureQueriesContext(connection) as captured:
        body = {"value": "poor", "base": 0, "uid": str(uuid4()), "note": "as the file shows"}
        assert (
            inspector.put(
                f"/api/v1/assessments/{assessment.pk}/answers/b2_score", body, "application/json"
            ).status_code
            == 200
        )
    queries = [q["sql"] for q in captured.captured_queries if not q["sql"].startswith(("BEGIN", "COMMIT"))]
    print(json.dumps({"sheet": sheet, "list": listed, "queries": len(queries)}))


def _make_rooms(folder: Path, inspection: Path | None) -> tuple[Any, ...]:
    """People, a whole inspection, a small one in its fieldwork, and one of 4,500 cases."""
    from scrutineer.tasks.demonstrating import list_inspections as fictional
    from scrutineer.tasks.demonstrating import make_inspection
    from scrutineer.tasks.files import open_library
    from scrutineer_web.actions.importing import folders
    from scrutineer_web.actions.preparation import inspections
    from scrutineer_web.actions.preparation.samples import add_cases
    from scrutineer_web.records import frames
    from scrutineer_web.records.user import User
    from tests.web.village import make_inspection as make_village
    from tests.web.village import make_people

    people = {user.username: user for user in User.objects.all()} or make_people()
    place = inspection or make_inspection(
        replace(fictional(open_library(None))[0], seconds=0), folder / "esi", None
    )
    whole = folders.import_folder(folder=place, by=people["information_manager"])
    village = make_village(people)
    large = inspections.create(
        area="Longfield",
        framework=village.framework_version,
        synthetic=True,
        by=people["information_manager"],
    )
    rows = [
        (
            f"C{n}",
            {
                "office": f"Office {n % 9}",
                "team": f"Team {n % 31}",
                "manager": f"Manager {n % 97}",
                "risk_of_harm": "low",
            },
        )
        for n in range(4500 if inspection is None else 300)
    ]
    add_cases(inspection=large, frame=frames.make_frame(large.framework, rows))
    return people, whole, village, large


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
