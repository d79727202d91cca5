"""A count beside its percentage: n of m must give p%.

Where a count and a percentage state the same share, one in brackets after the other, the count
must round to the percentage, halves up. If it only comes out with the decimals cut off, that is
a note. The other side of the count (m - n of m) is accepted too: reports give either.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from scrutineer.proof.context import Context
from scrutineer.proof.finding import Finding
from scrutineer.statistics.printed import half_up, percent_text, rounded, share, truncated

NEEDS_FRAMEWORK = False


def check(context: Context) -> Iterator[Finding]:
    """Every pair of a count and a percentage that disagree."""
    for percent, count in context.report.pairs:
        if percent.value is None or count.numerator is None or not count.denominator:
            continue
        printed = Fraction(str(percent.value))
        decimals = 0 if printed.denominator == 1 else 1
        exact = share(count.numerator, count.denominator)
        sides = (exact, 100 - exact)
        if any(side in rounded(printed, decimals) for side in sides):
            continue
        cut = any(side in truncated(printed, decimals) for side in sides)
        fraction = f"{count.numerator} of {count.denominator}"
        right = f"{half_up(exact)}%"
        share_text = percent_text(exact, 2 if cut else 1)
        if share_text != right:
            share_text += f" ({right} when rounded)"
        why = ": the decimals were cut off" if cut else ""
        message = f"{fraction} is {share_text}; the report prints {percent_text(printed)}{why}."
        yield Finding(
            "fraction-percent",
            "note" if cut else "error",
            percent.line,
            f"{percent.quote} … {count.quote}"
            if percent.start < count.start
            else f"{count.quote} … {percent.quote}",
            message,
            percent_text(printed),
            right,
        )
