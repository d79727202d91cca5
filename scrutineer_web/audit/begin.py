"""Taking a room under the keyed log: what was there before is sealed and stated once, when the room is opened.

The chains of an older room were hashed without a key. Their ends at that moment are written under the key, so that nothing
before can be changed any longer; and every row is stated as it is then, since older events don't say what each column held.
Columns that a later version of the program adds are stated the same way.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from scrutineer.errors import Fault, UserError
from scrutineer_web.audit.anchors import find_ends
from scrutineer_web.audit.events import tell
from scrutineer_web.audit.keys import is_there, name_key
from scrutineer_web.audit.stated import state_tables
from scrutineer_web.audit.unprotected import collect_columns, list_protected_models
from scrutineer_web.records.event import Chain, Event

KIND = "audit.begun"


def begin() -> int:
    """Seal and state what no keyed event covers yet; a room where nothing is new is left alone.

    Returns:
        how many events were added.

    Raises:
        UserError: the room's log was kept with another key.
    """
    columns = {model._meta.label: sorted(collect_columns(model)) for model in list_protected_models()}
    if not _is_new(columns):
        return 0
    with transaction.atomic():
        Chain.objects.get_or_create(name="room")
        # Several processes start at once. The first to get the lock seals the log, and the others then find it done.
        Chain.objects.select_for_update().get(name="room")
        if not _is_new(columns):
            return 0
        known = _find_last() or {}
        heads = {name: list(end) for name, end in find_ends().items() if end[0]}
        fresh = {
            label: new
            for label, names in columns.items()
            if (new := _list_new(names, known.get("columns", {}).get(label)))
        }
        parts = list(state_tables(fresh))
        details: dict[str, Any] = {"key": name_key(), "columns": columns}
        if not known:
            # Events from before the log had a key carry no signature. Sealing where each chain ended protects them from now on.
            details["heads"] = heads
        tell("audit.begun", by=None, stating=parts[0] if parts else None, **details)
        for part in parts[1:]:
            # In parts, because one event that states a whole room would be too large to read again.
            tell("audit.stated", by=None, stating=part)
    return max(1, len(parts))


def refuse_other_key() -> None:
    """Refuse a room whose log was kept with another key than the one that is here, or whose key is gone.

    Raises:
        UserError: it was.
    """
    last = _find_last()
    if last is None:
        return
    do = "Put the room's audit key back, from a backup or from where you keep it"
    # Asked first, because name_key would make a new key where there is none,
    # and the old one would seem replaced.
    if not is_there():
        raise UserError(Fault("the audit log", "the key that it was written with isn't here", do))
    if last.get("key") != name_key():
        what = "it was written with a different key from the one that is here"
        raise UserError(Fault("the audit log", what, do))


def _find_last() -> dict[str, Any] | None:
    event = Event.objects.filter(chain="room", kind=KIND).order_by("-number").first()
    return None if event is None else event.details


def _is_new(columns: dict[str, list[str]]) -> bool:
    refuse_other_key()
    last = _find_last()
    return last is None or any(
        _list_new(names, last["columns"].get(label)) for label, names in columns.items()
    )


def _list_new(names: list[str], known: list[str] | None) -> list[str]:
    return [name for name in names if name not in (known or ())]
