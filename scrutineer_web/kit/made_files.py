"""Files of a report that was made, sent so that a browser shows or keeps them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

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
    ending = place.rpartition(".")[2]
    response = HttpResponse(
        bytes(file.blob.content), content_type=TYPES.get(ending, "application/octet-stream")
    )
    if ending not in ("html", "pdf"):
        send_download(response, place)
    response["Content-Security-Policy"] = PAGE
    return response


TYPES = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "parquet": "application/vnd.apache.parquet",
}
