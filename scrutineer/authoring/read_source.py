"""A file that a framework is made of, whichever form it has: a framework's workbook, an XLSForm or REDCap's data dictionary."""

from __future__ import annotations

from pathlib import Path

from scrutineer.authoring import settings_rows
from scrutineer.authoring.redcap import read_redcap
from scrutineer.authoring.workbook import read_framework_book
from scrutineer.authoring.xlsform import SURVEY, read_xlsform
from scrutineer.frameworks.yaml_source import ContentSource
from scrutineer.tables.limits import GENERAL, Limits, check_size
from scrutineer.tables.workbook import DAMAGED, check_packed


def read_framework_source(path: Path, limits: Limits = GENERAL) -> tuple[ContentSource, tuple[str, ...]]:
    """The content of a file as a framework's.

    Returns:
        The content, and what wasn't taken over, in sentences without their full stop.

    Raises:
        UserError: with every fault of the file.
    """
    if path.suffix.lower() == ".csv":
        form = read_redcap(path, limits)
        return form, form.notes
    sheets = _list_sheets(path, limits)
    if SURVEY in sheets and settings_rows.SHEET not in sheets:
        form = read_xlsform(path, sheets, limits)
        return form, form.notes
    return read_framework_book(path, limits), ()


def _list_sheets(path: Path, limits: Limits) -> list[str]:
    """The sheets of a workbook; none where it can't be read, which reading it as a framework's then says."""
    from openpyxl import load_workbook

    check_size(path, limits)
    try:
        check_packed(path, limits)
        return list(load_workbook(path, read_only=True).sheetnames)
    except DAMAGED:
        return []
