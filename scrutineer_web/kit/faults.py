"""A user's error as a page or as JSON: what is wrong, where, what to do. Never a traceback."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer_web.kit import form_ids, form_pages, typed
from scrutineer_web.kit.forms import write_sentence

log = logging.getLogger("scrutineer")


class Faults:
    """Turns what an action refuses into an answer that a person can read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The answer to an error that a view did not take up itself; None for others."""
        if isinstance(error, UserError):
            return answer_error(request, error.faults, 422)
        # Something that doesn't exist and something that the person may not see must look the same.
        if isinstance(error, ObjectDoesNotExist):
            raise Http404
        # The database refused the second of two equal changes. That is no fault of the person, so the page can be reloaded.
        if isinstance(error, IntegrityError):
            fault = Fault(
                "Scrutineer",
                _("somebody else changed the same thing at the same moment, so your change wasn't saved"),
                _("Reload the page and try again"),
            )
            return answer_error(request, [fault], 409)
        if isinstance(error, DatabaseError):
            log.error("the database refused", exc_info=error)
            fault = Fault(
                "Scrutineer",
                _("this couldn't be saved to disk, so nothing was changed"),
                _("Try again. If it keeps happening, contact the person who runs the server"),
            )
            return answer_error(request, [fault], 503)
        return None


def answer_error(request: HttpRequest, faults: Sequence[Fault], status: int) -> HttpResponse:
    """Faults as JSON where JSON was asked for, otherwise as a page."""
    if request.path.startswith("/api/") or request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"faults": [describe_fault(fault) for fault in faults]}, status=status)
    # A refused form is shown again with everything that was typed, since people may have written for an hour.
    sentences = [write_sentence(fault) for fault in faults]
    if request.method == "POST" and request.user.is_authenticated:
        filled = _show_filled_in(request, sentences, status)
        if filled is not None:
            return filled
    context: dict[str, Any] = {"faults": faults}
    if request.method == "POST":
        context["page_address"] = form_pages.find_page_for(request)
    return render(request, "faults.html", context, status=status)


def _show_filled_in(request: HttpRequest, sentences: Sequence[str], status: int) -> HttpResponse | None:
    """The form as it was typed, with what is wrong; None where nothing was typed, or no page can be made of it."""
    try:
        again = typed.show_again(
            request, pages=form_pages.list_filled_in(request), status=status, sentences=sentences
        )
    except DatabaseError:
        # What refused the form may refuse its page as well; the words are kept in a page that asks for nothing.
        again = None
    if again is not None:
        return again
    if any(len(value.strip()) > 1 for _, value in form_ids.list_fields(request)):
        return typed.show_typed_page(
            request, status=status, heading=_("That couldn't be done"), sentences=sentences
        )
    return None


def describe_fault(fault: Fault) -> dict[str, str]:
    """A fault as JSON gives it."""
    return {"where": fault.where, "what": fault.what, "do": fault.do}
