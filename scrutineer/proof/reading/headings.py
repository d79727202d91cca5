"""The headings of criteria and sections, as a framework names them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from scrutineer.frameworks.model import Framework, Section
from scrutineer.frameworks.reading_hints import Reading, simplify
from scrutineer.proof.reading import layout

LISTS = frozenset({"contents", "sheet", "approach", "appendix", "glossary"})
# Less than the rule criteria-list asks for (78): a heading whose
# title is wrong has to be found first.
_LIKE = 62
_NUMBERED_SECTION = re.compile(r"^(\d|[A-Z])[.:]\s+(.+)$")


@dataclass
class Headings:
    """Knows the headings of one framework, and those that open an annex.

    Args:
        framework: None if no framework is known; then nothing is a heading of a criterion.
        reading: gives the other titles that reports use for a criterion.
        annexes: the plain annex headings, each with the id of the framework that governs the annex.
    """

    framework: Framework | None = None
    reading: Reading | None = None
    annexes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Four letters rule out almost every line before the costly comparison.
        self._starts = {heading.strip()[:4] for heading in self.annexes}
        # The longest first, or 1.1 would be found in 1.10.
        codes = sorted(self.framework.criteria, key=len, reverse=True) if self.framework else []
        either = "|".join(map(re.escape, codes))
        self._own_code = re.compile(rf"^({either})(?![\w.]*\w)[:.]?\s*") if codes else None

    def find_annex(self, text: str) -> str | None:
        """The framework of the annex that a line opens, if it is the heading of one."""
        if len(text) > 120 or text[:4].lower() not in self._starts:
            return None
        return self.annexes.get(simplify(text))

    def opens_section(self, text: str, zone: str) -> bool:
        """Whether a line is the heading of a section of the body.

        A scoring sheet names sections too; one in capitals opens the body that follows it.
        """
        # Lists name every section without opening any.
        if zone in LISTS and not (zone == "sheet" and text.isupper()):
            return False
        if self.framework is None or len(text) > 120:
            return False
        match = layout.SECTION.match(text) or _NUMBERED_SECTION.match(text)
        if match is None:
            return False
        section = self.find_section(match.group(1))
        return section is not None and (not match.group(2) or _is_alike(match.group(2), section.title))

    def find_section(self, code: str) -> Section | None:
        """The section of a code, whatever its letters' case; None if there is none."""
        sections = self.framework.sections if self.framework else ()
        return next((s for s in sections if s.code.upper() == code.upper()), None)

    def match_code(self, text: str) -> re.Match[str] | None:
        """The code that a line starts with: one of the framework's own, or any that looks like one."""
        return (self._own_code.match(text) if self._own_code else None) or layout.CODE.match(text)

    def opens_body(self, text: str, zone: str, rows: Set[str]) -> bool:
        """Whether a criterion's heading opens the body by itself, where no section's heading did.

        After a scoring sheet it does so where the criterion has had its row (`rows`) already.
        """
        # A tab means a row of a list or table, whose first cell is no heading.
        if zone in LISTS - {"sheet"} or zone == "body" or len(text) > 120 or "\t" in text:
            return False
        # A title with its score is a row of a scoring sheet.
        criterion = None if text.endswith("%") else self.find_criterion(text)
        return criterion is not None and (zone != "sheet" or criterion[0] in rows)

    def find_criterion(self, text: str) -> tuple[str, str] | None:
        """The code and title of a criterion, where a line starts with them."""
        coded = self.split_code(text)
        if coded is None or self.framework is None:
            return None
        code, title = coded
        others = self.reading.criterion_titles.get(code, ()) if self.reading else ()
        if any(_is_alike(title, name) for name in (self.framework.criteria[code].title, *others)):
            return coded
        return None

    def split_code(self, text: str) -> tuple[str, str] | None:
        """The code of a criterion and whatever title follows it, right or wrong."""
        match = self.match_code(text) if self.framework and len(text) < 300 else None
        if match is None or self.framework is None or match.group(1) not in self.framework.criteria:
            return None
        cell = next((c for c in text[match.end() :].split("\t") if c), "")
        return match.group(1), layout.GENERAL.sub("", cell.rstrip(":"))

    def list_headed(self, lines: Iterable[str]) -> set[str]:
        """The codes that have a heading of their own in the body, up to the next annex."""
        codes: set[str] = set()
        rows: set[str] = set()
        zone = "front"
        for text in lines:
            if not text:
                continue
            zone = layout.find_zone(text) or zone
            if zone not in LISTS and self.find_annex(text):
                break
            if self.opens_section(text, zone):
                zone = "body"
                continue
            if self.opens_body(text, zone, rows):
                zone = "body"
            if zone == "sheet" and (row := self.find_criterion(text)):
                rows.add(row[0])
            if zone == "body" and (criterion := self.find_criterion(text)):
                codes.add(criterion[0])
        return codes


def _is_alike(title: str, name: str) -> bool:
    if not title:
        return False
    simplified, other = simplify(title).strip(), simplify(name).strip()
    # Reports shorten or reorder titles; comparing sets of words allows for both.
    return simplified == other or fuzz.token_set_ratio(simplified, other) >= _LIKE
