"""An example per rule: a text on which it fires and one on which it does not. Docs and tests read them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from scrutineer.frameworks.load import parse
from scrutineer.frameworks.parts import FrameworkPart
from scrutineer.frameworks.yaml_source import read_yaml

FOLDER = Path(__file__).parent
FRAMEWORKS = FOLDER / "frameworks"


class Example(FrameworkPart):
    """The example of one rule.

    Attributes:
        fires: a report, or a piece of one, in which the rule finds something.
        line, severity: where it finds it first, and how grave it is.
        silent: the same with the fault mended; the rule finds nothing.
    """

    line: int
    severity: Literal["error", "warning", "note"]
    fires: str
    silent: str


def read_example(rule: str) -> Example:
    """The example of a rule.

    Raises:
        UserError: there is none, or it has faults.
    """
    return parse(Example, read_yaml(FOLDER / f"{rule}.yaml"))
