"""States as a table: which move leads from where to where. Diagrams are made from it, too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scrutineer.errors import Fault, UserError


@dataclass(frozen=True)
class State:
    """One state: its key as stored, its name on screens, and whether anything may follow."""

    key: str
    title: str


@dataclass(frozen=True)
class Move:
    """One way from some states to another."""

    name: str
    sources: tuple[str, ...]
    target: str


@dataclass(frozen=True)
class States:
    """The states of one kind of thing, the first one where it begins.

    Attributes:
        of: what it is, as in sentences: "the case".
    """

    of: str
    states: tuple[State, ...]
    moves: tuple[Move, ...]

    @property
    def start(self) -> str:
        """Where it begins."""
        return self.states[0].key

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Keys and titles."""
        return [(state.key, state.title) for state in self.states]

    def title(self, key: str) -> str:
        """The name of a state."""
        return next(state.title for state in self.states if state.key == key)

    def after(self, key: str, move: str) -> str:
        """The state that a move leads to.

        Raises:
            UserError: the move cannot be made from there.
        """
        transition = next((m for m in self.moves if m.name == move and key in m.sources), None)
        if transition is None:
            allowed = [m.name.replace("_", " ") for m in self.moves if key in m.sources]
            what = f"{self.of} is {self.title(key).lower()}, so it cannot be: {move.replace('_', ' ')}"
            do = (
                f"From there it can be: {', '.join(allowed)}"
                if allowed
                else "There is nothing more to do from there"
            )
            raise UserError(Fault("", what, do))
        return transition.target

    def can(self, key: str, move: str) -> bool:
        """Whether a move can be made from a state."""
        return any(m.name == move and key in m.sources for m in self.moves)

    def diagram(self) -> str:
        """The table as a Mermaid diagram."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield "stateDiagram-v2"
        yield f"    [*] --> {self.start}"
        for state in self.states:
            yield f"    {state.key}: {state.title}"
        for move in self.moves:
            for source in move.sources:
                yield f"    {source} --> {move.target}: {move.name.replace('_', ' ')}"
