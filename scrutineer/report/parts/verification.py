"""The last page: what the figures come from, to the letter, and how anyone can make them again."""

from __future__ import annotations

from collections.abc import Iterator

from scrutineer.frameworks.fingerprint import hash_framework
from scrutineer.report.document.blocks import Block, Bullets, Cell, Row, Table, make_words
from scrutineer.report.figures.figures import Figure
from scrutineer.report.parts.lines import compose_paragraph
from scrutineer.report.parts.material import ReportMaterial


def compose_verification(material: ReportMaterial) -> tuple[Block, ...]:
    """Hashes, versions, and the steps that derive every figure again."""
    inspection = material.inspection
    rows = [Row(name, (Cell(text),)) for name, text in stamp(material).items()]
    table = Table(
        key="verification",
        caption="What this report was made from",
        columns=("Item", "Value"),
        names=("what", "value"),
        rows=tuple(rows),
    )
    blocks: list[Block] = [
        compose_paragraph(
            "Every figure in this report is linked to the data it comes from. Anyone with the inspection's folder can produce "
            "each figure again, and check that this is the report that was issued, with these commands:"
        ),
        Bullets(
            (
                make_words("scrutineer check folder checks that the files agree with each other"),
                make_words(_write_steps(material)),
                make_words(
                    "scrutineer score and scrutineer explain show each score with its counts, weights and rule"
                ),
                make_words(
                    "scrutineer read and scrutineer proof read the printed report and check its figures"
                ),
            )
        ),
        table,
    ]
    quoted = sorted({(f.text, f.source) for p in _list_figures(material) for f in p if f.source})
    if quoted:
        blocks.append(
            Table(
                key="quoted",
                caption="Figures quoted from other sources",
                columns=("Figure", "Source"),
                names=("figure", "source"),
                rows=tuple(Row(text, (Cell(source),)) for text, source in quoted),
            )
        )
    if inspection.synthetic:
        blocks.append(
            compose_paragraph("The data are synthetic. The area is fictional, and nobody was inspected.")
        )
    return tuple(blocks)


def _write_steps(material: ReportMaterial) -> str:
    version = f" --version {material.version} --out again" if material.version else ""
    return f"scrutineer report folder{version} makes this report again, byte for byte"


def _list_figures(material: ReportMaterial) -> Iterator[list[Figure]]:
    texts = [*material.bound.texts.values(), *(p for e in material.bound.elements for p in e.texts.values())]
    for parsed in texts:
        yield [spot.figure for spot in parsed.spots]


def stamp(material: ReportMaterial) -> dict[str, str]:
    """What ties the report to its data."""
    inspection = material.inspection
    facts = {
        "Report": f"version {material.version}" if material.version else "draft",
        "Area": inspection.manifest.area,
        "Framework": f"{inspection.framework.title} ({inspection.framework.id} {inspection.framework.version})",
        "Framework hash": hash_framework(inspection.framework),
    }
    for element in material.bound.elements:
        name = f"Element {element.element.framework.id}"
        facts[name] = f"{element.element.framework.version}, {hash_framework(element.element.framework)}"
    facts["Data hash"] = material.hash
    if inspection.record is not None:
        facts["Sample"] = f"seed {inspection.record.seed}, caseload {inspection.record.caseload.hash}"
    return facts
