"""What templates call."""

from __future__ import annotations

from typing import Any

from django import template
from django.forms import BoundField
from django.urls import reverse
from django.utils.html import format_html

from scrutineer.composing.collected import points as points_text
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


@register.filter
def may_everywhere(person: Any, name: str) -> bool:
    """Whether a role in the whole inspectorate allows something."""
    return person.can_everywhere(name)


@register.simple_tag
def may_in(person: Any, name: str, inspection: Any) -> bool:
    """Whether somebody may do something in an inspection."""
    return person.can(name, inspection)


@register.simple_tag
def dressed(form: Any) -> Any:
    """A form of another application, in the room's own patterns."""
    from scrutineer_web.kit.forms import dress

    for field in form.fields.values():
        dress(field)
        field.widget.attrs.pop("placeholder", None)
    return form.render()


@register.simple_tag
def demonstration_people() -> list[tuple[str, str]]:
    """Sign-in names and parts of the people of the demonstration."""
    from scrutineer_web.demonstration import who_is_who

    return who_is_who()


@register.simple_tag
def label(options: Any, value: Any) -> str:
    """The label of an answer."""
    return dict(options).get(value, str(value).replace("_", " "))


@register.simple_tag
def survey_share(survey: Any, item: Any) -> str:
    """The share that agreed; counts in its place where few answered."""
    answered = survey.answered(item)
    return percent_text(item.agreed / answered) if answered >= FEW else "few"


FEW = 10
"""Below so many answers a share says little."""


@register.filter
def in_points(difference: float) -> str:
    """A difference of two shares in percentage points, with its sign."""
    return points_text(difference)


@register.simple_tag
def points(seen: float, expected: float) -> str:
    """A difference of two shares in percentage points, with its sign."""
    if seen != seen or expected != expected:
        return ""
    return f"{100 * (seen - expected):+.0f}".replace("-", "\u2212")


@register.simple_tag
def case_link(case: Any, may: bool) -> str:
    """A case by its reference, as a link to it."""
    address = reverse("case", args=[case.pk])
    return (
        format_html('<a class="govuk-link" href="{}">{}</a>', address, case.reference)
        if may
        else case.reference
    )
