"""A criterion's score: it must follow from its questions.

A printed percentage can be any share that rounds to it, and a count is exact. Something is wrong if every
question that the inspectorate is known to ask is printed but the score doesn't come out, or if the questions that
aren't printed would have to be below 0% or above 100%. It's an error only if the framework says that its bank
of questions is complete. A bank put together from published reports may lack a question, so the rule allows for one more,
and what even that can't explain is a warning. If the questions that aren't printed leave room, the rule finds nothing.
The re-derivation says what they would have to be.
"""

from __future__ import annotations

from collections.abc import Iterator

from scrutineer.proof.basis.context import Context, Governed
from scrutineer.proof.basis.finding import Alternative, Finding, Severity
from scrutineer.scoring.rederive import Derivation
from scrutineer.statistics.shares import format_interval

NEEDS_FRAMEWORK = True


def check(context: Context) -> Iterator[Finding]:
    """Every criterion score that its printed questions cannot give."""
    for governed, group, derivation in context.find_disproved("criterion"):
        yield _make_finding(governed, group, derivation)


def _make_finding(governed: Governed, group: str, derivation: Derivation) -> Finding:
    criterion = governed.framework.criteria[derivation.code]
    printed = governed.figures.groups[group].questions
    lines = tuple(
        p.line for key in (q.key for q in criterion.questions) if (p := printed.get(key)) and p.line
    )
    terms = ", ".join(f"{q.key} {printed[q.key]}" for q in criterion.scored_questions if q.key in printed)
    message = f"{derivation.code} is printed as {derivation.printed}. Its printed questions ({terms})"
    if derivation.needed is not None:
        message += f" leave {derivation.note} to make up the difference with {format_interval(derivation.needed)}, which is impossible."
    elif derivation.attainable is not None:
        message += f" give {format_interval(derivation.attainable)}. {explain_alone(derivation)}"
    # A bank made from published reports may lack questions, and what isn't
    # known can't prove anything impossible.
    severity: Severity = "error" if criterion.bank == "complete" else "warning"
    expected = format_interval(derivation.attainable) if derivation.attainable is not None else ""
    line = derivation.printed.line or governed.part.line
    return Finding(
        rule="recompute-criterion",
        severity=severity,
        line=line,
        quote=f"{derivation.code} {derivation.printed}",
        message=message,
        published=str(derivation.printed),
        expected=expected,
        also=lines,
        alternatives=list_alternatives(derivation),
    )


def explain_alone(derivation: Derivation) -> str:
    """Which single figure, changed to what, would make everything consistent."""
    if not derivation.alternatives:
        return "No single figure would put this right if it alone were changed."
    changes = []
    for alternative in derivation.alternatives:
        values = (
            f"be {alternative.low}%"
            if alternative.low == alternative.high
            else f"be between {alternative.low}% and {alternative.high}%"
        )
        wider = f" ({alternative.widest[0]}% to {alternative.widest[1]}% if the other figures were rounded in its favour)"
        if alternative.widest == (alternative.low, alternative.high):
            wider = ""
        changes.append(f"{alternative.name}, printed as {alternative.printed}, must {values}{wider}")
    return "If one figure alone is wrong: " + "; or ".join(changes) + "."


def list_alternatives(derivation: Derivation) -> tuple[Alternative, ...]:
    """The same, as values."""
    return tuple(
        Alternative(a.name, str(a.printed), a.low, a.high, a.printed.line) for a in derivation.alternatives
    )
