"""The sound part of a file's values, although other parts have faults: so that every fault is reported in one go.

A model is checked in two steps: whether each field has its shape, and what the whole means. Where some fields have not their
shape, they are set aside, and the rest is looked at for its meaning all the same.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from scrutineer.frameworks.yaml_source import Place

Model = TypeVar("Model", bound=BaseModel)
_MOST = 200
"""So many faulty fields are set aside at most."""


@dataclass
class Sound(Generic[Model]):
    """The sound part of a file.

    Attributes:
        model: made of it; None if nothing whole is left.
        dropped: by the place of a list in the file, which of its entries were set aside.
    """

    model: Model | None
    dropped: dict[Place, list[int]] = field(default_factory=dict)

    def place_in_file(self, place: Place) -> Place:
        """The place in the file of something in the sound part."""
        reached: Place = ()
        for step in place:
            if isinstance(step, int):
                for gone in sorted(self.dropped.get(reached, ())):
                    step += gone <= step
            reached = (*reached, step)
        return reached


def keep_sound_part(model: type[Model], value: Any) -> Sound[Model]:
    """The model of a file's values without the fields that don't have the right shape."""
    sound: Sound[Model] = Sound(None)
    rest = deepcopy(value)
    for _ in range(_MOST):
        try:
            sound.model = model.model_validate(rest)
            return sound
        except ValidationError as error:
            if not _set_aside(sound, rest, error):
                return sound
    return sound


def _set_aside(sound: Sound[Any], rest: Any, error: ValidationError) -> bool:
    """Remove the first faulty field that can be removed; whether there was one."""
    for detail in error.errors():
        steps = _find_place(rest, detail["loc"])
        while steps:
            parent: Any = _follow(rest, steps[:-1])
            last = steps[-1]
            if isinstance(parent, list) and isinstance(last, int):
                where = sound.place_in_file(steps)
                sound.dropped.setdefault(where[:-1], []).append(int(where[-1]))
                del parent[last]
                return True
            if isinstance(parent, dict) and detail["type"] != "missing":
                del parent[last]
                return True
            # A field that is missing makes what lacks it unsound.
            steps, detail = steps[:-1] if detail["type"] != "missing" else steps, {**detail, "type": ""}
    return False


def _find_place(value: Any, steps: tuple[int | str, ...]) -> Place:
    """The steps of an error that the file has too; union branches have names of their own."""
    place: Place = ()
    for step in steps:
        if _is_met(value, step):
            value, place = value[step], (*place, step)
    return place


def _is_met(value: Any, step: int | str) -> bool:
    if isinstance(value, dict):
        return step in value
    return isinstance(value, list) and isinstance(step, int) and step < len(value)


def _follow(value: Any, place: Place) -> Any:
    for step in place:
        value = value[step]
    return value
