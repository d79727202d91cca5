"""What is wrong, as somebody says it who knows inspections and not tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils import timezone

from scrutineer.inspection.dates import format_day
from scrutineer_web.audit.unprotected import state_value
from scrutineer_web.records.event import Event

if TYPE_CHECKING:
    from scrutineer_web.audit.anchors import Anchor
    from scrutineer_web.audit.replay import Discrepancy

LABELS = {
    "approved_by": "who approved it",
    "published_by": "who published it",
    "signed_off_by": "who signed it off",
    "completed_by": "who completed it",
    "retired_by": "who retired it",
    "saved_by": "who saved it",
    "asked_by": "who asked for it",
    "embargo_until": "the end of the embargo",
    "codes": "the answers of its scale",
    "facts": "the particulars and numbers answered",
    "scores": "the stored scores",
    "sample": "the sample's record",
    "dates": "the calendar",
    "user": "the account",
    "blob": "the file's content",
    "told_at": "when it was reported",
    "told_by": "who reported it",
    "content": "the content",
    "is_active": "whether the account is open",
    "is_superuser": "whether the account is a superuser",
    "is_staff": "whether the account is of staff",
    "password": "the password",
    "day": "the day",
    "slot": "the time",
    "seal": "the seal",
    "asked": "the number of questions that apply",
    "answered": "the number of questions answered",
}
"""Columns whose name says too little."""

_ORDINAL = {1: "first", 2: "second"}


def say_moment(at: datetime | str) -> str:
    """A moment as people write it: 12 December 2026 at 14:05."""
    try:
        moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    except ValueError:
        return str(at)
    local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    return f"{format_day(local.date())} at {local:%H:%M}"


def say_anchor(anchor: Anchor) -> str:
    """Which anchor it is: the backup's anchor of 12 December 2026 at 14:05."""
    return f"the {'daily' if anchor.why == 'day' else anchor.why} anchor of {say_moment(anchor.at)}"


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]


class RowNames:
    """What rows, chains and values are called; each is looked up once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, Any], str] = {}

    def of_chain(self, chain: str) -> str:
        """Whose log a chain is: the log of the inspection of Farfield (number 7)."""
        kind, _, key = chain.partition(":")
        if chain == "room" or not key.isdigit() or kind not in ("inspection", "assessment"):
            return "the room's own log" if chain == "room" else f"the log '{chain}'"
        return f"the log of {self.of(apps.get_model('records', kind), int(key))}"

    def of(self, model: type[models.Model], pk: Any) -> str:
        """What a row is called."""
        key = (model._meta.label, pk)
        if key not in self._known:
            row = model._base_manager.filter(pk=pk).first()
            self._known[key] = (
                self._name(row) if row is not None else f"{_name_kind(model)} {pk}, which no longer exists"
            )
        return self._known[key]

    def _name(self, row: models.Model) -> str:
        named, owner = _NAMES.get(row._meta.model_name or ""), self._owner(row)
        if named is not None:
            # Of an assessment which one it is, of a report its sort: looked up among the row's own columns alone.
            ordinal = _ORDINAL.get(row.__dict__.get("number", 0), "")
            sort = "version" if row.__dict__.get("kind") == "issue" else "draft"
            try:
                return named.format(row=row, owner=owner, ordinal=ordinal, sort=sort)
            except ObjectDoesNotExist:  # what it is called by is gone
                return f"{_name_kind(type(row))} {row.pk}"
        return f"{_name_kind(type(row))} {row.pk}{f' of {owner}' if owner else ''}"

    def _owner(self, row: models.Model) -> str:
        for name in _OWNERS:
            field = _find_relation(type(row), name)
            if field is not None and getattr(row, field.attname) is not None:
                return self.of(field.related_model, getattr(row, field.attname))
        return ""

    # -- differences -----------------------------------------------------------------------

    def say(self, difference: Discrepancy) -> str:
        """A difference as a sentence: what it is of, what the log says, and what the database says."""
        where = _capitalise(self._where(difference))
        if difference.model._meta.label == "records.Result" and difference.what != "unreadable":
            return self._say_result(difference)
        if difference.model._meta.label == "records.Blob":
            how = (
                "its recorded size doesn't match its content"
                if difference.column == "size"
                else "its content doesn't match its hash"
            )
            return f"{where}: {how}."
        if difference.what == "unreadable":
            return f"The database can't be read where it holds {_name_kind(difference.model).removeprefix('the ')}: it has been altered there."
        if difference.what == "added":
            return f"{where} is in the database, but the log has no record of anyone adding it."
        if difference.what == "removed" and difference.column:
            return f"{where}: the log lists a file that isn't in the database."
        if difference.what == "removed":
            return f"{where}: the log says that it was added, but it isn't in the database."
        if not difference.column:
            return f"{where} {self._say_whole(difference)}"
        label = _format_label(difference.column)
        if difference.what == "unstated":
            return f"{where}: the log says nothing about {label}, but the database says {self._value(difference, difference.held)}."
        logged = self._logged(difference)
        held = self._value(difference, difference.held)
        return f"{where}: for {label} the log says {logged}, but the database says {held}."

    def _where(self, difference: Discrepancy) -> str:
        label = difference.model._meta.label
        if difference.what == "unreadable":
            return ""
        if label == "records.Blob":
            return self._of_file(difference.row)
        if label == "records.Answer":
            assessment, _, question = difference.row.partition(" ")
            assessed = self.of(apps.get_model("records.Assessment"), int(assessment))
            return f"the answer to {self._question(int(assessment), question)} in {assessed}"
        if difference.what == "removed" and not difference.column and isinstance(difference.logged, dict):
            return self._of_removed(difference)
        return self.of(difference.model, difference.row)

    def _of_removed(self, difference: Discrepancy) -> str:
        logged: Mapping[str, Any] = difference.logged
        for name in _OWNERS:
            field = _find_relation(difference.model, name)
            if field is not None and logged.get(field.attname) is not None:
                return f"{_name_kind(difference.model)} {difference.row} of {self.of(field.related_model, logged[field.attname])}"
        return f"{_name_kind(difference.model)} {difference.row}"

    def _question(self, assessment: int, key: str) -> str:
        row = (
            apps.get_model("records.Assessment")
            ._base_manager.select_related("framework_version")
            .filter(pk=assessment)
            .first()
        )
        try:
            text = row.framework_version.framework.questions[key].text if row else ""
        except (KeyError, AttributeError, ValueError):
            text = ""
        return f'"{text if len(text) <= 90 else text[:87] + "..."}" ({key})' if text else f"'{key}'"

    def _of_file(self, hash_: str) -> str:
        for label in ("records.IssueFile", "records.Upload", "records.CollectedFile"):
            row = apps.get_model(label)._base_manager.filter(blob=hash_).first()
            if row is not None:
                return self.of(type(row), row.pk)
        return f"a stored file that nothing uses ({hash_[:12]})"

    def _say_whole(self, difference: Discrepancy) -> str:
        """Of an answer: which of its parts differ from what was saved last."""
        assessment, _, question = difference.row.partition(" ")
        events = Event.objects.filter(chain=f"assessment:{assessment}", details__question=question)
        event = events.order_by("-number").filter(details__has_key="rev").first()
        if event is None:
            return "doesn't match what the log says was imported or saved."
        saved = f"was saved on {say_moment(event.happened_at)} by {event.actor}"
        parts = [
            f"for {_format_label(name)} the log says {_quote(event.details[name])}, but the database says {_quote(difference.held[name])}"
            for name in ("value", "from_file", "from_manager", "from_offender", "note", "rev")
            if name in event.details and event.details[name] != difference.held[name]
        ]
        # What retention removed would look like a difference in every part.
        if event.details.get("redacted"):
            parts = []
        if not parts:
            return f"{saved}; who saved it, when it was saved or its revision doesn't match the log."
        return f"{saved}: {'; '.join(parts)}."

    def _say_result(self, difference: Discrepancy) -> str:
        where = _capitalise(self.of(apps.get_model("records.Inspection"), int(difference.row)))
        group = "all cases" if difference.column == "all" else f"the group '{difference.column}'"
        if difference.what == "added":
            return (
                f"{where}: the database has stored results for {group}, but the log says that there are none."
            )
        if difference.what == "removed":
            return (
                f"{where}: the log says that there are stored results for {group}, but the database has none."
            )
        return f"{where}: the stored results for {group} don't match those that the log says were settled."

    def _logged(self, difference: Discrepancy) -> str:
        """What the log says of a column; words are found in the event that last spoke of the row, where it holds them."""
        if not (isinstance(difference.logged, str) and difference.logged.startswith("~")):
            return self._value(difference, difference.logged)
        words = _find_words(difference)
        return "otherwise" if words is None else _quote(words)

    def _value(self, difference: Discrepancy, value: Any) -> str:
        field = next(f for f in difference.model._meta.concrete_fields if f.attname == difference.column)
        if value is None or value == "":
            return "nothing"
        if isinstance(field, models.ForeignKey) and field.related_model._meta.label == "records.Blob":
            return f"the one with the hash {str(value)[:12]}"
        if isinstance(field, models.ForeignKey):
            return self.of(field.related_model, value)
        if field.choices:
            return f"'{dict(field.flatchoices).get(value, value)}'"
        if isinstance(value, bool):
            return "yes" if value else "no"
        kind = field.get_internal_type()
        if kind == "DateTimeField":
            return say_moment(value)
        if kind == "DateField":
            return format_day(date.fromisoformat(value) if isinstance(value, str) else value)
        if difference.column == "password" or kind in ("BinaryField", "JSONField"):
            return "something else"
        return _quote(value)


def _find_relation(model: type[models.Model], name: str) -> models.ForeignKey[Any, Any] | None:
    fields = (f for f in model._meta.concrete_fields if isinstance(f, models.ForeignKey) and f.name == name)
    return next(fields, None)


def _quote(value: Any) -> str:
    if value is None or value == "":
        return "nothing"
    text = " ".join(str(value).split())
    return f"'{text if len(text) <= 120 else text[:117] + '...'}'"


def _find_words(difference: Discrepancy) -> Any:
    """The value of a column among the details of the events that speak of its row, newest first; None where none has it.

    What a detail says is only taken where it has the hash that the log states of the column.
    """
    name = difference.column.removesuffix("_id")
    table, mark = difference.model._meta.db_table, f'"{difference.row}":'
    events = Event.objects.filter(rows__contains=f'"{table}"').filter(rows__contains=mark).order_by("-id")
    # `rows` is text without an index, so only the newest events are searched for the words.
    for event in events[:20]:
        for place in (event.details, event.details.get("content"), event.details.get("now")):
            if isinstance(place, dict) and name in place:
                try:
                    stated = state_value(difference.model, difference.row, difference.column, place[name])
                except (TypeError, ValueError, AttributeError):
                    continue
                if stated == difference.logged:
                    return place[name]
    return None


def _format_label(column: str) -> str:
    name = column.removesuffix("_id")
    if name in LABELS:
        return LABELS[name]
    words = name.replace("_", " ")
    if words.endswith(" at"):
        return f"when it was {words.removesuffix(' at')}"
    if words.endswith(" by"):
        return f"who {words.removesuffix(' by')} it"
    return f"the {words}"


def _name_kind(model: type[models.Model]) -> str:
    return _KINDS.get(model._meta.model_name or "", f"the {model._meta.verbose_name}")


_OWNERS = (
    "assessment",
    "assessment",
    "case",
    "issue",
    "check_of",
    "comment",
    "recommendation",
    "action",
    "report",
    "version",
    "inspection",
    "programme",
    "user",
    "device",
)
"""The fields by which a row belongs to another, the nearest first."""

_KINDS = {
    "accuracycheck": "the factual accuracy check",
    "accuracycomment": "the area's comment",
    "caseloadfile": "the caseload",
    "collectedfile": "the file",
    "collectedreport": "the report on many inspections",
    "frameworktext": "the text of the framework",
    "frameworkversion": "the framework",
    "issuefile": "the file",
    "piece": "the piece of evidence",
    "plannedaction": "the planned action",
    "plannedinspection": "the planned inspection",
    "progressreport": "the progress",
    "response": "the area's response",
    "token": "the key to the API",
    "socialaccount": "the sign-in account",
    "authenticator": "the second factor",
    "user": "the account",
}

_NAMES = {
    "inspection": "the inspection of {row.area} (number {row.pk})",
    "case": "case {row.reference} of {owner}",
    "assessment": "the {ordinal} assessment of {owner}",
    "issue": "{sort} {row.number} of the report of {owner}",
    "issuefile": "the file {row.path} of {owner}",
    "collectedfile": "the file {row.path} of {owner}",
    "collectedreport": "the report '{row.title}'",
    "upload": "the file '{row.name}' sent in for {owner}",
    "document": "the file {row.path} of {owner}",
    "caseloadfile": "the caseload '{row.name}' of {owner}",
    "appointment": "the appointment of {owner} as {row}",
    "participant": "{row.name}'s part as {row.role} in {owner}",
    "user": "the account of {row}",
    "area": "the area {row.name}",
    "family": "the family group {row.name}",
    "programme": "the programme '{row.title}'",
    "tranche": "the tranche '{row.title}' of {owner}",
    "frameworkversion": "the framework {row.title} {row.version}",
    "text": "the text {row.path} of the report of {owner}",
    "judgement": "the judgement on {row.criterion} of {owner}",
    "adjudication": "the adjudication of '{row.question}' in {owner}",
    "correction": "the correction of '{row.question}' in {owner}",
    "token": "the key '{row.name}' of {owner}",
    "device": "the device '{row.name}' of {owner}",
}
"""What rows are called, by the name of their model."""
