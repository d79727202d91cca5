"""A report as a PDF tagged to PDF/UA-1, from the same HTML."""

from __future__ import annotations

import hashlib
import logging
import warnings
from collections.abc import Iterator
from contextlib import redirect_stdout
from importlib import resources
from io import StringIO
from typing import TYPE_CHECKING, Any

from scrutineer.errors import Fault, UserError
from scrutineer.report.document.blocks import ReportDocument
from scrutineer.report.render.html import report_html

if TYPE_CHECKING:
    from types import ModuleType

_FACES = (
    ("Source Serif Pro", "font_source_serif_pro", "SourceSerifPro-Regular.ttf", 400, "normal"),
    ("Source Serif Pro", "font_source_serif_pro", "SourceSerifPro-It.ttf", 400, "italic"),
    ("Source Serif Pro", "font_source_serif_pro", "SourceSerifPro-Semibold.ttf", 600, "normal"),
    ("Source Serif Pro", "font_source_serif_pro", "SourceSerifPro-Bold.ttf", 700, "normal"),
    ("Source Sans Pro", "font_source_sans_pro", "SourceSansPro-Regular.ttf", 400, "normal"),
    ("Source Sans Pro", "font_source_sans_pro", "SourceSansPro-It.ttf", 400, "italic"),
    ("Source Sans Pro", "font_source_sans_pro", "SourceSansPro-Semibold.ttf", 600, "normal"),
    ("Source Sans Pro", "font_source_sans_pro", "SourceSansPro-Bold.ttf", 700, "normal"),
)


def report_pdf(document: ReportDocument) -> bytes:
    """The report as PDF.

    Raises:
        UserError: the PDF engine or a library of the system that it needs is not there.
    """
    return to_pdf(report_html(document, "print", write_font_faces()))


def to_pdf(html: str) -> bytes:
    """HTML as a PDF tagged to PDF/UA-1; the same bytes for the same HTML.

    Raises:
        UserError: the PDF engine or a library of the system that it needs is not there.
    """
    engine = _import_engine()
    identifier = hashlib.sha256(html.encode()).hexdigest()[:32]
    pdf: bytes = engine.HTML(string=html, url_fetcher=_make_fetcher(engine)).write_pdf(
        pdf_variant="pdf/ua-1", pdf_identifier=identifier.encode(), pdf_tags=True
    )
    return pdf


def _make_fetcher(engine: ModuleType) -> Any:
    """Fetches what is in the page itself and the installed typefaces; no other file, and nothing from outside.

    A report's texts come from many hands, and a page that names a file on this machine would print its content.
    """
    own = {engine.urls.iri_to_uri(address) for address, *_ in _list_typefaces()}

    class OwnAlone(engine.urls.URLFetcher):  # type: ignore[misc, name-defined]  # of a library without types
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url[:5].lower() != "data:" and engine.urls.iri_to_uri(url) not in own:
                raise ValueError(f"not a part of the report: {url}")
            return super().fetch(url, headers)

    return OwnAlone(allowed_protocols=("data", "file"), allow_redirects=False, fail_on_errors=True)


def _list_typefaces() -> Iterator[tuple[str, str, int, str]]:
    """The typefaces that are installed: address, family, weight and style."""
    for family, package, file, weight, style in _FACES:
        try:
            path = resources.files(package) / "files" / file
        except ModuleNotFoundError:
            continue
        yield f"file://{path}", family, weight, style


def write_font_faces() -> str:
    """The typefaces that PDFs carry, as rules of a style sheet; those of the system where they are not installed."""
    return "\n".join(
        f'@font-face {{ font-family: "{family}"; src: url("{address}"); '
        f"font-weight: {weight}; font-style: {style}; }}"
        for address, family, weight, style in _list_typefaces()
    )


def _import_engine() -> ModuleType:
    try:
        # Where a library is missing the engine prints a notice of its own; the sentence below says what to do.
        # Without HarfBuzz's subsetting it warns, and makes larger files: no reason to stop.
        with redirect_stdout(StringIO()), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="(?i).*harfbuzz", category=DeprecationWarning)
            import weasyprint
    except ModuleNotFoundError:
        what, do = "PDF files need a part of Scrutineer that is not installed", "Install scrutineer[pdf]"
        raise UserError(Fault("the PDF", what, do)) from None
    except OSError as error:
        library = str(error).partition("'")[2].partition("'")[0] or "Pango"
        what = f"PDF files need the library {library}, which is not installed on this machine"
        do = "Install Pango (Debian: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; macOS: brew install pango), or skip PDF"
        raise UserError(Fault("the PDF", what, do)) from None
    # The engine's warnings about a style sheet are for its author, not for the person who makes a report.
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    module: ModuleType = weasyprint
    return module


def is_available() -> bool:
    """Whether this machine can make PDFs."""
    try:
        _import_engine()
    except UserError:
        return False
    return True
