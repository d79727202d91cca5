"""YAML files: values by the rules of YAML 1.2, whatever a tool of YAML 1.1 would make of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scrutineer.errors import UserError
from scrutineer.frameworks.yaml_source import read_yaml


def read(folder: Path, text: str) -> Any:
    path = folder / "values.yaml"
    path.write_text(text, encoding="utf-8")
    return read_yaml(path).value


@pytest.mark.parametrize(
    ("plain", "value"),
    [
        ("no", "no"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("012", 12),  # not base 8
        ("0o14", "0o14"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),  # not minutes
        ("2006-01-15", "2006-01-15"),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1.2.3", "1.2.3"),
    ],
)
def test_plain_values_are_read_by_the_core_schema(tmp_path: Path, plain: str, value: object) -> None:
    """YAML 1.2.2, section 10.3.2; of numbers in other bases than ten no file here has any."""
    read_value = read(tmp_path, f"value: {plain}\n")["value"]
    assert (type(read_value), read_value) == (type(value), value)


@pytest.mark.parametrize("quoted", ['"12"', "'12'", "|-\n  12", ">-\n  12"])
def test_what_is_quoted_or_written_in_lines_stays_text(tmp_path: Path, quoted: str) -> None:
    assert read(tmp_path, f"value: {quoted}\n") == {"value": "12"}


@pytest.mark.parametrize("number", [".inf", "-.inf", ".NaN"])
def test_numbers_that_cannot_be_calculated_with_are_refused(tmp_path: Path, number: str) -> None:
    with pytest.raises(UserError, match=r"values.yaml line 2: this number can't be used in calculations"):
        read(tmp_path, f"a: 1\nvalue: {number}\n")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 1_999_000,
        "- " * 900_000,
        "a: " + "{a: " * 400_000,
        "".join(" " * n + "a:\n" for n in range(1900)),
    ],
    ids=["brackets", "dashes", "braces", "indents"],
)
def test_a_file_that_is_nested_without_end_is_a_fault(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError, match=r"the file is nested too deeply\. Use fewer levels"):
        read(tmp_path, text)


def test_what_is_nested_as_far_as_any_file_needs_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, "[" * 90 + "]" * 90) is not None
