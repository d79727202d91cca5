"""Browsers for the people of a room, and the pictures of the tutorial, which are taken on the way.

SCRUTINEER_PICTURES names the folder that the pictures go to.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import START, browser
from tests.web.served import Room, sign_in

PATIENCE = 90_000
"""Milliseconds that a page is waited for: a machine with other work on it starts a process in tens of seconds."""

PICTURES = os.environ.get("SCRUTINEER_PICTURES")


@pytest.fixture
def seat(room: Room) -> Iterator[Callable[[str], Any]]:
    """A browser for each person; whatever one of them reports as an error is the test's."""
    messages: list[str] = []
    with browser() as kind:
        chromium = kind.launch(**START)
        seats: dict[str, Any] = {}

        def take(name: str) -> Any:
            if name not in seats:
                page = chromium.new_context(viewport={"width": 1180, "height": 800}).new_page()
                page.set_default_timeout(PATIENCE)
                page.on(
                    "console",
                    lambda m: (
                        messages.append(f"{name}: {m.text}")
                        if m.type == "error" and "422" not in m.text
                        else None
                    ),
                )
                page.on("pageerror", lambda e: messages.append(f"{name}: {e}"))
                sign_in(page, room, name)
                seats[name] = page
            return seats[name]

        yield take
    assert messages == [], "\n".join(messages)[:3000]


def picture(page: Any, name: str) -> None:
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"))


def press(page: Any, text: str) -> None:
    page.locator("main").get_by_role("button", name=text, exact=False).first.click()
