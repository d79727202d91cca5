"""Replies to questionnaires: the number must be the same everywhere, and give the percentages.

If a report says in several places how many sentencers, offenders, victims or staff replied, the numbers must
agree. Each percentage of replies in the same paragraph must come from a whole number of replies, at most that many.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from scrutineer.proof.basis.context import Context
from scrutineer.proof.basis.finding import Finding
from scrutineer.proof.reading.wording import FLAGS, NUMBER, read_number
from scrutineer.statistics.printed import find_attainable, format_decimal_percent

NEEDS_FRAMEWORK = False

_WHO = r"sentencers?|offenders?|victims?|magistrates?|judges?|staff|partners?|practitioners?|service users?|managers?|keyworkers?"
_RETURNED = (
    re.compile(
        rf"\b(?P<n>{NUMBER})\s+(?:out )?of\s+(?:the\s+)?{NUMBER}\s+questionnaires\b[^.]{{0,80}}?\breturned",
        FLAGS,
    ),
    re.compile(
        rf"\bof\s+(?:the\s+)?{NUMBER}\s+questionnaires\b[^.]{{0,90}}?(?:,|\bonly)\s*(?P<n>{NUMBER})\s+were\b[^.]{{0,30}}?returned",
        FLAGS,
    ),
)
_REPLIED = re.compile(
    rf"\b(?:all\s+(?:of\s+the\s+)?|of\s+the\s+)(?P<n>{NUMBER})\s+(?:of\s+the\s+)?(?:respondents|questionnaires returned|replies|responses)\b",
    FLAGS,
)
_PERCENT = re.compile(r"(?<![\d.])(\d{1,3})\s?%")


@dataclass(frozen=True)
class _Replies:
    who: str
    count: int
    line: int
    quote: str
    returned: bool


def check(context: Context) -> Iterator[Finding]:
    """Numbers of replies that differ, and percentages that they cannot give."""
    all_replies = [replies for n, text in context.find_prose() for replies in _list_replies(n, text)]
    by_kind: dict[str, list[_Replies]] = {}
    for replies in all_replies:
        by_kind.setdefault(replies.who, []).append(replies)
    for who, stated in by_kind.items():
        # The number returned is the one to compare with: "of the
        # 12 respondents" may speak of fewer.
        returned = [r for r in stated if r.returned] or stated
        first = returned[0]
        for other in stated:
            if other.count != first.count:
                message = f"{other.count} {who}s replied according to line {other.line}, {first.count} according to line {first.line}."
                yield Finding(
                    rule="respondents",
                    severity="warning",
                    line=other.line,
                    quote=other.quote,
                    message=message,
                    published=str(other.count),
                    expected=str(first.count),
                    also=(first.line,),
                )
                break
    for replies in all_replies:
        if replies.returned:
            yield from _find_impossible(context, replies)


def _list_replies(n: int, text: str) -> Iterator[_Replies]:
    if "questionnaire" not in text and "respondents" not in text:
        return
    for pattern in _RETURNED:
        for match in pattern.finditer(text):
            who = _find_who(text, match.start(), match.end())
            if who:
                yield _Replies(
                    who=who, count=read_number(match.group("n")), line=n, quote=match.group(0), returned=True
                )
                return
    for match in _REPLIED.finditer(text):
        who = _find_who(text, 0, match.end())
        if who:
            yield _Replies(
                who=who, count=read_number(match.group("n")), line=n, quote=match.group(0), returned=False
            )
            return


def _find_who(text: str, start: int, end: int) -> str | None:
    people = re.findall(rf"\b(?:{_WHO})\b", text[start:end], FLAGS)
    return people[-1].lower().rstrip("s") if people else None


def _find_impossible(context: Context, replies: _Replies) -> Iterator[Finding]:
    text = context.report.clean[replies.line - 1]
    after = text[text.find(replies.quote) + len(replies.quote) :]
    for match in _PERCENT.finditer(after):
        printed = Fraction(int(match.group(1)))
        # Rounded or cut off, either will do. Above 100% it isn't a share of the replies.
        if printed > 100 or any(find_attainable(printed, replies.count)):
            continue
        message = (
            f"No whole number of at most {replies.count} replies gives {format_decimal_percent(printed)}."
        )
        yield Finding(
            rule="respondents",
            severity="warning",
            line=replies.line,
            quote=match.group(0),
            message=message,
            published=format_decimal_percent(printed),
            expected=f"at most {replies.count} replies",
        )
