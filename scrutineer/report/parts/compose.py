"""A whole report: its parts in the order of the house style, each made by its own module."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from scrutineer.report.document.blocks import Block, Contents, ReportDocument, ReportSection, Terms
from scrutineer.report.parts import (
    annexes,
    criteria,
    front,
    method,
    overview,
    scoring_sheet,
    summary,
    users,
    verification,
)
from scrutineer.report.parts.material import ReportMaterial

Maker = Callable[[ReportMaterial], tuple[Block, ...]]

_MAKERS: dict[str, Maker] = {
    "foreword": front.compose_foreword,
    "acknowledgements": front.compose_acknowledgements,
    "reasons": front.compose_reasons,
    "summary": summary.compose_summary,
    "recommendations": summary.compose_recommendations,
    "next_steps": summary.compose_next_steps,
    "good_practice": summary.compose_good_practice,
    "scores": scoring_sheet.compose_scores,
    "arrangements": method.compose_arrangements,
    "approach": method.compose_approach,
    "overview": overview.compose_overview,
    "users": users.compose_users,
    "role": front.compose_role,
    "verification": verification.compose_verification,
}

_RUN_ON = {"acknowledgements", "recommendations", "next_steps"}
"""Parts that need not begin a page."""


def compose(material: ReportMaterial) -> ReportDocument:
    """The report of an inspection: every part of its form that has something to say."""
    sections = _compose_sections(material)
    glossary = front.compose_glossary(material, sections)
    composed = [
        replace(section, blocks=glossary, new_page=_is_long(glossary))
        if section.key == "glossary"
        else section
        for section in sections
        if section.key != "glossary" or glossary
    ]
    title = f"{material.framework.title}: {material.inspection.manifest.area}"
    return ReportDocument(
        title=title,
        cover=front.compose_cover(material),
        sections=tuple(_compose_appendices(material, composed)),
        synthetic=material.inspection.synthetic,
        version=material.version,
        stamp=verification.stamp(material),
    )


def _is_long(glossary: tuple[Block, ...]) -> bool:
    """Whether a glossary fills enough of a page to have one of its own."""
    return any(isinstance(block, Terms) and len(block.rows) > _FEW_TERMS for block in glossary)


_FEW_TERMS = 10


def compose_part(material: ReportMaterial, part: str) -> ReportSection | None:
    """One part by itself: a criterion by its code, or a part that is made without the others; None for any other."""
    if part in material.framework.criteria:
        return criteria.compose_criterion_part(material, material.framework.criteria[part])
    if part in _MAKERS and part in material.house.parts:
        return ReportSection(part, material.find_title(part), _MAKERS[part](material))
    return None


def list_needed_texts(part: str, texts: Iterable[str]) -> set[str]:
    """The texts that one part prints."""
    own = {f"findings/{part}", f"narrative/{part}"}
    return {name for name in texts if name in own or name.startswith(f"practice/{part}-")}


def _compose_sections(material: ReportMaterial) -> list[ReportSection]:
    sections: list[ReportSection] = []
    for part in material.house.parts:
        if part == "contents":
            sections.append(ReportSection(part, material.find_title(part), (Contents(),)))
        elif part == "glossary":
            sections.append(ReportSection(part, material.find_title(part), ()))
        elif part == "criteria":
            sections += criteria.compose_criteria(material)
        elif part == "annexes":
            sections += annexes.compose_annexes(material)
        else:
            blocks = _MAKERS[part](material)
            if blocks:
                sections.append(
                    ReportSection(
                        key=part, title=material.find_title(part), blocks=blocks, new_page=part not in _RUN_ON
                    )
                )
    return sections


def _compose_appendices(material: ReportMaterial, sections: list[ReportSection]) -> list[ReportSection]:
    """The parts that are appendices, numbered in their order."""
    names = [name for name in material.house.appendix if any(s.key == name for s in sections)]
    return [
        replace(s, title=f"Appendix {names.index(s.key) + 1}: {s.title}") if s.key in names else s
        for s in sections
    ]
