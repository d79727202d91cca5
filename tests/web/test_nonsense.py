"""Every screen, asked and told nonsense: it answers with a sentence, never with a failure of its own."""

from __future__ import annotations

import random
import re
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from scrutineer_web.audit.verify import list_broken
from scrutineer_web.records.user import User
from tests.conftest import FULL
from tests.web import test_permissions
from tests.web.test_permissions import LETTERS, SCREENS, address

People = dict[str, User]
numbers = test_permissions.numbers

WORDS = (
    "", " ", "0", "-1", "1", "2", "1e999", "NaN", "9" * 40, "x" * 20_000, "\x00", "\ud83d", "💥", "<script>alert(1)</script>",
    "' OR 1=1 --", "../../etc/passwd", "2005-02-30", "0001-01-01", "9999-12-31", "{{ 7*7 }}", "%s%n", "true", "null", "[]", "all",
    "overall", "B2", "element:nothing", "not:all", "\u202egnirts", "agreed", "html",
)  # fmt: skip
ROUNDS = 6 if FULL else 1
"""How often each person asks and tells each screen something; each screen is asked by several people."""


def bomb() -> bytes:
    """A small zip file that would become very large."""
    picture = BytesIO()
    with ZipFile(picture, "w", ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"\0" * 300_000_000)
    return picture.getvalue()


@pytest.fixture(scope="module")
def files() -> list[tuple[str, bytes]]:
    """Files that are not what they are said to be."""
    with_macros = BytesIO()
    with ZipFile(with_macros, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/vbaProject.bin", b"x")
    return [
        ("plan.pdf", b"MZ this is a program"), ("plan.docx", bomb()), ("plan.docx", with_macros.getvalue()), ("../../plan.txt", b"x"),
        ("plan.exe", b"MZ"), ("empty.csv", b""), ("table.csv", b"\xff\xfe\x00a,b\n1,2"), ("table.csv", b"pseudonym\n" * 3),
        ("a.zip", b"PK\x03\x04nothing"), ("a.xlsx", b"PK\x03\x04nothing"), ("x" * 300 + ".csv", b"case,issue,progress\n"),
    ]  # fmt: skip


def list_fields(page: bytes) -> list[str]:
    """The names of the fields that a page asks for."""
    names = re.findall(rb'<(?:input|select|textarea|button)[^>]* name="([^"]+)"', page)
    return sorted({n.decode() for n in names} - {"csrfmiddlewaretoken"})


USUAL = (
    "name",
    "title",
    "reason",
    "base",
    "what",
    "kind",
    "group",
    "first",
    "last",
    "page",
    "places",
    "area",
)


@pytest.mark.parametrize("letter", "PILNOCBMUDA")
def test_no_screen_fails_on_nonsense(
    numbers: dict[str, int], people: People, files: list[tuple[str, bytes]], letter: str
) -> None:
    chance = random.Random(letter)
    client = Client(raise_request_exception=False)
    client.force_login(people[LETTERS[letter]])
    wrong: list[Any] = []
    tried = 0
    for name, allowed in SCREENS.items():
        if letter not in allowed:
            continue
        place = address(name, numbers)
        shown = client.get(place)
        fields = list_fields(shown.content) or list(USUAL)
        for _ in range(ROUNDS):
            filled = {field: chance.choice(WORDS) for field in fields if chance.random() < 0.8}
            clean = {k: v.encode("utf-8", "replace").decode() for k, v in filled.items()}
            asked = client.get(place.partition("?")[0], clean)
            data: dict[str, Any] = dict(clean)
            if chance.random() < 0.5:
                file, content = chance.choice(files)
                for field in ("file", "files"):
                    data[field] = SimpleUploadedFile(file, content)
            sent = client.post(place, data)
            tried += 2
            for method, answer in (("GET", asked), ("POST", sent)):
                if answer.status_code >= 500 or b"Traceback" in answer.content:
                    wrong.append((name, method, answer.status_code, clean))
    assert wrong == []
    assert tried > 20
    assert list(list_broken()) == []
