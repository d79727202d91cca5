"""YAML 1.2 as plain values that remember their lines.

ruamel.yaml composes the nodes; values are built here, so that a duplicate key is a fault with
both its lines, and anchors (which can make a small file vast) are refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from scrutineer.errors import Fault, UserError, make_fault, shorten_path

Place = tuple[str | int, ...]
_LARGEST = 2_000_000
_WORDS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


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
    found: Node | None = YAML(typ="rt", pure=True).compose(text)
    return found


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
    # The scanner marks the places at which a folded text was broken with a bell: no part of the text.
    text: str = node.value.replace("\a", "") if node.style == ">" else node.value
    kind = node.tag.rsplit(":", 1)[-1] if isinstance(node.tag, str) else str(node.tag).rsplit(":", 1)[-1]
    match kind:
        case "null":
            return None
        case "bool":
            return _WORDS.get(text, text)
        case "int":
            return int(text, 10) if text.lstrip("+-").isdigit() else text
        case "float":
            number = float(text)
            if not isfinite(number):
                raise ValueError(text)
            return number
        case _:
            return text
