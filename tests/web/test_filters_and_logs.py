"""What a template's filters make of nothing, and what the log says of an error that nobody foresaw."""

from __future__ import annotations

import json
import logging
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
from django.template import Context, Template

from scrutineer_web.kit import logs
from scrutineer_web.templatetags import room

NUMBERS = ("percent", "decimals", "interval", "in_points")
"""The filters that print a number."""

WITHOUT_NUMBERS = {"get", "kind", "may", "may_everywhere", "time", "words"}
NOTHING: tuple[Any, ...] = (None, "", nan, inf, -inf, "none", [], object())


def test_every_filter_is_known_to_print_a_number_or_none() -> None:
    """A new filter without a line here fails."""
    assert set(room.register.filters) == {*NUMBERS, *WITHOUT_NUMBERS}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_filter_of_numbers_prints_a_dash_or_nothing_where_there_is_no_number(name: str) -> None:
    for value in NOTHING:
        text = Template(f"{{{{ value|{name} }}}}").render(Context({"value": value}))
        assert text in ("–", ""), (name, value)
    # A name that leads nowhere is an empty string to a filter.
    for path in ("missing", "missing.0", "none.0.score", "empty.0"):
        text = Template(f"{{{{ {path}|{name} }}}}").render(Context({"none": None, "empty": ()}))
        assert text in ("–", ""), (name, path)


def test_a_difference_with_one_side_missing_is_a_dash() -> None:
    for sides in ((None, 0.5), (0.5, ""), (nan, 0.5), ("", "")):
        context = Context(dict(zip(("seen", "expected"), sides, strict=True)))
        assert Template("{% points seen expected %}").render(context) == "–"


def test_numbers_are_printed_as_before() -> None:
    context = Context({"share": 0.125, "difference": -0.031, "alpha": 0.6649, "zero": 0})
    template = "{{ share|percent }} {{ difference|in_points }} {{ alpha|decimals:2 }} {{ zero|percent }} {% points share zero %}"
    assert Template(template).render(context) == "13% \u22123 0.66 0% +13"
    assert Template("{{ change|decimals:1 }}").render(Context({"change": -8.3})) == "\u22128.3"


def test_words_and_entries_of_nothing_are_nothing() -> None:
    text = "{{ none|words }}{{ missing|words }}{% with e=missing|get:'x' %}{{ e|default_if_none:'' }}{% endwith %}"
    assert Template(text).render(Context({"none": None})) == ""


# -- the log -----------------------------------------------------------------------------

SECRET = "the neighbour in Elm Street said so"


def _break(value: object) -> None:
    raise ValueError(f"cannot read {value}")


class _Note:
    """What a page shows of a case; asking for it fails in the program."""

    @property
    def text(self) -> str:
        _break(SECRET)
        return ""


def _logged(error: Exception) -> str:
    record = logging.LogRecord(
        "django.request", logging.ERROR, "", 0, "Internal Server Error: %s", ("/x/",), None
    )
    record.exc_info = (type(error), error, error.__traceback__)
    logs.Bare().filter(record)
    return str(json.loads(logs.Json().format(record))["message"])


def test_the_log_says_where_an_error_came_from_and_no_word_of_a_case() -> None:
    try:
        _break(SECRET)
    except ValueError as error:
        message = _logged(error)
    assert "(ValueError at tests/web/test_filters_and_logs.py:" in message
    assert " _break" in message
    assert "Elm Street" not in message
    assert str(Path(__file__).parent) not in message


def test_the_log_names_the_cause_of_an_error() -> None:
    try:
        try:
            _break(SECRET)
        except ValueError as error:
            raise RuntimeError(SECRET) from error
    except RuntimeError as error:
        message = _logged(error)
    assert "RuntimeError at " in message
    assert "; caused by ValueError at " in message
    assert "Elm Street" not in message


def test_the_log_names_the_template_and_its_line(tmp_path: Path) -> None:
    from django.template.engine import Engine

    (tmp_path / "note.html").write_text("first line\n\n{{ note.text }}")
    engine = Engine(dirs=[str(tmp_path)])
    try:
        engine.get_template("note.html").render(Context({"note": _Note()}))
    except ValueError as error:
        message = _logged(error)
    assert "template note.html:3" in message
    assert "Elm Street" not in message


def test_the_log_names_the_place_within_the_program() -> None:
    from scrutineer.statistics.shares import format_percent

    try:
        format_percent("half")  # type: ignore[arg-type]
    except TypeError as error:
        message = _logged(error)
    assert "scrutineer/statistics/shares.py:" in message
