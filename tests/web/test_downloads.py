"""A file that people keep is called what it was called, and its name does nothing else."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from django.http import HttpResponse
from django.test import Client

from scrutineer_web.kit.downloads import send_download
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue
from scrutineer_web.records.user import User
from tests.conftest import ROOT

HOSTILE = {
    'a"; filename="evil.exe': "a filename=evil.exe",
    "a\r\nSet-Cookie: x=1.pdf": "aSet-Cookie x=1.pdf",
    "../../etc/passwd": "passwd",
    "..\\..\\evil.bat": "evil.bat",
    "a%22;x.pdf": "a22x.pdf",
    "report\u202efdp.exe": "reportfdp.exe",
    "Größe & Übersicht 2026.pdf": "Größe & Übersicht 2026.pdf",
    "": "file",
    "...": "file",
    "\x00\x1f": "file",
    "x" * 400 + ".xlsx": "x" * 145 + ".xlsx",
}


def parts(header: str) -> tuple[str, str]:
    """The two names of a header that has the one form that it may have; a plain name stands there once."""
    match = re.fullmatch(
        r"attachment; filename=\"([A-Za-z0-9._ -]+)\"(?:; filename\*=UTF-8''([A-Za-z0-9._~%-]+))?", header
    )
    assert match, header
    return match[1], unquote(match[2] or match[1])


@pytest.mark.parametrize(("name", "plain"), list(HOSTILE.items()))
def test_a_hostile_name_stays_a_name(name: str, plain: str) -> None:
    fallback, whole = parts(send_download(HttpResponse(), name)["Content-Disposition"])
    assert whole == plain
    assert len(fallback) == len(whole)


def test_no_view_writes_the_header_itself() -> None:
    files = [
        p
        for p in (ROOT / "scrutineer_web").rglob("*.py")
        if re.search(r"\[.content-disposition.\] *=", p.read_text().lower())
    ]
    assert [p.name for p in files] == ["downloads.py"]


@pytest.mark.repeats
def test_what_is_sent_and_exported_is_named_so(issued: Issue, people: dict[str, User]) -> None:
    client = Client()
    client.force_login(people["lead_inspector"])
    Inspection.objects.filter(pk=issued.inspection_id).update(area='North"; filename="evil.exe')
    answer = client.get(f"/inspections/{issued.inspection_id}/export/")
    assert parts(answer["Content-Disposition"])[0].endswith(".zip")
    file = issued.files.exclude(path__endswith=".html").first()
    assert file is not None
    parts(client.get(f"/issues/{issued.pk}/files/{file.path}")["Content-Disposition"])
