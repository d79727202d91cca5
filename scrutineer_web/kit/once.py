"""Answering a form once, however often it is sent, and never losing what was typed in it."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scrutineer_web.actions.operations import submissions
from scrutineer_web.audit.attempt import CURRENT, Attempt, SentTwiceError
from scrutineer_web.kit import form_ids, form_pages, typed
from scrutineer_web.kit.signed_in import SignedInRequest
from scrutineer_web.queries.operations.submissions import find_submission, read_page
from scrutineer_web.records.submission import Submission
from scrutineer_web.records.text_lengths import describe_too_long, find_limit

Work = Callable[[], HttpResponse]

PATIENCE = 3.0
"""How many seconds the second of two equal forms waits until it is known what the first led to."""
SENT_BEFORE = gettext_lazy(
    "You already sent this form with different content, which was saved. To save this as well, send the form again."
)
ONCE = gettext_lazy("You sent this form twice. It was saved once")


def answer_form(request: SignedInRequest, work: Work) -> HttpResponse:
    """Answer a request; a form that was answered already gets the same answer again.

    Where the person may no longer do what the form asks for, the answer holds what was typed.
    """
    # Scripts that ask for JSON have ids of their own for what they save.
    if request.method != "POST" or _is_for_json(request):
        return work()
    try:
        return _refuse_too_long(request) or _answer_once(request, work)
    except PermissionDenied:
        sentence = _("You can't do this now: your role doesn't include it, or the inspection has moved on.")
        response = _answer_refused(request, 403, _("Not saved"), sentence)
        if response is None:
            raise
        return response
    except Http404:
        sentence = _("This item no longer exists, or you no longer take part in this inspection.")
        response = _answer_refused(request, 404, _("Not saved"), sentence)
        if response is None:
            raise
        return response


def _answer_once(request: SignedInRequest, work: Work) -> HttpResponse:
    form_id = form_ids.find_id(request)
    # A form from another person's session is handled as a new one: its earlier result is not this person's to see.
    if form_id is None or form_id.user != request.user.pk:
        return work()
    attempt = Attempt(form_id.user, form_id.uid, form_ids.make_digest(request))
    before = find_submission(user=attempt.user, uid=attempt.uid)
    if before is not None:
        return _repeat_answer(request, before, attempt)
    # The action claims the form inside its own transaction. Claimed before, a failure would leave the form used up.
    token = CURRENT.set(attempt)
    try:
        response = work()
    except SentTwiceError:
        response = None
    except Exception:
        # The other one may have won, so that this one met what it had just made.
        if not _is_of_another(attempt):
            raise
        response = None
    finally:
        CURRENT.reset(token)
    # Looked up only now, because the claim is visible only if the action committed its transaction.
    there = _find(attempt)
    if there is not None and there.attempt == attempt.token:
        return _record_answer(request, attempt, response) if response is not None else redirect(request.path)
    if there is not None:
        return _repeat_answer(request, there, attempt)
    return response if response is not None else redirect(request.path)


def _refuse_too_long(request: HttpRequest) -> HttpResponse | None:
    """The form again, with what was typed, where a text is longer than an action takes it; forms of their own say so themselves."""
    sentences = []
    for name, value in form_ids.list_fields(request):
        limit = find_limit(name)
        length = len(value.replace("\r\n", "\n"))
        if limit is not None and length > limit:
            title = name.replace("__", ": ").replace("_", " ").capitalize()
            sentences.append(f"{title}: {describe_too_long(length, limit)}.")
    if not sentences:
        return None
    again = typed.show_again(
        request, pages=form_pages.list_filled_in(request), status=422, sentences=sentences
    )
    return again or typed.show_typed_page(request, status=422, heading=_("Not saved"), sentences=sentences)


def _find(attempt: Attempt) -> Submission | None:
    return find_submission(user=attempt.user, uid=attempt.uid)


def _is_of_another(attempt: Attempt) -> bool:
    try:
        there = _find(attempt)
    except DatabaseError:
        return False
    return there is not None and there.attempt != attempt.token


def _record_answer(request: SignedInRequest, attempt: Attempt, response: HttpResponse) -> HttpResponse:
    """Note what a form led to."""
    # A form that fetches a file makes nothing; one that was refused in part may be put right and sent again.
    if (
        "Content-Disposition" in response.headers
        or response.status_code >= 400
        or typed.has_queued_faults(request)
    ):
        submissions.release(attempt=attempt, by=request.user)
        return response
    # The browser deletes its copy of what was typed only for forms in this list, and five are enough for several tabs.
    saved = [*request.session.get(form_ids.SAVED, [])[-4:], request.POST[form_ids.FIELD]]
    request.session[form_ids.SAVED] = saved
    location = response.headers.get("Location", "")
    page = response.content if not location and response.status_code == 200 else None
    texts = "\n".join(typed.list_queued(request))
    submissions.record(attempt=attempt, location=location, message=texts, page=page, by=request.user)
    return response


def _repeat_answer(request: HttpRequest, there: Submission, attempt: Attempt) -> HttpResponse:
    """What the form led to before; where it holds something else now, the form again, with what was typed."""
    if there.digest != attempt.digest:
        response = typed.show_again(
            request,
            pages=form_pages.list_filled_in(request),
            status=409,
            sentences=[str(SENT_BEFORE)],
            again=True,
            keep_id=False,
        )
        return response or typed.show_typed_page(
            request,
            status=409,
            heading=_("Not saved twice"),
            sentences=[_("You already sent this form with different content, which was saved.")],
        )
    until = time.monotonic() + PATIENCE
    # The first of the two requests may still be working. Waiting briefly lets both show the same page.
    while not there.location and there.answer is None and time.monotonic() < until:
        time.sleep(0.05)
        there = _find(attempt) or there
    page = read_page(submission=there)
    if page is not None:
        return HttpResponse(page)
    waiting = set(typed.list_pending(request))
    for text in there.message.splitlines() or [str(ONCE)]:
        if text not in waiting:
            messages.success(request, text)
    return HttpResponseRedirect(there.location or (form_pages.list_filled_in(request) or ["/"])[-1])


def _answer_refused(request: HttpRequest, status: int, heading: str, sentence: str) -> HttpResponse | None:
    """What was typed, where its form is no longer for this person; None where nothing was."""
    response = typed.show_again(
        request, pages=form_pages.list_filled_in(request), status=status, sentences=[sentence]
    )
    if response is not None:
        return response
    if not any(
        len(value.strip()) > 1 for name, value in form_ids.list_fields(request) if typed.SECRET not in name
    ):
        return None
    return typed.show_typed_page(request, status=status, heading=heading, sentences=[sentence])


def _is_for_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")
