"""Comparisons in words: "lower", "no significant difference" and "in all areas" must fit the figures.

The rule checks four kinds of statement: that a sub-sample does less well; "no significant difference", which mustn't
cover a gap wider than one that the same report calls a difference (reports publish no test, so the words must at least
be used consistently); "most" and "all", against the figures of each question; and "in all areas", against the scores
of every criterion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scrutineer.proof.basis.context import Context, Governed
from scrutineer.proof.basis.finding import Finding
from scrutineer.proof.reading.report import Claim

NEEDS_FRAMEWORK = True

_NO_DIFFERENCE = re.compile(r"\bno significant differences?\b", re.IGNORECASE)
_WORSE = re.compile(r"\b(?:less well|poorer|lower|less likely|scored less)\b", re.IGNORECASE)
_ALL = re.compile(
    r"\b(?:in|against|across) all (?:areas|aspects|of the (?:criteria|aspects))\b", re.IGNORECASE
)
_WITHOUT_SECOND_SAMPLE = re.compile(r"\bpost-|\bsample of its own\b", re.IGNORECASE)
_MOST = re.compile(
    r"\b(?:lower|higher) (?:against|in|on) (?P<how>most|all)(?: of the)? (?:the )?questions\b", re.IGNORECASE
)
_DECLINE = re.compile(
    r"\b(?:decline|drop|fall) in performance (?:against|in|across) (?P<how>all|most)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class _Gap:
    code: str
    main: int
    part: int
    line: int

    @property
    def points(self) -> int:
        return self.part - self.main


def check(context: Context) -> Iterator[Finding]:
    """Every comparison in words that the figures do not support."""
    main = context.governed[0]
    for other in context.governed[1:]:
        gaps = _list_gaps(main, other)
        if gaps:
            yield from _compare_with_main(context, other, gaps)
    for governed in context.governed:
        yield from _check_by_question(context, governed)


def _list_gaps(main: Governed, other: Governed) -> dict[str, _Gap]:
    """Criteria that both parts score, where the element takes its criteria from the main framework."""
    # The same questions, not only the same code: other questions under one title can't be compared.
    shared = [
        code
        for code, criterion in other.framework.criteria.items()
        if code in main.framework.criteria
        and [q.key for q in criterion.questions] == [q.key for q in main.framework.criteria[code].questions]
    ]
    ours = other.figures.groups[other.base].criteria
    theirs = main.figures.groups[main.base].criteria
    return {
        code: _Gap(
            code=code,
            main=int(theirs[code].percent or 0),
            part=int(ours[code].percent or 0),
            line=ours[code].line or 0,
        )
        for code in shared
        if code in ours and code in theirs
    }


def _compare_with_main(context: Context, other: Governed, gaps: dict[str, _Gap]) -> Iterator[Finding]:
    called: list[tuple[int, _Gap]] = []
    alike: list[tuple[int, str, _Gap]] = []
    for n, code, text in _list_annex_lines(context, other):
        # Outside the shared criteria, only a statement on all areas can be compared with anything.
        gap = gaps.get(code) if code else None
        if gap is None:
            yield from _check_everywhere(n, text, gaps)
        elif _WITHOUT_SECOND_SAMPLE.search(text):
            continue
        elif _NO_DIFFERENCE.search(text):
            alike.append((n, text, gap))
        elif _WORSE.search(text) and _ALL.search(text) and gap.points > 0:
            message = f"{code} is {gap.part}% for the sub-sample and {gap.main}% for the main sample: higher, not lower."
            yield Finding(
                rule="comparison",
                severity="warning",
                line=n,
                quote=text,
                message=message,
                published="lower",
                expected=f"{gap.points} points higher",
                also=(gap.line,),
            )
        elif _WORSE.search(text) and gap.points < 0:
            called.append((n, gap))
    if not called:
        return
    # The report's own words set the measure: the widest gap that it calls a difference.
    called_on, widest = max(called, key=lambda pair: abs(pair[1].points))
    for n, text, gap in alike:
        if abs(gap.points) > abs(widest.points):
            message = (
                f"{gap.code} differs by {abs(gap.points)} points ({gap.part}% against {gap.main}%), while {abs(widest.points)} at"
                f" {widest.code} ({widest.part}% against {widest.main}%) is called a difference. No test is published for either."
            )
            quote = _NO_DIFFERENCE.search(text)
            yield Finding(
                rule="comparison",
                severity="warning",
                line=n,
                quote=quote.group(0) if quote else text,
                message=message,
                published="no significant difference",
                expected=f"{gap.points:+d} points",
                also=(gap.line, called_on),
            )


def _list_annex_lines(context: Context, other: Governed) -> Iterator[tuple[int, str | None, str]]:
    """The sentences of an annex, with the criterion that they come under."""
    starts = sorted((c.line, c.code) for c in other.part.criteria.values())
    end = min(
        (p.line for p in context.report.parts if p.line > other.part.line),
        default=len(context.report.clean) + 1,
    )
    for n, text in context.find_prose():
        if other.part.line <= n < end and context.report.zones[n - 1] != "role":
            yield n, next((code for line, code in reversed(starts) if line <= n), None), text


def _check_everywhere(n: int, text: str, gaps: dict[str, _Gap]) -> Iterator[Finding]:
    for sentence in re.split(r"(?<=[.])\s+", text):
        if not (_WORSE.search(sentence) and _ALL.search(sentence)) or _WITHOUT_SECOND_SAMPLE.search(sentence):
            continue
        higher = [gap for gap in gaps.values() if gap.points > 0]
        if higher:
            listed = ", ".join(
                f"{g.code} {g.part}% against {g.main}%" for g in sorted(higher, key=lambda g: g.code)
            )
            message = f"Not in all: the sub-sample scores higher in {len(higher)} of {len(gaps)} criteria ({listed})."
            yield Finding(
                rule="comparison",
                severity="warning",
                line=n,
                quote=sentence,
                message=message,
                published="in all areas",
                expected=f"in {len(gaps) - len(higher)} of {len(gaps)} criteria at most",
                also=tuple(g.line for g in higher),
            )


def _check_by_question(context: Context, governed: Governed) -> Iterator[Finding]:
    claims: dict[tuple[str, str], Claim] = {}
    for claim in context.share_claims():
        if claim.framework == governed.framework.id and claim.question:
            claims.setdefault((claim.question, claim.group), claim)
    groups = {group for _, group in claims} - {governed.base}
    for n, text in context.find_prose():
        match = (_MOST.search(text) if "questions" in text else None) or (
            _DECLINE.search(text) if "performance" in text else None
        )
        code = _find_criterion(governed, n) if match else None
        if not match or code is None:
            continue
        down = "lower" in match.group(0).lower() or match.re is _DECLINE
        named, base = ("original", governed.base) if match.re is _DECLINE else ("high_risk", governed.base)
        # The report may print no figures for the group. Words alone prove nothing.
        if named not in groups:
            continue
        yield from _check_counted(governed, claims, n, match, code, (named, base), down)


def _find_criterion(governed: Governed, n: int) -> str | None:
    starts = sorted((c.line, c.code) for c in governed.part.criteria.values())
    return next((code for line, code in reversed(starts) if line <= n), None)


def _check_counted(
    governed: Governed,
    claims: dict[tuple[str, str], Claim],
    n: int,
    match: re.Match[str],
    code: str,
    groups: tuple[str, str],
    down: bool,
) -> Iterator[Finding]:
    named, base = groups
    as_said = total = 0
    for question in governed.framework.criteria[code].questions:
        pair, other = claims.get((question.key, named)), claims.get((question.key, base))
        if pair is None or other is None or pair.above is None or other.above is None:
            continue
        later, earlier = (other.above, pair.above) if match.re is _DECLINE else (pair.above, other.above)
        total += 1
        # Printed figures that are equal don't bear out "lower",
        # although the shares behind them may differ.
        as_said += later < earlier if down else later > earlier
    # "Most" is read as more than half, the least that the word can mean.
    enough = as_said == total if match.group("how").lower() == "all" else 2 * as_said > total
    if total and not enough:
        message = f"Of the {total} questions of {code} printed for both, {as_said} bear this out."
        yield Finding(
            rule="comparison",
            severity="warning",
            line=n,
            quote=match.group(0),
            message=message,
            published=match.group("how"),
            expected=f"{as_said} of {total}",
        )
