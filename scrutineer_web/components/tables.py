"""Tables: a caption, headings, rows, and a region that scrolls on a small screen.

Rows are plain HTML (`<tr>`, `<th scope="row">`, `<td>`), which the style sheet dresses; cells of numbers have `room-number`.
"""

from __future__ import annotations

from dataclasses import dataclass

from django import template
from django.template.context import Context

from scrutineer_web.components.rendering import Text, render_component

register = template.Library()

_COLUMNS = "columns of the table"


@dataclass(frozen=True)
class TableColumn:
    """A heading of a table.

    Attributes:
        text: what it says.
        number: whether its cells hold numbers.
        hidden: what only screen readers get, before the text.
        hint: what stands below the text, in grey.
    """

    text: Text
    number: bool = False
    hidden: Text = ""
    hint: Text = ""


@register.simple_tag(takes_context=True, name="column")
def add_column(
    context: Context, text: Text, *, number: bool = False, hidden: Text = "", hint: Text = ""
) -> str:
    """A column of the table around it; its headings stand in the order in which their tags do."""
    columns = context.render_context.get(_COLUMNS) or []
    context.render_context[_COLUMNS] = [*columns, TableColumn(text, number, hidden, hint)]
    return ""


@register.simple_block_tag(takes_context=True, name="table")
def render_table(
    context: Context,
    content: str,
    region: Text,
    *,
    caption: Text = "",
    hidden_caption: Text = "",
    empty: Text = "",
    style: str = "",
    element_id: str = "",
) -> str:
    """A table of the rows in it.

    Args:
        context: of the page.
        content: its columns and rows.
        region: what the region is called that scrolls where the table is wider than the screen.
        caption: what stands above it.
        hidden_caption: a caption for screen readers alone, where a heading says the same.
        empty: the sentence in its place while it has no rows.
        style: a class of its own, such as `room-sheet`.
        element_id: what links and scripts find it by.
    """
    columns = context.render_context.get(_COLUMNS) or []
    context.render_context[_COLUMNS] = []
    values = {"caption": caption, "hidden_caption": hidden_caption, "style": style, "id": element_id}
    return render_component(
        context,
        "table",
        region=region,
        columns=columns,
        rows=content,
        has_rows="<tr" in content,
        empty=empty,
        **values,
    )


@register.simple_tag(takes_context=True, name="section_row")
def render_section_row(context: Context, text: Text, columns: int) -> str:
    """A row that heads the rows below it, across so many columns."""
    return render_component(context, "section_row", text=text, columns=columns)
