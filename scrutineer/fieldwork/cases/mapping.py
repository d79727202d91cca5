"""How another system's export is read: which of its columns is which, what its codes mean, how it writes dates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.columns import collect_columns
from scrutineer.frameworks.load import parse
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.parts import FrameworkPart, Key, Sentence
from scrutineer.frameworks.yaml_source import read_yaml


class Mapping(FrameworkPart):
    """A column mapping.

    Attributes:
        columns: for each column's key, the heading in the file.
        values: for each column, what the file's codes mean in the framework's codes.
        dates: how dates are written, such as %d/%m/%Y.
        sheet: the sheet of a workbook to read.
        skip_rows: how many rows there are above the headings.
        keep: headings to read although they look like people's names.
    """

    format: Literal[1] = 1
    columns: dict[Key, Sentence] = Field(default_factory=dict)
    values: dict[Key, dict[str, str]] = Field(default_factory=dict)
    dates: tuple[str, ...] = ()
    sheet: str | None = None
    skip_rows: Annotated[int, Field(ge=0, le=1000)] | None = None
    keep: tuple[str, ...] = ()


def read_mapping(path: Path, framework: Framework) -> Mapping:
    """A column mapping from its file.

    Raises:
        UserError: with every fault, each with file and line: a column or code that the framework does
            not know.
    """
    source = read_yaml(path)
    mapping = parse(Mapping, source)
    known = collect_columns(framework)
    faults: list[Fault] = []
    for part, keys in (("columns", mapping.columns), ("values", mapping.values)):
        for key in keys:
            if key not in known:
                what = f"there is no column '{key}' for framework '{framework.id}'"
                faults.append(source.make_fault((part, key), what, f"Choose from {', '.join(known)}"))
    for key, meanings in mapping.values.items():
        options = known[key].options if key in known else ()
        for theirs, ours in meanings.items():
            if options and ours not in options:
                what = f"'{theirs}' is mapped to '{ours}', which is not a value of '{key}'"
                faults.append(
                    source.make_fault(("values", key, theirs), what, f"Choose from {', '.join(options)}")
                )
    if faults:
        raise UserError(faults)
    return mapping
