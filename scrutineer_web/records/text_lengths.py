"""How long a text may be: the one table, for the database, the forms, the API and the page that counts while one types."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from scrutineer.inspection.texts import LONGEST

NOTE = 20_000
"""What somebody writes in his or her own words: a reason, a comment, what a file shows."""
SHORT = 300
"""A line of a form that says nothing else."""
VALUE = 2_000
"""An answer that is a text of its own."""
REPORT = LONGEST
"""A text of the report."""

FIELDS: Mapping[str, int] = {
    "text": NOTE,
    "reason": NOTE,
    "notice": NOTE,
    "note": NOTE,
    "from_file": NOTE,
    "from_manager": NOTE,
    "from_offender": NOTE,
    "content": REPORT,
    "value": VALUE,
}
"""The fields of forms that an action takes as they are, by name; a form's own fields say theirs themselves."""


def find_limit(field: str) -> int | None:
    """The most characters of a field; None where nothing is said of it.

    Args:
        field: its name, as in `reason`, or with what it is about before or after it: `b2_score__note`, `reason__b2_score`.
    """
    first, _, last = field.partition("__")
    return FIELDS.get(last, FIELDS.get(first)) if last else FIELDS.get(field)


def describe_too_long(length: int, limit: int) -> str:
    """What is wrong with a text, as a sentence without its full stop."""
    over = length - limit
    return _("It has %(length)s characters. Remove %(over)s to keep within %(limit)s") % {
        "length": f"{length:,}",
        "over": f"{over:,}",
        "limit": f"{limit:,}",
    }
