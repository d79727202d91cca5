"""How the code is written, as far as a machine can tell: what is kept from the checks says why, and no function is long."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGES = ("scrutineer", "scrutineer_web")
LONGEST = 50
"""Lines of a function of the room, signature and docstring included."""

IGNORED = re.compile(r"# type: ignore")
WITH_REASON = re.compile(r"# type: ignore\[[a-z, -]+\]  # \S")
FORMATTER_OFF = re.compile(r"# fmt: (?:skip|off)")


def list_modules(package: str) -> list[Path]:
    return [path for path in sorted((ROOT / package).rglob("*.py")) if "migrations" not in path.parts]


@pytest.mark.parametrize("package", PACKAGES)
def test_what_types_do_not_cover_says_why(package: str) -> None:
    bare = [
        f"{path.relative_to(ROOT)} line {number}"
        for path in list_modules(package)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if IGNORED.search(line) and not WITH_REASON.search(line)
    ]
    assert bare == []


@pytest.mark.parametrize("package", PACKAGES)
def test_the_formatter_decides(package: str) -> None:
    assert not [
        str(path.relative_to(ROOT))
        for path in list_modules(package)
        if FORMATTER_OFF.search(path.read_text(encoding="utf-8"))
    ]


def test_no_function_of_the_room_is_long() -> None:
    long = [
        f"{path.relative_to(ROOT)} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for path in list_modules("scrutineer_web")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= LONGEST
    ]
    assert long == []
