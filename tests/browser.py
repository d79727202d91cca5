"""Chromium as the tests start it: without a window where this machine has it so, which takes half the time."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

WHOLE = ("chromium", "chromium-browser", "google-chrome")
SHELL = ("chromium-headless-shell",)

CHROMIUM = next((path for name in (*SHELL, *WHOLE) if (path := shutil.which(name))), None)
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not on this machine")

START = {
    "executable_path": CHROMIUM,
    "args": ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
}

START_WHOLE = START | {
    "executable_path": next((path for name in WHOLE if (path := shutil.which(name))), CHROMIUM)
}
"""As people have it, for what the one without a window does otherwise: it sends nothing more once a page is left."""


def list_violations(page: Any) -> list[dict[str, Any]]:
    """What axe finds wrong with a page as it is shown now; the page is given the library once."""
    from axe_playwright_python.base import AXE_SCRIPT

    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    # Style sheets are fetched once more only for rules that are still experimental.
    options = '{resultTypes: ["violations"], preload: false}'
    violations: list[dict[str, Any]] = page.evaluate(
        f"axe.run({options}).then((results) => results.violations)"
    )
    return violations


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium; the library behind it draws numbers that no test is to answer for."""
    from playwright.sync_api import sync_playwright

    before = random.getstate()
    with sync_playwright() as play:
        yield play.chromium
    random.setstate(before)
