"""Everything that the room holds about one person."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scrutineer_web.permissions import Rights, check
from scrutineer_web.records.case import Case

if TYPE_CHECKING:
    from scrutineer_web.records.user import User


def find_cases(*, reference: str, by: User) -> list[Case]:
    """The cases of a reference or pseudonym, in every inspection.

    Raises:
        PermissionDenied: the person answers no requests of data subjects.
    """
    check(Rights(by).can_everywhere("subject.export"))
    cleaned = reference.strip()
    if not cleaned:
        return []
    every = Case.objects.select_related("inspection__framework_version").order_by("pk")
    return list(every.filter(reference__iexact=cleaned)) or list(every.filter(pseudonym=cleaned))


def write_json(content: dict[str, Any]) -> bytes:
    """As a file."""
    return (json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n").encode()
