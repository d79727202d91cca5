"""A report as a Word file, for editing and comment, from the same HTML."""

from __future__ import annotations

import os
import subprocess
from base64 import b64encode
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from scrutineer.errors import Fault, UserError
from scrutineer.report.document.blocks import Chart, ReportDocument
from scrutineer.report.render.drawing import draw
from scrutineer.report.render.html import report_html

_EPOCH = "315532800"  # 1980-01-01: the earliest day that a zip file knows, so that the same report gives the same bytes


def report_docx(document: ReportDocument) -> bytes:
    """The report as Word.

    Raises:
        UserError: the converter is not installed.
    """
    running = "Synthetic data: a fictional area. Nobody was inspected." if document.synthetic else ""
    foot = document.title if document.version else f"{document.title} (draft)"
    charts = [b for b in document.list_blocks() if isinstance(b, Chart)]
    pictures = {f"{chart.key}.png": draw(chart, "png") for chart in charts}
    return to_docx(report_html(document, "word"), document.title, pictures, running, foot)


def to_docx(html: str, title: str, pictures: dict[str, bytes], running: str = "", foot: str = "") -> bytes:
    """HTML as a Word file; the same bytes for the same HTML.

    Raises:
        UserError: the converter is not installed, or fails.
    """
    pandoc = _find_pandoc()
    with TemporaryDirectory(prefix="scrutineer-") as name:
        paths, reference = Path(name) / "report.docx", Path(name) / "reference.docx"
        reference.write_bytes(_make_reference(pandoc, running, foot))
        arguments = [
            pandoc,
            "--sandbox",
            "--from=html",
            "--to=docx",
            "--shift-heading-level-by=-1",
            f"--reference-doc={reference}",
            f"--metadata=title:{title}",
            "--metadata=lang:en-GB",
            f"--output={paths}",
        ]
        done = subprocess.run(
            arguments,
            input=_add_pictures(html, pictures).encode(),
            capture_output=True,
            env={**os.environ, "SOURCE_DATE_EPOCH": _EPOCH},
            cwd=name,
            check=False,
        )
        if done.returncode:
            what = (
                f"the Word file could not be created ({done.stderr.decode(errors='replace').strip()[:200]})"
            )
            raise UserError(Fault("the Word file", what))
        return _undate(paths.read_bytes())


def _add_pictures(html: str, pictures: dict[str, bytes]) -> str:
    """The page with its pictures in it: the converter reads no file but its input and the styles."""
    for name, content in pictures.items():
        inside = f"data:image/png;base64,{b64encode(content).decode()}"
        html = html.replace(f'<img src="{name}"', f'<img src="{inside}"')
    return html


def _undate(archive: bytes) -> bytes:
    """The same zip file with the same day on everything in it: its parts carry the hour at which they were made."""
    packed = BytesIO()
    with ZipFile(BytesIO(archive)) as source, ZipFile(packed, "w", ZIP_DEFLATED) as target:
        for info in source.infolist():
            plain = ZipInfo(info.filename, (1980, 1, 1, 0, 0, 0))
            plain.compress_type = ZIP_DEFLATED
            target.writestr(plain, source.read(info))
    return packed.getvalue()


_FONTS = {"Heading 1": 18, "Heading 2": 14, "Heading 3": 12, "Heading 4": 11, "Title": 30}
_BODY, _HEADS, _TINT = "Cambria", "Calibri", "1F4E79"


def _make_reference(pandoc: str, running: str, foot: str) -> bytes:
    """The converter's own styles in the report's look, with the header and footer of every page."""
    import docx
    from docx.shared import Mm, Pt, RGBColor

    plain = subprocess.run(
        [pandoc, "--print-default-data-file=reference.docx"], capture_output=True, check=True
    )
    reference = docx.Document(BytesIO(plain.stdout))
    for name, size in _FONTS.items():
        font = reference.styles[name].font
        font.name, font.size, font.color.rgb = _HEADS, Pt(size), RGBColor.from_string(_TINT)
        font.bold = True
    for name in ("Normal", "Body Text", "First Paragraph", "Compact"):
        reference.styles[name].font.name, reference.styles[name].font.size = _BODY, Pt(10.5)
    page = reference.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(22)
    page.top_margin = page.bottom_margin = Mm(20)
    for part, text in ((page.header, running), (page.footer, foot)):
        part.is_linked_to_previous = False
        part.paragraphs[0].text = text
    packed = BytesIO()
    reference.save(packed)
    return packed.getvalue()


def _find_pandoc() -> str:
    try:
        import pypandoc

        return str(pypandoc.get_pandoc_path())
    except (ModuleNotFoundError, OSError):
        what, do = "Word files need a part of Scrutineer that is not installed", "Install scrutineer[docx]"
        raise UserError(Fault("the Word file", what, do)) from None


def is_available() -> bool:
    """Whether this machine can make Word files."""
    try:
        _find_pandoc()
    except UserError:
        return False
    return True
