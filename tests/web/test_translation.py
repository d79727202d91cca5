"""Every sentence that a template says is marked for translation: read in the templates, and seen on every screen."""

from __future__ import annotations

import inspect
import re
import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.template.base import Lexer, TokenType
from django.test import Client
from django.utils.translation import gettext, ngettext, override

from docs.catalogue import CATALOGUE, list_sentences, make_catalogue
from scrutineer_web import components
from scrutineer_web.records.user import User
from tests.conftest import ROOT
from tests.web.literals import EXEMPT, list_literals, list_modules
from tests.web.pseudo import DATA, END_OF_DATA, Shown, Unmarked, speak_pseudo
from tests.web.test_permissions import LETTERS, SCREENS, address
from tests.web.test_permissions import numbers as numbers

CONFIGURED = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["djlint"]
NOT_YET = [ROOT / name for name in CONFIGURED["extend_exclude"].split(",")]
"""Folders that djlint leaves out, too. Whoever converts one takes it out of pyproject.toml."""

LONGEST = 120
TEMPLATES = sorted(
    path for path in (ROOT / "scrutineer_web").rglob("*.html") if "node_modules" not in path.parts
)
CONVERTED = [path for path in TEMPLATES if not any(path.is_relative_to(folder) for folder in NOT_YET)]
EACH = pytest.mark.parametrize(
    "path", CONVERTED, ids=lambda path: str(path.relative_to(ROOT / "scrutineer_web"))
)

TEXT = re.compile(r"\"[^\"]*[^\W\d_][^\"]*\"|'[^']*[^\W\d_][^']*'")
SAYING = re.compile(r"\|(?:yesno|default|default_if_none|pluralize|join|add):(?!_\()(\"[^\"]*\"|'[^']*')")
"""Filters that show the text they are given, but for those that mark it."""
NO_SENTENCE = {'", "', '""'}
_CLASSES = ["block", "width"]
"""The block of `base.html` that holds classes of the page's frame, and no sentence."""


def read_component_texts() -> dict[str, list[str]]:
    """Which parameters of each component are texts, in the order in which a template gives them."""
    texts = {}
    for path in sorted(Path(components.__file__).parent.glob("*.py")):
        module = __import__(f"scrutineer_web.components.{path.stem}", fromlist=["register"])
        for name, tag in getattr(getattr(module, "register", None), "tags", {}).items():
            signature = inspect.signature(tag)  # of the function that it wraps
            texts[name] = [
                (parameter.name if "Text" in str(parameter.annotation) else "")
                for parameter in signature.parameters.values()
                if parameter.name not in ("context", "content")
            ]
    return texts


COMPONENTS = read_component_texts()


def list_unmarked(source: str) -> list[str]:
    """What a template says without a mark, whatever is shown of it and when."""
    page, unmarked, inside = [], [], ""
    for token in Lexer(source).tokenize():
        words = token.split_contents() if token.token_type == TokenType.BLOCK else []
        if inside:
            if words and words[0] == inside:
                inside = ""
        elif token.token_type == TokenType.TEXT:
            page.append(token.contents)
        elif token.token_type == TokenType.VAR:
            unmarked += [
                text
                for text in SAYING.findall(token.contents)
                if text not in NO_SENTENCE and TEXT.match(text)
            ]
            page.append(f"{DATA}x{END_OF_DATA}")
        elif words and (words[0] in ("blocktranslate", "blocktrans", "comment") or words[:2] == _CLASSES):
            inside = f"end{words[0]}"
        elif words[:2] == ["block", "width"]:  # a class of the page's container, in an attribute of base.html
            inside = "endblock"
        elif words:
            unmarked += list(list_unmarked_arguments(words))
    return unmarked + Unmarked.list_in("".join(page))


def list_unmarked_arguments(words: list[str]) -> list[str]:
    """Plain texts that a tag hands to a component, or to a template that it includes."""
    name, *rest = words
    if name in ("include", "with"):
        return [
            w
            for w in rest
            if "=" in w
            and TEXT.fullmatch(w.partition("=")[2])
            and re.search(r"\s|[A-Z]", w.partition("=")[2])
        ]
    parameters = COMPONENTS.get(name, [])
    texts = []
    for place, word in enumerate(rest):
        key, equals, value = word.partition("=")
        is_named = bool(equals) and key.isidentifier()
        text = value if is_named else word
        says = key in parameters if is_named else place < len(parameters) and bool(parameters[place])
        if says and TEXT.fullmatch(text):
            texts.append(text)
    return texts


@EACH
def test_says_nothing_without_a_mark(path: Path) -> None:
    assert list_unmarked(path.read_text(encoding="utf-8")) == []


@EACH
def test_has_no_line_that_is_too_long(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [(number, len(line)) for number, line in enumerate(lines, 1) if len(line) > LONGEST] == []


def test_no_text_shows_its_per_cent_sign_twice() -> None:
    """Django doubles the sign in `_("…")` and shows it so; `{% translate %}` turns it back."""
    doubled = re.compile(r"\{[{%].*?_\((?:\"[^\"]*%[^\"]*\"|'[^']*%[^']*')\)")
    assert [path.name for path in TEMPLATES if doubled.search(path.read_text(encoding="utf-8"))] == []


def test_folders_that_are_not_converted_are_there() -> None:
    """A folder whose last template has gone, or whose name has changed, must not stay on the list."""
    assert [
        folder.name
        for folder in NOT_YET
        if folder.name != "node_modules" and not list(folder.rglob("*.html"))
    ] == []


def test_finds_what_is_not_marked() -> None:
    """The test itself: what it must find, and what it must let pass."""
    assert list_unmarked("<p>Case {{ case }}</p>") == ["Case"]
    assert list_unmarked('<a aria-label="Move {{ case }}">{{ case }}</a>') == ["Move"]
    assert list_unmarked('{{ value|yesno:"Unlock,Lock" }}') == ['"Unlock,Lock"']
    assert list_unmarked('{% button "Save" %}{% tag "late" "red" %}') == ['"Save"', '"late"']
    assert list_unmarked('{% table region="Cases" %}{% column "Case" %}{% endtable %}') == [
        '"Cases"',
        '"Case"',
    ]
    assert list_unmarked('{% include "x.html" with label="Areas" %}') == ['label="Areas"']
    assert (
        list_unmarked(
            '<p class="govuk-body">{% translate "Case" %} {{ case }}, {{ n|pluralize:_("y,ies") }}</p>'
        )
        == []
    )
    assert (
        list_unmarked("<p>{% blocktranslate %}Case <b>{{ case }}</b> is open.{% endblocktranslate %}</p>")
        == []
    )
    assert list_unmarked('{% button _("Save") kind="warning" %}{% tag title "red" %}') == []


def test_pseudo_language_shows_what_is_marked_and_what_is_data() -> None:
    template = engines["django"].from_string(
        '<p>{% translate "Case" %} {{ case }} of</p><p>{% blocktranslate %}Two <b>{{ case }}</b> words{% endblocktranslate %}</p>'
        '{% button _("Save") %}'
    )
    with speak_pseudo():
        assert (gettext("a"), ngettext("a", "b", 2)) == ("⟦a⟧", "⟦b⟧")
        html = template.render({"case": "Pine"})
    assert "⟦Case⟧" in html
    assert "⟦Save⟧" in html
    assert Unmarked.list_in(html) == ["of"]
    assert Shown.list_in(html) == ["Pine", "Pine"]
    assert gettext("a") == "a"
    assert Unmarked.list_in('<p title="Of">x⟦Two <b>words</b>⟧</p>') == ["Of", "x"]


@pytest.mark.repeats
def test_every_screen_says_what_it_says_with_a_mark(numbers: dict[str, int], people: dict[str, User]) -> None:
    """Each screen as each role sees it: no text in a page of converted templates stands outside marks and data.

    And no data is a text that stands in Python without a mark: that is how one is told from what records and frameworks say.
    """
    wrong, seen = {}, set()
    known = [
        item
        for path in list_modules()
        for item in list_literals(path)
        if item.is_said and item.text not in EXEMPT
    ]
    exact = {item.text for item in known}
    patterns = [item.make_pattern() for item in known if "\0" in item.text and item.can_be_recognised]
    for letter, role in LETTERS.items():
        client = Client()
        client.force_login(people[role])
        for name, allowed in SCREENS.items():
            if letter not in allowed or name in ("token_retire", "job", "job_file"):
                continue
            with speak_pseudo():
                response = client.get(address(name, numbers))
            templates = [
                Path(t.origin.name)
                for t in response.templates
                if t.origin and Path(str(t.origin.name)).exists()
            ]
            if not templates or any(t.is_relative_to(folder) for t in templates for folder in NOT_YET):
                continue
            seen.add(name)
            html = response.content.decode()
            from_python = [
                text
                for text in set(Shown.list_in(html))
                if text in exact or any(pattern.fullmatch(text) for pattern in patterns)
            ]
            for text in Unmarked.list_in(html) + from_python:
                wrong.setdefault(text, f"{name} as {role}")
    assert wrong == {}
    assert {"my_work", "inspections", "inspection", "people", "calendar"} <= seen


def test_catalogue_has_every_sentence(tmp_path: Path) -> None:
    assert CATALOGUE.read_text(encoding="utf-8") == make_catalogue(), "stale: ./run fix"
    template = tmp_path / "a.html"
    template.write_text(
        '{% translate "May" context "month" %}{% column _("Quota") number=True %}'
        "{% blocktranslate count n=cases|length %}One case{% plural %}{{ n }} cases{% endblocktranslate %}"
    )
    assert list(list_sentences(template)) == [
        ("month", "May", None),
        (None, "Quota", None),
        (None, "One case", "%(n)s cases"),
    ]
    module = tmp_path / "a.py"
    module.write_text(
        "from django.utils.translation import gettext as _, gettext_lazy, ngettext as many, pgettext\n"
        'title = gettext_lazy("Cases"); many("a", "b", 2); pgettext("c", "d"); _(name); gettext("not imported")'
    )
    assert list(list_sentences(module)) == [(None, "Cases", None), (None, "a", "b"), ("c", "d", None)]


def test_the_room_speaks_british_english() -> None:
    assert (settings.LANGUAGE_CODE, settings.USE_I18N) == ("en-gb", True)
    assert [Path(path) for path in settings.LOCALE_PATHS] == [CATALOGUE.parent]
    with override("en-gb"):
        assert gettext("Warning") == "Warning"
