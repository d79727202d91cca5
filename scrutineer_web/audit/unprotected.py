"""Which columns the audit log answers for, how it states them, and which it can't protect, with the reason for each.

A column of the room's own tables is protected unless it stands in `UNPROTECTED`: a new one is from its first day.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC
from functools import cache
from hashlib import blake2b
from typing import Any

from django.apps import apps
from django.db import models

from scrutineer_web.audit.chain import dump, normalise
from scrutineer_web.audit.keys import derive_key

UNPROTECTED: dict[str, str] = {
    # Columns of the room's own tables.
    "records_answer.id": "It only tells rows apart: an answer is found by its assessment and its question.",
    "records_result.id": "It only tells rows apart: a result is found by its inspection, group and name.",
    "records_event.id": "It orders events of different chains; within a chain the number does, which is protected.",
    "records_user.last_login": "It changes with each sign-in, which is an event of its own.",
    "records_user.seen_event": "It is the number of the owner's last sign-in or confirmation, which are events of their own.",
    "records_token.used_on": "It is noted once a day while a key is used, and lets nobody in.",
    "records_device.unsent": "It is what a device last said of itself, and changes every few seconds.",
    "records_device.heard_at": "It is when a device was last heard, and changes every few seconds.",
    "records_issue.progress": "It counts up while a report is being made.",
    "records_issue.progress_note": "It is the sentence shown while a report is being made, or why it could not be.",
    "records_collectedreport.progress": "It counts up while a report is being made.",
    "records_collectedreport.progress_note": "It is the sentence shown while a report is being made, or why it could not be.",
    "records_timetable.progress": "It counts up while a timetable is searched for.",
    "records_timetable.progress_note": "It is the sentence shown while a timetable is searched for, or why there is none.",
    "mfa_authenticator.last_used_at": "It changes each time somebody signs in with a second factor.",
    "socialaccount_socialaccount.last_login": "It changes with each sign-in, which is an event of its own.",
    "socialaccount_socialaccount.extra_data": "It is what the sign-in provider last said, written at each sign-in.",
    # Whole tables.
    "records_beat": "It says when a process of the room was last alive, every minute.",
    "records_job": "It is work that waits in the background or was just done, for some days; what came of it is an event.",
    "records_held": "It says what a device has not sent yet, every few seconds; sign-off asks the device again.",
    "records_reminder": "It keeps anybody from being reminded twice a day; each mail that was sent is an event.",
    "records_submission": "It keeps a form from being answered twice, for some days; what the form did is an event.",
    "records_keptform": "It keeps what was typed when a session had ended, encrypted, until it's sent or some days have passed.",
    "records_user_groups": "The room asks no groups: what somebody may do follows from appointments and parts.",
    "records_user_user_permissions": "The room asks no such permissions: they follow from appointments and parts.",
    "auth_group": "The room asks no groups: what somebody may do follows from appointments and parts.",
    "auth_group_permissions": "The room asks no groups: what somebody may do follows from appointments and parts.",
    "auth_permission": "The room asks no such permissions: they follow from appointments and parts.",
    "django_content_type": "It names the program's own tables; the room looks nothing up by it.",
    "django_migrations": "It says which changes of the tables were made; opening the room compares it with the program.",
    "django_session": "It holds who is signed in now, and changes with each page. Ending the sessions ends what was put there.",
    "cache": "It holds attempts to sign in and what can be computed again.",
    "django_tasks_database_dbtaskresult": "It is the background's list of work; what came of each piece of work is an event.",
    "account_emailaddress": "The room doesn't use it: it writes to the address of the account itself.",
    "account_emailconfirmation": "The room doesn't use it.",
    "socialaccount_socialapp": "The room doesn't use it: the sign-in provider is a setting outside the database.",
    "socialaccount_socialtoken": "The room doesn't use it: it keeps no tokens of the sign-in provider.",
    "sqlite_sequence": "It holds the database's own counters.",
}
"""Tables (`table`) and columns (`table.column`) that the log can't answer for, and why."""

GUARDED_OTHERWISE: dict[str, str] = {
    "records_event": "Each event's keyed hash covers all it says and the hash of the one before.",
    "records_chain": "The end of each chain must be the chain's last event.",
    "records_assessment.events": "The end of each chain must be the chain's last event.",
    "records_assessment.head": "The end of each chain must be the chain's last event.",
    "records_blob": "The bytes must have the hash under which they are kept, and every file that is stated must be there.",
}
"""Tables and columns that are checked in their own way, and how."""

WRITTEN_BY_OTHERS = ("records.User", "mfa.Authenticator", "socialaccount.SocialAccount")
"""Tables that the sign-in library writes to, too: what it writes is stated at the end of its transaction."""

Convert = Callable[[Any], Any]


def list_protected_models() -> list[type[models.Model]]:
    """Every model of which the log states columns."""
    own = apps.get_app_config("records").get_models()
    others = [apps.get_model(label) for label in WRITTEN_BY_OTHERS if not label.startswith("records.")]
    return [
        model
        for model in (*own, *others)
        if model._meta.db_table not in UNPROTECTED and model._meta.db_table not in GUARDED_OTHERWISE
    ]


@cache
def collect_columns(model: type[models.Model]) -> dict[str, Convert]:
    """The columns of a model that the log states, by attribute, with what makes a plain value of one."""
    table = model._meta.db_table
    if table in UNPROTECTED or table in GUARDED_OTHERWISE or model._meta.app_label not in _list_apps():
        return {}
    return {
        field.attname: _find_converter(field)
        for field in model._meta.concrete_fields
        if f"{table}.{field.column}" not in UNPROTECTED
        and f"{table}.{field.column}" not in GUARDED_OTHERWISE
        and (not field.primary_key or is_whole(model))
    }


@cache
def _list_apps() -> frozenset[str]:
    return frozenset({"records", *(label.partition(".")[0] for label in WRITTEN_BY_OTHERS)})


def is_whole(model: type[models.Model]) -> bool:
    """Whether the log states a row of the model as one hash: there are too many of them for a hash of each column."""
    return model._meta.label in ("records.Answer", "records.Result")


# -- values --------------------------------------------------------------------------------


def _find_converter(field: models.Field[Any, Any]) -> Convert:
    """What makes of a field's value the one that every database gives back, as JSON has it."""
    if isinstance(field, models.ForeignKey):
        return _find_converter(field.target_field)
    kind = field.get_internal_type()
    if kind == "DateTimeField":
        return lambda v: field.to_python(v).astimezone(UTC).isoformat(timespec="microseconds")
    if kind == "DateField":
        return lambda v: field.to_python(v).isoformat()
    if kind == "BooleanField":
        return bool
    if kind == "UUIDField":
        return lambda v: str(field.to_python(v))
    if kind == "BinaryField":
        return bytes
    if kind == "JSONField":
        return normalise
    if kind == "FloatField":
        return lambda v: normalise(float(v))
    # A caller may hold a number as text. Both sides are brought to the same type before they are compared.
    if "Integer" in kind or kind in ("AutoField", "BigAutoField"):
        return int
    return str


@cache
def _is_open(model: type[models.Model], attname: str) -> bool:
    """Whether the log states a column's value itself: a number, a day, a choice or who; never words that people wrote."""
    field = next(f for f in model._meta.concrete_fields if f.attname == attname)
    if field.is_relation:
        return True
    kind = field.get_internal_type()
    return bool(field.choices) or kind not in (
        "CharField",
        "TextField",
        "SlugField",
        "JSONField",
        "BinaryField",
    )


def state_value(model: type[models.Model], row: str, attname: str, value: Any) -> Any:
    """What the log states of one value: itself where it's plain, else a keyed hash that nobody else can make."""
    if value is None:
        return None
    plain = collect_columns(model)[attname](value)
    # Words are stated as keyed hashes: the log can prove a change to them, but deleting them leaves no copy in the log.
    if plain == "" or _is_open(model, attname):
        return plain
    return _make_digest(model, row, attname, plain)


def _make_digest(model: type[models.Model], row: str, column: str, plain: Any) -> str:
    digest = blake2b(
        # The place is part of the hash, so equal words in two rows can't be recognised as equal. Nine bytes keep the
        # log small, and are enough because nobody without the key can look for a match.
        f"{model._meta.db_table} {row} {column} ".encode(),
        digest_size=9,
        key=derive_key("columns"),
    )
    digest.update(plain if isinstance(plain, bytes) else dump(plain).encode())
    return "~" + urlsafe_b64encode(digest.digest()).decode()


def state_row(model: type[models.Model], row: str, values: Mapping[str, Any]) -> dict[str, Any] | str:
    """What the log states of a row's columns; of a row that is stated whole, one hash."""
    known = collect_columns(model)
    if is_whole(model):
        plain = [None if (v := values[name]) is None else convert(v) for name, convert in known.items()]
        return _make_digest(model, row, "", plain)
    return {name: state_value(model, row, name, values[name]) for name in known if name in values}


def state_results(inspection: int, rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What the log states of an inspection's stored results: one hash for each group of its cases."""
    model = apps.get_model("records.Result")
    names = [name for name in collect_columns(model) if name != "inspection_id"]
    groups: dict[str, list[list[Any]]] = {}
    for row in rows:
        plain = [None if row.get(name) is None else collect_columns(model)[name](row[name]) for name in names]
        groups.setdefault(str(row["group"]), []).append(plain)
    return {
        # Sorted, because the order in which a database returns rows means nothing.
        group: _make_digest(model, str(inspection), group, sorted(listed, key=dump))
        for group, listed in groups.items()
    }


def name_row(model: type[models.Model], values: Mapping[str, Any]) -> str:
    """By what the log finds a row: its key; an answer's assessment and question."""
    if model._meta.label == "records.Answer":
        return f"{values['assessment_id']} {values['question']}"
    return str(values[model._meta.pk.attname])
