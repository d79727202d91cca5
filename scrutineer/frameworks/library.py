"""The library: the folders of frameworks in one place, each with its id."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from scrutineer.errors import Fault, UserError, shorten_path
from scrutineer.frameworks.house import House, make_plain_house, read_house
from scrutineer.frameworks.load import load, load_source, read_raw
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.reading_hints import Reading, make_plain_reading, read_reading
from scrutineer.frameworks.yaml_source import ContentSource, read_yaml


class Library:
    """Frameworks by id, loaded when first asked for.

    Args:
        folder: holds one folder per framework, named by its id.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self._loaded: dict[str, Framework] = {}
        self._raw: dict[str, Framework] = {}
        self._readings: dict[str, Reading | None] = {}
        self._houses: dict[str, House | None] = {}

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids of all frameworks in the folder, in the order of the alphabet."""
        return tuple(sorted(path.parent.name for path in self.folder.glob("*/framework.yaml")))

    def load_framework(self, name: str) -> Framework:
        """The framework of an id, whole and checked.

        Raises:
            UserError: no such framework, or faults in its file.
        """
        if name not in self._loaded:
            self._loaded[name] = self.load(self._find_file(name))
        return self._loaded[name]

    def load(self, path: Path) -> Framework:
        """The framework of a file anywhere; what it extends is looked up here, then next to the file's folder.

        Raises:
            UserError: faults in the file, or `extends` that leads nowhere or round in a circle.
        """
        return load(path, lambda name: self._load_base(name, (path,)))

    def load_source(self, source: ContentSource) -> Framework:
        """The framework of a file that was read, whatever its form.

        Raises:
            UserError: faults in the file, each with its place.
        """
        return load_source(source, lambda name: self._load_base(name, (source.path,)))

    def load_reading(self, name: str) -> Reading | None:
        """How published reports of a framework are read: its own hints over those that it extends.

        A framework without hints of its own is read by its title, codes and titles of criteria.
        """
        if name not in self._readings:
            own = read_reading(self.folder / name / "reading.yaml", self.load_reading)
            self._readings[name] = own or make_plain_reading(self.load_framework(name))
        return self._readings[name]

    def load_house(self, name: str) -> House:
        """How reports of a framework are written; the defaults where it has no `report.yaml`."""
        return self._load_own_house(name) or make_plain_house(self.load_framework(name))

    def _load_own_house(self, name: str) -> House | None:
        if name not in self._houses:
            self._houses[name] = read_house(self.folder / name / "report.yaml", self._load_own_house)
        return self._houses[name]

    def find_examples(self, name: str) -> Path:
        """The file of a framework's worked examples."""
        return self.folder / name / "examples.yaml"

    def _find_file(self, name: str, beside: Path | None = None) -> Path:
        near = beside.parent.parent / name / "framework.yaml" if beside else None
        if name not in self.ids and near is not None and near.is_file():
            return near
        if name not in self.ids:
            close = get_close_matches(name, self.ids, n=1)
            meant = f"Did you mean '{close[0]}'? " if close else ""
            raise UserError(
                Fault("", f"There is no framework '{name}'", f"{meant}Choose from {', '.join(self.ids)}")
            )
        return self.folder / name / "framework.yaml"

    def _load_base(self, name: str, trail: tuple[Path, ...]) -> Framework:
        path = self._find_file(name, trail[-1])
        if path in trail:
            raise UserError(
                Fault(
                    shorten_path(trail[-1]),
                    f"'{name}' extends itself, through {len(trail)} file(s)",
                    "Change one of the `extends` entries",
                )
            )
        if name not in self._raw:
            self._raw[name] = read_raw(read_yaml(path), lambda other: self._load_base(other, (*trail, path)))
        return self._raw[name]
