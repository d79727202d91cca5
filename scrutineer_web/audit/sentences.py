"""What is wrong, as somebody says it who knows inspections and not tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scrutineer.inspection.dates import format_day
from scrutineer_web.audit.unprotected import state_value
from scrutineer_web.records.event import Event

if TYPE_CHECKING:
    from scrutineer_web.audit.anchors import Anchor
    from scrutineer_web.audit.replay import Discrepancy

LABELS = {
    "approved_by": gettext_lazy("who approved it"),
    "published_by": gettext_lazy("who published it"),
    "signed_off_by": gettext_lazy("who signed it off"),
    "completed_by": gettext_lazy("who completed it"),
    "retired_by": gettext_lazy("who retired it"),
    "saved_by": gettext_lazy("who saved it"),
    "asked_by": gettext_lazy("who asked for it"),
    "embargo_until": gettext_lazy("the end of the embargo"),
    "codes": gettext_lazy("the answers of its scale"),
    "facts": gettext_lazy("the particulars and numbers answered"),
    "scores": gettext_lazy("the stored scores"),
    "sample": gettext_lazy("the sample's record"),
    "dates": gettext_lazy("the calendar"),
    "user": gettext_lazy("the account"),
    "blob": gettext_lazy("the file's content"),
    "told_at": gettext_lazy("when it was reported"),
    "told_by": gettext_lazy("who reported it"),
    "content": gettext_lazy("the content"),
    "is_active": gettext_lazy("whether the account is open"),
    "is_superuser": gettext_lazy("whether the account is a superuser"),
    "is_staff": gettext_lazy("whether the account is of staff"),
    "password": gettext_lazy("the password"),
    "day": gettext_lazy("the day"),
    "slot": gettext_lazy("the time"),
    "seal": gettext_lazy("the seal"),
    "asked": gettext_lazy("the number of questions that apply"),
    "answered": gettext_lazy("the number of questions answered"),
}
"""Columns whose name says too little."""

_ORDINAL = {1: gettext_lazy("first"), 2: gettext_lazy("second")}


def say_moment(at: datetime | str) -> str:
    """A moment as people write it: 12 December 2026 at 14:05."""
    try:
        moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    except ValueError:
        return str(at)
    local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    return _("%(day)s at %(time)s") % {"day": format_day(local.date()), "time": f"{local:%H:%M}"}


def say_anchor(anchor: Anchor) -> str:
    """Which anchor it is: the backup's anchor of 12 December 2026 at 14:05."""
    name = _ANCHORS.get(anchor.why, gettext_lazy("the %(why)s anchor of %(moment)s"))
    return str(name) % {"why": anchor.why, "moment": say_moment(anchor.at)}


_ANCHORS = {
    "day": gettext_lazy("the daily anchor of %(moment)s"),
    "backup": gettext_lazy("the backup anchor of %(moment)s"),
    "sign-off": gettext_lazy("the sign-off anchor of %(moment)s"),
    "approval": gettext_lazy("the approval anchor of %(moment)s"),
    "publication": gettext_lazy("the publication anchor of %(moment)s"),
}
"""What an anchor is called, by why it was kept."""


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]


class RowNames:
    """What rows, chains and values are called; each is looked up once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, Any], str] = {}

    def name_chain(self, chain: str) -> str:
        """Whose log a chain is: the log of the inspection of Farfield (number 7)."""
        if chain == "room":
            return _("Scrutineer's own log")
        kind, key = chain.partition(":")[::2]
        if not key.isdigit() or kind not in ("inspection", "assessment"):
            return _("the log '%(chain)s'") % {"chain": chain}
        return _("the log of %(owner)s") % {"owner": self.name_row(apps.get_model("records", kind), int(key))}

    def name_row(self, model: type[models.Model], pk: Any) -> str:
        """What a row is called."""
        key = (model._meta.label, pk)
        if key not in self._known:
            row = model._base_manager.filter(pk=pk).first()
            gone = _("%(kind)s %(number)s, which no longer exists") % {
                "kind": _name_kind(model),
                "number": pk,
            }
            self._known[key] = self._name(row) if row is not None else gone
        return self._known[key]

    def _name(self, row: models.Model) -> str:
        named, owner, kind = (
            _NAMES.get(row._meta.model_name or ""),
            self._name_owner(row),
            _name_kind(type(row)),
        )
        if named is not None:
            # Of an assessment which one it is, of a report its sort: looked up among the row's own columns alone.
            ordinal = _ORDINAL.get(row.__dict__.get("number", 0), "")
            sort = _("version") if row.__dict__.get("kind") == "issue" else _("draft")
            try:
                return str(named) % _Parts(row=row, owner=owner, ordinal=ordinal, sort=sort)
            except ObjectDoesNotExist:  # what it is called by is gone
                return f"{kind} {row.pk}"
        return _say_of(kind, row.pk, owner) if owner else f"{kind} {row.pk}"

    def _name_owner(self, row: models.Model) -> str:
        for name in _OWNERS:
            field = _find_relation(type(row), name)
            if field is not None and getattr(row, field.attname) is not None:
                return self.name_row(field.related_model, getattr(row, field.attname))
        return ""

    # -- differences -----------------------------------------------------------------------

    def say(self, difference: Discrepancy) -> str:
        """A difference as a sentence: what it is of, what the log says, and what the database says."""
        where = _capitalise(self._name_place(difference))
        if difference.what == "unreadable":
            kind = _name_kind(difference.model).removeprefix("the ")
            return _("The database can't be read where it holds %(kind)s: it has been altered there.") % {
                "kind": kind
            }
        if difference.model._meta.label == "records.Result":
            return self._say_result(difference)
        if difference.model._meta.label == "records.Blob" and difference.column == "size":
            return _("%(where)s: its recorded size doesn't match its content.") % {"where": where}
        if difference.model._meta.label == "records.Blob":
            return _("%(where)s: its content doesn't match its hash.") % {"where": where}
        if difference.what == "added":
            return _("%(where)s is in the database, but the log has no record of anyone adding it.") % {
                "where": where
            }
        if difference.what == "removed" and difference.column:
            return _("%(where)s: the log lists a file that isn't in the database.") % {"where": where}
        if difference.what == "removed":
            return _("%(where)s: the log says that it was added, but it isn't in the database.") % {
                "where": where
            }
        return (
            self._say_column(difference, where) if difference.column else self._say_whole(difference, where)
        )

    def _say_column(self, difference: Discrepancy, where: str) -> str:
        """Of one column: what the log says, and what the database says."""
        said = {
            "where": where,
            "column": _format_label(difference.column),
            "held": self._describe_value(difference, difference.held),
        }
        if difference.what == "unstated":
            return (
                _("%(where)s: the log says nothing about %(column)s, but the database says %(held)s.") % said
            )
        said["logged"] = self._describe_logged(difference)
        return _("%(where)s: for %(column)s the log says %(logged)s, but the database says %(held)s.") % said

    def _name_place(self, difference: Discrepancy) -> str:
        label = difference.model._meta.label
        if difference.what == "unreadable":
            return ""
        if label == "records.Blob":
            return self._name_file(difference.row)
        if label == "records.Answer":
            assessment, question = difference.row.partition(" ")[::2]
            return _("the answer to %(question)s in %(assessment)s") % {
                "question": self._name_question(int(assessment), question),
                "assessment": self.name_row(apps.get_model("records.Assessment"), int(assessment)),
            }
        if difference.what == "removed" and not difference.column and isinstance(difference.logged, dict):
            return self._name_removed(difference)
        return self.name_row(difference.model, difference.row)

    def _name_removed(self, difference: Discrepancy) -> str:
        logged: Mapping[str, Any] = difference.logged
        for name in _OWNERS:
            field = _find_relation(difference.model, name)
            if field is not None and logged.get(field.attname) is not None:
                owner = self.name_row(field.related_model, logged[field.attname])
                return _say_of(_name_kind(difference.model), difference.row, owner)
        return f"{_name_kind(difference.model)} {difference.row}"

    def _name_question(self, assessment: int, key: str) -> str:
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

    def _name_file(self, hash_: str) -> str:
        for label in ("records.IssueFile", "records.Upload", "records.CollectedFile"):
            row = apps.get_model(label)._base_manager.filter(blob=hash_).first()
            if row is not None:
                return self.name_row(type(row), row.pk)
        return _("a stored file that nothing uses (%(hash)s)") % {"hash": hash_[:12]}

    def _say_whole(self, difference: Discrepancy, where: str) -> str:
        """Of an answer: which of its parts differ from what was saved last."""
        assessment, question = difference.row.partition(" ")[::2]
        events = Event.objects.filter(chain=f"assessment:{assessment}", details__question=question)
        event = events.order_by("-number").filter(details__has_key="rev").first()
        if event is None:
            return _("%(where)s doesn't match what the log says was imported or saved.") % {"where": where}
        parts = [
            _("for %(column)s the log says %(logged)s, but the database says %(held)s")
            % {
                "column": _format_label(name),
                "logged": _quote(event.details[name]),
                "held": _quote(difference.held[name]),
            }
            for name in ("value", "from_file", "from_manager", "from_offender", "note", "rev")
            if name in event.details and event.details[name] != difference.held[name]
        ]
        # What retention removed would look like a difference in every part.
        said = {
            "where": where,
            "moment": say_moment(event.happened_at),
            "actor": event.actor,
            "differences": "; ".join(parts),
        }
        if event.details.get("redacted") or not parts:
            what = _(
                "%(where)s was saved on %(moment)s by %(actor)s; who saved it, when it was saved or its revision doesn't"
                " match the log."
            )
            return what % said
        return _("%(where)s was saved on %(moment)s by %(actor)s: %(differences)s.") % said

    def _say_result(self, difference: Discrepancy) -> str:
        where = _capitalise(self.name_row(apps.get_model("records.Inspection"), int(difference.row)))
        group = (
            _("all cases")
            if difference.column == "all"
            else _("the group '%(group)s'") % {"group": difference.column}
        )
        if difference.what == "added":
            what = _(
                "%(where)s: the database has stored results for %(group)s, but the log says that there are none."
            )
        elif difference.what == "removed":
            what = _(
                "%(where)s: the log says that there are stored results for %(group)s, but the database has none."
            )
        else:
            what = _(
                "%(where)s: the stored results for %(group)s don't match those that the log says were signed off."
            )
        return what % {"where": where, "group": group}

    def _describe_logged(self, difference: Discrepancy) -> str:
        """What the log says of a column; words are found in the event that last spoke of the row, where it holds them."""
        if not (isinstance(difference.logged, str) and difference.logged.startswith("~")):
            return self._describe_value(difference, difference.logged)
        words = _find_words(difference)
        return _("otherwise") if words is None else _quote(words)

    def _describe_value(self, difference: Discrepancy, value: Any) -> str:
        field = next(f for f in difference.model._meta.concrete_fields if f.attname == difference.column)
        if value is None or value == "":
            return _("nothing")
        if isinstance(field, models.ForeignKey) and field.related_model._meta.label == "records.Blob":
            return _("the one with the hash %(hash)s") % {"hash": str(value)[:12]}
        if isinstance(field, models.ForeignKey):
            return self.name_row(field.related_model, value)
        if field.choices:
            return f"'{dict(field.flatchoices).get(value, value)}'"
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        kind = field.get_internal_type()
        if kind == "DateTimeField":
            return say_moment(value)
        if kind == "DateField":
            return format_day(date.fromisoformat(value) if isinstance(value, str) else value)
        if difference.column == "password" or kind in ("BinaryField", "JSONField"):
            return _("something else")
        return _quote(value)


def _find_relation(model: type[models.Model], name: str) -> models.ForeignKey[Any, Any] | None:
    fields = (f for f in model._meta.concrete_fields if isinstance(f, models.ForeignKey) and f.name == name)
    return next(fields, None)


def _quote(value: Any) -> str:
    if value is None or value == "":
        return _("nothing")
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
        return str(LABELS[name])
    words = name.replace("_", " ")
    if words.endswith(" at"):
        return _("when it was %(done)s") % {"done": words.removesuffix(" at")}
    if words.endswith(" by"):
        return _("who %(done)s it") % {"done": words.removesuffix(" by")}
    return _("the %(thing)s") % {"thing": words}


def _name_kind(model: type[models.Model]) -> str:
    known = _KINDS.get(model._meta.model_name or "")
    return str(known) if known else _("the %(thing)s") % {"thing": model._meta.verbose_name}


def _say_of(kind: str, number: Any, owner: str) -> str:
    return _("%(kind)s %(number)s of %(owner)s") % {"kind": kind, "number": number, "owner": owner}


_OWNERS = (
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
    "accuracycheck": gettext_lazy("the factual accuracy check"),
    "accuracycomment": gettext_lazy("the area's comment"),
    "caseloadfile": gettext_lazy("the caseload"),
    "collectedfile": gettext_lazy("the file"),
    "collectedreport": gettext_lazy("the report on many inspections"),
    "frameworktext": gettext_lazy("the text of the framework"),
    "frameworkversion": gettext_lazy("the framework"),
    "issuefile": gettext_lazy("the file"),
    "piece": gettext_lazy("the piece of evidence"),
    "plannedaction": gettext_lazy("the planned action"),
    "plannedinspection": gettext_lazy("the planned inspection"),
    "progressreport": gettext_lazy("the progress"),
    "response": gettext_lazy("the area's response"),
    "token": gettext_lazy("the key to the API"),
    "socialaccount": gettext_lazy("the sign-in account"),
    "authenticator": gettext_lazy("the second factor"),
    "user": gettext_lazy("the account"),
}

_NAMES = {
    "inspection": gettext_lazy("the inspection of %(area)s (number %(pk)s)"),
    "case": gettext_lazy("case %(reference)s of %(owner)s"),
    "assessment": gettext_lazy("the %(ordinal)s assessment of %(owner)s"),
    "issue": gettext_lazy("%(sort)s %(number)s of the report of %(owner)s"),
    "issuefile": gettext_lazy("the file %(path)s of %(owner)s"),
    "collectedfile": gettext_lazy("the file %(path)s of %(owner)s"),
    "collectedreport": gettext_lazy("the report '%(title)s'"),
    "upload": gettext_lazy("the file '%(name)s' sent in for %(owner)s"),
    "document": gettext_lazy("the file %(path)s of %(owner)s"),
    "caseloadfile": gettext_lazy("the caseload '%(name)s' of %(owner)s"),
    "appointment": gettext_lazy("the appointment of %(owner)s as %(row)s"),
    "participant": gettext_lazy("%(name)s's part as %(role)s in %(owner)s"),
    "user": gettext_lazy("the account of %(row)s"),
    "area": gettext_lazy("the area %(name)s"),
    "family": gettext_lazy("the family group %(name)s"),
    "programme": gettext_lazy("the programme '%(title)s'"),
    "tranche": gettext_lazy("the tranche '%(title)s' of %(owner)s"),
    "frameworkversion": gettext_lazy("the framework %(title)s %(version)s"),
    "text": gettext_lazy("the text %(path)s of the report of %(owner)s"),
    "judgement": gettext_lazy("the judgement on %(criterion)s of %(owner)s"),
    "adjudication": gettext_lazy("the adjudication of '%(question)s' in %(owner)s"),
    "correction": gettext_lazy("the correction of '%(question)s' in %(owner)s"),
    "token": gettext_lazy("the key '%(name)s' of %(owner)s"),
    "device": gettext_lazy("the device '%(name)s' of %(owner)s"),
}
"""What rows are called, by the name of their model; what stands in them is a column of the row, or one of `_Parts`."""


class _Parts(dict[str, Any]):
    """What a row's name is made of; its columns are read when they are asked for."""

    def __missing__(self, name: str) -> Any:
        return getattr(self["row"], name)
