"""How a fictional caseload is made up: the share of each value of each attribute, in a file next to a framework."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from scrutineer.errors import Fault, UserError
from scrutineer.frameworks.load import parse
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.parts import FrameworkPart, Key
from scrutineer.frameworks.yaml_source import read_yaml

Share = Annotated[float, Field(ge=0, le=1)]


class NumberRange(FrameworkPart):
    """A range of whole numbers.

    Attributes:
        skew: above 1, lower numbers are more likely. 1 makes all equally likely.
    """

    least: int
    most: int
    skew: Annotated[float, Field(gt=0)] = 1.0


class NamePattern(FrameworkPart):
    """Made-up names: each is the word and a number or letter."""

    word: str
    number: Annotated[int, Field(ge=1, le=5000)]


class FictionalProfile(FrameworkPart):
    """What the cases of a fictional area are like.

    Attributes:
        choices: the share of each option.
        yes: the share of cases with a yes.
    """

    format: Literal[1] = 1
    choices: dict[Key, dict[str, Share]] = Field(default_factory=dict)
    yes: dict[Key, Share] = Field(default_factory=dict)
    numbers: dict[Key, NumberRange] = Field(default_factory=dict)
    names: dict[Key, NamePattern] = Field(default_factory=dict)


def read_profile(path: Path, framework: Framework) -> FictionalProfile:
    """A profile from its file.

    Raises:
        UserError: with every fault, each with file and line: attributes or options that the framework does not have.
    """
    source = read_yaml(path)
    profile = parse(FictionalProfile, source)
    known = {a.key: a for a in framework.attributes}
    faults: list[Fault] = []
    for part in ("choices", "yes", "numbers", "names"):
        for key in getattr(profile, part):
            if key not in known:
                faults.append(
                    source.make_fault(
                        (part, key),
                        f"the framework has no attribute '{key}'",
                        f"Choose from {', '.join(known)}",
                    )
                )
    for key, shares in profile.choices.items():
        for option in shares:
            if key in known and option not in known[key].options:
                faults.append(
                    source.make_fault(
                        ("choices", key, option),
                        f"'{key}' cannot be '{option}'",
                        f"Choose from {', '.join(known[key].options)}",
                    )
                )
    if faults:
        raise UserError(faults)
    return profile
