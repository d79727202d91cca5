"""A thread's score: it must follow from the questions that carry its tag.

Only a framework that lists all the questions of a thread can disprove its score. If they aren't all published, or
not all printed, the rule finds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from scrutineer.proof.basis.context import Context
from scrutineer.proof.basis.finding import Finding
from scrutineer.proof.rules.recompute_criterion import explain_alone, list_alternatives
from scrutineer.statistics.shares import format_interval

NEEDS_FRAMEWORK = True


def check(context: Context) -> Iterator[Finding]:
    """Every thread score that its questions cannot give."""
    for governed, group, derivation in context.find_disproved("thread"):
        if derivation.attainable is None:
            continue
        printed = governed.figures.groups[group].questions
        keys = [q.key for q in governed.framework.list_thread_questions(derivation.code)]
        attainable = format_interval(derivation.attainable)
        yield Finding(
            rule="recompute-thread",
            severity="error",
            line=derivation.printed.line or governed.part.line,
            quote=f"{derivation.title} {derivation.printed}",
            message=f"The thread '{derivation.title}' is printed as {derivation.printed}, but the mean of its"
            f" {len(keys)} questions is {attainable}. {explain_alone(derivation)}",
            published=str(derivation.printed),
            expected=attainable,
            also=tuple(p.line for key in keys if (p := printed.get(key)) and p.line),
            alternatives=list_alternatives(derivation),
        )
