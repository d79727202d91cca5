"""Which page an address that only takes forms belongs to: opened by itself, it leads there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError
from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse

from scrutineer_web.kit.typed import find_came_from

PAGES: Mapping[str, tuple[str, ...]] = {
    "phase": ("inspection", "inspection.pk"),
    "person_change": ("people", "inspection.pk"),
    "lock": ("timetable", "assessment.case.inspection_id"),
    "withdraw": ("case", "assessment.case_id"),
    "save": ("assessment", "assessment.pk"),
    "complete": ("assessment", "assessment.pk"),
    "reply": ("assessment", "assessment.pk"),
    "resolve": ("assessment", "assessment.pk"),
    "settle_conflict": ("assessment", "conflict.assessment_id"),
    "device_lost": ("devices", "inspection.pk"),
    "query": ("moderate", "assessment.pk"),
    "assessment_sign_off": ("moderate", "assessment.pk"),
    "unsettle": ("settle", "inspection.pk"),
    "piece_retire": ("piece", "piece.pk"),
    "attach": ("piece", "piece.pk"),
    "upload_retire": ("piece", "upload.piece_id"),
    "report_draft": ("report", "inspection.pk"),
    "report_make_draft": ("report", "inspection.pk"),
    "report_make_issue": ("report_proof", "inspection.pk"),
    "practice_new": ("report", "inspection.pk"),
    "recommendation_move": ("recommendations", "recommendation.inspection_id"),
    "text_save": ("text", "inspection.pk", "place"),
    "text_look": ("text", "inspection.pk", "place"),
    "text_refresh": ("text", "inspection.pk", "place"),
    "text_retire": ("text", "inspection.pk", "place"),
    "accuracy_conclude": ("accuracy", "inspection.pk"),
    "check_end": ("check", "check_of.pk"),
    "approve": ("publication", "issue.inspection_id"),
    "approval_withdraw": ("publication", "inspection.pk"),
    "publish": ("publication", "issue.inspection_id"),
    "show": ("publication", "issue.inspection_id"),
    "correct": ("publication", "inspection.pk"),
    "inspection_close": ("plan_of", "inspection.pk"),
    "action_retire": ("action_edit", "action.pk"),
    "place_retire": ("place_edit", "planned.pk"),
    "place_start": ("programme", "planned.programme_id"),
    "pseudonyms": ("outcomes", "programme.pk"),
    "collected_make": ("collected_reports", "programme.pk"),
    "area_retire": ("area", "area.pk"),
    "pseudonymise": ("retention",),
    "purge": ("retention",),
    "account_change": ("account", "user"),
    "own_mail": ("own_account",),
    "provider_link": ("account", "user"),
    "own_export": ("own_account",),
    "token_retire": ("own_account",),
}
"""The page of each address that takes forms and shows nothing; then where its numbers come from."""


def find_page(name: str, records: Mapping[str, Any]) -> str | None:
    """The page that an address belongs to.

    Args:
        name: of the address.
        records: what its numbers stand for.
    """
    if name not in PAGES:
        return None
    page, *paths = PAGES[name]
    values = [_follow_steps(records, path) for path in paths]
    # A number that leads nowhere: the record belongs to nothing that has a page, so people go to their own work.
    if None in values:
        return reverse("my_work")
    return reverse(page, args=values)


def _follow_steps(records: Mapping[str, Any], path: str) -> Any:
    first, *rest = path.split(".")
    value = records[first]
    for step in rest:
        value = getattr(value, step)
    return value


def list_filled_in(request: HttpRequest) -> list[str]:
    """The pages in which a form may have been filled in, the likeliest first; addresses that only take forms lead to theirs."""
    return [page for page in (find_came_from(request), find_page_for(request)) if page]


def find_page_for(request: HttpRequest) -> str:
    """The page that a request's address belongs to: the address itself, where it is a page as well."""
    from scrutineer_web.kit.views import FINDERS

    try:
        match = resolve(request.path)
    except Resolver404:
        return ""
    name = match.url_name or ""
    if name not in PAGES:
        return request.get_full_path()
    try:
        return (
            find_page(name, {k: FINDERS[k](v) if k in FINDERS else v for k, v in match.kwargs.items()}) or ""
        )
    # This is asked while a fault is being answered, so it must never raise another one.
    except (ObjectDoesNotExist, DatabaseError):
        return ""
