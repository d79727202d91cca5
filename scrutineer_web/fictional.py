"""A made-up programme: forty-two fictional areas in nine family groups, inspected over three years."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction

from scrutineer.programme.capacity import find_monday
from scrutineer_web.actions.follow_up import outcomes
from scrutineer_web.actions.importing import folders
from scrutineer_web.actions.moderation import assessments
from scrutineer_web.actions.preparation import inspections
from scrutineer_web.actions.programme import areas, programmes
from scrutineer_web.actions.report import recommendations
from scrutineer_web.queries import shelf
from scrutineer_web.queries.programme import calendar, standings
from scrutineer_web.records import frames
from scrutineer_web.records.area import Area, Family
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.case import Case
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.programme import PlannedInspection, Programme, Tranche
from scrutineer_web.records.user import User

if TYPE_CHECKING:
    import numpy as np

    from scrutineer.frameworks.model import Framework, Measure
    from scrutineer.simulation.answers import AnsweredCases

NAMES = (
    "Alderfell Ambermoor Arrowmere Ashmarch Bellholm Brackenshire Briarfell Calderholm Coldmarch Copperfell Cranmere Dawnshire "
    "Deepmoor Drakesholm Eastmarch Elmhollow Fernmoor Foxmarch Glenfell Greymere Harrowshire Hazelfell Highmarch Ironholm "
    "Larkshire Longfell Mistmoor Oakenshire Otterholm Pinemarch Quarryfell Ravenmere Redmarch Sablemoor Silverholm Stormfell "
    "Thornshire Umbermere Westerfell Willowmarch Wintermoor Yewholm"
).split()
FAMILIES = (
    "Large cities",
    "Coast",
    "Uplands",
    "Old industry",
    "Market towns",
    "New towns",
    "Ports",
    "Plains",
    "Valleys",
)
TRANCHES, CASES, SEED = 12, 100, 42
FIRST = date(2003, 7, 7)
LIAISON = "N. Lomas"
"""Who speaks for an area; the demonstration has an account of that name."""
STEPS = len(NAMES) + 3
Step = Callable[[str], None]


def load(
    people: dict[str, User], step: Step, cases: int = CASES, names: tuple[str, ...] = tuple(NAMES)
) -> Programme:
    """Make the programme with all its inspections: the last tranche is in its fieldwork, the one before in moderation.

    Args:
        people: the demonstration's, by sign-in name.
        step: is called with what is done next.
        cases: in each area's sample.
        names: of the areas.
    """
    import numpy as np

    generator = np.random.Generator(np.random.PCG64(SEED))
    step("The programme")
    programme = _plan(people["programme"], names, generator)
    places = standings.list_places(programme)
    quality = {name: float(q) for name, q in zip(names, generator.normal(0.9, 0.35, len(names)), strict=True)}
    last = [t.pk for t in programme.tranches.all()][-2:]
    with tempfile.TemporaryDirectory(prefix="scrutineer-") as folder:
        for place in places:
            step(f"{place.area}: {cases} cases")
            until = {last[0]: "moderation", last[1]: "fieldwork"}.get(place.tranche_id, "signed_off")
            with transaction.atomic():
                _inspect(
                    place,
                    Path(folder),
                    cases=cases,
                    quality=quality[place.area.name],
                    generator=generator,
                    people=people,
                    until=until,
                )
    step("What became of the cases of the first year")
    _put_outcomes(programme, people["information"], generator)
    return programme


def _plan(manager: User, names: tuple[str, ...], generator: np.random.Generator) -> Programme:
    """Areas, families and tranches; a family lies in one year."""
    version = _make_version()
    families = [
        areas.save_family(name=name, description="Areas of like size and density; made up.", by=manager)
        for name in FAMILIES
    ]
    saved_areas = [
        areas.save(
            name=name,
            family=families[_find_family(n, len(names))],
            profile=_make_profile(version, generator),
            synthetic=True,
            by=manager,
        )
        for n, name in enumerate(names)
    ]
    programme = programmes.begin(
        title="A programme of three years",
        framework=version,
        begins=FIRST,
        years=3,
        team=6,
        synthetic=True,
        by=manager,
    )
    tranches = [_make_tranche(programme, n, manager) for n in range(TRANCHES)]
    for n, area in enumerate(saved_areas):
        own = n * TRANCHES // len(saved_areas)
        within = n - -(-own * len(saved_areas) // TRANCHES)
        begins = tranches[own].begins + timedelta(weeks=1 + 2 * within)
        programmes.plan(programme=programme, area=area, tranche=tranches[own], begins=begins, by=manager)
    return programme


def _find_family(number: int, areas: int) -> int:
    """Which family an area is of: three a year, so that each lies in one."""
    year, each = number * 3 // areas, areas / 3
    return year * 3 + int((number - year * each) * 3 / each)


def _make_version() -> FrameworkVersion:
    element = next(e for e in shelf.list_elements() if shelf.read_library().load_framework(e).sample.part_of)
    main = shelf.read_library().load_framework(element).sample.part_of
    return FrameworkVersion.objects.filter(framework_id=main, retired_at=None).latest("id")


def _make_tranche(programme: Programme, number: int, manager: User) -> Tranche:
    begins = find_monday(FIRST + timedelta(weeks=13 * number))
    own = programme.framework.id
    fitting = [
        e for e in shelf.list_elements() if shelf.read_library().load_framework(e).sample.part_of == own
    ]
    return programmes.save_tranche(
        programme=programme,
        title=f"Tranche {number + 1}",
        begins=begins,
        ends=begins + timedelta(weeks=13, days=-1),
        inspectors=12,
        elements=fitting if number % 4 == 1 else [],
        by=manager,
    )


def _make_profile(version: FrameworkVersion, generator: np.random.Generator) -> dict[str, Any]:
    people = int(generator.integers(200, 1400)) * 1000
    performance = {
        m.key: {"value": _draw_near_target(m, generator), "period": "2004-05"}
        for m in version.framework.targets.measures
    }
    facts = [
        {"text": f"The area serves {people:,} people", "source": "made up"},
        {"text": f"It supervises some {people // 130:,} offenders at a time", "source": "made up"},
    ]
    return {"facts": facts, "performance": performance}


def _draw_near_target(measure: Measure, generator: np.random.Generator) -> float:
    """What an area reached on a measure: about its target, and where it is a share nothing that no share can be."""
    usual = measure.target * (1.0 if measure.better == "higher" else 1.05)
    value = round(float(generator.normal(usual, abs(measure.target) * 0.08)), 1)
    return min(max(value, 0.0), 100.0 if measure.unit == "percent" else value)


# -- one inspection ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Made:
    """A made-up sample and what was found in it."""

    framework: Framework
    answered: AnsweredCases


def _inspect(
    place: PlannedInspection,
    folder: Path,
    *,
    cases: int,
    quality: float,
    generator: np.random.Generator,
    people: dict[str, User],
    until: str,
) -> Inspection:
    """One area's inspection, taken as far as `until`."""
    begun = place.begins
    out = folder / place.area.name.lower()
    framework = place.programme.framework
    answered = _answer(framework, place.area.name[:2].upper(), begun, cases, quality, generator)
    _write(out, place, answered, until)
    manager, lead = people["information"], people["lead"]
    inspection = folders.import_folder(folder=out, by=manager)
    programmes.attach(planned=place, inspection=inspection, by=people["programme"])
    for part in inspection.participants.filter(role="lead_inspector"):
        inspections.link_participant(participant=part, user=lead, by=manager)
    liaison = people.get("liaison")
    inspections.add_participant(
        inspection=inspection, name=str(liaison or LIAISON), role="area_liaison", user=liaison, by=manager
    )
    if until == "fieldwork":
        return inspection
    inspections.move(inspection=inspection, to="start_moderation", by=lead)
    if until == "signed_off":
        for assessment in Assessment.objects.filter(case__inspection=inspection).select_related("case"):
            assessments.sign_off(assessment=assessment, by=lead)
        inspections.sign_off(inspection=inspection, by=lead)
        for text, codes in _list_recommendations(framework, generator):
            recommendations.put(inspection=inspection, text=text, criteria=codes, by=lead)
    return inspection


def _answer(
    framework: Framework, prefix: str, begun: date, cases: int, quality: float, generator: np.random.Generator
) -> _Made:
    from scrutineer.simulation.answers import make_answered
    from scrutineer.simulation.caseload import make_cases
    from scrutineer.simulation.latent import Model
    from scrutineer.tasks.simulating import make_profile

    caseload = make_cases(
        framework, make_profile(framework, shelf.read_library()), cases, begun, generator, prefix
    )
    return _Made(framework, make_answered(framework, caseload, (), 6, Model(quality=quality), generator))


def _write(out: Path, place: PlannedInspection, made_up: _Made, until: str) -> None:
    """The inspection's folder, as assessors elsewhere would send it."""
    import polars as pl

    from scrutineer.frameworks.yaml_writing import write_yaml
    from scrutineer.inspection.manifest import FORMAT, Manifest, Pin
    from scrutineer.tables.write_table import format_csv
    from scrutineer.tasks.files import write_all

    manifest = Manifest(
        format=FORMAT,
        kind="inspection",
        area=place.area.name,
        framework=Pin.from_framework(made_up.framework),
        synthetic=True,
        elements=tuple(
            Pin.from_framework(shelf.read_library().load_framework(e)) for e in place.tranche.elements
        ),
    )
    rows = made_up.answered.answers.filter(pl.col("reading") == "1")
    if until == "fieldwork":
        whole = made_up.answered.cases["case"].to_list()[: made_up.answered.cases.height // 2]
        rows = rows.filter(pl.col("case").is_in(whole))
    who = [{"name": "C. Birchall", "role": "lead_inspector"}]
    who += [{"name": n, "role": "inspector"} for n in sorted(set(rows["assessor"].drop_nulls().to_list()))]
    write_all(
        {
            out / "inspection.yaml": write_yaml(manifest.model_dump(mode="json", exclude_defaults=True)),
            out / "cases.csv": format_csv(made_up.answered.cases.drop("row_in_file", "second_assessor")),
            out / "answers.csv": format_csv(rows.with_columns(assessor=pl.lit(None, dtype=pl.String))),
            out / "area.yaml": write_yaml(frames.make_profile_for(place.area, made_up.framework)),
            out / "calendar.yaml": write_yaml({"events": calendar.plan_days(place)}),
            out / "people.yaml": write_yaml({"people": who}),
        }
    )


def _list_recommendations(
    framework: Framework, generator: np.random.Generator
) -> Iterator[tuple[str, list[str]]]:
    """Two or three recommendations."""
    cases = [c for c in framework.criteria.values() if c.kind == "case"]
    for n in generator.choice(len(cases), size=int(generator.integers(2, 4)), replace=False):
        criterion = cases[int(n)]
        yield f"{criterion.title}: managers check it in every third case", [criterion.code]


def _put_outcomes(programme: Programme, manager: User, generator: np.random.Generator) -> None:
    """Two-year reconviction and assessment scores of the cases of the first year, nine in ten of them known."""
    ends = FIRST + timedelta(weeks=52)
    cases = Case.objects.filter(
        inspection__planned__programme=programme, inspection__planned__begins__lt=ends
    )
    lines = ["pseudonym,reconvicted,predicted,score_at_start,score_at_end"]
    effect: dict[int, float] = {}
    for pseudonym, inspection in cases.order_by("pk").values_list("pseudonym", "inspection"):
        factor = effect.setdefault(inspection, float(generator.normal(0.96, 0.1)))
        chance = float(generator.beta(3, 3))
        again = "yes" if generator.random() < min(chance * factor, 1) else "no"
        start = int(generator.integers(40, 120))
        end = max(start + int(generator.normal(-8, 14)), 0)
        if generator.random() < 0.9:
            lines.append(f"{pseudonym},{again},{chance:.3f},{start},{end}")
    outcomes.bring_in(name="outcomes.csv", content="\n".join(lines).encode(), by=manager)


def is_there() -> bool:
    """Whether the programme is in the room already."""
    return Family.objects.exists() or Area.objects.exists()
