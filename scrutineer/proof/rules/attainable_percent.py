"""A percentage of few cases: a whole number of cases must give it.

A small number of cases can only give certain percentages. For example, no count out of 15 cases or fewer gives
41% when rounded. If the sentence itself says how many cases there are ("41% of the 15 cases"), that's an error, and so is a
score above 100%. If the number of cases is somewhere else in the report, the two claims contradict each other, which is a
warning. If the percentage only works with its decimals cut off, that's a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from scrutineer.proof.basis.context import Context, Governed
from scrutineer.proof.basis.finding import Finding, Severity
from scrutineer.proof.reading.report import Claim
from scrutineer.proof.reading.wording import FLAGS, NUMBER, read_number
from scrutineer.statistics.printed import (
    find_attainable,
    format_decimal_percent,
    list_counts,
    round_off,
    truncate,
)

NEEDS_FRAMEWORK = False

# Not "of the 15 cases' files" or "of the 15 cases each": there, something else is counted.
_OF_HOW_MANY = re.compile(
    rf"^\s*of\s+(?:the|these|those|all)\s+(?P<n>{NUMBER})\s+(?:(?:relevant|applicable|inspected|licence|such|other|remaining)\s+)*"
    r"(?:cases|files|offenders|respondents|readers)\b(?!['’]|\s+(?:per|each)\b)",
    FLAGS,
)
_CASES = re.compile(
    r"^\s*of\s+(?:the\s+|all\s+|relevant\s+|follow-up\s+|these\s+)*(?:cases|files)\b", re.IGNORECASE
)
# The greatest share. Also the number of cases from which some count gives every whole percentage.
_MANY = 100


def check(context: Context) -> Iterator[Finding]:
    """Every percentage that no whole number of cases can give, with as few cases as the report has."""
    yield from _find_more_than_all(context)
    parts = {governed.framework.id: governed for governed in context.governed}
    for claim in context.report.claims:
        # Bounds and "about 85%" state no share that a count would have to give.
        if claim.kind != "percentage" or claim.value is None or not claim.exact:
            continue
        stated = _OF_HOW_MANY.match(claim.tail)
        if stated:
            yield from _check_claims(claim, read_number(stated.group("n")), "error", claim.line)
        elif claim.framework in parts:
            yield from _find_within_sample(parts[claim.framework], claim)


def _find_more_than_all(context: Context) -> Iterator[Finding]:
    """A score above 100%."""
    for part in context.report.parts:
        for value in part.values:
            if value.percent is not None and value.percent > _MANY:
                message = f"{value.code} is printed as {value.percent}%: no share is more than 100%."
                yield Finding(
                    rule="attainable-percent",
                    severity="error",
                    line=value.line,
                    quote=value.quote,
                    message=message,
                    published=f"{value.percent}%",
                    expected="at most 100%",
                )


def _find_within_sample(governed: Governed, claim: Claim) -> Iterator[Finding]:
    if (
        claim.group != governed.base
        or claim.criterion is None
        or not (claim.question or _CASES.match(claim.tail))
    ):
        return
    # What a programme aims at isn't what was inspected.
    sizes = [sample for sample in governed.part.samples if not sample.design]
    if sizes:
        # A question may be relevant to fewer cases, so every number
        # up to the largest stated is allowed.
        largest = max(sizes, key=lambda sample: sample.size)
        yield from _check_claims(claim, largest.size, "warning", largest.line)


def _check_claims(claim: Claim, at_most: int, severity: Severity, stated_on: int) -> Iterator[Finding]:
    printed = Fraction(str(claim.value))
    # 85.0% is read as 85%, which only allows for more.
    decimals = 0 if printed.denominator == 1 else 1
    if at_most > _MANY or printed > 100:
        return
    by_rounding, by_cutting = find_attainable(printed, at_most, decimals)
    if by_rounding:
        return
    shown = format_decimal_percent(printed)
    message = f"No whole number of at most {at_most} cases rounds to {shown}"
    if by_cutting:
        part, whole = next(list_counts(truncate(printed, decimals), at_most))
        message += f"; {part} of {whole} gives it with the decimals cut off."
        severity = "note"
    else:
        message += f", nor gives it with the decimals cut off. {_suggest_nearest(printed, at_most)}"
    yield Finding(
        rule="attainable-percent",
        severity=severity,
        line=claim.line,
        quote=claim.quote,
        message=message,
        published=shown,
        expected="",
        also=(stated_on,) if stated_on != claim.line else (),
    )


def _suggest_nearest(printed: Fraction, at_most: int) -> str:
    for step in range(1, 100):
        for value in (printed - step, printed + step):
            nearest = next(list_counts(round_off(value), at_most), None) if 0 <= value <= 100 else None
            if nearest:
                return f"The nearest possible figure is {format_decimal_percent(value)}, {nearest[0]} of {nearest[1]}."
    return ""
