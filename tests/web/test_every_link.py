"""Everybody of the demonstration opens every kind of link that they are shown, from their own first page on."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urlencode, urljoin, urlsplit

import lxml.html
import pytest
from django.db import transaction
from django.http import Http404
from django.test import Client
from django.urls import resolve

from scrutineer_web import demonstration
from scrutineer_web.kit import made_up_people
from scrutineer_web.records.user import User

pytestmark = pytest.mark.unmeasured

OF_INSPECTIONS = 2
"""So many addresses of a kind that belongs to an inspection each person opens: the two inspections are in different states."""

HEAVY = {"inspection_export", "report_proof"}
"""Pages that take long to make; each person opens one of each."""

NAMING_FILES = {"api_guide", "framework_add"}
"""Pages that name files by right: the API's description, the file of a framework that is sent."""

FILE_NAMES = re.compile(r"\b[\w/-]+\.(?:yaml|yml|py|json|md|toml)\b")
"""What belongs to the folder of an inspection or to the program; files that people uploaded are called otherwise."""


NOTHING = re.compile(r"\bNone(?=:| \(|, | \d|$)")
"""The program's own word for a value that is not there; "None yet." and "None" among choices are ours."""


@pytest.fixture(scope="module")
def demo(demo_folders: Path, django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, User]]:
    """The demonstration as `serve --demo` makes it, from the inspection that the tests share."""
    from scrutineer_web.actions.frameworks import frameworks
    from scrutineer_web.actions.preparation import allocation

    def make_timetable(*args: Any, progress: object, **options: Any) -> Any:
        # The search notes how far it is from a thread of its own, which this transaction would keep waiting.
        return search(*args, **options)

    search = allocation.make_timetable
    with django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(allocation, "make_timetable", make_timetable)
        frameworks.hold_offered()
        people = demonstration._make_people()
        demonstration.make_moderated(demo_folders / "esi", people, lambda _: None)
        demonstration.read_now(people, lambda _: None)
        yield people
        transaction.set_rollback(True)


def kind_of(address: str) -> tuple[str, int]:
    """The kind of page behind an address (its name, and which choices of a form it was asked with), and how many to open."""
    parts = urlsplit(address)
    try:
        match = resolve(parts.path)
    except Http404:  # styles and pictures, or a link that leads nowhere
        return address, 1
    name = match.url_name or match.route
    many = "inspection" in match.kwargs and name not in HEAVY
    return f"{name} {sorted(re.findall(r'(?:^|&)([^=&]+)=', parts.query))}", OF_INSPECTIONS if many else 1


def addresses_on(page: lxml.html.HtmlElement, base: str) -> Iterator[str]:
    """Every address of this site that a page leads to: links, files of links, and forms that only ask."""
    for link in page.iter("a", "link"):
        href = link.get("href")
        if href and link.get("rel") != "canonical":
            yield urldefrag(urljoin(base, href)).url
    for form in page.iter("form"):
        if (form.get("method") or "get").lower() == "get":
            query = urlencode([(name, value) for name, value in form.form_values() if name])
            yield urljoin(base, (form.get("action") or urlsplit(base).path) + f"?{query}" * bool(query))


def text_of(page: lxml.html.HtmlElement) -> str:
    """What a page says, without what it quotes letter by letter."""
    for hidden in page.xpath("//script | //style | //template | //pre | //code"):
        hidden.drop_tree()
    return unescape(page.text_content())


class Walk:
    """One person's way through the room."""

    def __init__(self, user: User):
        self.client = Client(raise_request_exception=False)
        self.client.force_login(user)
        self.opened: Counter[str] = Counter()
        self.wrong: list[str] = []

    def go(self) -> None:
        waiting, seen = deque([("/", "")]), {"/"}
        while waiting:
            address, came_from = waiting.popleft()
            kind, most = kind_of(address)
            if self.opened[kind] >= most:
                continue
            self.opened[kind] += 1
            for target in self.open(address, came_from):
                if target not in seen and urlsplit(target).netloc == "" and target.startswith("/"):
                    seen.add(target)
                    waiting.append((target, address))

    def open(self, address: str, came_from: str) -> list[str]:
        response = self.client.get(address, follow=True)
        response.close()  # a file that was sent is open until then
        if response.status_code != 200:
            self.wrong.append(f"{address} (from {came_from}): {response.status_code}")
            return []
        is_file = "attachment" in response.get("Content-Disposition", "")
        if is_file or not response["Content-Type"].startswith("text/html"):
            return []
        page = lxml.html.fromstring(response.content.decode())
        addresses = list(addresses_on(page, address))
        if kind_of(address)[0].split()[0] not in NAMING_FILES:
            names = sorted(set(FILE_NAMES.findall(text_of(page))))
            if names:
                self.wrong.append(f"{address}: says {names}")
        if NOTHING.search(text_of(page)):
            self.wrong.append(f"{address}: says None where nobody or nothing is meant")
        return addresses


@pytest.mark.parametrize("name", [person.username for person in made_up_people.PEOPLE])
def test_every_link_opens(name: str, demo: dict[str, User], db: None) -> None:
    walk = Walk(demo[name])
    walk.go()
    assert len(walk.opened) > 3, "nothing was opened"
    assert walk.wrong == [], "\n".join(walk.wrong)
