"""Fields of another system's form as a framework: what each becomes, and what can't be taken over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from scrutineer.authoring.form_logic import LogicError, read_logic
from scrutineer.errors import Fault, shorten_path

FieldKind = Literal["choice", "choices", "number", "date", "text"]
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class FormField:
    """One question of a form.

    Attributes:
        row: where it is in the file, such as `sheet 'survey' row 3`.
        name: its name in the form.
        label: what people read.
        kind: how it's answered.
        options: code and label of each answer, where some are listed.
        group: the part of the form that it's in.
        logic: when it's asked, as the form says it.
        hint: guidance.
        whole: a number has no decimals.
    """

    row: str
    name: str
    label: str
    kind: FieldKind
    options: tuple[tuple[str, str], ...] = ()
    group: str = ""
    logic: str = ""
    hint: str = ""
    whole: bool = False


@dataclass
class FormSource:
    """The content of a form as a framework's, with the row of each question.

    Attributes:
        path: of the form.
        value: the content as a framework file would hold it.
        rows: by place, where it comes from.
        notes: what wasn't taken over, as sentences without their full stop.
        lines: the places that have a row; their numbers mean nothing here.
    """

    path: Path
    value: Any
    rows: dict[Place, str]
    notes: tuple[str, ...] = ()
    lines: dict[Place, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        places = {place[:n] for place in self.rows for n in range(1, len(place) + 1)}
        self.lines = dict.fromkeys(places, 0)

    def locate(self, place: Sequence[str | int] = ()) -> str:
        """Where a place comes from, or the nearest one around it."""
        steps = tuple(place)
        while steps and steps not in self.rows:
            steps = steps[:-1]
        where = self.rows.get(steps, "")
        return f"{shorten_path(self.path)} {where}".strip()

    def make_fault(self, place: Sequence[str | int], what: str, do: str = "") -> Fault:
        """A fault that names the file and the row of `place`."""
        return Fault(self.locate(place), what, do)


def make_form_source(
    path: Path, title: str, version: str, fields: Sequence[FormField], notes: Sequence[str]
) -> FormSource:
    """A form as a framework: a criterion for each group, in one section.

    Answers of *yes* are above the line, and of *no* below. Other lists say nothing of what is good, so they're recorded as
    facts until someone marks their options.
    """
    return _Maker(path, fields, list(notes)).make(title, version)


_YES_NO = {"yes": True, "no": False, "true": True, "false": False}


class _Maker:
    def __init__(self, path: Path, fields: Sequence[FormField], notes: list[str]):
        self._path, self._fields, self._notes = path, fields, notes
        self._keys = _make_keys([f.name for f in fields])
        self._by_name = {f.name: f for f in fields}
        self._scales: dict[str, dict[str, Any]] = {}
        self._rows: dict[str, str] = {}

    def make(self, title: str, version: str) -> FormSource:
        groups = list(dict.fromkeys(f.group for f in self._fields))
        rows: dict[Place, str] = {}
        criteria = []
        for n, group in enumerate(groups):
            own = [f for f in self._fields if f.group == group]
            questions = []
            for m, one in enumerate(own):
                rows["sections", 0, "criteria", n, "questions", m] = one.row
                questions.append(self._make_question(one))
            named = {"code": f"1.{n + 1}", "title": group or title, "kind": "case"}
            # A group of facts alone has no score.
            uncounted = {} if any("context" not in q for q in questions) else {"counted": False}
            criteria.append({**named, **uncounted, "questions": questions})
        for n, key in enumerate(self._scales):
            rows["scales", n] = self._rows[key]
        value = {
            "format": 2,
            "id": re.sub(r"[^a-z0-9]+", "-", self._path.stem.lower()).strip("-") or "form",
            "version": version if re.fullmatch(r"\d+(\.\d+)*", version) else "1.0",
            "title": title,
            "scales": list(self._scales.values()),
            "sections": [{"code": "1", "title": title, "criteria": criteria}],
        }
        return FormSource(self._path, value, rows, tuple(self._notes))

    def _make_question(self, one: FormField) -> dict[str, Any]:
        scale = self._find_scale(one)
        self._rows.setdefault(scale["key"], one.row)
        question: dict[str, Any] = {"key": self._keys[one.name], "text": one.label, "scale": scale["key"]}
        if one.logic:
            try:
                question["when"] = read_logic(one.logic, self._compare)
            except LogicError as error:
                self._notes.append(
                    f"{one.row}: when '{one.name}' is asked wasn't taken over, because {error}"
                )
        if not any(option.get("above") is not None for option in scale.get("options", [])):
            question["context"] = True
        if one.hint:
            question["guidance"] = one.hint
        return question

    def _find_scale(self, one: FormField) -> dict[str, Any]:
        """The scale of a question; questions with the same answers share one."""
        if one.kind not in {"choice", "choices"}:
            return self._scales.setdefault(
                one.kind, {"key": one.kind, "title": one.kind.capitalize(), "kind": one.kind}
            )
        codes = _make_keys([code for code, _ in one.options])
        options: list[dict[str, Any]] = [{"code": codes[code], "label": label} for code, label in one.options]
        if one.kind == "choice" and {o["label"].lower() for o in options} in (
            {"yes", "no"},
            {"true", "false"},
        ):
            options = [{**o, "above": _YES_NO[o["label"].lower()]} for o in options]
        name = f"{one.kind}: {options}"
        for key, scale in self._scales.items():
            if f"{scale['kind']}: {scale.get('options')}" == name:
                return self._scales[key]
        key = f"scale_{sum(1 for s in self._scales.values() if 'options' in s) + 1}"
        title = ", ".join(label for _, label in one.options)
        title = title if len(title) <= 60 else f"{title[:59]}…"
        return self._scales.setdefault(
            key, {"key": key, "title": title, "kind": one.kind, "options": options}
        )

    def _compare(self, name: str, sign: str, value: str) -> dict[str, Any]:
        """One comparison of a form as a condition."""
        one = self._by_name.get(name)
        if one is None:
            raise LogicError(f"there is no question '{name}'")
        key = self._keys[name]
        if one.kind == "number":
            return _compare_number(key, sign, value, one.whole)
        if one.kind != "choice":
            raise LogicError(f"'{name}' isn't answered by one choice or a number")
        codes = _make_keys([code for code, _ in one.options])
        if value not in codes:
            raise LogicError(f"'{value}' is no answer to '{name}'")
        if sign in {"=", "selected"}:
            return {key: codes[value]}
        if sign in {"!=", "<>"}:
            return {"not": {key: codes[value]}}
        raise LogicError(f"answers to '{name}' have no order")


def _compare_number(key: str, sign: str, value: str, whole: bool) -> dict[str, Any]:
    try:
        number: float = int(value) if value.isdigit() else float(value)
    except ValueError:
        raise LogicError(f"'{value}' is not a number") from None
    step = int(whole and float(number).is_integer())
    match sign:
        case "=":
            return {key: {"at_least": number, "at_most": number}}
        case "!=" | "<>":
            return {"not": {key: {"at_least": number, "at_most": number}}}
        case ">=":
            return {key: {"at_least": number}}
        case "<=":
            return {key: {"at_most": number}}
        case ">":
            return {key: {"at_least": number + 1}} if step else {"not": {key: {"at_most": number}}}
        case "<":
            return {key: {"at_most": number - 1}} if step else {"not": {key: {"at_least": number}}}
    raise LogicError(f"'{sign}' isn't understood")


def _make_keys(names: Sequence[str]) -> dict[str, str]:
    """A key for each name, of the letters that keys may have; none twice."""
    keys: dict[str, str] = {}
    for name in names:
        key = re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_") or "unnamed"
        key = key if key[0].isalpha() else f"o_{key}"
        number, own = 2, key
        while own in keys.values() and keys.get(name) != own:
            own, number = f"{key}_{number}", number + 1
        keys[name] = own
    return keys
