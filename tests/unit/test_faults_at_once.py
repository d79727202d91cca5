"""Every fault of a file in one go: shapes and meanings together, in the project's own words, with their lines."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from scrutineer.errors import UserError
from scrutineer.fieldwork.timetabling.arrangements import Arrangements, read_arrangements
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.sound import keep_sound_part
from scrutineer.frameworks.yaml_source import read_yaml
from scrutineer.inspection.area import AreaProfile
from scrutineer.inspection.load import load
from scrutineer.tasks.inspecting import NewInspection, create_inspection
from tests.conftest import ROOT

LIBRARY_WORDS = re.compile(
    r"input should|valid tuple|valid dictionary|type=|pydantic|validation error|unable to parse|regular expression|\^|\\d",
    re.IGNORECASE,
)


def list_faults(path: Path) -> list[str]:
    with pytest.raises(UserError) as caught:
        read_arrangements(path)
    return [str(fault) for fault in caught.value.faults]


def test_shapes_and_meanings_of_arrangements_come_together(tmp_path: Path) -> None:
    path = tmp_path / "arrangements.yaml"
    path.write_text(
        "days: [2006-04-04, 4 April, 2006-04-03]\n"
        'slots: ["9-10", "09:00-10:30", "10:00-11:00"]\n'
        "assessors:\n"
        "  - {name: A, most: many}\n"
        "  - {name: B, away: 2006-04-03}\n"
        '  - {name: C, away: ["2006-05-01"]}\n'
        "  - {name: C}\n"
        "locked: {days: [2006-04-09]}\n"
        "travel_minutes: -5\n"
        "surprise: 1\n",
        encoding="utf-8",
    )
    faults = list_faults(path)
    for line, words in (
        (1, "'4 April'"),
        (1, "2006-04-03 does not come after 2006-04-04"),
        (2, "'9-10'"),
        (2, "10:00-11:00 begins before"),
        (4, "whole number"),
        (5, "write a list"),
        (6, "'C' is away on 2006-05-01"),
        (7, "'C' appears twice"),
        (8, "2006-04-09 is not one of the fieldwork days"),
        (9, "at least 0"),
        (10, "not a known field"),
    ):
        assert any(f"line {line}:" in fault and words in fault for fault in faults), (line, words, faults)
    assert not [fault for fault in faults if LIBRARY_WORDS.search(fault)]


def test_shapes_and_meanings_of_an_area_come_together(
    demo_folders: Path, library: Library, tmp_path: Path
) -> None:
    from shutil import copytree

    place = copytree(demo_folders / "follow-up", tmp_path / "f")
    (place / "area.yaml").write_text(
        "facts: {a: b}\nperformance:\n  speed: {value: 3, period: x}\n  other: {value: fast, period: x}\n",
        encoding="utf-8",
    )
    with pytest.raises(UserError) as caught:
        load(place, library)
    faults = [str(fault) for fault in caught.value.faults]
    assert any("line 1" in f and "write a list" in f for f in faults)
    assert any("line 3" in f and "no measure 'speed'" in f for f in faults)
    assert any("line 4" in f and "write a number" in f for f in faults)
    assert not [fault for fault in faults if LIBRARY_WORDS.search(fault)]


def test_places_of_the_sound_part_are_places_in_the_file() -> None:
    value = {
        "days": ["x", "2006-04-03", "y", "2006-04-04"],
        "slots": ["09:00-10:00"],
        "assessors": [{"name": "A"}],
    }
    sound = keep_sound_part(Arrangements, value)
    assert sound.model is not None
    assert sound.model.days == ("2006-04-03", "2006-04-04")
    assert [sound.place_in_file(("days", n)) for n in (0, 1)] == [("days", 1), ("days", 3)]


@pytest.mark.parametrize(
    "value", [None, [], "x", 3, {"days": None}, {"assessors": [1, 2]}, {"days": {"a": 1}}]
)
def test_nothing_makes_the_search_for_what_is_sound_fail(value: object) -> None:
    keep_sound_part(Arrangements, value)
    keep_sound_part(AreaProfile, value)


# -- performance against targets ---------------------------------------------------------------


@pytest.mark.parametrize(("value", "words"), [("-5", "below zero"), ("184.5", "at most 100%")])
def test_a_share_lies_between_nothing_and_everything(
    demo_folders: Path, library: Library, tmp_path: Path, value: str, words: str
) -> None:
    from shutil import copytree

    place = copytree(demo_folders / "esi", tmp_path / "esi")
    text = (place / "area.yaml").read_text(encoding="utf-8")
    changed = re.sub(r"(breach_on_time: *\{?\s*value: *)[0-9.]+", rf"\g<1>{value}", text)
    assert changed != text
    (place / "area.yaml").write_text(changed, encoding="utf-8")
    with pytest.raises(UserError, match=words):
        load(place, library)


# -- a new inspection ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("framework", "elements", "area", "words"),
    [
        ("esi-2005", ["esi-2005"], "A", ["cannot be its own element"]),
        ("esi-substance-misuse", [], "A", ["is a thematic element, not a full inspection"]),
        ("esi-2005", ["esi-substance-misuse"] * 2, "A", ["listed twice"]),
        ("esi-2005", ["omi-2006"], "A", ["'omi-2006' is not a thematic element"]),
        ("esi-2005", [], " \t ", ["the area has no name"]),
        ("esi-2005", ["esi-2005", "esi-2005"], " ", ["own element", "listed twice", "no name"]),
    ],
)
def test_what_makes_no_sense_is_refused(
    tmp_path: Path, framework: str, elements: list[str], area: str, words: list[str]
) -> None:
    with pytest.raises(UserError) as caught:
        create_inspection(NewInspection(framework, area, elements), tmp_path / "x", None)
    assert all(word in str(caught.value) for word in words)
    assert not (tmp_path / "x").exists()


def test_a_follow_up_of_a_made_up_inspection_is_made_up(demo_folders: Path, tmp_path: Path) -> None:
    original = demo_folders / "follow-up" / "original" / "results.json"
    create_inspection(NewInspection("esi-follow-up", "Northmoor", (), False, original), tmp_path / "x", None)
    assert "synthetic: true" in (tmp_path / "x" / "inspection.yaml").read_text(encoding="utf-8")


# -- keys and codes that no YAML tool misreads -----------------------------------------------------

YAML_FILES = sorted(
    path
    for folder in ("frameworks", "demonstration", "docs", "published", "scrutineer")
    for path in (ROOT / folder).rglob("*.yaml")
)


@pytest.mark.parametrize("path", YAML_FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_shipped_files_say_the_same_to_yaml_1_1_and_1_2(path: Path) -> None:
    read_by_1_1 = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert repr(_write_days(read_by_1_1)) == repr(read_yaml(path).value)


def _write_days(value: object) -> object:
    """Days as the texts that they are here: YAML 1.1 has a kind of its own for them."""
    if isinstance(value, dict):
        return {key: _write_days(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_write_days(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value


def test_no_field_of_a_file_has_a_name_that_yaml_1_1_reads_as_something_else(tmp_path: Path) -> None:
    files = create_inspection(
        NewInspection("esi-2005", "Northmoor", ["esi-substance-misuse"]), tmp_path / "x", None
    )
    for path in files:
        if path.suffix == ".yaml":
            # The remarks show what can be filled in: they are read as if they were.
            text = re.sub(r"(?m)^( *)# ?(?=[ \w-]+:|- )", r"\1", path.read_text(encoding="utf-8"))
            keys = re.findall(r"(?m)(?:^|[{,\s])([A-Za-z_]+):(?=\s)", text)
            assert not {key for key in keys if not isinstance(yaml.safe_load(key), str)}, path
