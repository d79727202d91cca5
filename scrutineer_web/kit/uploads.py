"""Requests that carry files: refused before they are read where they are too large, or where a name leads elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParser
from django.utils.translation import gettext as _

from scrutineer.errors import Fault
from scrutineer_web.kit.faults import answer_error

REQUEST_LARGEST = 64_000_000
"""Bytes of a whole request: the folder of an inspection is the largest thing that is sent in."""


FORM_LARGEST = 4_000_000
"""Bytes of a request without files: the longest text that is written here has a tenth of it, however it is encoded."""

ANONYMOUS_LARGEST = 100_000
"""Bytes that somebody may send who has not signed in."""


def find_largest(request: HttpRequest) -> int:
    """How much a request may carry: by what it is, and by whether anybody has signed in."""
    user = getattr(request, "user", None)
    keyed = request.headers.get("Authorization", "").startswith("Bearer ")
    # A key is only checked later, by the API. A wrong one therefore costs at most one large request.
    if not keyed and (user is None or not user.is_authenticated):
        return ANONYMOUS_LARGEST
    has_files = (request.content_type or "").startswith("multipart/")
    return REQUEST_LARGEST if has_files else FORM_LARGEST


class TooLarge:
    """Refuses a request by the length that it announces, before a byte of it is read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if (
            length.isdigit()
            and int(length) > ANONYMOUS_LARGEST
            and int(length) > (most := find_largest(request))
        ):
            size = (
                _("%(size)s MB") % {"size": most // 1_000_000}
                if most >= 1_000_000
                else _("%(size)s kB") % {"size": most // 1000}
            )
            what = _("it is larger than %(size)s, so none of it was read") % {"size": size}
            response = answer_error(request, [Fault(_("what was sent"), what, _("Send less at a time"))], 413)
            # The body was not read, so the connection can't be used for another request.
            response.headers["Connection"] = "close"
            return response
        return self.get_response(request)


class _Strict(MultiPartParser):
    """Notes the names that lead to another folder, which Django would cut to their last part in silence."""

    strange: list[str]

    def sanitize_file_name(self, file_name: str) -> str | None:
        """The file's name without folders."""
        if re.search(r"[/\\]", file_name):
            self.strange.append(file_name)
        return super().sanitize_file_name(file_name)


class PlainNames(FileUploadHandler):
    """Refuses uploads whose names lead to another folder; the first of the handlers, which hands on to the others."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, str],  # noqa: N803 Django calls it by this name
        content_length: int,
        boundary: object,
        encoding: str | None = None,
    ) -> tuple[Any, Any]:
        """Read the whole request, as Django does."""
        del content_length, boundary
        assert self.request is not None  # noqa: S101 Django gives it
        others = [h for h in self.request.upload_handlers if h is not self]
        parser = _Strict(META, input_data, others, encoding)
        parser.strange = []
        parsed = parser.parse()
        self.request.strange_names = parser.strange  # type: ignore[attr-defined]  # for `RefuseStrangeNames`
        return parsed

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Never called: the others receive."""
        del start
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Never called."""
        del file_size


class RefuseStrangeNames:
    """Answers a request that carried a name with a path in it; the content was not looked at."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *rest: Any) -> HttpResponse | None:
        """Refuse before the view; reading the names is left to the first code that asks for the form."""
        del rest
        if request.method != "POST" or not (request.content_type or "").startswith("multipart/"):
            return None
        # Django reads the request only when its files are first asked for, and the names are known after that.
        _files = request.FILES
        strange = getattr(request, "strange_names", [])
        if not strange:
            return None
        faults = [
            Fault(
                _("the file's name"),
                _("'%(name)s' leads to another folder") % {"name": name[:80]},
                _("Rename the file and send it again"),
            )
            for name in strange
        ]
        return answer_error(request, faults, 422)
