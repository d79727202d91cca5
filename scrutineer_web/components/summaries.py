"""Lists of facts: what, and its value."""

from __future__ import annotations

from django import template
from django.template.context import Context

from scrutineer_web.components.rendering import Text, render_component

register = template.Library()


@register.simple_block_tag(takes_context=True, name="summary")
def render_summary(context: Context, content: str) -> str:
    """A list of the facts in it."""
    return render_component(context, "summary", content=content)


@register.simple_block_tag(takes_context=True, name="fact")
def render_fact(context: Context, content: str, label: Text, *, code: bool = False) -> str:
    """One fact of such a list; `code` for a hash or a key, which is compared letter by letter."""
    return render_component(context, "fact", content=content, label=label, code=code)
