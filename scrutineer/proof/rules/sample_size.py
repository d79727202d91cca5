"""The number of cases: standard text and tables must give the same number.

The programme aims for a round number. If a report gives both that number and another one for its own sample, one of
them was left over from the standard text.
"""

from __future__ import annotations

from collections.abc import Iterator

from scrutineer.proof.basis.context import Context
from scrutineer.proof.basis.finding import Finding

NEEDS_FRAMEWORK = False


def check(context: Context) -> Iterator[Finding]:
    """Every sample whose size is stated in two ways."""
    for part in context.report.parts:
        stated = [s for s in part.samples if not s.design]
        aimed_at = {s.size for s in part.samples if s.design}
        sizes = {s.size for s in stated}
        if len(sizes) < 2:
            continue
        # A round hundred is likelier to be left over from the standard text than counted.
        exact = [s for s in stated if s.size not in aimed_at and s.size % 100] or stated
        for sample in stated:
            if sample.size != exact[0].size:
                others = tuple(s.line for s in stated if s.size == exact[0].size)
                message = f"The sample is given as {sample.size} here and as {exact[0].size} on line {', '.join(map(str, others))}."
                yield Finding(
                    rule="sample-size",
                    severity="warning",
                    line=sample.line,
                    quote=sample.quote,
                    message=message,
                    published=str(sample.size),
                    expected=str(exact[0].size),
                    also=others,
                )
