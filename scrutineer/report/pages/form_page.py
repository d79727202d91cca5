"""The printable twin of the workbook: the case assessment form on paper, a case at a time."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from scrutineer.fieldwork.cases.columns import CASE
from scrutineer.fieldwork.cases.condition_words import format_condition
from scrutineer.fieldwork.workbook.form import (
    AssessmentForm,
    list_value_choices,
    show_value,
)
from scrutineer.report.pages.environment import render


def write_printable_form(
    form: AssessmentForm, cases: pl.DataFrame | None, synthetic: bool, assessors: Sequence[str] = ()
) -> str:
    """The form of each case, or one blank form where no cases are given.

    Args:
        form: from the framework.
        cases: a row per case; None for a blank form.
        synthetic: whether the cases are made up.
        assessors: who reads each case, in the same order.
    """
    rows = list(cases.iter_rows(named=True)) if cases is not None else [{}]
    names = list(assessors) or [""] * len(rows)
    sheets = [
        (
            str(row.get(CASE) or ""),
            name,
            [(a.title, show_value(a, row.get(a.key))) for a in form.known],
        )
        for row, name in zip(rows, names, strict=True)
    ]
    return render(
        "form.html.j2",
        form=form,
        framework=form.framework,
        sheets=sheets,
        synthetic=synthetic,
        condition=lambda question: format_condition(form.framework, question.when),
        choices_of=list_value_choices,
    )
