"""Buttons, links that look like buttons, and forms that only send."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from scrutineer_web.components.rendering import Text, render_component

register = template.Library()


@register.simple_tag(takes_context=True, name="button")
def render_button(
    context: Context,
    text: Text,
    *,
    kind: str = "",
    about: Text = "",
    name: str = "",
    value: Any = "",
    style: str = "",
) -> str:
    """The button that sends the form around it.

    Args:
        text: a verb and its object.
        kind: `secondary`, `warning`, or `link` for one that looks like a link; the page's first button has none.
        about: what it is about, for screen readers, where several buttons of a page say the same.
        name: the field that says which of a form's buttons was pressed.
        value: the field's value.
        style: a class of its own.
    """
    return render_component(
        context, "button", text=text, kind=kind, about=about, name=name, value=value, style=style
    )


@register.simple_tag(takes_context=True)
def link_button(
    context: Context, address: str, text: Text, *, kind: str = "", about: Text = "", style: str = ""
) -> str:
    """A link that looks like a button, because it begins the next step."""
    return render_component(
        context, "link_button", address=address, text=text, kind=kind, about=about, style=style
    )


@register.simple_tag(takes_context=True)
def link(context: Context, address: str, text: Text, *, about: Text = "") -> str:
    """A link; `about` tells several of a page that say the same apart for screen readers."""
    return render_component(context, "link", address=address, text=text, about=about)


@register.simple_block_tag(takes_context=True, name="post")
def render_post(
    context: Context, content: str, address: str = "", *, files: bool = False, inline: bool = False
) -> str:
    """A form that is sent with its token.

    Args:
        context: of the page.
        content: its fields and buttons.
        address: where it is sent; to the page itself where there is none.
        files: whether files are sent with it.
        inline: whether it stands in a line with what is beside it.
    """
    return render_component(context, "post", content=content, address=address, files=files, inline=inline)
