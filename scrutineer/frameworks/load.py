"""From a framework file to a whole, checked framework; every fault of the file at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from scrutineer.errors import Fault, UserError
from scrutineer.frameworks.consistency import list_problems
from scrutineer.frameworks.counted_questions import spell_out_counts
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.question_tables import TableError, expand_tables
from scrutineer.frameworks.sound import keep_sound_part
from scrutineer.frameworks.tailoring import Extension, apply_extension, fill_in, find_unknown_names
from scrutineer.frameworks.yaml_source import ContentSource, Place, read_yaml

Finder = Callable[[str], Framework]
Model = TypeVar("Model", bound=BaseModel)

_WRITTEN = {
    r"^[a-z][a-z0-9_]*$": " (lower-case letters, digits and _, starting with a letter)",
    r"^[a-z0-9][a-z0-9-]*$": " (lower-case letters, digits and -)",
    r"^[A-Za-z0-9][A-Za-z0-9.]*$": " (letters, digits and full stops)",
    r"^\d+(\.\d+)*$": " (digits and full stops, such as 1.0)",
}
_FORMS = {
    r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$": "write the slot as in 09:30-11:00",
    r"^\d{4}-\d{2}-\d{2}$": "write the day as in 2006-04-03",
    r"^\d{4}-\d{2}-\d{2}( ([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$": (
        "write a day, or a day and one of its slots, as in 2006-04-03 09:30-11:00"
    ),
    r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$": "write the country as in GB-ENG",
}
"""How values of other patterns are written."""
_SHAPES = {
    "missing": "this field is missing",
    "extra_forbidden": "this is not a known field",
    "too_short": "this list is empty",
    "dict_type": "write names with their values, as in `name: value`",
    "model_type": "write names with their values, as in `name: value`",
    "model_attributes_type": "write names with their values, as in `name: value`",
    "dataclass_type": "write names with their values, as in `name: value`",
    "tuple_type": "write a list, as in [a, b]",
    "list_type": "write a list, as in [a, b]",
    "set_type": "write a list, as in [a, b]",
    "frozen_set_type": "write a list, as in [a, b]",
    "too_long": "write fewer entries",
    "string_too_short": "fill this in",
    "string_too_long": "write less here",
    "int_type": "write a whole number",
    "int_parsing": "write a whole number",
    "int_from_float": "write a whole number",
    "float_type": "write a number",
    "float_parsing": "write a number",
    "finite_number": "write a number",
    "decimal_parsing": "write a number",
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
    "date_type": "write a day, as in 2006-03-31",
    "date_parsing": "write a day, as in 2006-03-31",
    "date_from_datetime_parsing": "write a day, as in 2006-03-31",
    "date_from_datetime_inexact": "write a day, as in 2006-03-31",
    "none_required": "remove this",
}
"""What to write in a field, where the file holds something else."""
_LIMITS = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("more than", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("less than", "lt"),
    "multiple_of": ("a multiple of", "multiple_of"),
}
_ADVICE = {
    "missing": "Add it",
    "extra_forbidden": "Remove it, or check its spelling",
}


def load(path: Path, base: Finder) -> Framework:
    """A framework file as a whole framework, its words filled in.

    Args:
        path: a `framework.yaml`.
        base: gives the framework of an id that this file extends, its words not filled in.

    Raises:
        UserError: with every fault of the file, each with file and line.
    """
    return load_source(read_yaml(path), base)


def load_source(source: ContentSource, base: Finder) -> Framework:
    """The content of a file as a whole framework, its words filled in.

    Args:
        source: of a framework file, or of a framework's workbook.
        base: gives the framework of an id that this file extends, its words not filled in.

    Raises:
        UserError: with every fault of the file, each with its place.
    """
    framework = read_raw(source, base)
    source = _expand_tables(source)
    faults: list[Fault] = []

    def report_missing(name: str, word: str) -> None:
        what = f"'{name}' uses the word '{{{word}}}', which the framework does not define"
        faults.append(Fault(_suggest_near(source, (), name), what, "Add it under `words`"))

    whole = spell_out_counts(fill_in(framework, report_missing))
    faults += [Fault(_suggest_near(source, p.place, p.near), p.what, p.do) for p in list_problems(whole)]
    if faults:
        raise UserError(faults)
    return whole


def read_raw(source: ContentSource, base: Finder) -> Framework:
    """The framework of a file that was read, with `extends` done and words not yet filled in."""
    if not isinstance(source.value, dict):
        raise UserError(
            source.make_fault((), "this is not a framework file", "Start with `format: 1` and `id:`")
        )
    source = _expand_tables(source)
    if "extends" not in source.value:
        return parse(Framework, source)
    extension = parse(Extension, source)
    extended = base(extension.extends)
    faults = [
        source.make_fault(("tailor", *place), what, do)
        for place, what, do in find_unknown_names(extended, extension.tailor)
    ]
    replaced = _replace_sound(source, extension, faults)
    if faults:
        raise UserError(faults)
    return apply_extension(extended, extension, replaced)


def _expand_tables(source: ContentSource) -> ContentSource:
    """The content with the questions of its tables in their place.

    Raises:
        UserError: with every fault of a table.
    """
    try:
        expanded = expand_tables(source)
    except TableError as found:
        raise UserError(_find_faults(source, found.error, found.place)) from None
    if expanded is not source and source.value.get("format") == 1:
        what = "tables of questions are part of the second edition of the language"
        raise UserError(source.make_fault(("format",), what, "Write `format: 2`"))
    return expanded


def _replace_sound(source: ContentSource, extension: Extension, faults: list[Fault]) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    for name, value in extension.replace.items():
        field = Framework.model_fields.get(name)
        if field is None or name in {"format", "id", "version", "title", "sections", "words"}:
            faults.append(
                source.make_fault(
                    ("replace", name),
                    f"'{name}' is not a part that can be replaced",
                    "Use `tailor` for sections, criteria and questions",
                )
            )
            continue
        try:
            parts[name] = TypeAdapter[Any](field.rebuild_annotation()).validate_python(value)
        except ValidationError as error:
            faults += _find_faults(source, error, ("replace", name))
    return parts


def parse(model: type[Model], source: ContentSource) -> Model:
    """The values of a YAML file as a model.

    Raises:
        UserError: with every field that does not fit, each with file and line.
    """
    try:
        return model.model_validate(source.value)
    except ValidationError as error:
        raise UserError(_find_faults(source, error, ())) from error


Problems = Callable[[Model], Iterable[tuple[Place, str, str]]]
"""What a sound model gets wrong: place in the file, what is wrong there, and what to do."""


def parse_whole(
    model: type[Model], source: ContentSource, problems: Problems[Model]
) -> tuple[Model, list[Fault]]:
    """The values of a YAML file as a model, with the faults of its meaning.

    Returns:
        The model, and what it gets wrong.

    Raises:
        UserError: where a field has not its shape: with every such field, and with what the sound rest gets wrong.
    """
    try:
        parsed = model.model_validate(source.value)
    except ValidationError as error:
        faults = _find_faults(source, error, ())
        rest = keep_sound_part(model, source.value)
        if rest.model is not None:
            faults += [
                source.make_fault(rest.place_in_file(p), what, do) for p, what, do in problems(rest.model)
            ]
        raise UserError(faults) from None
    return parsed, [source.make_fault(place, what, do) for place, what, do in problems(parsed)]


def _find_faults(source: ContentSource, error: ValidationError, start: Place) -> list[Fault]:
    faults: dict[tuple[str, str], Fault] = {}
    for detail in error.errors():
        # Entries with faults aren't counted, so a list of them seems too short: those faults are said by themselves.
        if detail["type"] == "too_short" and len(detail["input"]) >= detail["ctx"]["min_length"]:
            continue
        place = (*start, *_own_steps(detail["loc"], source, start))
        name = ".".join(str(step) for step in detail["loc"] if not isinstance(step, int))
        what = f"`{name}`: {_write_sentence(detail)}" if name else _write_sentence(detail)
        fault = source.make_fault(place, what, _ADVICE.get(detail["type"], ""))
        faults.setdefault((fault.where, fault.what), fault)
    return list(faults.values())


def _own_steps(steps: tuple[int | str, ...], source: ContentSource, start: Place) -> Place:
    """The steps of a model's error that the file has too: union branches have names of their own."""
    place: Place = ()
    for step in steps:
        if (*start, *place, step) in source.lines:
            place = (*place, step)
    return place


def _write_sentence(detail: Any) -> str:
    """What is wrong with a field, in our own words."""
    kind = detail["type"]
    if kind == "too_short" and detail["ctx"]["min_length"] > 1:
        return f"write at least {detail['ctx']['min_length']} entries"
    if kind in _SHAPES:
        return _SHAPES[kind]
    if kind in _LIMITS:
        words, bound = _LIMITS[kind]
        return f"{_show_value(detail['input'])} is not {words} {detail['ctx'][bound]}"
    if kind == "string_pattern_mismatch":
        pattern = detail["ctx"]["pattern"]
        if pattern in _FORMS:
            return f"'{detail['input']}' does not fit: {_FORMS[pattern]}"
        return f"'{detail['input']}' is not in the right form{_WRITTEN.get(pattern, '')}"
    if kind in {"literal_error", "enum"}:
        return f"{_show_value(detail['input'])} is not one of {str(detail['ctx']['expected']).replace(' or ', ', ')}"
    if kind == "string_type" and isinstance(detail["input"], list | dict):
        return "write one text here, not a list or names with values"
    if kind == "string_type":
        return f"'{detail['input']}' must be text; write it in quotes"
    if kind == "value_error":
        message = str(detail["msg"]).removeprefix("Value error, ")
        return message[:1].lower() + message[1:]
    return f"{_show_value(detail['input'])} does not fit here"


def _show_value(value: Any) -> str:
    text = "nothing" if value is None else f"'{value}'"
    return text if len(text) <= 60 else f"{text[:57]}…'"


def _suggest_near(source: ContentSource, place: Place, near: str) -> str:
    """File and line of a place, or (in a tailoring file) of the nearest mention of a key or code."""
    if place and place in source.lines:
        return source.locate(place)
    if place and "extends" not in (source.value or {}):
        return source.locate(place)
    for spot in source.lines:
        if near in spot or _find_value(source.value, spot) == near:
            return source.locate(spot)
    return source.locate(())


def _find_value(value: Any, place: Place) -> Any:
    for step in place:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value
