"""The entries of the room's menu, and of the way to a page."""

from __future__ import annotations

from django import template
from django.template.context import Context
from django.urls import reverse

from scrutineer_web.components.rendering import Text, render_component

register = template.Library()


@register.simple_tag(takes_context=True, name="menu_item")
def render_menu_item(context: Context, screen: str, text: Text, *, key: str) -> str:
    """An entry that leads to a screen; it is marked while the page belongs to it, which says so as its `section`."""
    is_here = context.get("section") == key
    return render_component(context, "menu_item", address=reverse(screen), text=text, is_here=is_here)


@register.simple_tag(takes_context=True, name="tab")
def render_tab(context: Context, screen: str, of: int, text: Text, *, key: str) -> str:
    """A tab that leads to a screen of something; it is marked on the page that says so as its `tab`."""
    is_here = context.get("tab") == key
    return render_component(
        context, "menu_item", address=reverse(screen, args=[of]), text=text, is_here=is_here
    )


@register.simple_tag(takes_context=True, name="crumb")
def render_crumb(context: Context, address: str, text: Text) -> str:
    """A step of the way to a page, for its breadcrumbs."""
    return render_component(context, "crumb", address=address, text=text)


@register.simple_block_tag(takes_context=True, name="crumbs")
def render_crumbs(context: Context, content: str) -> str:
    """The way to a page: the crumbs in it."""
    return render_component(context, "crumbs", content=content)
