"""Forms of KoboToolbox, ODK and others: an XLSForm's sheets `survey`, `choices` and `settings`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from scrutineer.authoring.form_content import FieldKind, FormField, FormSource, make_form_source
from scrutineer.errors import Fault, UserError
from scrutineer.tables.limits import GENERAL, Limits
from scrutineer.tables.read_table import read_table
from scrutineer.tables.table import ROW, DataTable

SURVEY, CHOICES, SETTINGS = "survey", "choices", "settings"

_KINDS: dict[str, FieldKind] = {
    "integer": "number",
    "decimal": "number",
    "range": "number",
    "date": "date",
    "text": "text",
}
_SILENT = {
    "start",
    "end",
    "today",
    "deviceid",
    "username",
    "audit",
    "note",
    "hidden",
}
"""What a form has for itself: there is nothing in it that an assessor answers."""

Row = dict[str, str]


def read_xlsform(path: Path, sheets: list[str], limits: Limits = GENERAL) -> FormSource:
    """An XLSForm as a framework.

    Args:
        path: the workbook.
        sheets: the names of its sheets.
        limits: the most that is read.

    Raises:
        UserError: it has no questions, repeats a group, or refers to a list that isn't there (all at once).
    """
    survey = read_table(path, SURVEY, limits=limits)
    lists = _read_lists(read_table(path, CHOICES, limits=limits)) if CHOICES in sheets else {}
    settings = Row()
    if SETTINGS in sheets:
        settings = next((row for _, row in _list_rows(read_table(path, SETTINGS, limits=limits))), settings)
    reader = _Reader(survey, lists)
    for number, row in _list_rows(survey):
        reader.read(number, row)
    if not reader.fields and not reader.faults:
        do = "Check that its columns are type, name and label"
        reader.faults.append(Fault(survey.where, "the form has no questions", do))
    if reader.faults:
        raise UserError(reader.faults)
    title = settings.get("form_title", "") or path.stem
    return make_form_source(path, title, settings.get("version", ""), reader.fields, reader.notes)


@dataclass
class _Reader:
    """Reads the rows of a survey, one after the other."""

    survey: DataTable
    lists: dict[str, list[tuple[str, str]]]
    groups: list[str] = field(default_factory=list)
    fields: list[FormField] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def read(self, number: int, row: Row) -> None:
        """Read one row."""
        kind, _, rest = row.get("type", "").strip().partition(" ")
        kind, where = kind.lower(), f"sheet '{SURVEY}' row {number}"
        if kind in {"begin", "end"} or kind.startswith(("begin_", "end_")):
            self._read_group(number, row, f"{kind}_{rest}" if kind in {"begin", "end"} else kind)
        elif kind in {"select_one", "select_multiple"}:
            self._read_choice(number, row, kind, rest.split(" ")[0])
        elif kind in _KINDS:
            self.fields.append(_make_field(row, where, _KINDS[kind], self.groups, whole=kind == "integer"))
        elif kind and kind not in _SILENT:
            what = f"'{row.get('name', '')}' wasn't taken over, because frameworks have no questions of type '{kind}'"
            self.notes.append(f"{where}: {what}")

    def _read_group(self, number: int, row: Row, kind: str) -> None:
        if kind == "begin_group":
            self.groups.append(_find_label(row))
        elif kind == "end_group":
            self.groups = self.groups[:-1]
        elif kind.startswith("begin"):
            what = "the form repeats a group, which a framework can't"
            self.faults.append(self.survey.make_fault([number], what, "Remove the group"))

    def _read_choice(self, number: int, row: Row, kind: str, name: str) -> None:
        if name not in self.lists:
            what = f"there is no list '{name}' on the sheet '{CHOICES}'"
            self.faults.append(self.survey.make_fault([number], what, "Add it"))
            return
        own: FieldKind = "choice" if kind == "select_one" else "choices"
        where, options = f"sheet '{SURVEY}' row {number}", tuple(self.lists[name])
        self.fields.append(_make_field(row, where, own, self.groups, options=options))


def _make_field(
    row: Row,
    where: str,
    kind: FieldKind,
    groups: list[str],
    *,
    options: tuple[tuple[str, str], ...] = (),
    whole: bool = False,
) -> FormField:
    return FormField(
        row=where,
        name=row.get("name", ""),
        label=_find_label(row),
        kind=kind,
        options=options,
        group=groups[-1] if groups else "",
        logic=row.get("relevant", ""),
        hint=next((row[key] for key in row if key.startswith("hint")), ""),
        whole=whole,
    )


def _find_label(row: Row) -> str:
    """What people read: the first language of a form in several."""
    return next((row[key] for key in row if key.startswith("label")), "") or row.get("name", "")


def _read_lists(table: DataTable) -> dict[str, list[tuple[str, str]]]:
    lists: dict[str, list[tuple[str, str]]] = {}
    for _, row in _list_rows(table):
        name = row.get("list_name") or row.get("list name", "")
        if name and row.get("name"):
            lists.setdefault(name, []).append((row["name"], _find_label(row)))
    return lists


def _list_rows(table: DataTable) -> Iterator[tuple[int, Row]]:
    """The rows that hold something, with their numbers."""
    names = [name.strip().lower() for name in table.columns]
    for number, *cells in table.frame.select(ROW, *table.columns).rows():
        row = {name: str(cell).strip() for name, cell in zip(names, cells, strict=True) if cell is not None}
        if row:
            yield int(number), row
