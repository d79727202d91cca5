"""Files that come from outside: what is kept, and every kind that is refused, each with a sentence."""

from __future__ import annotations

import io
import socket
import zipfile
import zlib
from functools import partial
from hashlib import md5 as find_md5
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from scrutineer.errors import UserError
from scrutineer_web.actions.fieldwork import evidence
from scrutineer_web.records.blob import Blob
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.piece import Piece
from scrutineer_web.records.upload import Upload
from scrutineer_web.records.user import User
from scrutineer_web.safeguards.examining import KINDS, examine
from tests.web.served import served

People = dict[str, User]


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return buffer.getvalue()


def word(**more: bytes) -> bytes:
    from docx import Document

    buffer = io.BytesIO()
    document = Document()
    document.add_paragraph("as it was")
    document.save(buffer)
    if not more:
        return buffer.getvalue()
    with zipfile.ZipFile(buffer) as file:
        files = {name: file.read(name) for name in file.namelist()}
    return zipped(files | {name.replace("__", "/"): content for name, content in more.items()})


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return zipped({**{n: file.read(n) for n in file.namelist()}, name: part})


def damaged(content: bytes) -> bytes:
    """With the packed bytes of its first part altered."""
    archive = zipped({"[Content_Types].xml": b"<x>" * 3000, "word/document.xml": b"<x/>"})
    at = archive.index(b"[Content_Types].xml") + 19 + 4
    assert content[:2] == archive[:2]
    return archive[:at] + bytes(255 - b for b in archive[at : at + 8]) + archive[at + 8 :]


TEMPLATE = (
    b'<Relationships><Relationship Id="r" Type="http://x/relationships/attachedTemplate" Target="http://e.org/t.dotm" '
    b'TargetMode="External"/></Relationships>'
)


def pdf(script: str = "") -> bytes:
    from fpdf import FPDF

    document = FPDF()
    document.add_page()
    document.set_font("helvetica")
    document.cell(text="as it was")
    content = bytes(document.output())
    if script:
        old, new = (
            b"/Type /Catalog",
            f"/Type /Catalog /Names << /JavaScript << /Names [(a) << /S /JavaScript /JS ({script}) >>] >> >>".encode(),
        )
        assert old in content
        content = content.replace(old, new, 1)
    return content


def pdf_with_link(action: bytes) -> bytes:
    """A PDF of which a link does something."""
    return pdf_of({5: b"<< " + action + b" >>"}, {})


def pdf_with_packed_link(kind: bytes, packed: bytes, filters: bytes, trailer: bytes = b"") -> bytes:
    """The same with the link's action inside a packed group of objects."""
    group = b"<< /Type %s /N 1 /First 4 /Filter %s /Length %d >>\nstream\n%s\nendstream"
    return pdf_of({4: group % (kind, filters, len(packed), packed)}, {5: 4}, trailer)


SCRIPT = b"5 0 << /S /JavaScript /JS (app.alert\\(1\\)) >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A 5 0 R >>] >>"


def pdf_of(more: dict[int, bytes], packed: dict[int, int], trailer: bytes = b"") -> bytes:
    """A page with a link whose action is object 5; `packed` says in which object others lie."""
    pages = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    content = b"%PDF-1.7\n"
    entries = {0: (0, 0)} | {number: (2, group) for number, group in packed.items()}
    for number, item in {1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: pages, 3: PAGE, **more}.items():
        entries[number] = (1, len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    end = len(content)
    entries[6] = (1, end)
    rows = b"".join(
        bytes([kind]) + at.to_bytes(3, "big") + b"\0" for kind, at in map(entries.get, range(7), [(0, 0)] * 7)
    )
    head = b"6 0 obj\n<< /Type /XRef /Size 7 /W [1 3 1] /Root 1 0 R %s /Length %d >>\nstream\n"
    return content + head % (trailer, len(rows)) + rows + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % end


def pdf_locked_to_nobody() -> bytes:
    """Encrypted with an empty password, as a file is that may be read but not changed (ISO 32000-1, 7.6.3: revision 2)."""
    padding = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
    owner = encrypt(md5(padding).digest()[:5], padding)
    key = md5(padding + owner + (0xFFFFFFFC).to_bytes(4, "little") + b"id").digest()[:5]
    of_group = md5(key + bytes([4, 0, 0, 0, 0])).digest()[:10]
    strings = owner.hex().encode(), encrypt(key, padding).hex().encode()
    trailer = (
        b"/ID [<6964> <6964>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>" % strings
    )
    return pdf_with_packed_link(
        b"/ObjStm", encrypt(of_group, zlib.compress(SCRIPT)), b"/FlateDecode", trailer
    )


# The format asks for it; it protects nothing here.
md5 = partial(find_md5, usedforsecurity=False)


def encrypt(key: bytes, content: bytes) -> bytes:
    """RC4."""
    state, j, out = list(range(256)), 0, bytearray()
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    for byte in content:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def picture(kind: str) -> bytes:
    from PIL import Image

    content = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(content, kind)
    return content.getvalue()


def sheet() -> bytes:
    from openpyxl import Workbook

    content = io.BytesIO()
    Workbook().save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("plan.pdf", pdf(), "pdf"), ("Plan of 2005.DOCX", word(), "docx"), ("figures.xlsx", sheet(), "xlsx"),
        ("office.png", picture("PNG"), "png"), ("office.jpeg", picture("JPEG"), "jpg"), ("notes.txt", "über".encode(), "txt"),
        ("rows.csv", b"a,b\n1,2\n", "csv"),
    ],
)  # fmt: skip
def test_a_file_is_what_its_content_is(name: str, content: bytes, kind: str) -> None:
    assert examine(name, content) == kind
    assert kind in KINDS


BOMB = zipped(
    {"word/document.xml": b"<x/>", "[Content_Types].xml": b"<x/>", "word/media/a.xml": b"0" * 40_000_000}
)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("run.exe", b"MZ\x90\x00", "Scrutineer doesn't accept"),
        ("plan.pdf", b"MZ\x90\x00" + b"x" * 100, "isn't a PDF"),
        ("plan.docx", b"%PDF-1.7", "doesn't match its file name"),
        ("plan.png", picture("JPEG"), "isn't a PNG picture"),
        ("plan.jpg", b"\xff\xd8\xff" + b"x" * 50, "isn't a JPEG picture"),
        ("plan.txt", b"\xff\xfe\x00\x01", "isn't plain text in UTF-8"),
        ("plan.txt", b"a\x00b", "isn't plain text"),
        ("plan.doc", b"\xd0\xcf\x11\xe0", "can hold macros"),
        ("plan.docm", word(), "can hold macros"),
        ("plan.xlsm", sheet(), "can hold macros"),
        ("plan.docx", word(**{"word__vbaProject.bin": b"x"}), "macros"),
        ("plan.docx", word(**{"word__activeX__activeX1.xml": b"x"}), "macros"),
        ("plan.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "locked with a password"),
        ("plan.docx", sheet(), "doesn't match its file name"),
        ("plan.docx", BOMB, "many times its size"),
        ("plan.pdf", pdf("app.alert(1)"), "script"),
        ("plan.pdf", pdf().replace(b"/Type /Catalog", b"/Type /Catalog /OpenAction << /S /Launch /F (run.exe) >>", 1), "starts a program"),
        ("plan.docx", word(**{"word__embeddings__oleObject1.ole": b"x"}), "macros"),
        ("plan.xlsx", with_part(sheet(), "xl/macrosheets/sheet1.xml", b"<x/>"), "macros"),
        ("plan.docx", with_part(word(), "word/_rels/settings.xml.rels", TEMPLATE), "loads a template"),
        ("plan.docx", damaged(word()), "damaged"),
        ("plan.pdf", b"", "empty"),
        ("plan.txt", b"x" * 25_000_001, "larger than 25 MB"),
        ("../plan.pdf", pdf(), "can't be used as a file name"),
        ("..\\plan.pdf", pdf(), "can't be used as a file name"),
        ("/etc/plan.pdf", pdf(), "can't be used as a file name"),
        ("C:plan.pdf", pdf(), "can't be used as a file name"),
        (".plan", pdf(), "can't be used as a file name"),
        ("pl\x00an.pdf", pdf(), "can't be used as a file name"),
        ("x" * 200 + ".pdf", pdf(), "can't be used as a file name"),
        ("plan", pdf(), "Scrutineer doesn't accept"),
    ],
)  # fmt: skip
def test_what_is_refused_says_why(name: str, content: bytes, says: str) -> None:
    with pytest.raises(UserError, match=says) as caught:
        examine(name, content)
    assert all(f.do for f in caught.value.faults)


@pytest.mark.parametrize(
    "content",
    [
        pdf_with_link(rb"/S /JavaScript /JS (app.alert\(1\))"),
        # ISO 32000-1, 7.3.5: any letter of a name can be written as # and its number.
        pdf_with_link(rb"/S/JavaScr#69pt /J#53(app.alert\(1\))"),
        pdf_with_link(b"/S/L#61unch /F (run.exe)"),
        pdf_with_link(b"/S/L#61#75nch/F (run.exe)"),
        # 7.2.2: a null or a comment ends a name as a space does.
        pdf_with_link(b"/S/Launch\0/F (run.exe)"),
        pdf_with_link(b"/S/Launch%\n/F (run.exe)"),
        pdf_with_packed_link(b"/ObjStm", zlib.compress(SCRIPT), b"/FlateDecode"),
        pdf_with_packed_link(b"/Obj#53tm", zlib.compress(SCRIPT), b"/FlateDecode"),
        pdf_with_packed_link(b"/ObjStm %" + b"x" * 500 + b"\n", zlib.compress(SCRIPT), b"/FlateDecode"),
        pdf_with_packed_link(b"/ObjStm", zlib.compress(SCRIPT).hex().encode() + b">", b"[/ASCIIHexDecode /FlateDecode]"),
        pdf_with_packed_link(b"/ObjStm", SCRIPT.hex().encode() + b">", b"/ASCIIHexDecode"),
        pdf_locked_to_nobody(),
    ],
)  # fmt: skip
def test_a_link_that_runs_something_is_refused_however_it_is_written(content: bytes) -> None:
    with pytest.raises(UserError, match="it contains a script, or starts a program"):
        examine("plan.pdf", content)


@pytest.mark.parametrize(
    "relationship",
    [
        '<Relationship Id="1" Type="http://o/attachedTemplate" Target="http://e.org/x" TargetMode="External"/>',
        '<Relationship TargetMode="External" Target="http://e.org/x" Type="http://o/attachedTemplate" Id="1"/>',
        '<Relationship Id="1" Type="http://o/attached&#84;emplate" Target="http://e.org/x" TargetMode="Extern&#97;l"/>',
        "<Relationship Id='1' Type='http://o/oleObject' Target='http://e.org/x' TargetMode = 'External'/>",
        '<Relationship Id="1" Type="http://o/subDocument" Target="http://e.org/x" TargetMode="External"/>',
        '<r:Relationship xmlns:r="http://r" Id="1" Type="http://o/frame" Target="http://e.org/x" TargetMode="External"/>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_relationship_that_fetches_something_is_refused_however_it_is_written(
    relationship: str, encoding: str
) -> None:
    part = f'<?xml version="1.0" encoding="{encoding}"?><Relationships>{relationship}</Relationships>'.encode(
        encoding
    )
    with pytest.raises(UserError, match="loads a template or an object from elsewhere"):
        examine("plan.docx", with_part(word(), "word/_rels/settings.xml.rels", part))


def test_a_relationship_by_a_declared_name_is_refused() -> None:
    part = (
        b'<!DOCTYPE r [<!ENTITY m "External">]><Relationships>'
        b'<Relationship Id="1" Type="http://o/frame" Target="http://e.org/x" TargetMode="&m;"/></Relationships>'
    )
    with pytest.raises(UserError, match="loads a template or an object from elsewhere"):
        examine("plan.docx", with_part(word(), "word/_rels/settings.xml.rels", part))


def test_names_that_would_fill_the_memory_are_refused() -> None:
    tenfold = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    part = b'<!DOCTYPE r [<!ENTITY a0 "%s">%s]><Relationships Target="&a9;"/>' % (b"x" * 1000, tenfold)
    with pytest.raises(UserError, match="its content doesn't match its file name, or is damaged"):
        examine("plan.docx", with_part(word(), "word/_rels/settings.xml.rels", part))


def test_a_link_that_a_reader_clicks_is_taken() -> None:
    part = (
        b'<Relationships><Relationship Id="1" Type="http://o/hyperlink" Target="http://e.org" TargetMode="External"/>'
        b"</Relationships>"
    )
    assert examine("plan.docx", with_part(word(), "word/_rels/document.xml.rels", part)) == "docx"


def test_macros_that_are_only_declared_are_refused() -> None:
    part = (
        b'<Types><Override ContentType="application/vnd.ms-word.document.macro&#69;nabled.main+xml"/></Types>'
    )
    with pytest.raises(UserError, match="it contains macros"):
        examine("plan.docx", zipped({"word/document.xml": b"<x/>", "[Content_Types].xml": part}))


@pytest.mark.parametrize("name", [b"/FileAttachment", b"/File#41ttachment"])
def test_a_file_that_hangs_on_a_note_is_refused(name: bytes) -> None:
    note = PAGE.replace(b"/Subtype /Link", b"/Subtype " + name)
    with pytest.raises(UserError, match="it has other files attached inside it"):
        examine("plan.pdf", pdf_of({3: note}, {}))


def test_a_form_in_xml_is_refused() -> None:
    """Its scripts stand in a stream of XML, not in an object of the PDF (ISO 32000-1, 12.7.8)."""
    catalogue = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [] /XFA 5 0 R >> >>"
    with pytest.raises(UserError, match="it contains a script"):
        examine("plan.pdf", pdf_of({1: catalogue}, {}))


def test_a_link_that_runs_nothing_is_taken() -> None:
    assert examine("plan.pdf", pdf_with_link(b"/S/URI /URI (http://e.org/JS)")) == "pdf"
    packed = zlib.compress(b"5 0 << /S /URI /URI (http://e.org) >>")
    assert examine("plan.pdf", pdf_with_packed_link(b"/ObjStm", packed, b"/FlateDecode")) == "pdf"


@pytest.fixture
def piece(inspection: Inspection, people: People) -> Piece:
    item = inspection.framework.criteria["A1"].items[0].key
    content = {"kind": "document", "title": "Plan", "source": "The board", "bears": {item: "strong"}}
    return evidence.put_piece(inspection=inspection, content=content, by=people["inspector"])


def test_a_file_goes_in_and_out_by_the_screens(piece: Piece, people: People) -> None:
    client = Client()
    client.force_login(people["inspector"])
    place = reverse("attach", args=[piece.pk])
    sent = pdf()
    answer = client.post(place, {"file": SimpleUploadedFile("plan.pdf", sent)}, follow=True)
    assert "File attached" in answer.content.decode()
    upload = Upload.objects.get()
    assert Blob.objects.get().pk == upload.blob_id
    got = client.get(reverse("upload", args=[upload.pk]))
    assert got.content == sent
    assert got["Content-Disposition"].startswith("attachment")
    assert "sandbox" in got["Content-Security-Policy"]
    client.post(reverse("upload_retire", args=[upload.pk]))
    upload.refresh_from_db()
    assert upload.retired_at is not None
    assert Blob.objects.count() == 1  # taken out, and still kept


@pytest.mark.parametrize("name", ["../../room.sqlite3", "..\\room.pdf", "/etc/passwd"])
def test_a_path_in_the_name_is_refused_and_nothing_is_kept(piece: Piece, people: People, name: str) -> None:
    client = Client()
    client.force_login(people["inspector"])
    body = (
        f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: application/pdf\r\n\r\n'.encode()
        + pdf() + b"\r\n--b--\r\n"
    )  # fmt: skip
    answer = client.generic(
        "POST", reverse("attach", args=[piece.pk]), body, "multipart/form-data; boundary=b"
    )
    assert answer.status_code == 422
    assert "leads to another folder" in answer.content.decode()
    assert not Upload.objects.exists()


def test_two_gigabytes_are_refused_before_they_are_read(tmp_path: Path) -> None:
    """By the length that is announced; a real server, to which only the first kilobytes are ever sent."""
    with served(tmp_path / "data") as room:
        session = room.signed_in("inspector")
        host, port = room.address.removeprefix("http://").split(":")
        cookies = "; ".join(f"{k}={v}" for k, v in session.cookies.items())
        head = (
            f"POST /evidence/1/files/ HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {cookies}\r\n"
            f"X-CSRFToken: {session.cookies['csrftoken']}\r\nContent-Type: multipart/form-data; boundary=b\r\n"
            "Content-Length: 2147483648\r\n\r\n"
        )  # fmt: skip
        with socket.create_connection((host, int(port)), timeout=30) as line:
            line.sendall(head.encode() + b"--b\r\n" + b"x" * 1000)
            content = b""
            while b"</html>" not in content and (more := line.recv(65536)):
                content += more
    assert content.startswith(b"HTTP/1.1 413")
    assert b"larger than 64 MB" in content
