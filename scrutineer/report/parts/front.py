"""The parts before the findings: cover, foreword, acknowledgements, glossary, reasons; and the inspectorate's role."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scrutineer.inspection.people import ROLES
from scrutineer.report.document.blocks import (
    Block,
    Box,
    Bullets,
    Chart,
    Cover,
    CriterionHead,
    Heading,
    Paragraph,
    Quote,
    ReportSection,
    Table,
    Terms,
    join_text,
    make_words,
)
from scrutineer.report.parts.material import ReportMaterial, join_lines


def compose_cover(material: ReportMaterial) -> Cover:
    """What is on the cover."""
    manifest = material.inspection.manifest
    follow_up = "Follow-up report on:" if material.follow_up else "Report on:"
    title = material.framework.title.partition(",")[0]
    return Cover(
        lines=(title,),
        kind=follow_up,
        area=manifest.area,
        date=material.format_publication(),
        by=manifest.inspectorate.name,
    )


def compose_foreword(material: ReportMaterial) -> tuple[Block, ...]:
    """The chief inspector's foreword, signed and dated."""
    written = material.find_blocks("foreword")
    chiefs = [p.name for p in material.inspection.people.find_by_role("chief_inspector")]
    name = material.inspection.manifest.inspectorate.chief or ", ".join(chiefs)
    signed = [
        Paragraph(make_words(text), "signature")
        for text in (name, "Chief inspector" if name else "", material.format_publication())
        if text
    ]
    return (*written, *signed) if written else ()


def compose_acknowledgements(material: ReportMaterial) -> tuple[Block, ...]:
    """Thanks, and everybody who took part, by role."""
    rows = []
    for role, (title, several) in ROLES.items():
        names = [p.name for p in material.inspection.people.find_by_role(role)]
        if names and role not in {"chief_inspector", "area_liaison"}:
            rows.append((title if len(names) == 1 else several, ", ".join(names)))
    people: tuple[Block, ...] = (Terms(tuple(rows), "people"),) if rows else ()
    return (*material.find_blocks("acknowledgements"), *people)


def compose_reasons(material: ReportMaterial) -> tuple[Block, ...]:
    """Why a follow-up was made: what people wrote, the concerns of the original, and its recommendations."""
    original = material.inspection.manifest.original
    blocks: list[Block] = [*material.find_blocks("reasons")]
    if original is not None and original.concerns:
        blocks.append(Paragraph(make_words(f"The {original.published} report found that:")))
        blocks.append(Bullets(tuple(make_words(text) for text in original.concerns)))
    if original is not None and original.recommendations:
        blocks.append(Paragraph(make_words("It recommended that:")))
        blocks.append(Bullets(tuple(make_words(text) for text in original.recommendations), "numbers"))
    return tuple(blocks)


def compose_role(material: ReportMaterial) -> tuple[Block, ...]:
    """What the inspectorate is for, and where it can be written to."""
    inspectorate = material.inspection.manifest.inspectorate
    blocks: list[Block] = [Paragraph(make_words(text)) for text in material.house.role]
    blocks += material.find_blocks("role")
    if inspectorate.address:
        blocks.append(Paragraph(make_words("To comment on this report, write to:")))
        blocks.append(Paragraph(make_words(", ".join(inspectorate.address))))
    if inspectorate.website:
        blocks.append(Paragraph(make_words(inspectorate.website)))
    return tuple(blocks)


_WORD = re.compile(r"[A-Za-z][\w-]*[A-Z0-9][\w-]*|[A-Z]{2,}")


def compose_glossary(material: ReportMaterial, sections: Sequence[ReportSection]) -> tuple[Block, ...]:
    """The abbreviations that the report uses, with their meanings, in the order of the alphabet."""
    known = material.house.abbreviations
    used = {word for section in sections for text in _list_texts(section) for word in _WORD.findall(text)}
    rows = [(short, meaning) for short, meaning in known.items() if short in used]
    return (Terms(tuple(sorted(rows, key=lambda row: row[0].lower()))),) if rows else ()


def _list_texts(section: ReportSection) -> list[str]:
    texts = [section.title]
    for block in section.blocks:
        texts += _list_named(block)
    for child in section.children:
        texts += _list_texts(child)
    return texts


def _list_named(block: Block) -> list[str]:
    match block:
        case Paragraph():
            return [join_text(block.content)]
        case Bullets():
            inner = [text for parts in block.nested for part in parts for text in _list_named(part)]
            return [join_lines(block.items), *inner]
        case Quote():
            return [text for inner in block.blocks for text in _list_named(inner)]
        case Heading():
            return [block.text]
        case Box():
            return [block.title, *(text for inner in block.blocks for text in _list_named(inner))]
        case Table():
            return _list_cells(block)
        case Chart():
            return [block.title, *_list_cells(block.table)]
        case CriterionHead():
            return [block.title]
        case _:
            return []


def _list_cells(table: Table) -> list[str]:
    rows = [text for row in table.rows for text in (row.head, *(cell.text for cell in row.cells))]
    return [table.caption, *table.columns, *rows, table.note]
