"""Every sentence that the web application says from Python or JavaScript is marked for translation: read in the code.

The walk through every screen (`test_translation.py`) looks for the same texts where people see them.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scrutineer_web.kit.script_texts import TEXTS, list_texts
from tests.web.literals import EXEMPT, NOT_SAID, ROOM, Literal, list_literals, list_modules


@pytest.mark.parametrize("path", list_modules(), ids=lambda path: str(path.relative_to(ROOM)))
def test_says_nothing_without_a_mark(path: Path) -> None:
    unmarked = [item for item in list_literals(path) if item.is_said and item.text not in EXEMPT]
    assert [(item.line, item.text.replace("\0", "{}")) for item in unmarked] == []


def test_exemptions_are_there() -> None:
    """What has gone, or has changed its name, must not stay exempt."""
    said = {item.text for path in list_modules() for item in list_literals(path)}
    assert EXEMPT - said == set()
    assert [name for name in NOT_SAID if not (ROOM / name).exists()] == []


def test_finds_what_is_not_marked(tmp_path: Path) -> None:
    """The test itself: what it must find, and what it must let pass."""
    module = tmp_path / "a.py"
    module.write_text(
        '"""A docstring of a module."""\n'
        'label = "Title"\n'
        'title = gettext_lazy("First day")\n'
        'text = f"{count} cases" + f"{key}__value" + "key" + "__NAME__"\n'
        'log.error("it went wrong: %s", error)\n'
        'raise Fault("the case", _("it is %(state)s") % {"state": "not open"})\n'
        'pattern = re.compile("a pattern")\n'
    )
    result = [item.text for item in list_literals(module) if item.is_said]
    assert result == ["Title", "\0 cases", "the case", "not open"]
    assert Literal("\0 is added", 1).make_pattern().fullmatch("Courts is added")
    assert not Literal("\0 is added", 1).make_pattern().fullmatch("Courts is removed")


SCRIPTS = sorted(
    path
    for path in (ROOM / "static" / "room").glob("*.js")
    if path.name not in ("dexie.js", "govuk-frontend.js")
)
SAYS = {"case.js": ("page", "case"), "report.js": ("page", "report")}
"""Which texts the pages of a script hold, where it isn't on every page."""

NO_TEXT = {
    # Keys, and names that nobody translates
    *("Accept", "Arrow", "Enter", "Escape", "Browser", "Chrome", "Edg", "Edge", "Firefox", "Safari"),
    *("Android", "Linux", "Mac", "Windows"),
    "the caller",  # a place that the API names alike in every language
}
"""Texts in scripts that look like sentences, and that nobody reads."""

_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|`(?:[^`\\]|\\.)*`")
_SELECTOR = re.compile(r"[\[=;>]|govuk-|room-")


def list_script_texts(code: str) -> list[str]:
    """The texts of a script that could be said on a page."""
    without_comments = re.sub(r"(?m)(?:^|(?<=[\s;{]))//.*$", "", code)
    # What stands in `${…}` is code, and its own texts are looked at as well.
    strings = [string[1:-1] for string in _STRING.findall(without_comments)]
    strings += [
        inner[1:-1]
        for string in strings
        for part in re.findall(r"\$\{(.*?)\}", string)
        for inner in _STRING.findall(part)
    ]
    texts = [re.sub(r"\$\{.*?\}+", "\0", string) for string in strings]
    return [
        text
        for text in texts
        if Literal(text.rstrip("."), 0).is_said and not _SELECTOR.search(text) and text not in NO_TEXT
    ]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_say_what_the_page_holds(path: Path) -> None:
    code = path.read_text(encoding="utf-8")
    assert list_script_texts(code) == []
    held = [list_texts(group) for group in SAYS.get(path.name, ("page",))]
    assert set(re.findall(r"\bsay\(\"(\w+)\"", code)) <= {key for texts in held for key in texts.texts}
    counted = {key for texts in held for forms in texts.counted.values() for key in forms}
    assert set(_list_counted(code)) <= counted


def _list_counted(code: str) -> list[str]:
    calls = re.findall(r"\bsayCount\(([^;]*?),", code)
    return [key for call in calls for key in re.findall(r"\"(\w+)\"", call)]


def test_no_text_is_held_for_nothing() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    held = [list_texts(group) for group in TEXTS]
    keys = {key for texts in held for key in texts.texts} | {
        key for texts in held for key in texts.counted[0]
    }
    assert {key for key in keys if f'"{key}"' not in code} == set()


def test_finds_what_scripts_say() -> None:
    """The test itself: what it must find in a script, and what it must let pass."""
    code = (
        'line.textContent = "Saved"; // a comment "It says nothing"\n'
        'note.textContent = `${count} answer${count === 1 ? " is" : "s are"} not sent yet.`;\n'
        'note.className = "govuk-inset-text room-draft"; form.querySelector("input[type=file], textarea");\n'
        'if (key === "Enter") say("criterion_open", { number });\n'
    )
    assert list_script_texts(code) == ["Saved", "\0 answer\0 not sent yet."]
