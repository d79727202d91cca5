"""What templates call."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from math import isfinite
from typing import TYPE_CHECKING, Any

from django import template
from django.forms import BaseForm, BoundField
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaultfilters import floatformat
from django.template.defaulttags import CsrfTokenNode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from scrutineer.statistics.shares import MISSING, format_percent, format_points, format_span
from scrutineer_web.components.rendering import render_component
from scrutineer_web.kit import form_ids
from scrutineer_web.kit.script_texts import list_texts
from scrutineer_web.queries.preparation.allocation import describe_time
from scrutineer_web.records.text_lengths import find_limit

if TYPE_CHECKING:
    from django.db.models import Model

    from scrutineer.inspection.surveys import Survey, SurveyItem
    from scrutineer_web.permissions import Rights
    from scrutineer_web.records.case import Case
    from scrutineer_web.records.inspection import Inspection

register = template.Library()


def number_or_none(value: Any) -> float | None:
    """A value as a finite number; None for whatever is none.

    A template gives a filter an empty string where a name leads nowhere, such as the first of a share that is None.
    """
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


class FormTokens(CsrfTokenNode):
    """What every form carries: Django's token against forged requests, and an id of its own against sending it twice."""

    def render(self, context: Context) -> str:
        """Both, as hidden fields."""
        token = super().render(context)
        user = getattr(context.get("request"), "user", None)
        if not token or user is None or not user.is_authenticated:
            return token
        form_id = form_ids.make_id(user.pk)
        return SafeString(token + render_component(context, "hidden", name=form_ids.FIELD, value=form_id))


@register.tag("csrf_token")
def parse_form_tokens(parser: Parser, token: Token) -> FormTokens:
    """In the place of Django's own tag, so that no form can be written that lacks its id."""
    del parser, token
    return FormTokens()


@register.simple_tag(takes_context=True, name="saved_forms")
def list_saved_forms(context: Context) -> str:
    """The ids of the forms that have just been saved, for the page to forget what it kept of them."""
    request = context.get("request")
    saved = request.session.pop(form_ids.SAVED, None) if request is not None else None
    return " ".join(saved or ())


@register.simple_tag
def limit(field: str) -> int | None:
    """The most characters of a field, for the page to count by."""
    return find_limit(field)


@register.filter("percent")
def show_percent(value: Any) -> str:
    """A proportion as a whole percentage; a dash where there is none."""
    return format_percent(number_or_none(value))


@register.filter("decimals")
def show_decimals(value: Any, places: int = 1) -> str:
    """A number with so many decimals, halves away from zero, with a minus sign below zero; a dash where there is none."""
    number = number_or_none(value)
    return MISSING if number is None else floatformat(number, places).replace("-", "−")


@register.filter("interval")
def show_interval(estimate: Any) -> str:
    """An estimate's interval in whole percentages; nothing where there is none."""
    return format_span(*(number_or_none(getattr(estimate, end, None)) for end in ("low", "high")))


@register.filter("time")
def show_time(assessment: Any) -> str:
    """When an assessment is made, as people read it; nothing if it has no day."""
    return describe_time(assessment.day, assessment.slot)


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """The entry of a mapping; None where there is none."""
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.filter("kind")
def choose_kind(field: BoundField) -> str:
    """Which of the field templates a form's field takes."""
    name = type(field.field.widget).__name__
    return {
        "RadioSelect": "radios",
        "CheckboxSelectMultiple": "checkboxes",
        "CheckboxInput": "checkbox",
        "HiddenInput": "hidden",
    }.get(name, "plain")


@register.filter
def may(person: Rights, name: str) -> bool:
    """Whether somebody may do something in any inspection."""
    return person.can(name)


@register.filter("words")
def write_words(key: Any) -> str:
    """A key as people read it; nothing where there is none."""
    return "" if key is None else str(key).replace("_", " ")


@register.filter
def may_everywhere(person: Rights, name: str) -> bool:
    """Whether a role in the whole inspectorate allows something."""
    return person.can_everywhere(name)


@register.simple_tag
def may_in(person: Rights, name: str, inspection: Inspection) -> bool:
    """Whether somebody may do something in an inspection."""
    return person.can(name, inspection)


@register.simple_tag(name="dressed")
def dress_form(form: BaseForm) -> SafeString:
    """A form of another application, in the room's own patterns."""
    from scrutineer_web.kit.forms import dress

    for field in form.fields.values():
        dress(field)
        field.widget.attrs.pop("placeholder", None)
    return form.render()


@register.simple_tag(name="demonstration_people")
def list_demonstration_people() -> list[tuple[str, str]]:
    """Sign-in names and parts of the people of the demonstration."""
    from scrutineer_web.kit.made_up_people import list_people

    return list_people()


@register.simple_tag
def label(options: Any, value: Any) -> str:
    """The label of an answer."""
    return str(dict(options or ()).get(value, write_words(value)))


@register.simple_tag
def survey_share(survey: Survey, item: SurveyItem) -> str:
    """The share that agreed; counts in its place where few answered."""
    answered = survey.count_answered(item)
    return format_percent(item.agreed / answered) if answered >= FEW else _("few")


FEW = 10
"""Below so many answers a share says little."""


@register.filter("in_points")
def show_in_points(difference: Any) -> str:
    """A difference of two shares in percentage points, with its sign; a dash where there is none."""
    number = number_or_none(difference)
    return MISSING if number is None else format_points(number)


@register.simple_tag(name="points")
def show_points(seen: Any, expected: Any) -> str:
    """A difference of two shares in percentage points, with its sign; a dash where one of them is missing."""
    first, second = number_or_none(seen), number_or_none(expected)
    return MISSING if first is None or second is None else format_points(first - second)


@register.simple_tag(takes_context=True)
def script_texts(context: Context, scripts: str) -> str:
    """What some scripts of the page say, for them to read."""
    return render_component(
        context, "script_texts", texts=asdict(list_texts(scripts)), element_id=f"texts-{scripts}"
    )


@register.simple_tag(takes_context=True, name="case_link")
def render_case_link(context: Context, case: Case, may: bool) -> str:
    """A case by its reference, as a link to it."""
    return render_component(context, "case_link", case=case, may=may)


@register.simple_tag(takes_context=True, name="who")
def name_doer(context: Context, row: Model, name: str) -> str:
    """Who did something: by an account of this room, or by the name that the folder gave which brought the row."""
    known = _find_named(context, row).get(name)
    inspection = context["inspection"]
    if known and getattr(row, f"{name}_at") in (inspection.created_at, None):
        return _("%(name)s (named in the file)") % {"name": known[1]}
    return str(getattr(row, f"{name}_by") or "")


@register.simple_tag(takes_context=True, name="said")
def find_said(context: Context, row: Model, name: str) -> Any:
    """What the folder that brought a row said of it: a moment and a name; None where it said nothing."""
    name_of = _find_named(context, row).get(name)
    return (
        {"at": datetime.fromisoformat(name_of[0]), "by": name_of[1]} if isinstance(name_of, list) else name_of
    )


def _find_named(context: Context, row: Model) -> dict[str, Any]:
    """What folders said of a row; read once per page for all rows of a kind."""
    from scrutineer_web.records.named import NamedElsewhere

    request, table = context["request"], type(row).__name__
    names = request.__dict__.setdefault("_named", {})
    if table not in names:
        rows = NamedElsewhere.objects.filter(inspection=context["inspection"].pk, table=table)
        names[table] = {row_named.row: row_named.parts for row_named in rows}
    parts: dict[str, Any] = names[table].get(row.pk, {})
    return parts
