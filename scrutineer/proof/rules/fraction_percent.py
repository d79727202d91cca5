"""A count next to its percentage: n of m must give p%.

If a count and a percentage state the same share, one in brackets after the other, the count must round to the
percentage, with halves rounded up. If it only works with the decimals cut off, that's a note. The rule also accepts
the other side of the count (m - n of m), because reports give either. If there's a relative clause between
them, the count may belong to that clause, so it's a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from scrutineer.proof.basis.context import Context
from scrutineer.proof.basis.finding import Finding, Severity
from scrutineer.proof.reading.report import Claim
from scrutineer.statistics.printed import (
    calculate_share,
    format_decimal_percent,
    round_half_up,
    round_off,
    truncate,
)

NEEDS_FRAMEWORK = False


def check(context: Context) -> Iterator[Finding]:
    """Every pair of a count and a percentage that disagree."""
    for percent, count in context.report.pairs:
        yield from _check_pair(percent, count, "error")
    for percent, count in context.report.probable_pairs:
        yield from _check_pair(percent, count, "warning")


def _check_pair(percent: Claim, count: Claim, severity: Severity) -> Iterator[Finding]:
    if percent.value is None or count.numerator is None or not count.denominator:
        return
    printed = Fraction(str(percent.value))
    # 85.0% is read as 85%, which only allows for more.
    decimals = 0 if printed.denominator == 1 else 1
    exact = calculate_share(count.numerator, count.denominator)
    sides = (exact, 100 - exact)
    if any(side in round_off(printed, decimals) for side in sides):
        return
    cut = any(side in truncate(printed, decimals) for side in sides)
    first, second = sorted((percent, count), key=lambda claim: claim.start)
    yield Finding(
        rule="fraction-percent",
        severity="note" if cut else severity,
        line=percent.line,
        quote=f"{first.quote} … {second.quote}",
        message=_write_message(count, exact, printed, cut=cut),
        published=format_decimal_percent(printed),
        expected=f"{round_half_up(exact)}%",
    )


def _write_message(count: Claim, exact: Fraction, printed: Fraction, *, cut: bool) -> str:
    shown, right = format_decimal_percent(exact, 2 if cut else 1), f"{round_half_up(exact)}%"
    when_rounded = "" if shown == right else f" ({right} when rounded)"
    why = ": the decimals were cut off" if cut else ""
    fraction = f"{count.numerator} of {count.denominator}"
    return f"{fraction} is {shown}{when_rounded}; the report prints {format_decimal_percent(printed)}{why}."
