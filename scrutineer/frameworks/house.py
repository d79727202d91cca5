"""How reports of a framework are written: `report.yaml`, kept apart from the method.

Nothing here can alter a score, so nothing here enters the framework's content hash. It says from how many cases
a percentage is printed, which words may replace which figures, what a question says in a finding, what an
abbreviation means, and in which order the parts of a report come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from scrutineer.errors import Fault
from scrutineer.frameworks.load import parse
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.parts import FrameworkPart, Identifier, Key, Sentence
from scrutineer.frameworks.yaml_source import read_yaml

PartName = Literal[
    "foreword",
    "acknowledgements",
    "contents",
    "glossary",
    "reasons",
    "summary",
    "recommendations",
    "next_steps",
    "good_practice",
    "scores",
    "arrangements",
    "approach",
    "overview",
    "users",
    "criteria",
    "annexes",
    "role",
    "verification",
]

PARTS: tuple[PartName, ...] = get_args(PartName)
"""The parts that a report can have; the cover always comes first."""


class NumberRules(FrameworkPart):
    """The numbers from which a figure is printed, and how.

    Attributes:
        percent_from: relevant cases from which a percentage is printed. If there are fewer, they're given as a count.
        publish_from: the smallest number of cases that the public may see.
        returned_at_least: answers to a questionnaire from which percentages of them are printed.
        line: the share, as a percentage, from which a finding is a strength.
        differs_by: how many percentage points a group must differ by to be mentioned without a test.
    """

    percent_from: Annotated[int, Field(ge=1)] = 20
    publish_from: Annotated[int, Field(ge=0)] = 3
    returned_at_least: Annotated[int, Field(ge=1)] = 10
    line: Annotated[int, Field(ge=1, le=100)] = 70
    differs_by: Annotated[int, Field(ge=1, le=100)] = 10


class WordRule(FrameworkPart):
    """When a word may be used for a figure.

    Attributes:
        of: a *share*, with bounds as percentages, or a *change* in either direction, with bounds in percentage points.
        significant: whether a test, adjusted for all comparisons, must find a difference.
    """

    word: Sentence
    of: Literal["share", "change"] = "share"
    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None
    significant: bool | None = None

    def allows(self, percent: Fraction | float, significant: bool = False) -> bool:
        """Whether the word may be used for a share or for the size of a change."""
        size = abs(float(percent)) if self.of == "change" else float(percent)
        bounds = (
            self.at_least is None or size >= self.at_least,
            self.above is None or size > self.above,
            self.at_most is None or size <= self.at_most,
            self.below is None or size < self.below,
            self.significant is None or significant == self.significant,
        )
        return all(bounds)

    @property
    def meaning(self) -> str:
        """The rule in words."""
        unit = "%" if self.of == "share" else " percentage points"
        if self.at_least is not None and self.at_most is not None:
            conditions = [f"from {self.at_least:g}{unit} to {self.at_most:g}{unit}"]
        else:
            bounds = {
                "at least": self.at_least,
                "more than": self.above,
                "at most": self.at_most,
                "less than": self.below,
            }
            conditions = [f"{name} {value:g}{unit}" for name, value in bounds.items() if value is not None]
        if self.significant is not None:
            conditions.append(
                "a test finds a difference" if self.significant else "no test finds a difference"
            )
        return ", and ".join(conditions)


class House(FrameworkPart):
    """The house style of one framework's reports.

    Attributes:
        extends: the framework whose house style this one starts from.
        short: a short name for the framework, such as ESI.
        next to: the group that findings mention next to all cases.
        groups: what to call the cases of a group, such as "high risk of harm cases".
        phrases: what a question finds, as a clause that "in 52% of cases" can follow.
        issues: what offenders may need work on, for the table of needs and progress.
        parts: the parts of the report, in order.
        titles: titles for parts, if they differ from the usual ones.
        letters: letter findings (a), (b) and so on, and don't use bullets.
        criterion: what comes before a criterion's title, such as "General criterion".
        appendix: parts that are numbered appendices.
        role: paragraphs on the role of the inspectorate.
        original: what to call the inspection that a follow-up returns to.
    """

    format: Annotated[int, Field(ge=1, le=1)] = 1
    framework: Identifier
    extends: Identifier | None = None
    short: str = ""
    numbers: NumberRules = NumberRules()
    words: tuple[WordRule, ...] = ()
    beside: Key | None = None
    groups: dict[Key, Sentence] = Field(default_factory=dict)
    phrases: dict[Key, Sentence] = Field(default_factory=dict)
    issues: dict[Key, Sentence] = Field(default_factory=dict)
    abbreviations: dict[str, Sentence] = Field(default_factory=dict)
    parts: tuple[PartName, ...] = PARTS
    titles: dict[PartName, Sentence] = Field(default_factory=dict)
    letters: bool = False
    criterion: str = ""
    appendix: tuple[PartName, ...] = ()
    role: tuple[Sentence, ...] = ()
    original: str = "original inspection"

    @model_validator(mode="after")
    def _refuse_repeated_parts(self) -> House:
        twice = sorted({name for name in self.parts if self.parts.count(name) > 1})
        if twice:
            raise ValueError(f"the parts {', '.join(twice)} are listed twice; list each one once")
        return self

    def list_rules(self, of: str) -> tuple[WordRule, ...]:
        """The rules of words for shares or for changes."""
        return tuple(rule for rule in self.words if rule.of == of)


def make_plain_house(framework: Framework) -> House:
    """The house style of a framework without one of its own: every part that its reports can have."""
    follow_up = framework.kind == "follow_up"
    parts = tuple(part for part in PARTS if follow_up or part != "reasons")
    return House(framework=framework.id, parts=parts)


_LAID_OVER = ("groups", "phrases", "issues", "abbreviations", "titles")


def read_house(path: Path, find: Callable[[str], House | None]) -> House | None:
    """The house style of a file, on top of the one that it extends; None if there is no file.

    Raises:
        UserError: with every fault of the file, each with file and line.
    """
    if not path.exists():
        return None
    house = parse(House, read_yaml(path))
    below = find(house.extends) if house.extends else None
    if below is None:
        return house
    own = {name: getattr(house, name) for name in house.model_fields_set}
    merged = {name: {**getattr(below, name), **getattr(house, name)} for name in _LAID_OVER}
    return below.model_copy(update={**own, **merged})


def find_unknown_names(path: Path, framework: Framework) -> list[Fault]:
    """Every question and group that a framework's own house style names and the framework does not have."""
    if not path.exists():
        return []
    source = read_yaml(path)
    house = parse(House, source)
    known: dict[str, Iterable[str]] = {
        "phrases": framework.questions,
        "groups": [group.key for group in framework.groups],
    }
    faults = [
        source.make_fault(
            (part, name),
            f"`{part}` names '{name}', which framework '{framework.id}' does not have",
            "Check its spelling",
        )
        for part, names in known.items()
        for name in getattr(house, part)
        if name not in set(names)
    ]
    if house.beside and house.beside not in set(known["groups"]):
        faults.append(
            source.make_fault(("beside",), f"there is no group '{house.beside}'", "Use one of `groups`")
        )
    return faults
