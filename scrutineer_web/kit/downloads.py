"""What a file that people keep is called, whatever somebody named it."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

from django.http import HttpResponse

LONGEST = 150
"""Signs of a name; file systems take 255 bytes."""


def send_download(response: HttpResponse, name: str) -> HttpResponse:
    """Have a browser keep an answer as a file of that name.

    A name that is more than plain letters stands there twice (RFC 6266): in plain letters for whatever reads no more, and
    as it is, in UTF-8 and percent-encoded (RFC 5987). Neither can end its quotes, begin a parameter or a header, or name a folder.
    """
    name = make_plain_name(name)
    fallback = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    whole = "" if fallback == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    response["Content-Disposition"] = f'attachment; filename="{fallback}"{whole}'
    return response


def make_plain_name(name: str) -> str:
    """A name without folders, control signs and signs that turn the direction of writing."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C" and c not in '"%;<>:|?*\u2028\u2029')
    name = " ".join(name.split()).strip(". ")
    if len(name) > LONGEST:
        stem, dot, ending = name.rpartition(".")
        ending = f"{dot}{ending}"[:20] if stem else ""
        name = f"{name[: LONGEST - len(ending)]}{ending}"
    return name or "file"
