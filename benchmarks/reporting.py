"""The demonstration's report: each format against the bare engines given the same pages, and a preview of one part.

The engines are what the formats are made with: Jinja for HTML, matplotlib for charts, WeasyPrint for PDF, pandoc for Word.
Bare, each gets exactly what it prints, ready made; ours begins with the inspection's folder.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.clock import Short, best_within
from scrutineer.report.document.blocks import Chart
from scrutineer.report.render import docx, drawing, pdf
from scrutineer.report.render.html import report_html
from scrutineer.tasks.demonstrating import list_inspections, make_inspection
from scrutineer.tasks.files import open_library
from scrutineer.tasks.reporting import prepare, preview

AIM, AIM_PREVIEW = 1.5, 0.1


def measure(console: Console, short: Short | None = None) -> None:
    """Print the ratios."""
    if short is not None:
        return _measured(console, short.report, short)
    with tempfile.TemporaryDirectory() as name:
        place = make_inspection(
            replace(list_inspections(open_library(None))[0], seconds=0), Path(name) / "esi", None
        )
        return _measured(console, place, None)


def _measured(console: Console, place: Path, short: Short | None) -> None:
    best = best_within(short)
    document = prepare(place, None, 1).document
    charts = [block for block in document.list_blocks() if isinstance(block, Chart)]
    pictures = {f"{c.key}.png": drawing.draw(c, "png") for c in charts}
    printed, worded = report_html(document, "print", pdf.write_font_faces()), report_html(document, "word")
    if short is not None:  # setting pages takes longest
        printed = "<!DOCTYPE html><html lang='en'><title>A page</title><p>A page.</p></html>"

    def drawn(form: str) -> None:
        drawing.draw.cache_clear()
        for chart in charts:
            drawing.draw(chart, form)  # type: ignore[arg-type]

    svg, png = best(lambda: drawn("svg")), best(lambda: drawn("png"))
    report_html(document)
    bare = {
        "HTML": svg + best(lambda: report_html(document)),
        "PDF": png + best(lambda: pdf.to_pdf(printed), most=2),
        "Word": png + best(lambda: docx.to_docx(worded, document.title, pictures)),
    }
    ours = {
        "HTML": best(lambda: _fresh(lambda: report_html(prepare(place, None, 1).document)), most=3),
        "PDF": best(lambda: _fresh(lambda: pdf.report_pdf(prepare(place, None, 1).document)), most=2),
        "Word": best(lambda: _fresh(lambda: docx.report_docx(prepare(place, None, 1).document)), most=3),
    }
    whole = sum(ours.values()) if short else best(lambda: _fresh(lambda: _all(place)), most=2)
    table = Table(title=f"The demonstration's report: {len(charts)} charts")
    for head in ("format", "bare engines, s", "from the folder, s", "times", f"aim {AIM:g}"):
        table.add_column(head, justify="right")
    # Word and PDF share their pictures, and all three the scores: together they take less than one by one.
    rows = {**{n: (bare[n], ours[n]) for n in bare}, "all three": (sum(bare.values()) - png, whole)}
    for name, (first, other) in rows.items():
        table.add_row(
            name,
            f"{first:.2f}",
            f"{other:.2f}",
            f"{other / first:.2f}",
            "yes" if other <= AIM * first else "no",
        )
    console.print(table)
    part = best(lambda: _fresh(lambda: preview(place, "B1", None)))
    verdict = "yes" if part < AIM_PREVIEW * whole else "no"
    console.print(
        f"Preview of one edited part: {part:.2f} s, {part / whole:.3f} of all three (aim under {AIM_PREVIEW}: {verdict})"
    )


def _fresh(work: object) -> None:
    """With nothing drawn before."""
    drawing.draw.cache_clear()
    work()  # type: ignore[operator]


def _all(place: Path) -> None:
    document = prepare(place, None, 1).document
    report_html(document)
    pdf.report_pdf(document)
    docx.report_docx(document)
