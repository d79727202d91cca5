"""What is set apart on a page: a note, a warning, what must be put right, details that one opens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.template.context import Context

from scrutineer_web.components.rendering import Text, render_component

register = template.Library()


@register.simple_block_tag(takes_context=True, name="inset")
def render_inset(context: Context, content: str, *, role: str = "", style: str = "") -> str:
    """A note; `role` where screen readers should read it at once (`status`)."""
    return render_component(context, "inset", content=content, role=role, style=style)


@register.simple_block_tag(takes_context=True, name="warning")
def render_warning(context: Context, content: str) -> str:
    """What has consequences if it is overlooked."""
    return render_component(context, "warning", content=content)


@register.simple_block_tag(takes_context=True, name="details")
def render_details(
    context: Context,
    content: str,
    summary: Text,
    *,
    about: Text = "",
    style: str = "",
    is_open: bool = False,
) -> str:
    """What most people don't need: a line that opens it. `about` tells several of a page apart for screen readers."""
    values = {"summary": summary, "about": about, "style": style, "is_open": is_open}
    return render_component(context, "details", content=content, **values)


@register.simple_tag(takes_context=True, name="errors")
def render_errors(context: Context, title: Text, sentences: Iterable[Any]) -> str:
    """What must be put right, at the top of a page."""
    return render_component(context, "error_list", title=title, sentences=sentences)


@register.simple_tag(takes_context=True, name="changed_words")
def render_changed_words(context: Context, kind: str, words: str) -> str:
    """Words of two versions of a text: of the `old` alone, of the `new` alone, or of both."""
    return render_component(context, "changed_words", kind=kind, words=words)
