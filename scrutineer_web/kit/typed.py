"""Showing again what somebody typed, wherever it could not be taken: nothing that was typed is lost."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve

from scrutineer.errors import UserError
from scrutineer_web.kit import form_ids
from scrutineer_web.kit.fill import fill

SECRET = "password"  # noqa: S105 a part of names
"""Part of the name of a field whose content is neither kept nor shown again."""


def show_again(
    request: HttpRequest,
    *,
    pages: Sequence[str],
    status: int,
    sentences: Sequence[str] = (),
    again: bool = False,
    keep_id: bool = True,
) -> HttpResponse | None:
    """The page in which a form was filled in, with everything as it was typed.

    Args:
        request: with the form.
        pages: where it may have been filled in, the likeliest first.
        status: of the answer.
        sentences: why it is shown again.
        again: whether to show it although there is nothing in it that somebody types.
        keep_id: whether the form keeps its id: not where that has done its work.

    Returns:
        the page; None where none of the pages has the form, or nothing in it was typed.
    """
    fields = remove_secrets(form_ids.list_fields(request))
    form_id = request.POST.get(form_ids.FIELD, "") if keep_id else ""
    for page in dict.fromkeys(pages):
        if page:
            sent = Sent(request.path, fields, form_ids.list_files(request))
            response = show_filled_page(
                request, page, sent, form_id=form_id, sentences=sentences, again=again
            )
            if response is not None:
                response.status_code = status
                return response
    return None


def show_page(
    request: HttpRequest, page: str, sent: Sent, *, status: int, sentences: Sequence[str] = ()
) -> HttpResponse | None:
    """A page after one part of its form was saved: the rest is as it was typed, in a form with a new id."""
    response = show_filled_page(request, page, sent, form_id="", sentences=sentences)
    if response is not None:
        response.status_code = status
    return response


@dataclass(frozen=True)
class Shown:
    """What the template of a page needs to know (`request.shown_again`) where the page is shown to be filled.

    Attributes:
        page: its address.
        mark: what stands where the note will be that says why the page is shown again.
    """

    page: str
    mark: str


@dataclass(frozen=True)
class Sent:
    """What was sent, and where to."""

    address: str
    fields: Sequence[tuple[str, str]]
    files: Sequence[str] = ()


def show_filled_page(
    request: HttpRequest,
    page: str,
    sent: Sent,
    *,
    form_id: str,
    sentences: Sequence[str] = (),
    again: bool = True,
) -> HttpResponse | None:
    """A page of the room with one of its forms filled; None where it has no such form, or may not be seen."""
    parts = urlsplit(page)
    mark = uuid4().hex
    response = _find_look(request, parts.path, parts.query, Shown(page, mark))
    if response is None:
        return None
    filled = fill(response.content.decode(), parts.path, sent.address, sent.fields, form_id)
    # A page with only a button has nothing to lose. There the fault itself is the better page.
    if filled is None or not (filled.typed or again):
        return None
    note = render_to_string(
        "kit/left.html", {"left": filled.left, "files": sent.files, "sentences": sentences}
    )
    return HttpResponse(filled.html.replace(mark, note, 1))


def show_typed_page(
    request: HttpRequest, *, status: int, heading: str, sentences: Sequence[str]
) -> HttpResponse:
    """Everything that was typed, to be copied, where its form cannot be shown again."""
    fields = remove_secrets(form_ids.list_fields(request))
    context = {
        "heading": heading,
        "sentences": sentences,
        "left": [(n, v) for n, v in fields if v.strip()],
        "files": form_ids.list_files(request),
    }
    return render(request, "kit/typed.html", context, status=status)


def remove_secrets(fields: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Fields without what must not be kept or shown."""
    return [(name, value) for name, value in fields if SECRET not in name]


def find_came_from(request: HttpRequest) -> str:
    """The page of this room that a request came from; empty where it does not say."""
    parts = urlsplit(request.headers.get("Referer", ""))
    if parts.netloc != request.get_host():
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _find_look(request: HttpRequest, path: str, query: str, shown: Shown) -> HttpResponse | None:
    """A page as the person who asks sees it now."""
    looking: Any = copy.copy(request)
    looking.shown_again = shown
    looking.method, looking.path, looking.path_info = "GET", path, path
    # Django's own POST and FILES read these. The copy has to look as if nothing had been sent.
    looking.GET, looking._post, looking._files = QueryDict(query), QueryDict(), {}
    looking.META = request.META
    try:
        looking.resolver_match = match = resolve(path)
        # Called without the middleware, which the request at hand has already passed.
        response: HttpResponse = match.func(looking, *match.args, **match.kwargs)
    except (Resolver404, Http404, PermissionDenied, ObjectDoesNotExist, UserError):
        return None
    if hasattr(response, "render"):
        response.render()
    plain = response.status_code == 200 and response.headers.get("Content-Type", "").startswith("text/html")
    return response if plain else None


def list_pending(request: HttpRequest) -> list[str]:
    """Messages that wait to be shown; they stay where they are."""
    # Going through the messages themselves would mark them as shown.
    storage: Any = messages.get_messages(request)
    return [
        str(m) for m in (*getattr(storage, "_loaded_messages", ()), *getattr(storage, "_queued_messages", ()))
    ]


def list_queued(request: HttpRequest) -> list[str]:
    """Messages that this request has added."""
    storage: Any = messages.get_messages(request)
    return [str(m) for m in getattr(storage, "_queued_messages", ())]


def has_queued_faults(request: HttpRequest) -> bool:
    """Whether this request has added a message that something could not be done."""
    storage: Any = messages.get_messages(request)
    return any(m.level >= messages.ERROR for m in getattr(storage, "_queued_messages", ()))
