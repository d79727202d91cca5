"""Report files as lines of text: plain text and Markdown, PDF, Word and HTML.

Every format gives the same thing: lines, with the cells of a table row apart by tabs, so that
one reader serves them all. A line's number is its place in this list, from 1.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scrutineer.errors import Fault, UserError, make_fault, shorten_path

LARGEST = 50_000_000
_FORMATS = "text (.txt, .md), PDF, Word (.docx) or HTML"


def read_lines(path: Path) -> list[str]:
    """The lines of a report file.

    Raises:
        UserError: the file is missing, empty, over 50 MB, of no known format, damaged, or holds
            no text (a scanned PDF).
    """
    where = shorten_path(path)
    try:
        size = path.stat().st_size
    except OSError as error:
        raise UserError(make_fault(error, where)) from error
    if path.is_dir():
        raise UserError(Fault(where, "this is a folder", "Choose a report file instead"))
    if size == 0:
        raise UserError(Fault(where, "the file is empty"))
    # Checked before reading, because opening a file of any size could exhaust the memory.
    if size > LARGEST:
        what = f"the file is {size / 1_000_000:.0f} MB; the limit is {LARGEST // 1_000_000} MB"
        raise UserError(Fault(where, what, "Use a version of the report without pictures"))
    reader = _READERS.get(path.suffix.lower(), _sniff)
    lines = reader(path)
    if not any(line.strip() for line in lines):
        raise UserError(
            Fault(where, "the file has no text", "If the report was scanned, use text recognition first")
        )
    return lines


def _sniff(path: Path) -> list[str]:
    """Decide by the first bytes where the name does not say."""
    # Files are often saved without an extension, or as .txt whatever they contain.
    with path.open("rb") as file:
        head = file.read(512).lstrip()
    if head.startswith(b"%PDF"):
        return _read_pdf(path)
    if head[:15].lower().startswith((b"<!doctype html", b"<html")):
        return _read_html(path)
    return _read_text(path)


def _read_text(path: Path) -> list[str]:
    data = path.read_bytes()
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UserError(Fault(shorten_path(path), "this is not text", f"Save the report as {_FORMATS}"))
    # UTF-8 first: it is strict, so Windows text that happens to decode as UTF-8 is very unlikely, while Windows-1252
    # accepts almost anything.
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_text(text):
            return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    raise UserError(Fault(shorten_path(path), "this is not text", f"Save the report as {_FORMATS}"))


_RULE = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?")
_BAR = re.compile(r"(?<!\\)\|")


def _read_markdown(path: Path) -> list[str]:
    """The lines of a Markdown file, with tabs between the cells of its tables; other lines stay as they are."""
    lines = _read_text(path)
    # A table is known by the rule below its heads: a line of its own with a bar in a sentence is no table.
    for n, line in enumerate(lines):
        if n and "|" in line and "|" in lines[n - 1] and _RULE.fullmatch(line.strip()):
            lines[n - 1], lines[n] = _split_row(lines[n - 1]), ""
            for row in range(n + 1, len(lines)):
                if "|" not in lines[row]:
                    break
                lines[row] = _split_row(lines[row])
    return lines


def _split_row(line: str) -> str:
    """A row of a Markdown table with tabs between its cells; one that is a single cell keeps a tab, as a row has."""
    text = line.strip()
    cells = _BAR.split(
        text.removeprefix("|").removesuffix("|") if not text.endswith("\\|") else text.removeprefix("|")
    )
    row = "\t".join(" ".join(cell.replace("\\|", "|").split()) for cell in cells).rstrip("\t")
    return row if "\t" in row else f"{row}\t"


def _is_text(text: str) -> bool:
    sample = text[:20_000]
    # A binary file often decodes as Windows-1252; its many control characters give it away.
    odd = sum(1 for c in sample if ord(c) < 32 and c not in "\t\n\r\f")
    return odd * 100 <= len(sample)


def _read_pdf(path: Path) -> list[str]:
    import pypdfium2  # heavy, and not needed for text

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise UserError(
            Fault(shorten_path(path), "this PDF can't be opened; it is damaged or protected")
        ) from error
    pages: list[list[str]] = []
    try:
        for page in document:
            text_page = page.get_textpage()
            # PDFium writes U+FFFE for a hyphen at the end of a line.
            pages.append([line.replace("￾", "-").strip() for line in _list_page_lines(text_page)])
            # PDFium holds memory outside Python, so pages are closed at once and not left to the garbage collector.
            text_page.close()
            page.close()
    finally:
        document.close()
    return _join([_LEADERS.sub(r"\t\1", line) for line in _remove_running(pages) if line != "•"])


_LEADERS = re.compile(r"\s*(?:\.\s?){4,}\s*(\d*)$")
"""The dots of a list of contents, up to the page number."""


@dataclass(frozen=True)
class _Piece:
    """A run of text on a page: its place in points from the lower left corner."""

    left: float
    bottom: float
    right: float
    top: float

    def with_(self, other: _Piece) -> _Piece:
        """The two as one."""
        return _Piece(
            left=min(self.left, other.left),
            bottom=min(self.bottom, other.bottom),
            right=max(self.right, other.right),
            top=max(self.top, other.top),
        )

    def is_beside(self, other: _Piece) -> bool:
        """Whether two pieces are on one line."""
        shared = min(self.top, other.top) - max(self.bottom, other.bottom)
        # Superscripts and different type sizes on one line overlap only in part.
        return shared > 0.4 * min(self.top - self.bottom, other.top - other.bottom)


_MARKER = re.compile(r"(?:•|▣|\uf0b7|\d{1,2}[.)]|\(?[a-z][.)])$")
_COLUMN = 9.0
"""Points between two pieces of a line from which they are cells of a table rather than words."""


def _list_page_lines(page: Any) -> list[str]:
    """The lines of a page: tabs between the cells of a row, list marks before their items.

    Pieces come in the order in which they were set. A row's cells are set one after another on one line; the marks
    of a list may be set all together, and belong to the line that begins just right of them.
    """
    lines: list[list[_Piece]] = []
    for n in range(page.count_rects()):
        left, bottom, right, top = page.get_rect(n)
        piece = _Piece(left=left, bottom=bottom, right=right, top=top)
        last = lines[-1][-1] if lines else None
        # A piece further left than the last one starts a new line, even at the same height: it is another column.
        if last is None or not last.is_beside(piece) or left < last.left:
            lines.append([piece])
        elif left - last.right > _COLUMN:
            lines[-1].append(piece)
        else:
            lines[-1][-1] = last.with_(piece)
    marks: list[tuple[_Piece, str]] = []
    pieces: list[tuple[_Piece, str]] = []
    for line in lines:
        text = "\t".join(filter(None, (_find_text(page, piece) for piece in line)))
        (marks if _MARKER.match(text) else pieces).append((line[0], text))
    return _add_marks(pieces, marks)


def _find_text(page: Any, piece: _Piece) -> str:
    text = page.get_text_bounded(piece.left, piece.bottom, piece.right, piece.top)
    return re.sub(r"(?<=\S) {2,}(?=\S)", "\t", " ".join(text.split("\r\n"))).strip()


def _add_marks(lines: list[tuple[_Piece, str]], marks: list[tuple[_Piece, str]]) -> list[str]:
    """The lines with each list mark before the one that begins just right of it."""
    before: dict[int, str] = {}
    for place, mark in marks:
        # A mark may touch its text by a point or two, hence the small negative limit.
        own = (
            n for n, (p, _) in enumerate(lines) if p.is_beside(place) and -2 < p.left - place.right < _NEAR
        )
        n = next(own, None)
        if n is not None:
            before[n] = f"{mark} "
    return [before.get(n, "") + text for n, (_, text) in enumerate(lines) if text]


_NEAR = 30.0
"""Points within which a list's text begins after its mark."""

_EDGE = 2


def _remove_running(pages: list[list[str]]) -> list[str]:
    """The lines of all pages, without the headers and footers: those at the edge of most pages, whatever page number they carry."""
    edges = Counter(key for page in pages for key in {_strip_numbers(line) for line in _list_edges(page)})
    # Four pages at least: in a short report, a heading that occurs twice is not a running header.
    running = {key for key, times in edges.items() if key and times >= 4 and times * 2 > len(pages)}
    return [
        line
        for page in pages
        for n, line in enumerate(page)
        if not (_strip_numbers(line) in running and (n < _EDGE or n >= len(page) - _EDGE))
    ]


def _list_edges(page: list[str]) -> list[str]:
    return page[:_EDGE] + page[-_EDGE:]


def _strip_numbers(line: str) -> str:
    return re.sub(r"\d+", "", line).strip()


_BULLETS = ("-", "•", "▣", "–", "(", "\uf0b7")


def _join(lines: list[str]) -> list[str]:
    """PDF lines end where the page does: put a sentence's lines together again.

    A line goes on where it ends in a small letter or comma and the next begins with a small
    letter or a figure that cannot open a row of its own.
    """
    result: list[str] = []
    for line in (line.strip() for line in lines):
        previous = result[-1] if result else ""
        if previous and line and _is_continued(previous, line):
            result[-1] = f"{previous} {line}"
        else:
            result.append(line)
    return result


_NUMBERED = re.compile(r"\d{1,2}[.)]\s|\d\.\d{1,2}[:.]?\s")


def _is_continued(previous: str, line: str) -> bool:
    if "\t" in previous or "\t" in line or _NUMBERED.match(line):
        return False
    # A short line ended on purpose: only full lines are broken by the page's width.
    if len(previous) < 45 or previous[-1] in ".:;" or line.startswith(_BULLETS):
        return False
    # Two figures in a row are cells of a table whose tabs were lost, not a sentence.
    return line[0].islower() or line[0] in "(‘'“" or (line[0].isdigit() and not previous[-1].isdigit())


def _read_docx(path: Path) -> list[str]:
    import docx  # heavy, and not needed for text
    from docx.opc.exceptions import PackageNotFoundError

    try:
        document = docx.Document(str(path))
    except (PackageNotFoundError, KeyError, ValueError, OSError) as error:
        raise UserError(
            Fault(shorten_path(path), "this Word file can't be opened; it is damaged, or is not a .docx file")
        ) from error
    return list(_list_docx_lines(document))


def _list_docx_lines(document: Any) -> Iterator[str]:
    from docx.table import Table

    for block in document.iter_inner_content():
        if isinstance(block, Table):
            for row in block.rows:
                yield "\t".join(" ".join(cell.text.split()) for cell in row.cells)
        else:
            name = (block.style.name if block.style is not None else "") or ""
            numbered = block._p.pPr is not None and block._p.pPr.numPr is not None
            # Word keeps bullets and numbers in the paragraph's properties, not in its text.
            mark = "- " if numbered or name.startswith("List") else ""
            yield from (f"{mark if n == 0 else ''}{part}" for n, part in enumerate(block.text.split("\n")))


_BLOCKS = {
    "p",
    "div",
    "section",
    "article",
    "header",
    "footer",
    "main",
    "aside",
    "nav",
    "figure",
    "figcaption",
    "blockquote",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "li",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "table",
    "tr",
    "caption",
    "pre",
    "br",
    "hr",
}


def _read_html(path: Path) -> list[str]:
    return read_html_lines(path.read_bytes(), shorten_path(path))


def read_html_lines(content: bytes, where: str) -> list[str]:
    """The lines of a page.

    Raises:
        UserError: it cannot be read.
    """
    from lxml import html  # heavy, and not needed for text
    from lxml.etree import ParserError

    try:
        tree = html.fromstring(content)
    except (ParserError, ValueError) as error:
        raise UserError(Fault(where, "this HTML cannot be read")) from error
    pieces: list[str] = []
    _walk(tree, pieces)
    return _tidy("".join(pieces))


def _tidy(text: str) -> list[str]:
    lines = []
    for line in text.split("\n"):
        cells = [" ".join(cell.split()) for cell in line.split("\t")]
        # Every cell of an HTML row ends with a tab, so the last one leaves an empty cell behind.
        while len(cells) > 1 and not cells[-1]:
            cells.pop()
        lines.append("\t".join(cells))
    return lines


def _walk(element: Any, pieces: list[str]) -> None:
    """The text of an element: a line per block, a tab between the cells of a row."""
    tag = element.tag if isinstance(element.tag, str) else ""
    # These hold no text of the report. Their tail, the text after the closing tag, belongs to the parent.
    if tag in {"script", "style", "template", "head", "svg"} or (not tag):
        pieces.append(_flatten(element.tail))
        return
    if tag in _BLOCKS:
        pieces.append("\n- " if tag == "li" else "\n")
    pieces.append(_flatten(element.text))
    for child in element:
        _walk(child, pieces)
    if tag in {"td", "th"}:
        pieces.append("\t")
    elif tag in _BLOCKS:
        pieces.append("\n")
    pieces.append(_flatten(element.tail))


def _flatten(text: str | None) -> str:
    """A text without line breaks; its outer spaces stay, because they separate it from its neighbours."""
    return re.sub(r"\s+", " ", text) if text else ""


_READERS: dict[str, Callable[[Path], list[str]]] = {
    ".pdf": _read_pdf,
    ".docx": _read_docx,
    ".html": _read_html,
    ".htm": _read_html,
    ".txt": _read_text,
    ".md": _read_markdown,
    ".markdown": _read_markdown,
}
