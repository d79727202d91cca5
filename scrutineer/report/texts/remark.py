"""What is wrong with a narrative: where, what, and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Remark:
    """One thing to correct in a text.

    Attributes:
        rule: binding, refused, unbound-number, stale-figure, word-rule or unfilled.
        where: the file.
        line: from 1.
        quote: what is written there.
    """

    rule: str
    severity: Severity
    where: str
    line: int
    quote: str
    message: str
    do: str = ""

    def __str__(self) -> str:
        end = "" if self.do.endswith(("?", ".")) else "."
        advice = f" {self.do[:1].upper()}{self.do[1:]}{end}" if self.do else ""
        return f"{self.where} line {self.line}: {self.message}.{advice}"

    def as_dict(self) -> dict[str, Any]:
        """The remark as JSON gives it."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "file": self.where,
            "line": self.line,
            "quote": self.quote,
            "message": self.message,
            "do": self.do,
        }
