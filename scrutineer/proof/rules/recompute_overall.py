"""The overall score: it must follow from the section scores.

The framework says how the sections are weighted. A printed score can be any score that rounds to it.
"""

from __future__ import annotations

from collections.abc import Iterator

from scrutineer.proof.basis.context import Context, Governed
from scrutineer.proof.basis.finding import Finding
from scrutineer.proof.rules.recompute_criterion import explain_alone, list_alternatives
from scrutineer.scoring.figures import GroupFigures
from scrutineer.scoring.rederive import Derivation
from scrutineer.statistics.shares import format_interval

NEEDS_FRAMEWORK = True


def check(context: Context) -> Iterator[Finding]:
    """Every overall score that its sections cannot give."""
    for governed, group, derivation in context.find_disproved("overall"):
        yield _make_finding(governed, governed.figures.groups[group], derivation)


def _make_finding(governed: Governed, figures: GroupFigures, derivation: Derivation) -> Finding:
    weighted = [s for s in governed.framework.sections if s.weight]
    terms = " + ".join(f"{s.weight}% of {s.code} {figures.sections[s.code]}" for s in weighted)
    attainable = format_interval(derivation.attainable) if derivation.attainable is not None else ""
    message = f"The overall score is printed as {derivation.printed}, but {terms} gives {attainable}. {explain_alone(derivation)}"
    lines = tuple(line for s in weighted if (line := figures.sections[s.code].line))
    return Finding(
        rule="recompute-overall",
        severity="error",
        line=derivation.printed.line or governed.part.line,
        quote=f"Overall {derivation.printed}",
        message=message,
        published=str(derivation.printed),
        expected=attainable,
        also=lines,
        alternatives=list_alternatives(derivation),
    )
