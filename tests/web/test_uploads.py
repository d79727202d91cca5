"""Files that come from outside: what is kept, and every kind that is refused, each with a sentence."""

from __future__ import annotations

import io
import socket
import zipfile
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
    assert "The file is attached" in answer.content.decode()
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
