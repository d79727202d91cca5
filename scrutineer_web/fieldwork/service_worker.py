"""The service worker's script: which files it keeps, under a name that changes with them."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from django.templatetags.static import static

HERE = Path(__file__).resolve().parent.parent
KEPT = (
    "room.css",
    "early.js",
    "room.js",
    "texts.js",
    "forms.js",
    "device.js",
    "case.js",
    "applicability.js",
    "dexie.js",
    "govuk-frontend.js",
    "icon.svg",
    "manifest.webmanifest",
)


@lru_cache(maxsize=1)
def write_worker_script() -> str:
    """The script, with the files that the room is made of."""
    folder = HERE / "static" / "room"
    digest = hashlib.sha256()
    for path in (
        *(folder / name for name in KEPT),
        HERE / "fieldwork" / "templates" / "fieldwork" / "offline.html",
        HERE / "templates" / "base.html",
        HERE / "kit" / "script_texts.py",
    ):
        digest.update(path.read_bytes())
    files = [static(f"room/{name}") for name in KEPT]
    template = (folder / "worker.js").read_text(encoding="utf-8")
    listed = ", ".join(f'"{name}"' for name in files)
    return template.replace("__NAME__", digest.hexdigest()[:16]).replace('"__FILES__"', listed)
