"""From lines to structure: parts, criteria with their findings, scores, lists, tables and glossary.

One pass over the lines with a small state. Headings that extraction lost are recovered: a second
"Description" or a "Strengths" after "Areas for improvement" can only belong to a new criterion,
and its order and description say to which.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice

from scrutineer.frameworks.library import Library
from scrutineer.frameworks.reading_hints import Cue, simplify
from scrutineer.proof.reading import layout
from scrutineer.proof.reading.headings import Headings
from scrutineer.proof.reading.position import ReadingPosition
from scrutineer.proof.reading.recognise import collect_annexes
from scrutineer.proof.reading.report import (
    Level,
    ListedCriterion,
    PrintedFinding,
    PrintedValue,
    PublishedReport,
    ReportCriterion,
    ReportPart,
    Term,
)
from scrutineer.proof.reading.tables import TableReader

_PERCENT_CELL = re.compile(r"^(\d{1,3})\s?%$")
_PERCENT_END = re.compile(r"\s\d{1,3}\s?%$")
_PERCENT_CELLED = re.compile(r"\s\d{1,3}\s?%(?=\s)")
_NUMBERED = re.compile(r"^(?:-\s*)?(\d{1,2})[.)]\s+(.+)$")
_DATE = re.compile(
    r"^(?:january|february|march|april|may|june|july|august|september|october|november|december) \d{4}$",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"(?:^|\b)report on(?:\s+.*\bin)?\s*:?$", re.IGNORECASE)


class Outliner:
    """Fills a report's structure from its lines.

    After `run`, `criterion_at` and `part_at` hold, per line, the code of the criterion and the
    number of the part that the line belongs to.
    """

    def __init__(self, report: PublishedReport, library: Library):
        self.report, self.library = report, library
        self.annexes = collect_annexes(library) if report.framework else {}
        self.at = ReadingPosition()
        self.ratings: dict[str, str] = {}
        self.tables = TableReader(report)
        self.listing = False
        self._enter_part(report.framework, "report", 1)
        self.handlers: dict[str, Callable[[int, str], None]] = {
            "contents": self._read_contents,
            "glossary": self._read_glossary,
            "sheet": self._read_sheet,
            "approach": self._read_approach,
            "appendix": self._read_approach,
            "body": self._read_body,
            "recommendations": self._read_recommendation,
            "good_practice": self._read_shared_practice,
        }

    def run(self) -> None:
        """Go through all lines once."""
        report, at = self.report, self.at
        for n, text in enumerate(report.clean, 1):
            if text:
                self._read_line(n, text)
            report.zones[n - 1] = at.zone
            at.criterion_at.append(
                at.criterion.code if at.criterion and at.zone in {"body", "good_practice"} else None
            )
            at.part_at.append(len(report.parts) - 1)
            if at.zone == "body" and at.kind == "good_practice":
                report.zones[n - 1] = "good_practice"
        # The last table may end with the file.
        self.tables.finish()
        self._read_front_matter()

    def _read_line(self, n: int, text: str) -> None:
        at = self.at
        zone = layout.find_zone(text)
        # A criterion may have a heading such as "Contextual information" of its own, which must not end the findings.
        if zone is not None and not (at.zone == "body" and zone == "overview"):
            self._enter_zone(zone)
            return
        # The list of contents names every annex and section, none of which begins there.
        if at.zone != "contents":
            element = at.headings.find_annex(text)
            if element is not None:
                self._enter_part(element, text, n)
                return
            if at.headings.opens_section(text, at.zone):
                self._enter_zone("body")
                return
        # Tables come before other handlers, because a row of ratings could be taken for a heading or a finding.
        if self.tables.take(n, text, at):
            return
        if at.zone != "body" and at.headings.opens_body(self._restore_tab(text), at.zone, at.rows):
            self._enter_zone("body")
        handler = self.handlers.get(at.zone)
        if handler:
            handler(n, text)

    # -- entering --------------------------------------------------------------------

    def _enter_zone(self, zone: str) -> None:
        at = self.at
        self.listing = False
        at.zone = zone
        at.criterion = at.kind = at.before = at.finding = None
        at.bare_code = None

    def _enter_part(self, name: str | None, title: str, n: int) -> None:
        at = self.at
        at.part = ReportPart(name, title, n)
        self.report.parts.append(at.part)
        at.framework = self.library.load_framework(name) if name else None
        at.reading = self.library.load_reading(name) if name else None
        if at.framework and at.framework.ratings:
            self.ratings |= {simplify(r.title): r.title for r in at.framework.ratings.rules}
        for scale in at.framework.rating_scales if at.framework else ():
            self.ratings |= {simplify(rating.title): rating.title for rating in scale.ratings}
        self._enter_zone("front" if n == 1 else "annex")
        at.headings = Headings(at.framework, at.reading, self.annexes)
        at.headed = at.headings.list_headed(islice(self.report.clean, n if n > 1 else 0, None))

    # -- zones -----------------------------------------------------------------------

    def _read_contents(self, n: int, text: str) -> None:
        self._list("contents", n, text)

    def _read_approach(self, n: int, text: str) -> None:
        self._list("approach", n, text)

    def _list(self, where: str, n: int, text: str) -> None:
        """A list names a criterion whatever its title: another title is what a proof looks for."""
        words = layout.remove_bullet(text)[1]
        # Entries of a list are short; a long line with a code is a sentence that mentions a criterion.
        coded = self.at.headings.split_code(words) if len(words) < 200 else None
        # The page number of a list of contents.
        title = re.sub(r"\s+\d+$", "", coded[1]) if coded else ""
        if coded and title:
            self.report.listed.append(ListedCriterion(where=where, code=coded[0], title=title, line=n))

    def _read_glossary(self, n: int, text: str) -> None:
        cells = [cell for cell in text.split("\t") if cell]
        if len(cells) >= 2:
            self.report.glossary.append(Term(cells[0], " ".join(cells[1:]), n))

    def _read_recommendation(self, n: int, text: str) -> None:
        match = _NUMBERED.match(text)
        label, words, bulleted = layout.remove_bullet(text)
        # A PDF may keep the numbers of a list apart from its lines: what follows the colon is the list.
        follows = self.listing and not text.endswith(":")
        self.listing = self.listing or text.endswith(":")
        recommendations = self.at.part.recommendations if self.at.part else []
        # A line without its own number continues the recommendation above it.
        if follows and not match and not bulleted and recommendations and recommendations[-1].label:
            recommendations[-1].text += f" {text}"
        elif self.at.part is not None and (match or bulleted or follows):
            words = match.group(2) if match else words
            label = match.group(1) if match else label
            self.at.part.recommendations.append(PrintedFinding(kind="text", line=n, text=words, label=label))

    def _restore_tab(self, text: str) -> str:
        """A row that lost its tabs (in a PDF, say) with a tab before its score or rating again."""
        if "\t" in text or not (self.at.headings.match_code(text) or layout.ROW.match(text)):
            return text
        match = _PERCENT_END.search(text) or (
            _PERCENT_CELLED.search(text) if self.at.zone == "sheet" else None
        )
        if match:
            return f"{text[: match.start()].rstrip()}\t{match.group(0).strip()}"
        lower = text.lower().rstrip(".")
        # Longest first, or "good" would match the end of "very good".
        for title in sorted(self.ratings.values(), key=len, reverse=True):
            if lower.endswith(f" {title.lower()}"):
                cut = len(lower) - len(title)
                return f"{text[:cut].rstrip()}\t{text[cut:]}"
        return text

    def _read_sheet(self, n: int, text: str) -> None:
        at = self.at
        text = self._restore_tab(text)
        cells = [cell for cell in text.split("\t") if cell]
        criterion = at.headings.find_criterion(cells[0]) if cells else None
        section = layout.SECTION_SCORE.match(text)
        if criterion:
            at.rows.add(criterion[0])
            self.report.listed.append(
                ListedCriterion(where="sheet", code=criterion[0], title=criterion[1], line=n)
            )
        if len(cells) < 2:
            return
        # A scoring sheet has one row for each score; which level it is shows in the row's first cell.
        value = next((cell for _, cell in self._find_value_cells(text)), "")  # further columns are benchmarks
        if criterion:
            self._add_value("criterion", criterion[0], value, n, "sheet")
        elif section and (own := at.headings.find_section(section.group(1))) is not None:
            self._add_value("section", own.code, value, n, "sheet")
        elif layout.OVERALL_SCORE.match(text):
            self._add_value("overall", "overall", value, n, "sheet")
        elif (thread := self._find_thread(cells[0])) is not None:
            self._add_value("thread", thread, value, n, "sheet")

    def _find_thread(self, text: str) -> str | None:
        reading = self.at.reading
        known = reading.thread_phrases if reading else {}
        words = simplify(text)
        return next((key for key, cue in known.items() if Cue.parse(cue).fits(words)), None)

    def _read_shared_practice(self, n: int, text: str) -> None:
        """Good practice gathered in one place: each example names its criterion."""
        match = re.match(r"^(?:\w+ )?criterion:\s*([A-Z]?\d(?:\.\d)?)$", text, re.IGNORECASE)
        at = self.at
        if match and at.framework and match.group(1) in at.framework.criteria:
            at.criterion = self._add_criterion(match.group(1), at.framework.criteria[match.group(1)].title, n)
        elif self.report.lines[n - 1].startswith("#"):
            at.criterion = None
        elif at.criterion is not None and len(text) > 120:
            at.criterion.findings.append(PrintedFinding("good_practice", n, text))

    # -- the body --------------------------------------------------------------------

    def _read_body(self, n: int, text: str) -> None:
        if not (self._try_criterion(n, text) or self._try_value(n, text) or self._try_list(n, text)):
            self._read_finding(n, text)

    def _try_criterion(self, n: int, text: str) -> bool:
        at = self.at
        if at.framework is None:
            return False
        # Some layouts put the code on a line of its own, with the title on the next one.
        if text in at.framework.criteria:
            at.bare_code = text
            return True
        text = self._restore_tab(text)
        general = layout.GENERAL.match(text)
        opening = (
            (at.bare_code, text[general.end() :])
            if general and at.bare_code
            else self.at.headings.find_criterion(text)
        )
        at.bare_code = None
        if not opening or not opening[0]:
            return False
        self._start(opening[0], opening[1], n)
        self.report.listed.append(
            ListedCriterion(where=self._name_place(), code=opening[0], title=opening[1], line=n)
        )
        for label, cell in self._find_value_cells(text):
            self._add_value("criterion", opening[0], cell, n, "body", label)
        at.awaits_value = "\t" in text
        return True

    def _name_place(self) -> str:
        return "body" if len(self.report.parts) == 1 else "annex"

    def _start(self, code: str, title: str, n: int, recovered: bool = False) -> None:
        at = self.at
        at.criterion = self._add_criterion(code, title, n, recovered)
        at.kind = at.before = at.finding = None
        at.described = at.improved = at.awaits_description = at.valued = False

    def _add_criterion(self, code: str, title: str, n: int, recovered: bool = False) -> ReportCriterion:
        part = self.at.part
        assert part is not None  # noqa: S101
        return part.criteria.setdefault(
            code, ReportCriterion(code=code, title=title, line=n, recovered=recovered)
        )

    def _find_value_cells(self, text: str) -> list[tuple[str, str]]:
        """The cells that hold a score or rating, each with the cell that labels it."""
        cells = text.split("\t")
        return [
            (cells[i - 1] if i else "", cell)
            for i, cell in enumerate(cells)
            if _PERCENT_CELL.match(cell) or simplify(cell) in self.ratings
        ]

    def _try_value(self, n: int, text: str) -> bool:
        at = self.at
        if at.criterion is None:
            return False
        if "\t" in text:
            return self._try_row_of_values(n, text, at.criterion.code)
        # Extraction can join a score with the heading below it, as in "67% Strengths".
        joined = layout.PERCENT_THEN_HEADING.match(text)
        if joined:
            self._add_value("criterion", at.criterion.code, f"{joined.group(1)}%", n, "body")
            return self._try_list(n, joined.group(2))
        if (
            # A longer line with a percentage is a sentence, whose figures are read as claims.
            len(text) < 40
            and not at.valued
            and (layout.PERCENT_LINE.match(text) or simplify(text) in self.ratings)
        ):
            self._add_value("criterion", at.criterion.code, text, n, "body")
            return True
        return False

    def _try_row_of_values(self, n: int, text: str, code: str) -> bool:
        """A row below a heading that awaits its value, or that names the group of cases its value is of."""
        at = self.at
        cells = [
            (label, cell)
            for label, cell in self._find_value_cells(text)
            if at.awaits_value or self._find_group(label)
        ]
        for label, cell in cells:
            self._add_value("criterion", code, cell, n, "body", label)
        at.awaits_value = at.awaits_value and not cells
        return bool(cells) or set(text) <= set("-\t |")

    def _add_value(self, level: Level, code: str, cell: str, n: int, where: str, label: str = "") -> None:
        at = self.at
        percent = _PERCENT_CELL.match(cell)
        rating = self.ratings.get(simplify(cell))
        if at.part is None or (percent is None and rating is None):
            return
        at.valued = at.valued or where == "body"
        at.part.values.append(
            PrintedValue(
                level=level,
                code=code,
                group=self._group(label),
                line=n,
                where=where,
                percent=int(percent.group(1)) if percent else None,
                rating=rating,
                quote=cell,
            )
        )

    def _group(self, label: str) -> str:
        return self._find_group(label) or (self.at.reading.base_group if self.at.reading else "all")

    def _find_group(self, label: str) -> str | None:
        """The group of cases that a label names."""
        words = simplify(label)
        groups = self.at.reading.groups if self.at.reading else {}
        return next((g for g, phrases in groups.items() if any(simplify(p) in words for p in phrases)), None)

    def _try_list(self, n: int, text: str) -> bool:
        at = self.at
        if layout.DESCRIPTION.match(text):
            # Each criterion has one description, so a second one means that a heading was lost in between.
            if at.criterion is None or at.described:
                self._recover(n, self._find_next_text(n))
            at.described = at.awaits_description = True
        elif layout.STRENGTHS.match(text):
            if at.improved:
                self._recover(n, "")
            at.kind = "strength"
        elif layout.IMPROVEMENTS.match(text):
            at.kind, at.improved = "area_for_improvement", True
        elif layout.GOOD_PRACTICE.match(text):
            # A good practice example interrupts a list; the list's kind is kept, to go on with it afterwards.
            at.before, at.kind = at.kind if at.kind != "good_practice" else at.before, "good_practice"
        elif conclusion := layout.CONCLUSION.match(text):
            at.kind = "conclusion"
            if conclusion.group(1):
                self._add(n, "", conclusion.group(1))
        else:
            return False
        at.finding = None if at.kind != "conclusion" else at.finding
        return True

    def _find_next_text(self, n: int) -> str:
        return next((text for text in self.report.clean[n : n + 4] if text), "")

    def _recover(self, n: int, description: str) -> None:
        """Start the criterion whose heading was lost: the next ones in order that have no heading."""
        at = self.at
        assert at.framework is not None or at.criterion is None  # noqa: S101
        if at.framework is None:
            return
        codes = list(at.framework.criteria)
        # Reports follow the framework's order, so only the criteria between this one and the next heading can be missing.
        after = codes.index(at.criterion.code) + 1 if at.criterion else 0
        lost: list[str] = []
        for code in codes[after:]:
            if code in at.headed:
                break
            lost.append(code)
        described = at.reading.described_by if at.reading else {}
        words = simplify(description)
        # If several headings were lost in a row, the description says which criterion this is.
        fitting = [code for code in lost if code in described and Cue.parse(described[code]).fits(words)]
        if fitting or lost:
            code = (fitting or lost)[0]
            self._start(code, at.framework.criteria[code].title, n, recovered=True)

    def _read_finding(self, n: int, text: str) -> None:
        at = self.at
        if at.criterion is None:
            return
        label, words, bulleted = layout.remove_bullet(text)
        if bulleted and at.kind == "good_practice":
            at.kind = at.before
        if at.awaits_description and not bulleted:
            at.awaits_description = False
            return
        at.awaits_description = False
        if not bulleted and (at.kind is None or layout.CAPTION.match(text)):
            return
        # A line that starts in lower case continues the finding above it, across a line or page break.
        if not bulleted and at.finding is not None and at.kind != "good_practice" and words[:1].islower():
            at.finding.text += " " + words
        else:
            self._add(n, label, words)

    def _add(self, n: int, label: str, words: str) -> None:
        at = self.at
        if at.criterion is None or not words:
            return
        at.finding = PrintedFinding(kind=at.kind or "text", line=n, text=words, label=label)
        at.criterion.findings.append(at.finding)

    # -- the front -------------------------------------------------------------------

    def _read_front_matter(self) -> None:
        # Area and date are on the cover; further down, the same words are about other reports.
        clean = [(n, text) for n, text in enumerate(self.report.clean[:120], 1) if text]
        for i, (_, text) in enumerate(clean):
            if self.report.area is None and len(text) < 80 and _ABOUT.search(text) and i + 1 < len(clean):
                self.report.area = re.sub(
                    r"\s+(?:probation\s+)?area$", "", clean[i + 1][1], flags=re.IGNORECASE
                )
            if self.report.date is None and _DATE.match(text):
                self.report.date = text
