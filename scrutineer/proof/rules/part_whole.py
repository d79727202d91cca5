"""Parts and wholes: parts named one by one must add up to their total, and no part can exceed its whole.

The rule checks a total followed by its parts in brackets, if the first part has the same name as the total ("42 areas
(41 probation areas plus four quadrants)"); two parts after a semicolon that nearly make their total ("thirty
offenders; 11 in person and 18 by telephone"); a sub-sample's share of its sample, against the numbers of cases in
both; and counts that are greater than the sample they're from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from scrutineer.proof.basis.context import Context
from scrutineer.proof.basis.finding import Finding, Severity
from scrutineer.proof.reading.wording import APPROXIMATE, FLAGS, NUMBER, read_number
from scrutineer.statistics.printed import calculate_share, round_half_up, round_off, truncate

NEEDS_FRAMEWORK = False

_NOUN = r"[A-Za-z][A-Za-z'-]*"
_NOUNS = rf"(?:{_NOUN} ){{0,4}}?{_NOUN}"
_IN_BRACKETS = re.compile(
    rf"(?<!\w)(?P<total>{NUMBER})\s+(?:(?!of\b|to\b){_NOUN}\s+){{0,3}}?(?P<noun>{_NOUN})\s*"
    rf"\((?P<a>{NUMBER})\s+(?P<first>{_NOUNS}),?\s+plus\s+(?:the\s+)?(?P<b>{NUMBER})\s+{_NOUNS}\)",
    FLAGS,
)
_AFTER = re.compile(
    rf"(?<!\w)(?P<total>{NUMBER})\s+(?:offenders|cases|people|staff|respondents|interviews)\b[^;.:()]{{0,90}}[;:]\s*"
    rf"(?P<a>{NUMBER})\s+[^;.,]{{3,40}}?\s+and\s+(?P<b>{NUMBER})\s+[^;.,]{{3,40}}\.",
    FLAGS,
)
_SUBSAMPLE = re.compile(
    r"\b(?P<p>\d{1,3})\s?% of the [^.%]{0,40}?sample\b[^.%]{0,90}?\b(?:referred to as|is|forms?|makes? up) the [^.]{0,40}?sub-?\s?sample",
    re.IGNORECASE,
)


def check(context: Context) -> Iterator[Finding]:
    """Every total that its parts do not make, and every part greater than its whole."""
    for n, text in context.find_prose():
        if "(" in text and " plus " in text:
            yield from _check_bracketed(n, text)
        if ";" in text or ":" in text:
            yield from _check_listed(n, text)
        if "sub" in text and "%" in text:
            yield from _check_subsamples(context, n, text)
    yield from _check_counts(context)


def _check_bracketed(n: int, text: str) -> Iterator[Finding]:
    for match in _IN_BRACKETS.finditer(text):
        parts, total = (
            [read_number(match.group("a")), read_number(match.group("b"))],
            read_number(match.group("total")),
        )
        bounded = APPROXIMATE.search(text[max(0, match.start() - 25) : match.start()])
        same_name = match.group("noun").lower() == match.group("first").lower().split()[-1]
        # Another name means another thing: "42 areas (40 visits plus
        # two calls)" doesn't count the areas.
        if sum(parts) != total and same_name and not bounded:
            yield _make_sum(n, match.group(0), parts, total)


def _check_listed(n: int, text: str) -> Iterator[Finding]:
    for match in _AFTER.finditer(text):
        parts, total = (
            [read_number(match.group("a")), read_number(match.group("b"))],
            read_number(match.group("total")),
        )
        # A larger gap means that the sentence names only some of the parts.
        if 0 < abs(sum(parts) - total) <= total // 10:
            yield _make_sum(n, match.group(0), parts, total)


def _make_sum(n: int, quote: str, parts: list[int], total: int, severity: Severity = "warning") -> Finding:
    added = " + ".join(map(str, parts))
    message = f"The parts add up to {sum(parts)} ({added}), not to {total}."
    return Finding(
        rule="part-whole",
        severity=severity,
        line=n,
        quote=quote,
        message=message,
        published=str(total),
        expected=str(sum(parts)),
    )


def _check_subsamples(context: Context, n: int, text: str) -> Iterator[Finding]:
    for match in _SUBSAMPLE.finditer(text):
        main, part = context.report.main, context.report.find_part(n)
        # The sub-sample's own size is only in its annex, so the
        # sentence must come after that began.
        if part is main:
            continue
        wholes, subs = (_find_largest_exact(context.list_sizes(p)) for p in (main, part))
        if not wholes or not subs or subs > wholes:
            continue
        printed, exact = Fraction(int(match.group("p"))), calculate_share(subs, wholes)
        # Cut-off decimals are accepted here, since the two numbers are in different places.
        if exact not in round_off(printed) and exact not in truncate(printed):
            lines = tuple(
                dict.fromkeys(s.line for p in (main, part) for s in p.samples if s.size in {wholes, subs})
            )
            message = f"The sub-sample has {subs} cases of {wholes}, which is {round_half_up(exact)}%, not {printed}%."
            yield Finding(
                rule="part-whole",
                severity="warning",
                line=n,
                quote=match.group(0),
                message=message,
                published=f"{printed}%",
                expected=f"{round_half_up(exact)}%",
                also=lines,
            )


def _find_largest_exact(sizes: list[int]) -> int | None:
    """The stated size; a round 100 gives way to any other, since programmes aim at it."""
    exact = [size for size in sizes if size != 100]
    return max(exact or sizes, default=None)


def _check_counts(context: Context) -> Iterator[Finding]:
    for governed in context.governed:
        sizes = governed.part.samples
        if not sizes:
            continue
        # The largest size stated anywhere, so that a smaller one
        # that was left over accuses no count.
        most = max(sizes, key=lambda s: s.size)
        for claim in context.report.claims:
            of_all = (
                claim.framework == governed.framework.id
                and claim.question is not None
                and claim.group == governed.base
            )
            if of_all and claim.denominator is not None and claim.denominator > most.size:
                message = (
                    f"{claim.denominator} relevant cases are more than the {most.size} that were inspected."
                )
                yield Finding(
                    rule="part-whole",
                    severity="warning",
                    line=claim.line,
                    quote=claim.quote,
                    message=message,
                    published=str(claim.denominator),
                    expected=f"at most {most.size}",
                    also=(most.line,),
                )
