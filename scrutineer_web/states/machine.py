"""States as a table: which move leads from where to where. Diagrams are made from it, too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scrutineer.errors import Fault, UserError


@dataclass(frozen=True)
class State:
    """One state: its key as stored, its name on screens, and whether anything may follow."""

    key: str
    title: Promise


@dataclass(frozen=True)
class Move:
    """One way from some states to another."""

    name: str
    sources: tuple[str, ...]
    target: str

    @property
    def title(self) -> str:
        """What it is called in a sentence: "sign off"."""
        return _name_move(self.name)


@dataclass(frozen=True)
class States:
    """The states of one kind of thing, the first one where it begins.

    Attributes:
        of: what it is, as in sentences: "the case".
    """

    of: Promise
    states: tuple[State, ...]
    moves: tuple[Move, ...]

    @property
    def start(self) -> str:
        """Where it begins."""
        return self.states[0].key

    @property
    def choices(self) -> list[tuple[str, Promise]]:
        """Keys and titles."""
        return [(state.key, state.title) for state in self.states]

    def find_title(self, key: str) -> str:
        """The name of a state."""
        return str(next(state.title for state in self.states if state.key == key))

    def find_after(self, key: str, move: str) -> str:
        """The state that a move leads to.

        Raises:
            UserError: the move cannot be made from there.
        """
        transition = next((m for m in self.moves if m.name == move and key in m.sources), None)
        if transition is None:
            allowed = [m.title for m in self.moves if key in m.sources]
            what = _("%(thing)s has the state “%(state)s”, so you can't do this: %(move)s") % {
                "thing": self.of,
                "state": self.find_title(key).lower(),
                "move": _name_move(move),
            }
            do = (
                _("What you can do now: %(moves)s") % {"moves": ", ".join(allowed)}
                if allowed
                else _("Nothing more can be done with it")
            )
            raise UserError(Fault("", what, do))
        return transition.target

    def can(self, key: str, move: str) -> bool:
        """Whether a move can be made from a state."""
        return any(m.name == move and key in m.sources for m in self.moves)

    def draw_diagram(self) -> str:
        """The table as a Mermaid diagram."""
        return "\n".join(self._write_lines()) + "\n"

    def _write_lines(self) -> Iterator[str]:
        yield "stateDiagram-v2"
        yield f"    [*] --> {self.start}"
        for state in self.states:
            yield f"    {state.key}: {state.title}"
        for move in self.moves:
            for source in move.sources:
                yield f"    {source} --> {move.target}: {move.name.replace('_', ' ')}"


def _name_move(name: str) -> str:
    return str(_MOVES.get(name, name.replace("_", " ")))


_MOVES = {
    "allocate": gettext_lazy("allocate"),
    "answer": gettext_lazy("answer"),
    "approve": gettext_lazy("approve"),
    "check_again": gettext_lazy("send another draft"),
    "claim": gettext_lazy("report as complete"),
    "close": gettext_lazy("close"),
    "complete": gettext_lazy("complete"),
    "correct": gettext_lazy("start a correction"),
    "end_check": gettext_lazy("end the check"),
    "find_wanting": gettext_lazy("verify as not met"),
    "plan": gettext_lazy("plan an action"),
    "publish": gettext_lazy("publish"),
    "query": gettext_lazy("ask the assessor"),
    "reopen": gettext_lazy("reopen"),
    "report": gettext_lazy("report progress"),
    "respond": gettext_lazy("respond"),
    "retire": gettext_lazy("withdraw"),
    "return": gettext_lazy("return"),
    "return_to_fieldwork": gettext_lazy("return to fieldwork"),
    "sample": gettext_lazy("sample"),
    "send_draft": gettext_lazy("send the draft"),
    "set_aside": gettext_lazy("set aside"),
    "sign_off": gettext_lazy("sign off"),
    "start_fieldwork": gettext_lazy("start fieldwork"),
    "start_moderation": gettext_lazy("start moderation"),
    "substitute": gettext_lazy("substitute"),
    "take_back": gettext_lazy("withdraw"),
    "withdraw_approval": gettext_lazy("withdraw the approval"),
}
"""What moves are called in sentences."""
