"""Prove a report: every rule that applies, every finding in the order of its lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scrutineer.frameworks.library import Library
from scrutineer.proof.basis.context import Context
from scrutineer.proof.basis.finding import ORDER, Finding
from scrutineer.proof.reading.report import PublishedReport
from scrutineer.proof.registry import list_rules


@dataclass(frozen=True)
class Proof:
    """The outcome for one report; `skipped` names the rules that need a framework where none was recognised."""

    report: PublishedReport
    findings: tuple[Finding, ...]
    skipped: tuple[str, ...] = ()

    @property
    def errors(self) -> int:
        """How many findings are arithmetically impossible."""
        return sum(finding.severity == "error" for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """The proof as plain JSON values."""
        return {
            "file": self.report.file,
            "area": self.report.area,
            "framework": self.report.framework,
            "skipped": list(self.skipped),
            "findings": [finding.as_dict() for finding in self.findings],
        }


def prove(report: PublishedReport, library: Library) -> Proof:
    """Check a report against every rule that applies to it."""
    context = Context(report, library)
    known = report.framework is not None
    findings = [
        finding
        for rule in list_rules()
        if known or not rule.needs_framework
        for finding in rule.check(context)
    ]
    findings.sort(key=lambda f: (f.line, ORDER[f.severity], f.rule))
    skipped = () if known else tuple(rule.id for rule in list_rules() if rule.needs_framework)
    return Proof(report, tuple(findings), skipped)
