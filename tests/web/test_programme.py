"""A programme in the room: areas, tranches, places, inspections begun from it, and their results beside one another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.test import Client
from django.urls import reverse

from scrutineer.errors import UserError
from scrutineer.tasks.scoring import ScoreRequest
from scrutineer_web import fictional
from scrutineer_web.actions.follow_up import outcomes
from scrutineer_web.actions.preparation import inspections
from scrutineer_web.actions.programme import areas, collected, programmes
from scrutineer_web.queries.programme import materials, standings
from scrutineer_web.queries.programme.outcomes import gather_outcomes
from scrutineer_web.queries.scores import scored
from scrutineer_web.records import frames
from scrutineer_web.records.area import Area, Family
from scrutineer_web.records.case import Case
from scrutineer_web.records.collected import CollectedReport
from scrutineer_web.records.event import Event
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.outcome import Outcome
from scrutineer_web.records.programme import PlannedInspection, Programme
from scrutineer_web.records.result import Result
from scrutineer_web.records.user import User
from tests.web import village

People = dict[str, User]
MONDAY = date(2003, 7, 7)


@pytest.fixture(scope="module")
def fiction(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    """A made-up programme of five areas with a dozen cases each, made once for the module."""
    from scrutineer_web.actions.frameworks import frameworks

    with django_db_blocker.unblock(), transaction.atomic():
        frameworks.hold_offered()
        people = village.make_people()
        roles = {
            "programme": "programme_manager",
            "information": "information_manager",
            "lead": "lead_inspector",
            "liaison": "area_liaison",
        }
        named = {short: people[name] for short, name in roles.items()}
        programme = fictional.load(named, lambda _: None, cases=24, names=fictional.NAMES[:5])
        yield programme.pk
        transaction.set_rollback(True)


@pytest.fixture
def programme(fiction: int, people: People) -> Programme:
    return Programme.objects.get(pk=fiction)


@pytest.fixture
def begun(people: People) -> Programme:
    """A programme with one tranche and nothing else."""
    from scrutineer_web.actions.frameworks import frameworks

    frameworks.hold_offered()
    version = FrameworkVersion.objects.get(framework_id="esi-2005", retired_at=None)
    by = people["programme_manager"]
    programme = programmes.begin(title="Ours", framework=version, begins=MONDAY, synthetic=True, by=by)
    programmes.save_tranche(
        programme=programme, title="One", begins=MONDAY, ends=date(2003, 10, 5), inspectors=6, elements=["esi-substance-misuse"], by=by,
    )  # fmt: skip
    return programme


def new_area(name: str, by: User, family: Family | None = None) -> Area:
    performance = {"breach_on_time": {"value": 91.0, "period": "2004-05"}}
    return areas.save(name=name, family=family, profile={"performance": performance}, synthetic=True, by=by)


# -- areas and places --------------------------------------------------------------------


def test_every_inspection_of_the_made_up_programme_has_a_liaison_who_can_sign_in(
    programme: Programme,
) -> None:
    begun = [p.inspection for p in programme.planned.all() if p.inspection]
    assert len(begun) == 5
    for inspection in begun:
        assert inspection.participants.filter(role="area_liaison", user__username="area_liaison").count() == 1


def test_a_figure_that_no_measure_can_have_is_refused(people: People) -> None:
    from scrutineer_web.actions.frameworks import frameworks

    frameworks.hold_offered()
    wrong = {"breach_on_time": {"value": 184.5, "period": "2004", "average": -5}}
    with pytest.raises(UserError) as caught:
        areas.save(
            name="N", family=None, profile={"performance": wrong | {"of_another": {"value": 999, "period": "2004"}}}, synthetic=True,
            by=people["programme_manager"],
        )  # fmt: skip
    text = " ".join(str(f) for f in caught.value.faults)
    assert len(caught.value.faults) == 3
    assert "the average has no period" in text
    assert "184.5 isn't possible: a share is at most 100%" in text
    assert "-5 isn't possible" in text


def test_an_area_shows_the_columns_that_its_report_has(people: People) -> None:
    from scrutineer_web.actions.frameworks import frameworks

    frameworks.hold_offered()
    figures = {"value": 91.0, "period": "2004-05", "average": 88.0, "average_period": "2003-04"}
    area = areas.save(
        name="Northdale",
        family=None,
        profile={"performance": {"breach_on_time": figures}},
        synthetic=True,
        by=people["programme_manager"],
    )
    client = Client()
    client.force_login(people["programme_manager"])
    page = client.get(f"/areas/{area.pk}/").content.decode()
    for text in ("Target", "Northdale", "National average", "Mark", "91% (2004-05)", "88% (2003-04)"):
        assert text in page


def test_an_area_is_not_overwritten_by_who_has_not_seen_it_as_it_stands(people: People) -> None:
    by = people["programme_manager"]
    area = new_area("Northdale", by)
    areas.save(name="Northdale", family=None, profile={}, synthetic=True, area=area, base=1, by=by)
    with pytest.raises(UserError, match="somebody else changed it"):
        areas.save(name="Other", family=None, profile={}, synthetic=True, area=area, base=1, by=by)
    area.refresh_from_db()
    assert (area.name, area.rev) == ("Northdale", 2)
    with pytest.raises(UserError, match="there is already an area called 'Northdale'"):
        new_area("Northdale", by)


def test_a_planned_inspection_begins_with_profile_elements_and_weeks(
    begun: Programme, people: People
) -> None:
    by = people["programme_manager"]
    area, tranche = new_area("Northdale", by), begun.tranches.get()
    planned = programmes.plan(programme=begun, area=area, tranche=tranche, begins=date(2003, 7, 16), by=by)
    assert planned.begins == date(2003, 7, 14)  # the Monday of that week
    inspection = programmes.start(planned=planned, by=by)
    inspection.refresh_from_db()
    assert (inspection.area, inspection.synthetic) == ("Northdale", True)
    assert inspection.profile == area.profile
    assert [pin.id for pin in frames.make_manifest(inspection).elements] == ["esi-substance-misuse"]
    assert inspection.dates["events"] == {"first_week": "2003-07-14", "second_week": "2003-08-04"}
    with pytest.raises(UserError, match="it has already started"):
        programmes.start(planned=planned, by=by)
    with pytest.raises(UserError, match="is already in the programme"):
        programmes.plan(programme=begun, area=area, tranche=tranche, begins=MONDAY, by=by)
    with pytest.raises(UserError, match="place in a programme"):
        areas.retire(area=area, by=by)


def test_only_whole_inspections_of_the_area_take_its_place(begun: Programme, people: People) -> None:
    by = people["programme_manager"]
    planned = programmes.plan(
        programme=begun, area=new_area("Northdale", by), tranche=begun.tranches.get(), begins=MONDAY, by=by
    )
    version = begun.framework_version
    other = inspections.create(area="Elsewhere", framework=version, synthetic=True, by=by)
    own = inspections.create(area="Northdale", framework=version, synthetic=True, by=by)
    Inspection.objects.filter(pk=own.pk).update(internal=True)
    own.refresh_from_db()
    with pytest.raises(UserError, match="it is an inspection of Elsewhere"):
        programmes.attach(planned=planned, inspection=other, by=by)
    with pytest.raises(UserError, match="it is the area's own inspection of itself"):
        programmes.attach(planned=planned, inspection=own, by=by)
    Inspection.objects.filter(pk=own.pk).update(internal=False)
    own.refresh_from_db()
    programmes.attach(planned=planned, inspection=own, by=by)
    planned.refresh_from_db()
    assert planned.inspection == own


def test_what_is_taken_out_of_a_programme_stays_and_may_come_back(begun: Programme, people: People) -> None:
    by = people["programme_manager"]
    area, tranche = new_area("Northdale", by), begun.tranches.get()
    planned = programmes.plan(programme=begun, area=area, tranche=tranche, begins=MONDAY, by=by)
    inspection = programmes.start(planned=planned, by=by)
    programmes.unplan(planned=planned, by=by)
    assert PlannedInspection.objects.get(pk=planned.pk).retired_at is not None
    assert Inspection.objects.filter(pk=inspection.pk, retired_at=None).exists()
    again = programmes.plan(programme=begun, area=area, tranche=tranche, begins=MONDAY, by=by)
    programmes.attach(planned=again, inspection=inspection, by=by)
    kinds = list(
        Event.objects.filter(kind__startswith="programme.").order_by("id").values_list("kind", flat=True)
    )
    assert kinds[-5:] == [
        "programme.planned", "programme.started", "programme.unplanned", "programme.planned", "programme.attached",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"title": " "}, "the title: it is empty"),
        ({"ends": date(2003, 7, 1)}, "it is before the first day"),
        ({"inspectors": 0}, "isn't a possible number of inspectors"),
        ({"elements": ["nothing"]}, "'nothing' isn't one of the thematic elements"),
        ({"title": "One"}, "there is already a tranche called 'One'"),
    ],
)
def test_a_tranche_that_cannot_be_is_refused(
    begun: Programme, people: People, changed: dict[str, Any], message: str
) -> None:
    content = {
        "title": "Two",
        "begins": date(2003, 10, 6),
        "ends": date(2004, 1, 4),
        "inspectors": 6,
        "elements": [],
    }
    with pytest.raises(UserError) as caught:
        programmes.save_tranche(programme=begun, **{**content, **changed}, by=people["programme_manager"])
    assert message in " ".join(str(f) for f in caught.value.faults)
    assert begun.tranches.count() == 1


def test_nobody_plans_by_a_part_in_one_inspection(begun: Programme, people: People) -> None:
    with pytest.raises(PermissionDenied):
        programmes.weigh(programme=begun, weights={}, by=people["chief_inspector"])
    with pytest.raises(PermissionDenied):
        areas.save_family(name="Coast", description="", by=people["lead_inspector"])


# -- results beside one another ------------------------------------------------------------


def test_the_rows_of_results_are_those_of_the_scores(programme: Programme) -> None:
    """Each row equals what the core scores from the inspection's own cases, everyone else included."""
    from scrutineer.tasks.scoring import score_loaded

    inspection = Inspection.objects.filter(planned__programme=programme).exclude(scores=None).first()
    assert inspection is not None
    loaded = scored.load_cases(inspection, frames.read_cases_of(inspection))
    expected = score_loaded(loaded, ScoreRequest(complements=True)).results.as_dict()["groups"]
    rows = Result.objects.filter(inspection=inspection).exclude(group__startswith="element:")
    assert set(rows.values_list("group", flat=True)) == set(expected)
    for row in rows.filter(level="question"):
        question = expected[row.group]["questions"][row.name]
        assert (row.above, row.cases) == (question["above"], question["relevant"])
    for row in rows.filter(level="score", group="all").exclude(name="overall"):
        levels = [expected["all"][level].get(row.name) for level in ("sections", "criteria", "threads")]
        question = next(candidate for candidate in levels if candidate)
        assert row.score == pytest.approx(question["score"]) and row.error == pytest.approx(question["error"])  # noqa: PT018
    # Its own scores, as they were signed off, say the same.
    assert rows.get(group="all", level="score", name="overall").score == pytest.approx(
        inspection.scores["groups"]["all"]["overall"]["score"]
    )


def test_areas_are_compared_by_their_settled_results(programme: Programme) -> None:
    standing = standings.compare_areas(programme, "score", "overall")
    assert standing is not None
    scores = {
        i.area: i.scores["groups"]["all"]["overall"]["score"]
        for i in Inspection.objects.filter(planned__programme=programme).exclude(scores=None)
    }
    assert {r.area: r.score.score for r in standing.rows} == pytest.approx(scores)
    assert standing.mean == pytest.approx(sum(scores.values()) / len(scores))


def test_an_areas_own_inspection_stands_in_no_comparison(programme: Programme) -> None:
    inspection = Inspection.objects.filter(planned__programme=programme).exclude(scores=None).earliest("pk")
    before = standings.compare_areas(programme, "score", "overall")
    Inspection.objects.filter(pk=inspection.pk).update(internal=True)
    after = standings.compare_areas(programme, "score", "overall")
    assert before is not None and after is not None  # noqa: PT018
    assert {r.area for r in before.rows} - {r.area for r in after.rows} == {inspection.area}


def test_scores_that_are_opened_again_are_compared_no_more(programme: Programme, people: People) -> None:
    inspection = Inspection.objects.filter(planned__programme=programme, state="signed_off").earliest("pk")
    inspections.reopen(inspection=inspection, reason="an answer was wrong", by=people["lead_inspector"])
    assert not Result.objects.filter(inspection=inspection).exists()
    inspections.sign_off(inspection=inspection, by=people["lead_inspector"])
    assert Result.objects.filter(inspection=inspection).exists()


def test_a_group_is_held_against_everyone_else_of_each_area(programme: Programme) -> None:
    group = next(g for g in standings.list_groups(programme) if g[0].startswith("sex=") and g[2] > 1)
    pairs = standings.pair_sides(programme, group[0])
    material = materials.gather_group(programme, group[0], group[1])
    assert len(material.areas) == len(pairs) > 1
    for _, (first, other) in pairs:
        whole = standings.read_sides(programme, "all")
        everybody = next(s for s in whole if s.label == first.label)
        for key, counts in everybody.questions.items():
            parts = first.questions[key].relevant + other.questions[key].relevant
            assert parts <= counts.relevant  # of some the attribute is not known
    shown = [r for r in material.rows if r.cases and min(r.cases) >= material.publish_from]
    assert shown


def test_a_period_has_the_inspections_of_its_days_and_the_one_before(programme: Programme) -> None:
    places = [
        p for p in standings.list_places(programme) if p.inspection and p.inspection.state == "signed_off"
    ]
    middle = places[1].begins
    material = materials.gather_period(programme, middle, middle + timedelta(days=2000))
    assert {a.area for a in material.areas} == {p.area.name for p in places[1:]}
    before = materials.gather_period(programme, middle, middle + timedelta(days=int((middle - MONDAY).days)))
    overall = before.yearly[0]
    assert overall.before is not None
    assert overall.before.score == pytest.approx(
        places[0].inspection.scores["groups"]["all"]["overall"]["score"]
    )


# -- what became of the cases ----------------------------------------------------------------


def test_outcomes_find_their_cases_by_pseudonym_and_the_last_import_stands(
    programme: Programme, people: People
) -> None:
    by = people["information_manager"]
    case = Case.objects.filter(inspection__planned__programme=programme).exclude(outcomes=None).earliest("pk")
    content = f"pseudonym,reconvicted,predicted\n{case.pseudonym},yes,0.25\n".encode()
    outcome = outcomes.bring_in(name="o.csv", content=content, by=by)
    assert (outcome.new, outcome.changed, outcome.same) == (0, 1, 0)
    assert outcomes.bring_in(name="o.csv", content=content, by=by).same == 1
    assert Outcome.objects.filter(case=case).count() == 2  # the earlier one is retired, not gone
    standing = Outcome.objects.get(case=case, retired_at=None)
    assert (standing.reconvicted, standing.predicted) == (True, 0.25)
    with pytest.raises(UserError, match="there is no case with the pseudonym"):
        outcomes.bring_in(name="o.csv", content=b"pseudonym,reconvicted\nP-nobody,yes\n", by=by)


def test_actual_stands_against_predicted_by_area(programme: Programme) -> None:
    areas, funnel = gather_outcomes(programme)
    assert [u.unit for u in funnel.units] == [area.area for area in areas]
    for area in areas:
        rows = Outcome.objects.filter(case__inspection__area=area.area, retired_at=None)
        known = [r for r in rows if r.reconvicted is not None and r.predicted is not None]
        assert area.reconviction is not None
        assert area.reconviction.actual == sum(r.reconvicted for r in known)
        assert area.reconviction.stated == pytest.approx(sum(r.predicted for r in known))
        assert area.of == 24
    # What all areas share is taken out: together they have as many as are predicted of them.
    units = funnel.units
    assert sum(u.predicted for u in units) == pytest.approx(sum(u.actual for u in units))
    assert all(u.adjusted is not None and u.adjusted >= u.p_value for u in units)


def test_an_area_with_many_more_reconvictions_than_predicted_is_said_to_have_them(
    programme: Programme, people: People
) -> None:
    """A test that finds a difference, and the sentence that says so: three areas as predicted, one far from it."""
    names = [area.area for area in gather_outcomes(programme)[0]]
    rows = Outcome.objects.filter(retired_at=None)
    rows.update(predicted=0.3)
    for area in names:
        own = rows.filter(case__inspection__area=area).order_by("pk")
        many = {row.pk for n, row in enumerate(own) if n % 10 < (10 if area == names[0] else 3)}
        own.filter(pk__in=many).update(reconvicted=True)
        own.exclude(pk__in=many).update(reconvicted=False)
    client = Client()
    client.force_login(people["analyst"])
    page = client.get(reverse("outcomes", args=[programme.pk])).content.decode()
    table = dict(re.findall(r'(?s)<th scope="row"[^>]*>\s*([^<]+?)\s*</th>(.*?)</tr>', page))
    assert "significantly more than the adjusted prediction" in table[names[0]]
    assert all("significantly more" not in table[name] for name in names[1:])


def test_the_list_of_pseudonyms_is_taken_with_an_event(programme: Programme, people: People) -> None:
    rows = outcomes.list_pseudonyms(programme=programme, by=people["information_manager"])
    assert len(rows) == 5 * 24 and len({p for p, _, _ in rows}) == 5 * 24  # noqa: PT018
    assert Event.objects.filter(kind="outcomes.pseudonyms_taken").latest("id").details["cases"] == 120
    with pytest.raises(PermissionDenied):
        outcomes.list_pseudonyms(programme=programme, by=people["programme_manager"])


# -- reports and screens -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        ("across", {"group": "high_risk"}),
        ("across", {"group": "element:esi-substance-misuse"}),
        ("period", {"first": "2003-07-07", "last": "2006-07-07"}),
    ],
)
def test_a_report_on_many_inspections_is_made_in_the_background(
    programme: Programme, people: People, kind: str, query: dict[str, str]
) -> None:
    groups = {g[0] for g in standings.list_groups(programme)}
    if query.get("group", "all") not in groups:
        query = {"group": next(g for g in sorted(groups) if g.startswith(query["group"].split(":")[0]))}
    asked = collected.ask(programme=programme, kind=kind, settings=query, by=people["analyst"])
    collected.make(report=asked)
    asked.refresh_from_db()
    assert (asked.state, asked.progress) == ("ready", 100)
    files = {f.path: bytes(f.blob.content) for f in asked.files.select_related("blob")}
    assert {"report.html", "data/tables.json"} <= set(files)
    page = files["report.html"].decode()
    assert "fictional" in page and asked.programme.title in page  # noqa: PT018
    client = Client()
    client.force_login(people["analyst"])
    assert client.get(reverse("collected", args=[asked.pk])).status_code == 200
    assert client.get(reverse("collected_file", args=[asked.pk, "report.html"])).content.decode() == page


def test_a_report_on_nothing_is_refused(programme: Programme, people: People) -> None:
    for query in ({"group": "nobody"}, {"group": "all"}, {}):
        with pytest.raises(UserError, match="no inspection of the programme has it"):
            collected.ask(programme=programme, kind="across", settings=query, by=people["analyst"])
    with pytest.raises(UserError, match="it is before the first day"):
        collected.ask(
            programme=programme, kind="period", settings={"first": "2005-01-02", "last": "2005-01-01"}, by=people["analyst"]
        )  # fmt: skip
    assert not CollectedReport.objects.exists()


SCREENS = (
    "programme", "progress", "compare_areas", "compare_families", "across", "period", "scorecard", "outcomes",
    "collected_reports",
)  # fmt: skip


def test_every_screen_of_a_programme_says_that_it_is_made_up_and_asks_few_questions(
    programme: Programme, people: People, django_assert_max_num_queries: Any
) -> None:
    """The number of statements does not grow with the number of areas: five or forty-two take the same."""
    client = Client()
    client.force_login(people["programme_manager"])
    for name in SCREENS:
        with django_assert_max_num_queries(20):
            page = client.get(reverse(name, args=[programme.pk])).content.decode()
        assert "Synthetic data" in page, name


def test_what_is_asked_for_and_is_not_there_is_not_found(programme: Programme, people: People) -> None:
    client = Client()
    client.force_login(people["analyst"])
    for name, query in (
        ("compare_areas", "?name=Z9"), ("compare_areas", "?group=nobody"), ("compare_families", "?name=%00"),
        ("across", "?group=nobody"), ("across", "?group=element:nothing"),
    ):  # fmt: skip
        assert client.get(reverse(name, args=[programme.pk]) + query).status_code == 404, query
    page = client.get(reverse("period", args=[programme.pk]) + "?first=2005-99-01&last=zzz").content.decode()
    assert "enter the date as 31 1 2027" in page.lower()


def test_the_table_of_areas_is_the_screens(programme: Programme, people: People) -> None:
    import csv

    client = Client()
    client.force_login(people["analyst"])
    answer = client.get(reverse("compare_areas", args=[programme.pk]) + "?name=B&as=csv").content.decode(
        "utf-8-sig"
    )
    rows = list(csv.DictReader(answer.splitlines()))
    standing = standings.compare_areas(programme, "score", "B")
    assert standing is not None
    assert {r["area"]: float(r["score"]) for r in rows} == {r.area: r.score.score for r in standing.rows}
    assert {r["synthetic"] for r in rows} == {"synthetic data: a fictional area"}


def test_a_form_that_is_wrong_says_so_beside_its_field(begun: Programme, people: People) -> None:
    client = Client()
    client.force_login(people["programme_manager"])
    fields = {"title": "Two", "begins": "2003-10-06", "ends": "2003-10-01", "inspectors": "6"}
    page = client.post(reverse("tranche_new", args=[begun.pk]), fields).content.decode()
    assert "It is before the first day" in page
    assert (
        client.post(reverse("tranche_new", args=[begun.pk]), fields | {"ends": "2003-12-31"}).status_code
        == 302
    )
    assert begun.tranches.count() == 2
    fields = {"name": "Moors", "description": "High up"}
    assert client.post(reverse("family_new"), fields).status_code == 302
    page = client.post(reverse("family_new"), fields).content.decode()
    assert "There is already a family group called &#x27;Moors&#x27;" in page


# -- for analysis ----------------------------------------------------------------------------


def test_an_analyst_takes_every_settled_figure_and_outcome_out(programme: Programme, people: People) -> None:
    client = Client()
    client.force_login(people["analyst"])
    base = f"/api/v1/programmes/{programme.pk}"
    places = client.get(f"{base}/places").json()
    assert {p["area"] for p in places} == set(fictional.NAMES[:5])
    rows: list[dict[str, Any]] = []
    while page := client.get(f"{base}/results", {"after": rows[-1]["id"] if rows else 0}).json():
        rows += page
    assert len(rows) == standings.select_results(programme).count() > 5000
    assert len({r["id"] for r in rows}) == len(rows)
    overall = client.get(f"{base}/results", {"group": "all", "level": "score", "name": "overall"}).json()
    standing = standings.compare_areas(programme, "score", "overall")
    assert standing is not None
    assert {r["area"]: r["score"] for r in overall} == {r.area: r.score.score for r in standing.rows}
    outcomes_ = client.get(f"{base}/outcomes").json()
    assert len(outcomes_) == Outcome.objects.filter(retired_at=None).count()
    assert not {"reference", "area"} & set(outcomes_[0])
