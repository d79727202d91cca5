"""What is still open in an inspection: what must be there before its report can be issued."""

from __future__ import annotations

from collections.abc import Iterator

from scrutineer.errors import Fault
from scrutineer.fieldwork.cases.gaps import list_gaps
from scrutineer.frameworks.model import Framework
from scrutineer.inspection.dates import format_day, list_steps
from scrutineer.inspection.evidence import Evidence, rate_criteria
from scrutineer.inspection.rated_whole import list_decision_faults
from scrutineer.inspection.scaffold import NARRATIVE
from scrutineer.inspection.texts import Text
from scrutineer.inspection.whole import Cases, Inspection
from scrutineer.inspection.whole_scores import score_whole
from scrutineer.scoring.groups import ALL


def open_points(inspection: Inspection) -> Iterator[Fault]:
    """Everything that is still missing, as sentences."""
    where = inspection.where
    if inspection.cases is None and inspection.framework.reads_cases:
        yield Fault(where, "there are no cases yet", "Import the cases and their answers")
    elif inspection.cases is not None:
        yield from _find_gaps(inspection.framework, inspection.cases)
    yield from _find_judgements(f"{where}/evidence.yaml", inspection.framework, inspection.evidence)
    yield from _find_decisions(inspection)
    yield from _find_texts(inspection)
    yield from _find_people_and_days(inspection)
    yield from _find_manifest(inspection)
    for element in inspection.elements:
        place = f"{where}/elements/{element.framework.id}"
        if element.cases is not None:
            yield from _find_gaps(element.framework, element.cases)
        elif element.framework.sample.part_of is None:
            yield Fault(place, "there are no cases yet", "Import its cases and their answers")
        yield from _find_judgements(f"{place}/evidence.yaml", element.framework, element.evidence)
        places = [f"findings/{code}" for code in element.framework.criteria]
        yield from _find_unwritten(
            place, element.texts, [*places, "narrative/introduction", "narrative/assessment"]
        )


def _find_gaps(framework: Framework, cases: Cases) -> Iterator[Fault]:
    for gap in list_gaps(framework, cases.caseload, cases.answers):
        yield gap.make_fault()


def _find_judgements(where: str, framework: Framework, evidence: Evidence) -> Iterator[Fault]:
    for code, judged in rate_criteria(framework, evidence).items():
        if framework.kind == "follow_up" and not any(item.pieces for item in judged.items):
            continue  # A follow-up reports progress on the management criteria and need not rate them again.
        if not judged.items and judged.final is None:
            yield Fault(
                where, f"{code} {judged.criterion.title} has no rating", "Rate it, and give the reason"
            )
        for item in judged.open:
            reason = "its evidence disagrees" if item.pieces else "there is no evidence on it"
            what = f"'{item.item.text}' ({code}) has no grade: {reason}"
            yield Fault(where, what, "Decide its grade" if item.pieces else "Add evidence")
        for item in judged.thin:
            if item.pieces:
                what = (
                    f"'{item.item.text}' ({code}) has {item.sources} independent source"
                    f"{'' if item.sources == 1 else 's'}; {judged.needed} are needed"
                )
                yield Fault(where, what, "Add evidence from another source")


def _find_decisions(inspection: Inspection) -> Iterator[Fault]:
    """Ratings that people set in the place of computed ones, and may not."""
    framework, evidence = inspection.framework, inspection.evidence
    decided = [code for code, said in evidence.judgements.items() if said.rating is not None]
    if not framework.rates_levels or not decided or (framework.reads_cases and inspection.cases is None):
        return
    scores = score_whole(inspection)
    group = scores.full.groups[ALL] if framework.reads_cases else None
    for fault in list_decision_faults(framework, group, scores.judged, evidence):
        yield Fault(f"{inspection.where}/evidence.yaml", fault.what, fault.do)


def _find_texts(inspection: Inspection) -> Iterator[Fault]:
    places = [f"narrative/{name}" for name in NARRATIVE if name in inspection.house.parts]
    places += [f"findings/{code}" for code in inspection.framework.criteria]
    yield from _find_unwritten(inspection.where, inspection.texts, places)


def _find_unwritten(where: str, texts: dict[str, Text], places: list[str]) -> Iterator[Fault]:
    for name in places:
        text = texts.get(name)
        if text is None or text.empty:
            yield Fault(f"{where}/{name}.md", "this part is not written yet", "Write this part")
            continue
        for n, line in enumerate(text.lines, 1):
            if "[to be written" in line.lower():
                yield Fault(f"{text.where} line {n}", "this part is not written yet", "Write this part")


def _find_manifest(inspection: Inspection) -> Iterator[Fault]:
    where = f"{inspection.where}/inspection.yaml"
    original = inspection.manifest.original
    if original is not None and "[to be written" in original.published:
        yield Fault(
            where, "it does not say when the original was published", "Enter the date it was published"
        )
    if inspection.cases is not None and inspection.population is None:
        what = "the number of cases that these were drawn from is not recorded, so intervals can't take account of it"
        yield Fault(where, what, "Keep the sample's record with it, or enter the population")


def _find_people_and_days(inspection: Inspection) -> Iterator[Fault]:
    where = inspection.where
    if not inspection.people.find_by_role("lead_inspector"):
        yield Fault(f"{where}/people.yaml", "the inspection has no lead inspector", "Add a lead inspector")
    if not inspection.recommendations.recommendations:
        yield Fault(f"{where}/recommendations.yaml", "there are no recommendations", "Add a recommendation")
    if "[to be written" in inspection.recommendations.to:
        yield Fault(
            f"{where}/recommendations.yaml",
            "the recommendations do not say who should act",
            "Enter who the recommendations are addressed to",
        )
    steps = {step.rule.event: step for step in list_steps(inspection.framework, inspection.dates)}
    publication = steps.get("publication")
    if publication is not None and publication.on is None:
        yield Fault(f"{where}/calendar.yaml", "there is no date for publication", "Enter a date")
    for step in steps.values():
        if step.breaks:
            earliest, latest, on = (format_day(day) for day in (step.earliest, step.latest, step.on) if day)
            when = f"on {latest}" if earliest == latest else f"between {earliest} and {latest}"
            what = f"'{step.rule.title}' is on {on}, but the rule says {when}"
            yield Fault(f"{where}/calendar.yaml", what, "Change the date, or remove it until it is settled")
