"""What templates call."""

from __future__ import annotations

from typing import Any

from django import template
from django.forms import BoundField

from scrutineer.reporting.environment import percent as percent_text
from scrutineer.reporting.environment import span as span_text

register = template.Library()


@register.filter
def percent(value: float | None) -> str:
    """A proportion as a whole percentage."""
    return percent_text(value)


@register.filter
def interval(estimate: Any) -> str:
    """An estimate's interval in whole percentages."""
    return span_text(estimate.low, estimate.high)


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """The entry of a mapping; None where there is none."""
    return mapping.get(key) if mapping is not None else None


@register.filter
def kind(field: BoundField) -> str:
    """Which of the field templates a form's field takes."""
    name = type(field.field.widget).__name__
    return {
        "RadioSelect": "radios", "CheckboxSelectMultiple": "checkboxes", "CheckboxInput": "checkbox", "HiddenInput": "hidden",
    }.get(name, "plain")  # fmt: skip


@register.filter
def may(person: Any, name: str) -> bool:
    """Whether somebody may do something in any inspection."""
    return person.can(name)


@register.filter
def words(key: Any) -> str:
    """A key as people read it."""
    return str(key).replace("_", " ")


@register.simple_tag
def may_in(person: Any, name: str, inspection: Any) -> bool:
    """Whether somebody may do something in an inspection."""
    return person.can(name, inspection)
