"""Values of a framework as cells of a table, and back: what a blank, a yes, a list or a number means in each column."""

from __future__ import annotations

import csv
from io import StringIO
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

Cell = str | int | float | None

YES, NO = "yes", "no"


def write_cell(value: Any) -> Cell:
    """A plain value or a tuple of them as one cell; nothing for what is empty."""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, tuple):
        return write_list(value)
    return None if value in (None, "") else value


def write_list(values: tuple[Any, ...]) -> str | None:
    """Several values in one cell, with commas between them; a list of one ends with a comma."""
    if not values:
        return None
    texts = [str(write_cell(value)) for value in values]
    line = StringIO()
    csv.writer(line, lineterminator="").writerow([*texts, ""] if len(texts) == 1 else texts)
    return line.getvalue().replace(",", ", ") if not any("," in text for text in texts) else line.getvalue()


def read_list(text: str) -> list[str]:
    """The values of one cell, with commas between them."""
    (row,) = list(csv.reader([text], skipinitialspace=True)) or [[]]
    return [part.strip() for part in row if part.strip()]


def is_list(text: str) -> bool:
    """Whether a cell holds a list: more than one value, or one that ends with a comma."""
    (row,) = list(csv.reader([text], skipinitialspace=True)) or [[]]
    return len(row) > 1


def read_cell(cell: Cell, field: FieldInfo) -> Any:
    """A cell as the value of a field. What doesn't fit is left as it is: the model says what does."""
    kinds = find_kinds(field.annotation)
    if bool in kinds and isinstance(cell, str) and cell.strip().lower() in {YES, NO}:
        return cell.strip().lower() == YES
    if tuple in kinds:
        return read_list(_write_plainly(cell))
    if str in kinds:
        return _write_plainly(cell)
    return read_number(cell)


def read_number(cell: Cell) -> Any:
    """A number as people type it; anything else stays as it is."""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if not isinstance(cell, str):
        return cell
    try:
        return float(cell) if "." in cell else int(cell)
    except ValueError:
        return cell


def _write_plainly(cell: Cell) -> str:
    """A cell as text: a spreadsheet may have made a number of a code."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def find_kinds(annotation: Any) -> set[type]:
    """The plain types that a field can have."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return find_kinds(get_args(annotation)[0])
    if origin in {Union, UnionType}:
        return {kind for part in get_args(annotation) for kind in find_kinds(part)}
    if origin is Literal:
        return {type(choice) for choice in get_args(annotation)}
    if origin is tuple:
        return {tuple}
    return {annotation} if isinstance(annotation, type) else set()


def list_choices(annotation: Any) -> list[str]:
    """What a cell can be, where the field is one of a few words."""
    origin = get_origin(annotation)
    if origin in {Annotated, Union, UnionType}:
        return [choice for part in get_args(annotation) for choice in list_choices(part)]
    if origin is Literal:
        return [str(choice) for choice in get_args(annotation) if choice != ""]
    return [YES, NO] if annotation is bool else []
