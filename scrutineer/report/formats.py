"""Formats in which a report is made: the one table. To add a format, add a row here and its renderer to `render/`.

The command line, the web application, issues and collected reports all read this table. Renderers are imported when a
format is made, so that asking for one doesn't load the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from scrutineer.errors import Fault, UserError

if TYPE_CHECKING:
    from scrutineer.report.document.blocks import ReportDocument
    from scrutineer.report.parts.brief import Brief
    from scrutineer.scoring.results import Results

Files = dict[str, str | bytes]
"""Contents by their path in the report's folder."""


@dataclass(frozen=True)
class Printable:
    """A report that can be made in any format.

    Attributes:
        document: the whole report.
        brief: makes its short form, for a summary on one page and a slide; None if the report has none.
        results: results as the public may see them, of the inspection (key "") and of its elements by id.
    """

    document: ReportDocument
    brief: Callable[[], Brief] | None = None
    results: Mapping[str, Results] = field(default_factory=dict)


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes:
        key: its name on the command line, in records and in the API.
        title: what a choice on a screen is called.
        phrase: the format within a sentence, as in "Making the Word file".
        make: gives the files; raises `UserError` where this machine can't make them.
        media_types: the media types of its files, by their ending.
        files: the files that people read, by name, each with what it is. Files that aren't here are data for programs:
            pages and commands count them, and don't list them first.
        for_area: which of these the area sees of a draft, in the factual accuracy check.
        folder: where its files lie in the report's folder; empty for the folder itself.
        is_shown: whether a browser shows its files rather than keeps them.
    """

    key: str
    title: str
    phrase: str
    make: Callable[[Printable], Files]
    media_types: Mapping[str, str]
    files: Mapping[str, str] = field(default_factory=dict)
    for_area: tuple[str, ...] = ()
    folder: str = ""
    is_shown: bool = False

    def has_file(self, path: str) -> bool:
        """Whether a file of a report's folder is one of this format."""
        at = PurePosixPath(path)
        if self.folder:
            return at.parts[0] == self.folder
        return len(at.parts) == 1 and at.suffix.removeprefix(".") in self.media_types


def make_files(
    printable: Printable, formats: Iterable[str], step: Callable[[Format], None], lenient: bool = False
) -> tuple[Files, tuple[str, ...]]:
    """A report's files in some formats, each format once.

    Args:
        printable: the report.
        formats: keys of `FORMATS`.
        step: is called with each format before it is made.
        lenient: leave out a format that this machine can't make, and say so, instead of refusing.

    Returns:
        The files by path, and what was left out with the reason.

    Raises:
        UserError: a format isn't known, or can't be made here.
    """
    files: Files = {}
    left_out: list[str] = []
    for each in list_formats(formats):
        step(each)
        try:
            files |= each.make(printable)
        except UserError as error:
            if not lenient:
                raise
            left_out += [str(fault) for fault in error.faults]
    return files, tuple(left_out)


def list_formats(keys: Iterable[str]) -> list[Format]:
    """The formats of some keys, each once, in the order asked for.

    Raises:
        UserError: with every key that isn't known.
    """
    asked = list(dict.fromkeys(keys))
    unknown = [key for key in asked if key not in FORMATS]
    if unknown:
        what = f"there is no format {', '.join(unknown)}"
        raise UserError(Fault("the formats", what, f"Choose from {', '.join(FORMATS)}"))
    return [FORMATS[key] for key in asked]


def find_media_type(path: str) -> str:
    """The media type of a file; the type for unknown bytes if no format has it."""
    ending = PurePosixPath(path).suffix.removeprefix(".")
    known = {key: value for each in FORMATS.values() for key, value in each.media_types.items()}
    return known.get(ending, "application/octet-stream")


def is_shown(path: str) -> bool:
    """Whether a browser shows a file rather than keeps it."""
    return any(each.is_shown and each.has_file(path) for each in FORMATS.values())


def is_read(path: str) -> bool:
    """Whether people read a file of a report's folder."""
    return any(path in each.files for each in FORMATS.values())


def is_for_area(path: str) -> bool:
    """Whether the area sees a file of a draft."""
    return any(path in each.for_area for each in FORMATS.values())


def name_web_page() -> str:
    """The file of a report that a browser shows to the area, and in which comments are made."""
    return FORMATS["html"].for_area[0]


def is_data(path: str) -> bool:
    """Whether a file lies in a folder of its format, with others that people don't read."""
    return any(each.folder and each.has_file(path) for each in FORMATS.values())


def _make_html(printable: Printable) -> Files:
    from scrutineer.report.render.brief import write_brief_html
    from scrutineer.report.render.html import report_html

    files: Files = {"report.html": report_html(printable.document)}
    if printable.brief is not None:
        brief = printable.brief()
        files["summary.html"] = write_brief_html(brief, "summary", "screen")
        files["slide.html"] = write_brief_html(brief, "slide", "screen")
    return files


def _make_pdf(printable: Printable) -> Files:
    from scrutineer.report.render.brief import write_brief_html
    from scrutineer.report.render.pdf import report_pdf, to_pdf, write_font_faces

    files: Files = {"report.pdf": report_pdf(printable.document)}
    if printable.brief is not None:
        brief, fonts = printable.brief(), write_font_faces()
        files["summary.pdf"] = to_pdf(write_brief_html(brief, "summary", "print", fonts))
        files["slide.pdf"] = to_pdf(write_brief_html(brief, "slide", "print", fonts))
    return files


def _make_docx(printable: Printable) -> Files:
    from scrutineer.report.render.docx import report_docx

    return {"report.docx": report_docx(printable.document)}


def _make_data(printable: Printable) -> Files:
    from scrutineer.report.render.data import report_data

    data = report_data(printable.document, dict(printable.results))
    return {f"data/{name}": content for name, content in data.items()}


_ALL = (
    Format(
        key="html",
        title="Web page",
        phrase="the web page",
        make=_make_html,
        media_types={"html": "text/html; charset=utf-8"},
        files={
            "report.html": "The report, as a web page",
            "summary.html": "A one-page summary (web page)",
            "slide.html": "The scoring sheet on a slide (web page)",
        },
        for_area=("report.html",),
        is_shown=True,
    ),
    Format(
        key="pdf",
        title="PDF",
        phrase="the PDF",
        make=_make_pdf,
        media_types={"pdf": "application/pdf"},
        files={
            "report.pdf": "The report, as a tagged PDF",
            "summary.pdf": "A one-page summary (PDF)",
            "slide.pdf": "The scoring sheet on a slide (PDF)",
        },
        for_area=("report.pdf",),
        is_shown=True,
    ),
    Format(
        key="docx",
        title="Word",
        phrase="the Word file",
        make=_make_docx,
        media_types={"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
        files={"report.docx": "The report, for editing in Word"},
        for_area=("report.docx",),
    ),
    Format(
        key="data",
        title="Data",
        phrase="the data",
        make=_make_data,
        folder="data",
        media_types={
            "json": "application/json",
            "csv": "text/csv; charset=utf-8",
            "parquet": "application/vnd.apache.parquet",
        },
    ),
)

FORMATS: Mapping[str, Format] = {each.key: each for each in _ALL}
"""What a report can be made as, by key."""
