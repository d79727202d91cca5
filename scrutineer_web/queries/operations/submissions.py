"""What came of a form that was sent, and forms that wait for their owner."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from scrutineer_web.records.submission import KeptForm, Submission


def find_submission(*, user: int, uid: UUID) -> Submission | None:
    """What is known of a form."""
    return Submission.objects.filter(user=user, uid=uid).first()


def read_page(*, submission: Submission) -> bytes | None:
    """The page that a form led to, where it led nowhere else."""
    if submission.answer is None:
        return None
    try:
        return _open_safe("answers").decrypt(bytes(submission.answer))
    except InvalidToken:
        return None


def read_form(*, form: KeptForm) -> dict[str, Any]:
    """The fields of a kept form and the names of its files; empty where the room's secret has changed since."""
    try:
        content: dict[str, Any] = json.loads(_open_safe("forms").decrypt(bytes(form.content)))
    except InvalidToken:
        return {"fields": [], "files": []}
    return content


def _open_safe(purpose: str) -> Fernet:
    digest = hashlib.sha256(f"scrutineer {purpose}:{settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
