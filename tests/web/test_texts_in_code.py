"""Every sentence that the web application says from Python is marked for translation: read in the code.

The walk through every screen (`test_translation.py`) looks for the same texts where people see them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.literals import EXEMPT, NOT_SAID, ROOM, Literal, list_literals, list_modules


@pytest.mark.parametrize("path", list_modules(), ids=lambda path: str(path.relative_to(ROOM)))
def test_says_nothing_without_a_mark(path: Path) -> None:
    unmarked = [one for one in list_literals(path) if one.is_said and one.text not in EXEMPT]
    assert [(one.line, one.text.replace("\0", "{}")) for one in unmarked] == []


def test_exemptions_are_there() -> None:
    """What has gone, or has changed its name, must not stay exempt."""
    said = {one.text for path in list_modules() for one in list_literals(path)}
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
    found = [one.text for one in list_literals(module) if one.is_said]
    assert found == ["Title", "\0 cases", "the case", "not open"]
    assert Literal("\0 is added", 1).make_pattern().fullmatch("Courts is added")
    assert not Literal("\0 is added", 1).make_pattern().fullmatch("Courts is removed")
