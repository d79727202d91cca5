"""The entries of the room's menu."""

from __future__ import annotations

from django import template
from django.template.context import Context
from django.urls import reverse

from scrutineer_web.components.rendering import Text, render_component

register = template.Library()


@register.simple_tag(takes_context=True)
def menu_item(context: Context, screen: str, text: Text, *, key: str) -> str:
    """An entry that leads to a screen; it is marked while the page belongs to it, which says so as its `section`."""
    is_here = context.get("section") == key
    return render_component(context, "menu_item", address=reverse(screen), text=text, is_here=is_here)
