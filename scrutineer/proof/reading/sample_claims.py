"""How many cases a report says were inspected, wherever it says so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrutineer.proof.reading.report import PublishedReport, ReportPart, SampleSize
from scrutineer.proof.reading.wording import FLAGS, NUMBER, read_number

_DESIGN = re.compile(rf"\b(?:random sample of|sample of)\s+(?P<n>{NUMBER})\s+offenders", FLAGS)
_STATED = (
    re.compile(rf"\bwith the\s+(?P<n>{NUMBER})\s+offenders in the case sample", FLAGS),
    re.compile(r"\(sample\s*(?:of|size|n\s*=)?\s*(?P<n>\d{1,4})\)", FLAGS),
    re.compile(rf"\bby analysing [^.]{{0,80}}?\b(?:with|in)\s+(?:the\s+)?(?P<n>{NUMBER})\s+cases", FLAGS),
    re.compile(rf"\binspection of\s+(?P<n>{NUMBER})\s+[^.]{{0,30}}?(?:cases|files)", FLAGS),
    re.compile(rf"\bbased on the\s+(?P<n>{NUMBER})\s+cases", FLAGS),
)
_COLUMN = re.compile(r"([A-Za-z][^\t]*?)\*?\s*n\s*=\s*(\d{1,4})", FLAGS)


# "ample" finds Sample and sample alike.
_SIGNS = ("ample", "n=", "n =", " by analysing ", " inspection of ")


def sample_sizes(report: PublishedReport) -> None:
    """Fill in the sample sizes of every part of a report."""
    for n, text in enumerate(report.clean, 1):
        if not text or report.zones[n - 1] in {"contents", "glossary", "role"}:
            continue
        for size, part in _read_line(report, n, text):
            part.samples.append(size)


def _read_line(report: PublishedReport, n: int, text: str) -> Iterator[tuple[SampleSize, ReportPart]]:
    # A cheap test first: the patterns below are slow, and hardly any line states a sample.
    if not any(word in text for word in _SIGNS):
        return
    part = report.find_part(n)
    for match in _DESIGN.finditer(text):
        yield (
            SampleSize(
                group="all", size=read_number(match.group("n")), line=n, quote=match.group(0), design=True
            ),
            part,
        )
    for pattern in _STATED:
        for match in pattern.finditer(text):
            yield (
                SampleSize(group="all", size=read_number(match.group("n")), line=n, quote=match.group(0)),
                part,
            )
    if "\t" in text:
        for match in _COLUMN.finditer(text):
            main = "main" in match.group(1).lower()
            yield (
                SampleSize(group="all", size=int(match.group(2)), line=n, quote=match.group(0)),
                # Annexes print the main sample in a column next to their own.
                # It belongs to the main report.
                report.main if main else part,
            )
