"""Whether the log still holds: nothing in it altered, removed, added or cut off, and the database as it says.

Every chain is checked event by event under the log's key, and against the anchors that are kept outside the database; then
what the events state of every row is compared with what the tables hold.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scrutineer_web.audit import anchors as anchored
from scrutineer_web.audit import begin, triggers
from scrutineer_web.audit.chain import FIELDS, hash_event, sign_event
from scrutineer_web.audit.keys import name_key
from scrutineer_web.audit.redact import MARK, make_digest, sign_rest
from scrutineer_web.audit.replay import ReplayedState, compare
from scrutineer_web.audit.seal import make_seal
from scrutineer_web.audit.sentences import RowNames, say_anchor, say_moment
from scrutineer_web.audit.stated import Stated
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.event import Event

MOST = 3
"""After so many events of one chain that aren't what was written, the rest is counted."""


def list_broken(anchors: Iterable[anchored.Anchor] = ()) -> Iterator[str]:
    """Everything in which the log or the database isn't what was written, as sentences; none where all is.

    Args:
        anchors: that were kept elsewhere, next to those beside the room's data.
    """
    with _hold_one_moment():
        yield from _list_broken(list(anchors))


@contextmanager
def _hold_one_moment() -> Iterator[None]:
    """Everything is read as it is at one moment, while others go on writing."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        # Django would begin a transaction while nobody else can write.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
    else:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


def _list_broken(elsewhere: list[anchored.Anchor]) -> Iterator[str]:
    names = RowNames()
    yield from triggers.find_missing()
    # Anchors are what an attacker with the key still can't change, as long as one copy is kept elsewhere.
    anchors, faults = anchored.read_kept()
    yield from faults
    comparison = anchored.AnchorComparison([*anchors, *elsewhere])
    for anchor in comparison.forged:
        what = _("The anchor of %(moment)s wasn't written here, or was altered.")
        yield what % {"moment": say_moment(anchor.at)}
    # Events are read in the order of writing and in parts, because a room's log may not fit into memory.
    replayed = _Replay(names, comparison, _find_sealed())
    events = Event.objects.order_by("id").values(*FIELDS, "rows", "hash")
    for event in events.iterator(chunk_size=2000):
        yield from replayed.take_in(event)
    yield from replayed.close()
    yield from _list_redactions(names)
    for assessment in (
        Assessment.objects.filter(state="signed_off")
        .select_related("framework_version", "case")
        .iterator(2000)
    ):
        # The seal is a second proof that doesn't depend on the chain: it covers the answers themselves.
        if make_seal(assessment) != assessment.seal:
            where = _capitalise(names.name_row(Assessment, assessment.pk))
            yield _("%(where)s was changed after it was signed off.") % {"where": where}
    for difference in compare(replayed.state):
        yield names.say(difference)


def _find_sealed() -> dict[str, tuple[int, str]]:
    """By chain, how far it was written before the log had a key, and its end there."""
    first = (
        Event.objects.filter(chain="room", kind=begin.KIND).order_by("number").values_list("details").first()
    )
    # Only the first such event has them: later ones were written
    # when every chain was signed already.
    heads = first[0].get("heads") if first and isinstance(first[0], dict) else None
    if not isinstance(heads, dict):
        return {}
    return {str(name): (int(end[0]), str(end[1])) for name, end in heads.items()}


@dataclass
class _Replay:
    """The events as they are read, in the order in which they were written.

    Attributes:
        names: says what a chain is of.
        comparison: what anchors say.
        sealed: how far chains were written before the log had a key.
        state: what the events state of rows.
        seen: the end of each chain so far.
        wrong: how many events of each chain aren't what was written.
    """

    names: RowNames
    comparison: anchored.AnchorComparison
    sealed: dict[str, tuple[int, str]]
    state: ReplayedState = field(default_factory=ReplayedState)
    seen: dict[str, tuple[int, str]] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)

    def take_in(self, event: dict[str, Any]) -> Iterator[str]:
        """Check one event against the one before it, the key and the anchors, and take what it states."""
        chain, number = event["chain"], event["number"]
        yield from self._check_order(event)
        # Taken as read even where it's wrong, so that one altered event
        # doesn't make all later ones look wrong.
        self.seen[chain] = (number, event["hash"])
        genuine, where = self._is_genuine(event), {"event": self._name_place(chain, number)}
        if not genuine:
            self.wrong[chain] = self.wrong.get(chain, 0) + 1
            if self.wrong[chain] <= MOST:
                yield self._say_forged(event)
        elif event["kind"] == begin.KIND and event["details"].get("key") != name_key():
            yield _("%(event)s names a different audit key from the one that is here.") % where
        anchor = self.comparison.find_difference(chain, number, event["hash"])
        if anchor is not None:
            where["anchor"] = say_anchor(anchor)
            yield _("%(event)s isn't the one that %(anchor)s names.") % where
        # What a forged event says about rows is ignored. Otherwise it could explain away a change in the database.
        if genuine and event["rows"]:
            yield from self._state(event)

    def _state(self, event: dict[str, Any]) -> Iterator[str]:
        rows: Stated = json.loads(event["rows"])
        other = self.state.take_in(rows, event["chain"], event["happened_at"])
        if other is not None:
            where = self._name_place(event["chain"], event["number"])
            what = _("%(event)s comes after later events of %(log)s: their order was changed.")
            yield what % {"event": where, "log": self.names.name_chain(other)}

    def _check_order(self, event: dict[str, Any]) -> Iterator[str]:
        chain, number = event["chain"], event["number"]
        before, head = self.seen.get(chain, (0, ""))
        said = {"event": self._name_place(chain, number), "before": before, "gone": number - before - 1}
        if number > before + 1:
            yield (
                ngettext(
                    "%(event)s follows event %(before)s: %(gone)s event is missing.",
                    "%(event)s follows event %(before)s: %(gone)s events are missing.",
                    number - before - 1,
                )
                % said
            )
        elif number <= before:
            yield _("%(event)s comes after event %(before)s: their order was changed.") % said
        elif event["previous"] != head:
            yield _("%(event)s doesn't name the event before it.") % said
        sealed = self.sealed.get(chain)
        if sealed is not None and number == sealed[0] and event["hash"] != sealed[1]:
            yield _("%(event)s isn't the one that was sealed when the log got its key.") % said

    def _is_genuine(self, event: dict[str, Any]) -> bool:
        mark = event["details"].get(MARK) if isinstance(event["details"], dict) else None
        # Without a seal for the chain, no event counts as older than the key, so
        # none can be passed off as unsigned.
        before_key = event["number"] <= self.sealed.get(event["chain"], (0, ""))[0]
        # The room's own log holds no one's words, so a mark without an inspection is a forgery.
        if isinstance(mark, str):
            return event["inspection"] is not None and hmac.compare_digest(mark, sign_rest(event))
        if mark is not None:
            # Before the log had a key: the inspection's own event about it is compared afterwards.
            return before_key and event["inspection"] is not None
        return hmac.compare_digest(hash_event(event) if before_key else sign_event(event), event["hash"])

    def _name_place(self, chain: str, number: int) -> str:
        return _("Event %(number)s of %(log)s") % {"number": number, "log": self.names.name_chain(chain)}

    def _say_forged(self, event: dict[str, Any]) -> str:
        said = {
            "event": self._name_place(event["chain"], event["number"]),
            "kind": event["kind"],
            "actor": event["actor"],
        }
        if not isinstance(event["happened_at"], datetime):
            return _("%(event)s isn't what was written (it says: %(kind)s, by %(actor)s).") % said
        said["moment"] = say_moment(event["happened_at"])
        return _("%(event)s isn't what was written (it says: %(kind)s, by %(actor)s, of %(moment)s).") % said

    def close(self) -> Iterator[str]:
        """What is wrong with the ends of the chains."""
        for chain, number in self.wrong.items():
            if number > MOST:
                what = ngettext(
                    "The same is true of %(number)s more events of %(log)s.",
                    "The same is true of %(number)s more events of %(log)s.",
                    number - MOST,
                )
                yield what % {"number": number - MOST, "log": self.names.name_chain(chain)}
        ends = anchored.find_ends()
        for name, end in ends.items():
            # The end is kept apart from the events. Cutting off the last
            # ones or adding one by hand shows here.
            there = self.seen.get(name, (0, ""))
            if there != end:
                what = _("%(log)s ends at event %(number)s, but its end was written as event %(end)s.")
                yield what % {"log": self._log(name), "number": there[0], "end": end[0]}
        for name in sorted(set(self.seen) - set(ends)):
            yield _("%(log)s has events, but no end was written.") % {"log": self._log(name)}
        for name, then, now, anchor in self.comparison.find_longer(
            {k: end[0] for k, end in self.seen.items()}
        ):
            what = _("%(log)s ends at event %(now)s, but %(anchor)s names its event %(then)s.")
            yield what % {"log": self._log(name), "now": now, "anchor": say_anchor(anchor), "then": then}

    def _log(self, chain: str) -> str:
        return _capitalise(self.names.name_chain(chain))


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]


def _list_redactions(names: RowNames) -> Iterator[str]:
    """Events that words were removed from are as the inspection's last event about that says."""
    redactions = Event.objects.filter(details__has_key=MARK)
    if redactions.filter(inspection=None).exists():
        yield _(
            "Words were removed from an event of Scrutineer's own log, which Scrutineer never does: an event has been changed."
        )
    for inspection in (
        redactions.exclude(inspection=None)
        .order_by("inspection")
        .values_list("inspection", flat=True)
        .distinct()
    ):
        chain = f"inspection:{inspection}"
        last = (
            Event.objects.filter(chain=chain, inspection=inspection, kind__startswith="retention.")
            .order_by("-number")
            .first()
        )
        where = {"log": _capitalise(names.name_chain(chain))}
        # The event that holds the digest comes after what it covers. If it's
        # marked itself, someone has altered it.
        if last is None or MARK in last.details:
            what = _(
                "%(log)s has events that words were removed from, and none that records it: one has been changed."
            )
            yield what % where
        elif last.details.get("digest") != make_digest(inspection):
            yield _("%(log)s: an event that words were removed from has been changed.") % where
