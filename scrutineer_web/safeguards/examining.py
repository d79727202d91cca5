"""Files that come from outside: looked into before they are kept.

A file is what its content is, not what its name says. What could run on a reader's machine, hides other files, or
unpacks to many times its size is refused with a sentence.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from lzma import LZMAError
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scrutineer.errors import Fault, UserError

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

LARGEST = 25_000_000
"""Bytes of one document."""

UNPACKED_LARGEST = 100_000_000
PACKED_MOST = 20_000
"""Groups of objects that are packed inside one PDF, of which a document of 1,000 pages has some hundreds."""

RATIO = 200
"""An office document that unpacks to more, or to so many times its size, is no document."""

PIXELS = 60_000_000

OFFICE = {
    "docx": "word/document.xml",
    "xlsx": "xl/workbook.xml",
    "pptx": "ppt/presentation.xml",
    "odt": "content.xml",
    "ods": "content.xml",
}
"""Office documents, and the part that each must have."""

KINDS = ("pdf", *OFFICE, "png", "jpg", "txt", "csv")
TYPES: Mapping[str, str] = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "txt": "text/plain",
    "csv": "text/csv",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
"""What a browser is told about a file that is sent back."""

_SEND = gettext_lazy(
    "Send PDF, Word (.docx), Excel (.xlsx), PowerPoint (.pptx), OpenDocument, PNG, JPEG, plain text or CSV"
)
# Workbooks inside a document are allowed: charts keep their numbers in one.
_MACROS = re.compile(
    r"(?i)vbaproject|vbadata|(^|/)activex/|(^|/)basic/|(^|/)scripts/|(^|/)macrosheets/"
    r"|(^|/)embeddings/(?!.*\.(docx|xlsx|pptx)$)"
)


def check_name(name: str) -> str:
    """The name of a file, as long as it is one.

    Raises:
        UserError: it leads to another folder, or holds what no file's name holds.
    """
    cleaned = name.strip()
    if (
        not cleaned
        or cleaned.startswith(".")
        or len(cleaned) > 150
        or re.search(r"[/\\\x00-\x1f\x7f:]", cleaned)
    ):
        raise UserError(
            Fault(
                _("the file's name"),
                _("'%(name)s' can't be used as a file name") % {"name": cleaned[:80]},
                _("Rename the file and send it again"),
            )
        )
    return cleaned


def examine(name: str, content: bytes) -> str:
    """What a file is, by its content.

    Args:
        name: as it was sent.
        content: all of it.

    Returns:
        one of `KINDS`.

    Raises:
        UserError: the name is none, or the content is too large, of no kept kind, not what the name says, locked, or
            dangerous.
    """
    cleaned = check_name(name)
    ending = cleaned.rpartition(".")[2].lower() if "." in cleaned else ""
    kind = {"jpeg": "jpg", "text": "txt"}.get(ending, ending)
    if len(content) > LARGEST:
        raise _make_refused(
            cleaned,
            _("it is larger than %(most)s MB") % {"most": LARGEST // 1_000_000},
            _("Split it into smaller files"),
        )
    if not content:
        raise _make_refused(cleaned, _("it is empty"), _("Choose the file again"))
    if kind not in KINDS:
        macros = re.fullmatch(r"(doc|xls|ppt)m?|(dot|xlt|pot)m", ending)
        what = (
            _("this kind of file can hold macros")
            if macros
            else _("Scrutineer doesn't accept '.%(ending)s' files") % {"ending": ending}
        )
        raise _make_refused(
            cleaned, what, _("Save it as .docx, .xlsx, .pptx or PDF") if macros else str(_SEND)
        )
    _LOOK[kind](cleaned, content)
    return kind


def _make_refused(name: str, what: str, do: str) -> UserError:
    return UserError(Fault(name, what, do))


def _examine_pdf(name: str, content: bytes) -> None:
    import pypdfium2

    try:
        # The library that browsers use reads the file first: what it can't open, a reader can't open either.
        document = pypdfium2.PdfDocument(content)
        pages, attached = len(document), document.count_attachments()
        scripts = pypdfium2.raw.FPDFDoc_GetJavaScriptActionCount(document.raw)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise _make_refused(
                name, _("it is locked with a password"), _("Remove the password and send it again")
            ) from error
        raise _make_refused(name, _("it isn't a PDF, or it is damaged"), _("Create the PDF again")) from error
    if not pages:
        raise _make_refused(name, _("it has no pages"), _("Create the PDF again"))
    try:
        # The library counts scripts of the whole document. Scripts of single fields and links are found in the objects:
        # as they were sent, which may hold more than the library reads, and then as it reads them. What unpacks to
        # too much is found in the first, before the second unpacks it.
        runs, holds_files = scripts > 0, attached > 0
        # One part at a time: together they may be a hundred times the file.
        for part in _list_readings(content, document):
            runs = runs or _RUNS.search(part) is not None
            holds_files = holds_files or _HOLDS_FILES.search(part) is not None
    except OverflowError:
        what = _("it unpacks to many times its size, which documents don't do")
        raise _make_refused(name, what, _("Print it to a new PDF and send that instead")) from None
    except pypdfium2.PdfiumError as error:
        raise _make_refused(name, _("it is damaged"), _("Create the PDF again")) from error
    finally:
        document.close()
    if runs:
        raise _make_refused(
            name,
            _("it contains a script, or starts a program"),
            _("Print it to a new PDF and send that instead"),
        )
    if holds_files:
        raise _make_refused(
            name, _("it has other files attached inside it"), _("Print it to a new PDF and send that instead")
        )


def _spell(name: str) -> bytes:
    """A pattern for a PDF's name, any letter of which may be written as # and its number: /J#53 is /JS."""
    return b"".join(b"(?:%c|(?i:#%02x))" % (letter, letter) for letter in name.encode())


def _compile_names(*names: str) -> re.Pattern[bytes]:
    # The sign after the name keeps longer names that begin the same way from being taken for it. A comment or a null ends a name too.
    return re.compile(b"/(?:" + b"|".join(map(_spell, names)) + rb")[\x00\s(<\[/>%]")


_RUNS = _compile_names("JavaScript", "JS", "Launch", "XFA")
"""A script, a program that is started, or a form in XML, whose scripts stand in no object of the PDF."""

_HOLDS_FILES = _compile_names("EmbeddedFile", "FileAttachment")
"""A file inside the file: the library counts those of the whole document, not those that hang on a page's note."""

_PACKED = re.compile(b"/" + _spell("ObjStm") + rb".{0,400}?stream\r?\n", re.DOTALL)


def _list_readings(content: bytes, document: PdfDocument) -> Iterator[bytes]:
    """The objects of a PDF as they were sent, then as the library reads them."""
    yield from _list_objects(content)
    yield _write_plainly(document)


def _write_plainly(document: PdfDocument) -> bytes:
    """A PDF written again by the library: no object is packed or encrypted, and names are spelled in one way."""
    import pypdfium2

    unlocked = io.BytesIO()
    document.save(unlocked, flags=pypdfium2.raw.FPDF_REMOVE_SECURITY)
    return unlocked.getvalue()


def _list_objects(content: bytes) -> Iterator[bytes]:
    """The objects of a PDF: those that lie open, and those that are packed together."""
    yield content
    # One allowance for the whole file: many small parts must not unpack to more than a single large one may.
    room, packed = UNPACKED_LARGEST, memoryview(content)
    for number, match in enumerate(_PACKED.finditer(content)):
        if number >= PACKED_MOST or room <= 0:
            raise OverflowError
        unpack = zlib.decompressobj()
        try:
            # A view, not a copy: there may be thousands in one file.
            part = unpack.decompress(packed[match.end() :], room)
        # Bytes that merely look like a packed part hold no object that a reader would run.
        except zlib.error:
            continue
        room -= len(part)
        yield part


def _examine_office(name: str, content: bytes) -> None:
    # An encrypted office document and one of the old binary formats begin with the same eight bytes.
    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise _make_refused(
            name,
            _("it is locked with a password, or is in an old format"),
            _("Save it again without a password"),
        )
    try:
        with ZipFile(io.BytesIO(content)) as file:
            infos = file.infolist()
            # Taken from the list of contents, so that nothing is unpacked before the total is known to be reasonable.
            unpacked = sum(info.file_size for info in infos)
            if (
                len(infos) > 5000
                or unpacked > UNPACKED_LARGEST
                or unpacked > RATIO * max(len(content), 10_000)
            ):
                what = _("it unpacks to many times its size, which documents don't do")
                raise _make_refused(name, what, _("Save it again and send the new file"))
            names = [info.filename for info in infos]
            # Macros and links to other servers are declared in these parts, whatever the rest of the document holds.
            parts = [n for n in names if n.lower() == "[content_types].xml" or n.lower().endswith(".rels")]
            declared = [_read_declarations(file.read(n)) for n in parts]
    except (
        BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
        zlib.error,
        LZMAError,
    ) as error:
        what = _("its content doesn't match its file name, or is damaged")
        raise _make_refused(name, what, _("Save it again and send the new file")) from error
    if OFFICE[name.rpartition(".")[2].lower()] not in names:
        raise _make_refused(
            name, _("its content doesn't match its file name"), _("Save it again and send the new file")
        )
    if any(_MACROS.search(part) for part in names) or any(part.has_macros for part in declared):
        raise _make_refused(name, _("it contains macros"), _("Save it without them"))
    if any(part.fetches for part in declared):
        raise _make_refused(
            name, _("it loads a template or an object from elsewhere"), _("Save it without them")
        )


_FETCHED = {"attachedtemplate", "oleobject", "frame", "externallinkpath", "subdocument"}
"""What Office fetches by itself when the document is opened. A link that a reader clicks isn't among these."""


class _Declarations:
    """What a part of an Office file declares, element by element; nothing of it is kept, whatever its size."""

    def __init__(self) -> None:
        self.has_macros = self.fetches = False

    def start(self, _tag: str, attributes: Mapping[str, str]) -> None:
        """Look at an element, with its attributes as a reader of XML sees them: in any encoding, with escapes resolved."""
        kind = attributes.get("Type", "").rpartition("/")[2].lower()
        is_outside = attributes.get("TargetMode", "").strip().lower() == "external"
        self.fetches = self.fetches or (kind in _FETCHED and is_outside)
        self.has_macros = self.has_macros or "macroenabled" in attributes.get("ContentType", "").lower()

    def close(self) -> _Declarations:
        """What was declared."""
        return self


def _read_declarations(part: bytes) -> _Declarations:
    """What a part of an Office file declares.

    Raises:
        ValueError: it isn't XML.
    """
    from lxml import etree

    declared = _Declarations()
    # Names that a part declares for texts are filled in where they stand in attributes, as a reader would fill them; files
    # and addresses that it names are not fetched, and the library stops where such names would make a part many times longer.
    # Its types know neither this way of resolving nor a target with less than all of a target's methods.
    options: dict[str, Any] = {"target": declared, "resolve_entities": "internal"}
    parser = etree.XMLParser(load_dtd=False, no_network=True, huge_tree=False, **options)
    try:
        etree.fromstring(part, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error
    return declared


def _examine_picture(name: str, content: bytes) -> None:
    from PIL import Image, UnidentifiedImageError

    expected = "PNG" if name.lower().endswith("png") else "JPEG"
    try:
        with Image.open(io.BytesIO(content), formats=[expected]) as picture:
            size = picture.size[0] * picture.size[1]
            # This reads checksums and unpacks no pixels, so a picture that
            # is too large has cost little so far.
            picture.verify()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise _make_refused(
            name,
            _("it isn't a %(expected)s picture, or it is damaged") % {"expected": expected},
            _("Save it again"),
        ) from error
    if size > PIXELS:
        raise _make_refused(name, _("the picture is larger than 60 million pixels"), _("Make it smaller"))


def _examine_text(name: str, content: bytes) -> None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _make_refused(
            name, _("it isn't plain text in UTF-8"), _("Save it as UTF-8, or as PDF")
        ) from error
    if "\x00" in text:
        raise _make_refused(name, _("it isn't plain text"), str(_SEND))


_LOOK: Mapping[str, Callable[[str, bytes], None]] = {
    "pdf": _examine_pdf,
    **dict.fromkeys(OFFICE, _examine_office),
    "png": _examine_picture,
    "jpg": _examine_picture,
    "txt": _examine_text,
    "csv": _examine_text,
}
