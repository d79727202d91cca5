"""How a component's template is filled."""

from __future__ import annotations

from typing import Any

from django.template.context import Context
from django.utils.functional import Promise
from django.utils.safestring import SafeString

Text = str | Promise
"""What a component says: marked for translation, `_("Save")`, or data, but never a plain text in a template."""

_FROM_PAGE = ("request", "csrf_token")
"""What a component knows about its page, whatever else is passed to it."""


def render_component(context: Context, name: str, /, **values: Any) -> str:
    """The markup of a component: its template with the values it is given, and nothing else of the page."""
    assert context.template is not None  # noqa: S101 a tag is filled while its page is
    template = context.template.engine.get_template(f"components/{name}.html")
    page = {key: context[key] for key in _FROM_PAGE if key in context}
    # Without the line break at the file's end, which would be a space between a tag and the full stop behind it.
    return SafeString(template.render(context.new({**page, **values})).strip())
