"""Forms of REDCap: a data dictionary, a row for each field."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scrutineer.authoring.form_content import FieldKind, FormField, FormSource, make_form_source
from scrutineer.errors import Fault, UserError
from scrutineer.tables.limits import GENERAL, Limits
from scrutineer.tables.read_table import read_table
from scrutineer.tables.table import ROW

NAME, LABEL = "Variable / Field Name", "Field Label"
_FORM, _TYPE, _LOGIC = "Form Name", "Field Type", "Branching Logic"
_CHOICES, _CHECK, _NOTE = "Choices, Calculations", "Text Validation Type", "Field Note"

_YES_NO = {"yesno": (("1", "Yes"), ("0", "No")), "truefalse": (("1", "True"), ("0", "False"))}
_WHOLE, _DECIMAL = ("integer",), ("number", "number_1dp", "number_2dp")


def is_redcap(columns: Sequence[str]) -> bool:
    """Whether a table is a data dictionary."""
    return NAME in columns and any(name.startswith(_TYPE) for name in columns)


def read_redcap(path: Path, limits: Limits = GENERAL) -> FormSource:
    """A data dictionary as a framework.

    Raises:
        UserError: it isn't one, or has no fields.
    """
    table = read_table(path, limits=limits)
    if not is_redcap(table.columns):
        raise UserError(
            Fault(table.head, f"there is no column '{NAME}'", "Choose a data dictionary of REDCap")
        )
    fields, notes = list[FormField](), list(table.notes)
    for number, *cells in table.frame.select(ROW, *table.columns).rows():
        row = {
            name: str(cell).strip()
            for name, cell in zip(table.columns, cells, strict=True)
            if cell is not None
        }
        field = _make_field(row, f"row {number}")
        if field is not None:
            fields.append(field)
        elif row.get(NAME):
            what = f"'{row[NAME]}' wasn't taken over, because it's of type '{row.get(_TYPE, '')}'"
            notes.append(f"row {number}: {what}")
    if not fields:
        raise UserError(Fault(table.where, "the data dictionary has no fields", "Export it again"))
    return make_form_source(path, path.stem.replace("_", " "), "", fields, notes)


def _make_field(row: dict[str, str], where: str) -> FormField | None:
    kind, check = row.get(_TYPE, "").lower(), _find(row, _CHECK)
    options: tuple[tuple[str, str], ...] = _YES_NO.get(kind, ())
    own: FieldKind
    if kind in {"radio", "dropdown", "checkbox"}:
        own = "choices" if kind == "checkbox" else "choice"
        options = _split_choices(_find(row, _CHOICES))
    elif options:
        own = "choice"
    elif kind == "slider" or (kind == "text" and check in (*_WHOLE, *_DECIMAL)):
        own = "number"
    elif kind == "text" and check.startswith("date_"):
        own = "date"
    elif kind in {"text", "notes"}:
        own = "text"
    else:
        return None
    return FormField(
        row=where,
        name=row.get(NAME, ""),
        label=row.get(LABEL, "") or row.get(NAME, ""),
        kind=own,
        options=options,
        group=row.get(_FORM, "").replace("_", " ").capitalize(),
        logic=_find(row, _LOGIC),
        hint=row.get(_NOTE, ""),
        whole=kind == "slider" or check in _WHOLE,
    )


def _find(row: dict[str, str], start: str) -> str:
    """A cell by the beginning of its heading: versions of REDCap differ in the rest."""
    return next((value for name, value in row.items() if name.startswith(start)), "")


def _split_choices(text: str) -> tuple[tuple[str, str], ...]:
    """`1, Low | 2, High` as codes and labels."""
    pairs = [part.strip().partition(",") for part in text.split("|") if part.strip()]
    return tuple((code.strip(), label.strip() or code.strip()) for code, _, label in pairs)
