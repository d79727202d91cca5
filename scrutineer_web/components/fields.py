"""Fields of forms that a page writes itself. A form of `kit.forms` shows its fields by `components/field.html`."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from scrutineer_web.components.rendering import Text, render_component

register = template.Library()


@register.simple_block_tag(takes_context=True)
def select(context: Context, content: str, name: str, label: Text, *, element_id: str = "") -> str:
    """A choice of one among the options in it; `element_id` where the page has several fields of the name."""
    return render_component(context, "select", content=content, name=name, label=label, id=element_id or name)


@register.simple_tag(takes_context=True, name="option")
def render_option(context: Context, value: Any, text: Text, chosen: Any = None) -> str:
    """One of the options of a choice, selected where it is the one that is chosen."""
    return render_component(
        context, "option", value=value, text=text, selected=chosen is not None and str(chosen) == str(value)
    )


@register.simple_tag(takes_context=True, name="text_field")
def render_text_field(
    context: Context,
    name: str,
    label: Text,
    value: Any = "",
    *,
    width: int = 20,
    element_id: str = "",
    decimal: bool = False,
) -> str:
    """A line of text, so many characters wide (2, 3, 4, 5, 10, 20); `decimal` where a number is typed."""
    return render_component(
        context,
        "text_field",
        name=name,
        label=label,
        value=value,
        width=width,
        id=element_id or name,
        decimal=decimal,
    )


@register.simple_tag(takes_context=True, name="text_area")
def render_text_area(
    context: Context,
    name: str,
    label: Text,
    value: Any = "",
    *,
    rows: int = 3,
    element_id: str = "",
    hint: Text = "",
    hidden_label: bool = False,
) -> str:
    """Several lines of text; `hidden_label` where a heading says what is typed."""
    values = {"rows": rows, "id": element_id or name, "hint": hint, "hidden_label": hidden_label}
    return render_component(context, "text_area", name=name, label=label, value=value, **values)


@register.simple_tag(takes_context=True, name="hidden")
def render_hidden(context: Context, name: str, value: Any) -> str:
    """What a form sends without showing it."""
    return render_component(context, "hidden", name=name, value=value)
