"""YAML 1.2 as plain values that remember their lines.

PyYAML composes the nodes, of which all scalars are texts; values are made of them here: by the rules of YAML 1.2, so that
`no` stays a word, a duplicate key is a fault with both its lines, and anchors (which can make a small file vast) are refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any, Final, Protocol

import yaml
from yaml import MappingNode, MarkedYAMLError, Node, ScalarNode, SequenceNode, YAMLError

from scrutineer.errors import Fault, UserError, make_fault, shorten_path

Place = tuple[str | int, ...]
_LARGEST, _DEEPEST = 2_000_000, 100
_LOADER: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""libyaml's where there is one: thirty times as fast."""

_NOTHING = {"", "~", "null", "Null", "NULL"}
_WORDS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_WHOLE = re.compile(r"[-+]?[0-9]+")
_NUMBER = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
"""YAML 1.2.2, section 10.3.2 (the core schema), but for numbers in base 8 and 16, which stay texts."""


class ContentSource(Protocol):
    """The content of a file with the place of each value, whatever form the file has."""

    path: Path
    value: Any
    lines: dict[Place, int]

    def locate(self, place: Sequence[str | int] = ()) -> str:
        """A place in the file as a person finds it."""

    def make_fault(self, place: Sequence[str | int], what: str, do: str = "") -> Fault:
        """A fault that names the file and the place in it."""


@dataclass
class YamlSource:
    """The values of one YAML file, with the line of each."""

    path: Path
    value: Any = None
    lines: dict[Place, int] = field(default_factory=dict)

    def locate(self, place: Sequence[str | int] = ()) -> str:
        """File and line of a place in the file, or of the nearest place around it that has a line."""
        steps = tuple(place)
        while steps and steps not in self.lines:
            steps = steps[:-1]
        return f"{shorten_path(self.path)} line {self.lines.get(steps, 1)}"

    def make_fault(self, place: Sequence[str | int], what: str, do: str = "") -> Fault:
        """A fault that names the file and the line of `place`."""
        return Fault(self.locate(place), what, do)


def read_yaml(path: Path) -> YamlSource:
    """Read one YAML file.

    Raises:
        UserError: the file is missing, too large, not text or not YAML; or it holds duplicate
            keys or anchors (all of those at once).
    """
    source = YamlSource(path)
    try:
        node = _compose(_make_text(path))
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line = f" line {mark.line + 1}" if mark else ""
        raise UserError(Fault(f"{shorten_path(path)}{line}", f"this is not YAML: {error.problem}")) from error
    except RecursionError:
        raise UserError(
            Fault(shorten_path(path), "the file is nested too deeply", "Use fewer levels")
        ) from None
    except YAMLError as error:
        raise UserError(Fault(shorten_path(path), "this is not YAML")) from error
    if node is None:
        raise UserError(Fault(shorten_path(path), "the file is empty"))
    faults: list[Fault] = []
    source.value = _Builder(source, faults).build(node, ())
    if faults:
        raise UserError(faults)
    return source


def _compose(text: str) -> Node | None:
    """The nodes of a text, each with its line; None if there is nothing in it."""
    # libyaml composes by recursion without a limit: a file of brackets alone would end the process.
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise RecursionError
    top: Node | None = yaml.compose(text, Loader=_LOADER)
    return top


def _make_text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise UserError(
                Fault(shorten_path(path), "the file is larger than 2 MB", "Split it into several")
            )
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UserError(Fault(shorten_path(path), "the file is not UTF-8 text")) from error
    except OSError as error:
        raise UserError(make_fault(error, shorten_path(path))) from error


class _Builder:
    def __init__(self, source: YamlSource, faults: list[Fault]):
        self.source, self.faults, self.seen = source, faults, set[int]()

    def build(self, node: Node, place: Place) -> Any:
        self.source.lines[place] = node.start_mark.line + 1
        if id(node) in self.seen:
            self.faults.append(
                self.source.make_fault(
                    place, "anchors and aliases can't be used in these files", "Write the value in full"
                )
            )
            return None
        self.seen.add(id(node))
        if isinstance(node, MappingNode):
            return self._build_mapping(node, place)
        if isinstance(node, SequenceNode):
            return [self.build(child, (*place, n)) for n, child in enumerate(node.value)]
        try:
            return _make_scalar(node) if isinstance(node, ScalarNode) else None
        except ValueError:
            what = "this number can't be used in calculations"
            self.faults.append(self.source.make_fault(place, what, "Write an ordinary number"))
            return None

    def _build_mapping(self, node: MappingNode, place: Place) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if key in result:
                first = self.source.lines[(*place, key)]
                where = f"{shorten_path(self.source.path)} line {line}"
                self.faults.append(
                    Fault(where, f"'{key}' appears twice (first on line {first})", "Keep one of them")
                )
                continue
            result[key] = self.build(value_node, (*place, key))
            self.source.lines[(*place, key)] = line
        return result


def _make_scalar(node: ScalarNode) -> Any:
    """A plain value as YAML 1.2 reads it; what is quoted stays text."""
    return node.value if node.style else read_plain(node.value)


def read_plain(text: str) -> Any:
    """What a value without quotes stands for.

    Raises:
        ValueError: a number without an end, or none.
    """
    if text in _NOTHING:
        return None
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text, 10)
    if not _NUMBER.fullmatch(text):
        return text
    number = float(text.replace(".inf", "inf").replace(".nan", "nan") if text[-1].isalpha() else text)
    if not isfinite(number):
        raise ValueError(text)
    return number
