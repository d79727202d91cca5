"""Single values of a framework as rows: its name, and what it says once, such as the size of the sample."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic.fields import FieldInfo

from scrutineer.authoring.cells import Cell, write_cell
from scrutineer.frameworks.conditions import Condition
from scrutineer.frameworks.model import Framework, Points
from scrutineer.frameworks.parts import FrameworkPart
from scrutineer.frameworks.rating_methods import Rated

SHEET = "Framework"
HEADINGS = ("setting", "value")

_ELSEWHERE = (Condition, Points, Rated)
"""Parts that have sheets of their own."""


def list_settings() -> dict[str, FieldInfo]:
    """Every single value that a framework can say, by its name: `sample.size`."""
    return dict(_list_fields(Framework, ""))


def _list_fields(model: type[FrameworkPart], start: str) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        inner = _find_model(field.annotation)
        path = f"{start}{field.alias or name}"
        if inner is not None:
            if not issubclass(inner, _ELSEWHERE) and not _is_many(field.annotation):
                yield from _list_fields(inner, f"{path}.")
        elif name != "words":
            yield path, field


def _find_model(annotation: Any) -> type[FrameworkPart] | None:
    """The part that a field holds, one or many of it; None for plain values."""
    if isinstance(annotation, type) and issubclass(annotation, FrameworkPart):
        return annotation
    return next((model for part in get_args(annotation) if (model := _find_model(part)) is not None), None)


def _is_many(annotation: Any) -> bool:
    return "tuple" in str(annotation) or "dict" in str(annotation)


def write_settings(framework: Framework) -> Iterator[dict[str, Cell]]:
    """A row for every setting, also for those left at their default: people see what there is to set."""
    for path, field in list_settings().items():
        value: Any = framework
        for step in path.split("."):
            value = None if value is None else getattr(value, step)
        is_default = not field.is_required() and value == field.get_default(call_default_factory=True)
        yield {"setting": path, "value": None if is_default else write_cell(value)}
