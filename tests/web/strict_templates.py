"""A template that asks one of our own objects for what it doesn't have fails, in place of showing nothing.

Django takes a name that isn't there for empty. After a rename, `{% if row.called %}` was false for every row, and the
screen said of each area that it didn't differ.
"""

from __future__ import annotations

from typing import Any

from django.forms import BaseForm
from django.template.base import Variable, VariableDoesNotExist

LOOK_UP = Variable._resolve_lookup


def look_up(self: Variable, context: Any) -> Any:
    """As Django does it, but for our own objects."""
    try:
        return LOOK_UP(self, context)
    except VariableDoesNotExist as error:
        name, holder = error.params
        ours = type(holder).__module__.partition(".")[0] in ("scrutineer", "scrutineer_web")
        if ours and not isinstance(
            holder, BaseForm
        ):  # a template that several forms share asks which fields there are
            raise AssertionError(f"{type(holder).__name__} has no {name}: {self.var}") from error
        raise


Variable._resolve_lookup = look_up
