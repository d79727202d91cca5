"""Files of a report that was made, sent so that a browser shows or keeps them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from scrutineer.report.formats import find_media_type, is_shown
from scrutineer_web.kit.downloads import send_download
from scrutineer_web.records.issue import Issue

PAGE = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""What a made page may do: it brings its own styles and pictures, and runs nothing."""


def send_made_file(issue: Issue, place: str) -> HttpResponse:
    """A file of a made report: pages and PDF to look at, the others to keep.

    What was made elsewhere is only ever handed out to be kept: a page that anybody may have written is never shown under
    this room's own address.
    """
    if issue.is_ours:
        return send_file(issue.files, place)
    file = issue.files.select_related("blob").get(path=place)
    response = HttpResponse(bytes(file.blob.content), content_type="application/octet-stream")
    send_download(response, place)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


def send_file(files: Any, place: str) -> HttpResponse:
    """A file of those that were made together."""
    file = files.select_related("blob").get(path=place)
    response = HttpResponse(bytes(file.blob.content), content_type=find_media_type(place))
    if not is_shown(place):
        send_download(response, place)
    response["Content-Security-Policy"] = PAGE
    return response
