"""Tags: a state or a mark in a word or two."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from scrutineer_web.components.rendering import Text, render_component

register = template.Library()

COLOURS = {
    "signed_off": "green",
    "adopted": "green",
    "complete": "turquoise",
    "assessed": "turquoise",
    "queried": "orange",
    "in_progress": "blue",
    # How a figure compares with its target
    "met": "green",
    "missed": "red",
    "near miss": "yellow",
    # Whether a recommendation was put into effect
    "partly met": "yellow",
    "not met": "red",
}
"""The colour of a state; one without an entry is grey, because it asks for nothing."""


@register.simple_tag(takes_context=True, name="tag")
def render_tag(context: Context, text: Text, colour: str = "grey") -> str:
    """A word or two about what is next to it, in a colour of GOV.UK's tags."""
    return render_component(context, "tag", text=text, colour=colour)


@register.simple_tag(takes_context=True, name="state")
def render_state(context: Context, key: Any, title: Text) -> str:
    """The state of something, in the colour that it has everywhere."""
    return render_component(context, "tag", text=title, colour=COLOURS.get(str(key), "grey"))
