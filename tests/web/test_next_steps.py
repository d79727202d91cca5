"""What a page offers next is what can be done next; and a form template that lacks its tokens is found."""

from __future__ import annotations

import re
from typing import Any

from django.template import engines
from django.test import Client
from django.urls import reverse

from scrutineer_web.actions.preparation import inspections
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.programme import PlannedInspection
from scrutineer_web.records.recommendation import Recommendation
from scrutineer_web.records.user import User
from scrutineer_web.templatetags.room import FormTokens
from tests.conftest import ROOT
from tests.web import test_permissions

People = dict[str, User]
numbers = test_permissions.numbers
TEMPLATES = ROOT / "scrutineer_web"


def shown(user: User, name: str, number: int) -> str:
    client = Client()
    client.force_login(user)
    return client.get(reverse(name, args=[number])).content.decode()


def test_an_inspection_is_closed_when_no_recommendation_is_open(
    numbers: dict[str, Any], people: People
) -> None:
    Inspection.objects.filter(pk=numbers["inspection"]).update(state="published")
    page = shown(people["lead_inspector"], "plan_of", numbers["inspection"])
    assert "Close the inspection" not in page
    assert "1 recommendation still open. Verify it before you close the inspection." in page
    Recommendation.objects.update(state="closed")
    assert "Close the inspection" in shown(people["lead_inspector"], "plan_of", numbers["inspection"])


def test_a_draft_is_not_next_once_the_final_report_can_be_written(
    numbers: dict[str, Any], people: People
) -> None:
    for state, is_next in (("signed_off", True), ("final", False)):
        Inspection.objects.filter(pk=numbers["inspection"]).update(state=state)
        page = shown(people["lead_inspector"], "accuracy", numbers["inspection"]).partition("<main")[2]
        assert (">Next<" in page) == is_next


def test_what_is_looked_up_years_later_is_next_for_nobody(numbers: dict[str, Any], people: People) -> None:
    dates = {"events": {"first_week": "2005-10-31"}}
    for state in ("fieldwork", "accuracy", "published", "closed"):
        Inspection.objects.update(state=state, dates=dates)
        place = PlannedInspection.objects.exclude(inspection=None).first()
        assert place is not None
        page = shown(people["programme_manager"], "progress", place.programme_id)
        assert "reconviction" not in page
        assert ("Second fieldwork week" in page) == (state == "fieldwork")


def test_every_form_of_every_template_has_its_tokens() -> None:
    """The room's own tag stands in the place of Django's: a form in a template has its id, or the room refuses it."""
    engine = engines["django"].engine
    assert isinstance(engine.from_string("{% csrf_token %}").nodelist[0], FormTokens)
    bare = [
        f"{path.relative_to(TEMPLATES)}: {form[:80]}"
        for path in TEMPLATES.rglob("*.html")
        for form in re.findall(
            r"<form[^>]*method=.post.*?</form>", path.read_text(encoding="utf-8"), re.DOTALL
        )
        if "{% csrf_token %}" not in form
    ]
    assert bare == []


def test_my_work_says_that_all_of_it_is_made_up_or_which_areas_are(
    inspection: Inspection, people: People
) -> None:
    lead = people["lead_inspector"]
    client = Client()
    client.force_login(lead)
    page = client.get("/").content.decode()
    assert "Synthetic data: a fictional area. Nobody was inspected." in page
    real = inspections.create(
        area="Elsewhere",
        framework=inspection.framework_version,
        synthetic=False,
        by=people["information_manager"],
    )
    inspections.add_participant(
        inspection=real,
        name=lead.name,
        role="lead_inspector",
        team="",
        user=lead,
        by=people["information_manager"],
    )
    page = client.get("/").content.decode()
    assert "Synthetic data: a fictional area" not in page
    assert f"Synthetic data: {inspection.area}. These areas are fictional" in " ".join(page.split())
