"""The id that every form carries: new with each rendering, and signed for the person that it was rendered for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

FIELD = "form_id"
SAVED = "saved_forms"
"""Where a session says which forms were saved since its last page."""
HIDDEN = frozenset({FIELD, "csrfmiddlewaretoken"})
"""Fields that nobody filled in."""
# Hexadecimal digits: 96 bits of the signature.
_SIGNED = 24


@dataclass(frozen=True)
class FormId:
    """A form as it was rendered once, for one person."""

    uid: UUID
    user: int


def make_id(user: int) -> str:
    """An id for a form that is being rendered."""
    return keep_id(uuid4(), user)


def keep_id(uid: UUID, user: int) -> str:
    """An id that was given before, as its form carries it."""
    bare = f"{uid.hex}.{user}"
    return f"{bare}.{_sign_id(bare)}"


def read_id(text: str) -> FormId | None:
    """What an id says; None for one that this room never gave."""
    bare, _, signature = text.rpartition(".")
    uid, _, user = bare.partition(".")
    if not constant_time_compare(signature, _sign_id(bare)):
        return None
    return FormId(UUID(uid), int(user))


def find_id(request: HttpRequest) -> FormId | None:
    """The id of the form that was sent."""
    return read_id(request.POST.get(FIELD, ""))


def list_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Everything that was filled in, in its order."""
    return [(name, value) for name, values in request.POST.lists() if name not in HIDDEN for value in values]


def list_files(request: HttpRequest) -> list[str]:
    """The names of the files that were sent along."""
    return [file.name or "" for _, files in request.FILES.lists() for file in files]


def make_digest(request: HttpRequest) -> str:
    """A digest of everything that was sent: where to, the fields, the files."""
    digest = hashlib.sha256(repr((request.path, sorted(list_fields(request)))).encode())
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            digest.update(repr((name, file.name, file.size)).encode())
            for chunk in file.chunks():
                digest.update(chunk)
            # The view reads it again.
            file.seek(0)
    return digest.hexdigest()


def _sign_id(bare: str) -> str:
    return salted_hmac("scrutineer.forms", bare, algorithm="sha256").hexdigest()[:_SIGNED]
