"""What a proof finds: one disagreement, where it is printed, and what it should be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "note"]
ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True)
class Alternative:
    """One figure that, changed alone, would make everything consistent: printed whole percentages, low to high."""

    name: str
    printed: str
    low: int
    high: int
    line: int | None = None


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes:
        rule: the rule's id.
        severity: *error* is arithmetically impossible, *warning* two claims that contradict each
            other, *note* a matter of drafting.
        line: where it is printed; `also` holds the other lines that it is about.
        quote: what is printed there.
        message: the disagreement with its arithmetic, for a person.
        published, expected: what is printed, and what it should be where that is known.
    """

    rule: str
    severity: Severity
    line: int
    quote: str
    message: str
    published: str = ""
    expected: str = ""
    also: tuple[int, ...] = ()
    alternatives: tuple[Alternative, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The finding as plain JSON values."""
        plain: dict[str, Any] = {
            "rule": self.rule,
            "severity": self.severity,
            "line": self.line,
            "quote": self.quote,
            "message": self.message,
            "published": self.published,
            "expected": self.expected,
            "also": list(self.also),
        }
        if self.alternatives:
            plain["alternatives"] = [
                {"name": a.name, "printed": a.printed, "low": a.low, "high": a.high, "line": a.line}
                for a in self.alternatives
            ]
        return plain
