"""What every part of a report is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scrutineer.frameworks.house import House
from scrutineer.frameworks.model import Framework
from scrutineer.inspection.dates import format_month
from scrutineer.inspection.whole import Inspection
from scrutineer.report.document.blocks import Block, Inline, join_text
from scrutineer.report.figures.figures import Figures
from scrutineer.report.texts.bound import Bound
from scrutineer.report.texts.parse import Parsed

TITLES: dict[str, str] = {
    "foreword": "Foreword",
    "acknowledgements": "Acknowledgements",
    "contents": "Contents",
    "glossary": "Glossary",
    "reasons": "Reasons for undertaking the follow-up",
    "summary": "Summary",
    "recommendations": "Recommendations",
    "next_steps": "Next steps",
    "good_practice": "Sharing good practice",
    "scores": "Scoring sheet",
    "arrangements": "Inspection arrangements",
    "approach": "Scoring approach",
    "overview": "Overview of the area",
    "users": "Service users' perspective",
    "role": "The role of the inspectorate",
    "verification": "Verification",
}
"""What a part is called where the house style does not say it."""


@dataclass(frozen=True)
class Practice:
    """A good practice example: its criterion, its title, and what it says."""

    code: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class ReportMaterial:
    """A bound inspection with what parts ask of it.

    Attributes:
        version: the number of the issue; None for a draft.
        hash: of the inspection's data.
    """

    bound: Bound
    hash: str
    version: int | None = None

    @property
    def inspection(self) -> Inspection:
        """The inspection as read."""
        return self.bound.inspection

    @property
    def framework(self) -> Framework:
        """Its framework."""
        return self.inspection.framework

    @property
    def house(self) -> House:
        """Its house style."""
        return self.inspection.house

    @property
    def figures(self) -> Figures:
        """Its figures."""
        return self.bound.figures

    @property
    def follow_up(self) -> bool:
        """Whether original and follow-up are shown side by side."""
        return self.inspection.original is not None

    def find_title(self, part: str) -> str:
        """What a part is called."""
        own: Mapping[Any, str] = self.house.titles
        if part == "overview" and part not in own:
            return f"Overview of the {self.framework.subject.body}"
        return own.get(part, TITLES.get(part, part))

    def find_text(self, name: str) -> Parsed | None:
        """A part of the narrative or the findings on a criterion; None if nothing is written."""
        text = self.bound.texts.get(name)
        return None if text is None or text.text.empty else text

    def find_blocks(self, name: str) -> tuple[Block, ...]:
        """What a person wrote for a part."""
        text = self.find_text(f"narrative/{name}")
        return text.blocks if text else ()

    def list_practices(self) -> tuple[Practice, ...]:
        """All good practice examples, in the order of their criteria."""
        practices = []
        for name, parsed in self.bound.texts.items():
            if not name.startswith("practice/") or parsed.text.empty:
                continue
            code = name.removeprefix("practice/").rpartition("-")[0]
            heading = next((line for line in parsed.text.lines if line.startswith("# ")), "")
            practices.append(
                Practice(code, heading.removeprefix("# ").strip(), parsed.blocks[1 if heading else 0 :])
            )
        order = list(self.framework.criteria)
        return tuple(sorted(practices, key=lambda p: order.index(p.code) if p.code in order else len(order)))

    def format_publication(self) -> str:
        """Month and year of publication; empty if it has no day."""
        day = self.inspection.dates.events.get("publication")
        return format_month(day) if day else ""


def name_criterion(framework: Framework, code: str) -> str:
    """Code and title of a criterion, as lists name it."""
    return f"{code} {framework.criteria[code].title}"


def name_section(code: str, title: str) -> str:
    """The title of a section: Section B: Quality of assessment; 1. Assessment and sentence planning."""
    return f"{code}. {title}" if code.isdigit() else f"Section {code}: {title}"


def join_lines(inlines: tuple[Inline, ...]) -> str:
    """The text of several lines."""
    return " ".join(join_text(inline) for inline in inlines)
