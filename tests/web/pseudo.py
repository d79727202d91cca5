"""A pseudo-language: every text that is marked for translation stands in ⟦brackets⟧, and what a page shows of its data in others.

What is outside both was written into a template without a mark. The language needs no catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

import pytest
from django.template import base, defaulttags, library
from django.templatetags import i18n
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import trans_real

LANGUAGE = "en-x-pseudo"
OPEN, CLOSE = "⟦", "⟧"
DATA, END_OF_DATA = "\ue000", "\ue001"
"""Around what a page shows of its records; letters of nobody's alphabet, so that no data has them."""

SAID = {"title", "aria-label", "placeholder", "alt", "label"}
"""Attributes that somebody reads or hears."""

NAME = "Scrutineer"
"""The product's name, which no language translates."""

BLOCKS = set(
    "p li dt dd td th tr h1 h2 h3 h4 div ul ol table form section label legend summary option button title body".split()
)
"""Elements that no sentence goes across."""

PREVIEW = "data-preview"
"""Marks the element that shows a text of the report as it will be printed: what somebody wrote, as markup."""

VOID = {"br", "hr", "img", "input", "meta", "link", "col", "wbr"}
"""Elements without an end."""


class Pseudo(trans_real.DjangoTranslation):
    """Each text in brackets."""

    def __init__(self) -> None:
        self._DjangoTranslation__language = LANGUAGE
        self._DjangoTranslation__to_language = LANGUAGE

    def gettext(self, message: str) -> str:
        return f"{OPEN}{message.rpartition(trans_real.CONTEXT_SEPARATOR)[2]}{CLOSE}" if message else ""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)

    def to_language(self) -> str:
        return LANGUAGE


@contextmanager
def speak_pseudo() -> Iterator[None]:
    """Everything within is shown in the pseudo-language, with data marked as data."""
    show, simple = base.render_value_in_context, library.SimpleNode.render

    def show_as_data(value: Any, context: Any) -> str:
        return _mark(show(value, context))

    def render_as_data(node: Any, context: Any) -> str:
        return _mark(simple(node, context))

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(trans_real._translations, LANGUAGE, Pseudo())
        for module in (base, defaulttags, i18n):
            patch.setattr(module, "render_value_in_context", show_as_data)
        patch.setattr(library.SimpleNode, "render", render_as_data)
        with translation.override(LANGUAGE):
            yield


def _mark(shown: str) -> str:
    """Data in marks; not markup, whose texts say for themselves what they are."""
    if not shown or "<" in shown:
        return shown
    marked = f"{DATA}{shown}{END_OF_DATA}"
    return SafeString(marked) if isinstance(shown, SafeString) else marked


class Unmarked(HTMLParser):
    """The texts of a page that stand outside all marks."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._depth = 0
        self._quiet = 0
        self._preview = 0

    @classmethod
    def list_in(cls, html: str) -> list[str]:
        parser = cls()
        parser.feed(html)
        parser.close()
        return parser.texts

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._quiet += tag in {"script", "style"}
        if tag in BLOCKS:
            self._depth = 0
        if self._preview or PREVIEW in dict(attrs):
            self._preview += tag not in VOID
            return
        for name, value in attrs:
            if name in SAID and value:
                self._keep(strip_marked(value, 0)[0])

    def handle_endtag(self, tag: str) -> None:
        self._quiet -= tag in {"script", "style"}
        self._preview = max(self._preview - (tag not in VOID), 0)
        if tag in BLOCKS:
            self._depth = 0

    def handle_data(self, data: str) -> None:
        if not self._quiet and not self._preview:
            text, self._depth = strip_marked(data, self._depth)
            self._keep(text)

    def _keep(self, text: str) -> None:
        if any(letter.isalpha() for letter in text.replace(NAME, "")):
            self.texts.append(" ".join(text.split()))


class Shown(Unmarked):
    """The data of a page: what it shows of its records, of frameworks, or of texts from Python."""

    def _keep(self, text: str) -> None:
        del text

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        for name, value in attrs:
            if name in SAID and value:
                self._keep_data(value)

    def handle_data(self, data: str) -> None:
        if not self._quiet and not self._preview:
            self._keep_data(data)

    def _keep_data(self, text: str) -> None:
        for shown in re.findall(f"{DATA}([^{DATA}{END_OF_DATA}]*){END_OF_DATA}", text):
            outside = strip_marked(shown, 0)[0].strip()
            if any(letter.isalpha() for letter in outside):
                self.texts.append(outside)


def strip_marked(text: str, depth: int) -> tuple[str, int]:
    """What of a text stands outside marks, and how many marks are open at its end."""
    outside = []
    for letter in text:
        if letter in (OPEN, DATA):
            depth += 1
        elif letter in (CLOSE, END_OF_DATA):
            depth = max(depth - 1, 0)
        elif not depth:
            outside.append(letter)
    return "".join(outside), depth
