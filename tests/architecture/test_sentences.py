"""What the core says fits a screen as well as a terminal: no sentence of it names an option of the command line."""

from __future__ import annotations

import ast
import re

from tests.conftest import ROOT

CORE = ROOT / "scrutineer"
ITS_OWN = {"cli", "tasks"}
"""What runs from a terminal alone, and may speak of it."""

BY_RIGHT = {
    "report/parts/verification.py",  # the report tells a reader by which commands anybody makes it again
    "report/render/docx.py",  # options of the converter, which nobody sees
}
OPTION = re.compile(r"(?<![\w-])--[a-z]{2,}")


def test_no_sentence_of_the_core_names_an_option() -> None:
    faults = []
    for path in CORE.rglob("*.py"):
        place = path.relative_to(CORE).as_posix()
        if place.split("/")[0] in ITS_OWN or place in BY_RIGHT or "/" not in place:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docs = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        faults += [
            f"{place} line {node.lineno}: {node.value[:60]}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docs
            and OPTION.search(node.value)
        ]
    assert faults == []
