"""A section's score: it must follow from the scores of its criteria.

The framework says how the criteria are weighted. A printed score can be any score that rounds to it. If they
can't give the printed section score, one of the printed figures is wrong. The rule tries changing each figure alone:
which values of it would make the section and the overall score come out, with every other figure as printed?
"""

from __future__ import annotations

from collections.abc import Iterator

from scrutineer.frameworks.model import Section
from scrutineer.proof.basis.context import Context, Governed
from scrutineer.proof.basis.finding import Finding
from scrutineer.proof.rules.recompute_criterion import explain_alone, list_alternatives
from scrutineer.scoring.figures import GroupFigures
from scrutineer.scoring.rederive import Derivation
from scrutineer.statistics.shares import format_interval

NEEDS_FRAMEWORK = True


def check(context: Context) -> Iterator[Finding]:
    """Every section score that its criteria cannot give."""
    for governed, group, derivation in context.find_disproved("section"):
        yield _make_finding(governed, governed.figures.groups[group], derivation)


def _make_finding(governed: Governed, figures: GroupFigures, derivation: Derivation) -> Finding:
    section = next(s for s in governed.framework.sections if s.code == derivation.code)
    attainable = format_interval(derivation.attainable) if derivation.attainable is not None else ""
    message = (
        f"Section {section.code} is printed as {derivation.printed}, but its criteria give {attainable}: "
    )
    message += f"{spell_out_working(governed, section, figures)}. {explain_alone(derivation)}"
    criteria = (figures.criteria[c.code].line for c in section.scored_criteria if c.code in figures.criteria)
    return Finding(
        rule="recompute-section",
        severity="error",
        line=derivation.printed.line or governed.part.line,
        quote=f"Section {section.code} {derivation.printed}",
        message=message,
        published=str(derivation.printed),
        expected=attainable,
        also=tuple(line for line in criteria if line),
        alternatives=list_alternatives(derivation),
    )


def spell_out_working(governed: Governed, section: Section, figures: GroupFigures) -> str:
    """The weighted mean, spelled out."""
    terms, total = [], 0
    for criterion in section.scored_criteria:
        weight = int(governed.framework.scoring.find_weight(criterion))
        total += weight
        terms.append(f"{weight} × {criterion.code} {figures.criteria[criterion.code]}")
    return f"({' + '.join(terms)}) ÷ {total}"
