"""Every field in which two frameworks differ, found by walking through both: nothing that's in the model can be passed over.

What can change a score, a rating, a sample, who is asked what, or a date is a matter of *method*; the rest is *wording*.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from scrutineer.frameworks.conditions import Condition
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.parts import FrameworkPart

Path = tuple[str, ...]

_IDENTITY = {("id",), ("version",), ("format",)}
"""What tells two versions apart, and changes nothing else."""

_WORDING = {"title", "text", "label", "description", "guidance", "words", "diversity", "origins"}
"""Fields that say how something is put, in which breakdowns it's shown, or what it was before."""

_NAMES = ("key", "code", "event", "rating", "group")
"""The fields by which the entries of two lists are matched, if all entries have different ones."""

_CALLED = {"key", "code", "event"}

_IN_ORDER = {"options", "grades", "rules", "bands", "ratings", "limits", "where"}
"""Lists whose order decides something."""

_OF_ENTRIES = {
    "sections": {"title", "weight"},
    "criteria": {"title", "description", "kind", "importance", "counted"},
    "questions": {"text", "guidance", "meaning", "scale", "when", "summary", "context", "threads"},
}
"""By the list that an entry is in, the fields that have classes of change of their own."""

_OF_PARTS = {"scoring": {"priority_line"}, "criterion": {"summary"}}
"""The same, by the part that a field is in."""


@dataclass(frozen=True)
class FieldChange:
    """A field that differs: its place, what it was and is, in words, and whether that's a matter of method."""

    path: Path
    old: str
    new: str
    kind: Literal["method", "wording"]

    @property
    def name(self) -> str:
        """The place in words: `groups.high_risk.when`."""
        return ".".join(self.path)


def list_field_changes(old: Framework, new: Framework) -> Iterator[FieldChange]:
    """Every field that differs, apart from those that have classes of change of their own."""
    for path, was, now in _compare(old, new, ()):
        if path not in _IDENTITY:
            yield FieldChange(path, write_part(was), write_part(now), _find_kind(path))


def _find_kind(path: Path) -> Literal["method", "wording"]:
    if path[-1] == "order":
        return "method" if path[-2] in _IN_ORDER else "wording"
    return "wording" if _WORDING & set(path[-2:]) else "method"


def _compare(old: Any, new: Any, path: Path) -> Iterator[tuple[Path, Any, Any]]:
    if old == new:
        return
    if isinstance(old, FrameworkPart) and type(old) is type(new) and not isinstance(old, Condition):
        for name in type(old).model_fields:
            if not _is_said_otherwise(name, path):
                yield from _compare(getattr(old, name), getattr(new, name), (*path, name))
    elif isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            yield from _compare(old.get(key), new.get(key), (*path, str(key)))
    elif isinstance(old, tuple) and isinstance(new, tuple) and _are_parts((*old, *new)):
        yield from _compare_lists(old, new, path)
    else:
        yield path, old, new


def _is_said_otherwise(name: str, path: Path) -> bool:
    of_entry = len(path) > 1 and name in _OF_ENTRIES.get(path[-2], ())
    return of_entry or (bool(path) and name in _OF_PARTS.get(path[-1], ()))


def _are_parts(entries: Sequence[Any]) -> bool:
    return bool(entries) and all(isinstance(entry, FrameworkPart) for entry in entries)


def _compare_lists(
    old: Sequence[FrameworkPart], new: Sequence[FrameworkPart], path: Path
) -> Iterator[tuple[Path, Any, Any]]:
    name = next((n for n in _NAMES if _is_name_of(n, old) and _is_name_of(n, new)), None)
    was = {str(getattr(p, name) if name else n): p for n, p in enumerate(old, 1)}
    now = {str(getattr(p, name) if name else n): p for n, p in enumerate(new, 1)}
    is_said = path[-1] in {"sections", "criteria", "questions"}
    for key in dict.fromkeys((*was, *now)):
        if key in was and key in now:
            yield from _compare(was[key], now[key], (*path, key))
        elif not is_said:  # added and retired parts of these have classes of change of their own
            yield (*path, key), was.get(key, ""), now.get(key, "")
    common = [key for key in now if key in was]
    if [key for key in was if key in now] != common:
        yield (*path, "order"), ", ".join(was), ", ".join(now)


def _is_name_of(name: str, parts: Sequence[FrameworkPart]) -> bool:
    values = [getattr(part, name, None) for part in parts]
    return None not in values and len(set(values)) == len(values)


def write_part(value: Any) -> str:
    """A value in words, without what is at its default."""
    if value is None or value == () or value == {}:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(write_part(entry) for entry in value)
    if isinstance(value, FrameworkPart):
        stated = value.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        # What it's called is in the place of the change.
        return "; ".join(f"{key}: {_write_plain(part)}" for key, part in stated.items() if key not in _CALLED)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _write_plain(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_write_plain(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_write_plain(part) for part in value) + "]"
    return write_part(value)
