"""From a framework file to a whole, checked framework; every fault of the file at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from scrutineer.errors import Fault, UserError, short
from scrutineer.frameworks.checks import problems
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.tailoring import Extension, filled, tailored, unknown_names
from scrutineer.frameworks.yaml_source import Place, Source, read_yaml

Finder = Callable[[str], Framework]
Model = TypeVar("Model", bound=BaseModel)

_WRITTEN = {
    r"^[a-z][a-z0-9_]*$": " (small letters, digits and _, a letter first)",
    r"^[a-z0-9][a-z0-9-]*$": " (small letters, digits and -)",
    r"^[A-Za-z0-9][A-Za-z0-9.]*$": " (letters, digits and full stops)",
    r"^\d+(\.\d+)*$": " (digits and full stops, such as 1.0)",
}
_ADVICE = {
    "missing": "Add it",
    "extra_forbidden": "Remove it, or look for a spelling mistake",
}


def load(path: Path, base: Finder) -> Framework:
    """A framework file as a whole framework, its words filled in.

    Args:
        path: a `framework.yaml`.
        base: gives the framework of an id that this file extends, its words not filled in.

    Raises:
        UserError: with every fault of the file, each with file and line.
    """
    source = read_yaml(path)
    framework = raw(source, base)
    faults: list[Fault] = []

    def missing(name: str, word: str) -> None:
        what = f"'{name}' uses the word '{{{word}}}', which the framework does not define"
        faults.append(Fault(_near(source, (), name), what, "Add it under `words`"))

    whole = filled(framework, missing)
    faults += [Fault(_near(source, p.place, p.near), p.what, p.do) for p in problems(whole)]
    if faults:
        raise UserError(faults)
    return whole


def raw(source: Source, base: Finder) -> Framework:
    """The framework of a file that was read, with `extends` done and words not yet filled in."""
    if not isinstance(source.value, dict):
        raise UserError(source.fault((), "a framework file is a mapping", "Start with `format: 1` and `id:`"))
    if "extends" not in source.value:
        return parse(Framework, source)
    extension = parse(Extension, source)
    extended = base(extension.extends)
    faults = [
        source.fault(("tailor", *place), what, do)
        for place, what, do in unknown_names(extended, extension.tailor)
    ]
    replaced = _replaced(source, extension, faults)
    if faults:
        raise UserError(faults)
    return tailored(extended, extension, replaced)


def _replaced(source: Source, extension: Extension, faults: list[Fault]) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    for name, value in extension.replace.items():
        field = Framework.model_fields.get(name)
        if field is None or name in {"format", "id", "version", "title", "sections", "words"}:
            faults.append(
                source.fault(
                    ("replace", name),
                    f"'{name}' is not a part that can be replaced",
                    "Use `tailor` for sections, criteria and questions",
                )
            )
            continue
        try:
            parts[name] = TypeAdapter[Any](field.rebuild_annotation()).validate_python(value)
        except ValidationError as error:
            faults += _faults(source, error, ("replace", name))
    return parts


def parse(model: type[Model], source: Source) -> Model:
    """The values of a YAML file as a model.

    Raises:
        UserError: with every field that does not fit, each with file and line.
    """
    try:
        return model.model_validate(source.value)
    except ValidationError as error:
        raise UserError(_faults(source, error, ())) from error


def _faults(source: Source, error: ValidationError, start: Place) -> list[Fault]:
    faults: dict[tuple[str, str], Fault] = {}
    for detail in error.errors():
        place = (*start, *_own_steps(detail["loc"], source, start))
        name = ".".join(str(step) for step in detail["loc"] if not isinstance(step, int)) or "the file"
        what = f"`{name}`: {_sentence(detail)}"
        fault = source.fault(place, what, _ADVICE.get(detail["type"], ""))
        faults.setdefault((fault.where, fault.what), fault)
    return list(faults.values())


def _own_steps(steps: tuple[int | str, ...], source: Source, start: Place) -> Place:
    """The steps of a model's error that the file has too: union branches have names of their own."""
    place: Place = ()
    for step in steps:
        if (*start, *place, step) in source.lines:
            place = (*place, step)
    return place


def _sentence(detail: Any) -> str:
    match detail["type"]:
        case "missing":
            return "this field is missing"
        case "extra_forbidden":
            return "this field is not known"
        case "string_pattern_mismatch":
            return f"'{detail['input']}' is not written as such a name is{_WRITTEN.get(detail['ctx']['pattern'], '')}"
        case "too_short":
            return "this list is empty or has faults in all its entries"
        case "string_type":
            return f"'{detail['input']}' must be text; write it in quotes"
        case _:
            message = str(detail["msg"]).removeprefix("Value error, ")
            return message[:1].lower() + message[1:]


def _near(source: Source, place: Place, near: str) -> str:
    """File and line of a place, or (in a tailoring file) of the nearest mention of a key or code."""
    if place and place in source.lines:
        return source.where(place)
    if place and "extends" not in (source.value or {}):
        return source.where(place)
    for spot, line in source.lines.items():
        if near in spot or _value_at(source.value, spot) == near:
            return f"{short(source.path)} line {line}"
    return source.where(())


def _value_at(value: Any, place: Place) -> Any:
    for step in place:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value
