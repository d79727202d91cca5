"""The files of a new inspection: everything there is to fill in, with what belongs where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scrutineer.frameworks.house import House
from scrutineer.frameworks.model import Criterion, Framework
from scrutineer.inspection.area import PERFORMANCE_COLUMNS
from scrutineer.inspection.manifest import FORMAT, Pin

TO_WRITE = "[to be written: {}]"

NARRATIVE: dict[str, str] = {
    "foreword": "what the chief inspector has to say on this area, in a few paragraphs",
    "acknowledgements": "whom the inspectorate thanks",
    "reasons": "why a follow-up was made: what the original found",
    "summary": "the key findings, section by section",
    "overview": "what the reader should know of the area",
    "users": "what those who use the service, and others, said",
}
"""The parts of the narrative that a person writes, and what belongs in each; the other parts are made from the data."""


def make_scaffold(
    framework: Framework, house: House, elements: Sequence[Framework], area: str, synthetic: bool, report: str
) -> dict[str, str]:
    """The files of a new inspection, by their place in its folder.

    Args:
        framework: that it is made by.
        house: how its report is written; says which parts of the narrative there are.
        elements: thematic elements that are inspected with it.
        area: the inspected body.
        synthetic: whether it is made up.
        report: the original's report title and date, for a follow-up; empty otherwise.
    """
    files = {
        "inspection.yaml": _write_manifest(framework, elements, area, synthetic, report),
        "area.yaml": _write_area(framework),
        "people.yaml": _PEOPLE,
        "calendar.yaml": _write_calendar(framework),
        "evidence.yaml": _write_evidence(framework),
        "surveys.yaml": _SURVEYS,
        "recommendations.yaml": _RECOMMENDATIONS,
    }
    for name, what in NARRATIVE.items():
        if name in house.parts:
            files[f"narrative/{name}.md"] = TO_WRITE.format(what) + "\n"
    files |= {f"findings/{c.code}.md": write_empty_finding(c) for c in framework.criteria.values()}
    for element in elements:
        place = f"elements/{element.id}"
        files[f"{place}/evidence.yaml"] = _write_evidence(element)
        files[f"{place}/narrative/introduction.md"] = TO_WRITE.format("why this element, and how") + "\n"
        files[f"{place}/narrative/assessment.md"] = TO_WRITE.format("the overall assessment") + "\n"
        files |= {f"{place}/findings/{c.code}.md": write_empty_finding(c) for c in element.criteria.values()}
    return files


def write_empty_finding(criterion: Criterion) -> str:
    """The findings of a criterion before anything is found."""
    return f"{TO_WRITE.format(f'the findings on {criterion.code}; scrutineer draft writes them from the scores')}\n"


def _write_manifest(
    framework: Framework, elements: Sequence[Framework], area: str, synthetic: bool, report: str
) -> str:
    lines = [
        "# What is inspected, and the exact version of the framework.",
        f"format: {FORMAT}",
        "kind: inspection",
        f"area: {_quote(area)}",
        *_find_pinned("framework", framework, "", "  "),
    ]
    if elements:
        lines.append("elements:")
        for element in elements:
            lines += _find_pinned("", element, "  - ", "    ")
    if report:
        lines += [
            "original:",
            f"  title: {_quote(report)}",
            '  published: "[to be written: month and year]"',
            "  results: original/results.json",
            "  # group: high_risk          # the group of the original's cases to compare; all cases if left out",
            "  # concerns: [what it found]",
            "  # recommendations: [what it recommended]",
        ]
    lines += [
        "inspectorate:",
        "  name: The Inspectorate",
        "  # chief: A. Person",
        "  # address: [The Inspectorate, 1 Street, Town]",
        "# concern: true               # there is serious concern, so there will be a follow-up",
        "# population: 168             # number of eligible cases, if there is no sample.json",
        f"synthetic: {'true' if synthetic else 'false'}",
    ]
    return "\n".join(lines) + "\n"


def _find_pinned(name: str, framework: Framework, first: str, rest: str) -> Iterator[str]:
    pin = Pin.from_framework(framework)
    if name:
        yield f"{name}:"
    yield f"{first or rest}id: {pin.id}"
    yield f'{rest}version: "{pin.version}"'
    yield f"{rest}hash: {pin.hash}"


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _write_area(framework: Framework) -> str:
    lines = [
        "# The area: facts with their sources, and its performance against the targets.",
        "# facts:",
        '#   - {text: "It serves a population of some 300,000", source: "census, 2001"}',
        "# performance:",
    ]
    parts = ", ".join(f"{c.key}: {'?' if c.kind == 'number' else '2004/2005'}" for c in PERFORMANCE_COLUMNS)
    lines += [f"#   {m.key}: {{{parts}}}   # target {m.target:g}" for m in framework.targets.measures]
    return "\n".join(lines) + "\n"


def _write_calendar(framework: Framework) -> str:
    lines = ["# The dates you set. The others follow from the framework's rules.", "# events:"]
    for rule in framework.calendar.rules:
        window = rule.weeks or rule.months
        unit = "weeks" if rule.weeks else "months"
        after = f" ({window[0]} to {window[1]} {unit} after {rule.after})" if window else ""
        lines.append(f"#   {rule.event}: ?  # a date, such as 2005-10-03: {rule.title}{after}")
    return "\n".join(lines) + "\n"


def _write_evidence(framework: Framework) -> str:
    if framework.rated_directly:
        return _write_direct_evidence(framework)
    if framework.ratings is None:
        return "# This framework has no judgement criteria.\n"
    code, key = next((c.code, i.key) for c in framework.criteria.values() for i in c.items if not i.national)
    grade, rating = framework.ratings.grades[0].key, framework.ratings.rules[0].rating
    lines = [
        f"# Evidence for the judgement criteria: at least {framework.ratings.sources_at_least} independent sources for "
        "every item.",
        f"# Grades, best first: {', '.join(g.key for g in framework.ratings.grades)}.",
        "# pieces:",
        "#   - id: business_plan",
        "#     kind: document   # or meeting, interview, observation",
        "#     title: Business plan",
        "#     source: The board",
        "#     dated: 2005-04-01",
        f"#     bears: {{{key}: {grade}}}   # the grade that it gives to each item it is relevant to",
        "#     note: What it shows, as a sentence for the findings",
        "# judgements:                   # where pieces disagree, or the lead inspector gives a different rating from the rule",
        f"#   {code}: {{grades: {{{key}: {grade}}}, rating: {rating}, reason: why, by: who}}",
        "#",
        "# The items:",
    ]
    for criterion in framework.criteria.values():
        for item in criterion.items:
            apart = " (about a national body: not counted)" if item.national else ""
            lines.append(f"#   {criterion.code} {item.key}: {item.text}{apart}")
    return "\n".join(lines) + "\n"


def _write_direct_evidence(framework: Framework) -> str:
    """What to fill in where people rate criteria without grading items of evidence."""
    lines = ["# The rating of every criterion that people judge, and what it rests on.", "# judgements:"]
    for code in framework.rated_directly:
        method = framework.find_method(framework.criteria[code])
        known = [r.key for r in framework.find_rating_scale(method.scale).ratings] if method else []
        lines.append(f'#   "{code}": {{rating: ?, reason: ?, by: ?}}   # {" or ".join(known)}')
    return "\n".join(lines) + "\n"


_PEOPLE = """\
# Who takes part: chief_inspector, lead_inspector, inspector, practice_assessor, area_assessor, information_manager,
# programme_manager, publications, area_liaison.
# people:
#   - {name: "A. Person", role: lead_inspector}
#   - {name: "B. Person", role: area_assessor, team: "Team A"}
"""

_SURVEYS = """\
# What service users and others were asked.
# surveys:
#   - key: offenders
#     of: offenders in the sample
#     sent: 100
#     returned: 41
#     items:
#       - {key: helped, text: "Supervision helped me with my problems", agreed: 30}
# focus_groups:
#   - {of: offenders on unpaid work, people: 8, groups: 2, said: ["The work was hard but fair."]}
"""

_RECOMMENDATIONS = """\
# What should be done, most important first; `to` is who should ensure it.
to: "[to be written: who should ensure it]"
# recommendations:
#   - {text: "risk of harm is assessed in every case", criteria: [B1]}
"""
