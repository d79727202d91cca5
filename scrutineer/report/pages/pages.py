"""HTML pages: one self-contained file each, no script, readable at any width."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scrutineer.frameworks.reading_hints import simplify
from scrutineer.proof.basis.finding import ORDER, Finding
from scrutineer.proof.prove import Proof
from scrutineer.report.pages.environment import render
from scrutineer.report.pages.rederivations import Rederivation, explain_verdict
from scrutineer.scoring.rederive import Derivation


def write_rederivation_page(rederivations: Sequence[Rederivation]) -> str:
    """Printed scores and what their parts can give: a table, and a chart per inspection."""
    charts = [
        (rederivation, [bar for d in rederivation.derivations if (bar := _find_bar(d))])
        for rederivation in rederivations
    ]
    totals = {
        level: (
            sum(o.count(level, "consistent") for o in rederivations),
            sum(o.count(level) for o in rederivations),
        )
        for level in _LEVELS
    }
    return render(
        "rederivation.html.j2", found=rederivations, charts=charts, totals=totals, explain=explain_verdict
    )


_LEVELS = ("criterion", "section", "overall")


@dataclass(frozen=True)
class ScoreBar:
    """One score of a chart, in percent of its width: what its parts can make, and what is printed."""

    label: str
    low: float | None
    width: float
    printed: float
    verdict: str


def _find_bar(derivation: Derivation) -> ScoreBar | None:
    if derivation.printed.percent is None:
        return None
    attainable = derivation.attainable
    low = float(attainable.low) if attainable else None
    width = max(1.2, float(attainable.high - attainable.low)) if attainable else 0.0
    label = {"section": f"Section {derivation.code}", "thread": derivation.title}.get(
        derivation.level, derivation.code
    )
    return ScoreBar(
        label=label[:1].upper() + label[1:],
        low=low,
        width=width,
        printed=float(derivation.printed.percent),
        verdict=derivation.verdict,
    )


@dataclass(frozen=True)
class TextLine:
    """One line of a report's text: pieces to be printed, marked or not, and the findings next to it."""

    number: int
    pieces: tuple[tuple[str, bool], ...]
    findings: tuple[Finding, ...]
    heading: bool


def write_proof_page(proofs: Sequence[Proof]) -> str:
    """The text of each report with its findings in the margin, the arithmetic spelled out."""
    shown = [
        (proof, _collect_counts(proof), _group_by_rule(proof), tuple(_list_lines(proof))) for proof in proofs
    ]
    return render("proof.html.j2", shown=shown)


def _collect_counts(proof: Proof) -> dict[str, int]:
    counted = Counter(finding.severity for finding in proof.findings)
    return {name: counted[name] for name in ORDER}


def _group_by_rule(proof: Proof) -> list[tuple[str, list[Finding]]]:
    rules: dict[str, list[Finding]] = {}
    for finding in sorted(proof.findings, key=lambda f: (ORDER[f.severity], f.rule, f.line)):
        rules.setdefault(finding.rule, []).append(finding)
    return list(rules.items())


def _list_lines(proof: Proof) -> Iterator[TextLine]:
    beside: dict[int, list[Finding]] = {}
    for finding in proof.findings:
        beside.setdefault(finding.line, []).append(finding)
    for n, text in enumerate(proof.report.clean, 1):
        if text.strip():
            findings = tuple(beside.get(n, ()))
            heading = proof.report.lines[n - 1].startswith("#") or (
                text.isupper() and len(text) > 3 and "\t" not in text
            )
            yield TextLine(
                number=n,
                pieces=_mark(text.replace("\t", "   ·   "), findings),
                findings=findings,
                heading=heading,
            )


def _mark(text: str, findings: Sequence[Finding]) -> tuple[tuple[str, bool], ...]:
    """The text cut at the quotes of its findings."""
    spots: list[tuple[int, int]] = []
    for finding in findings:
        for quote in (part for part in finding.quote.split(" … ") if len(simplify(part).strip()) > 1):
            start = text.find(quote)
            if start >= 0 and len(quote) < len(text):
                spots.append((start, start + len(quote)))
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in sorted(spots):
        if start >= at:
            pieces += [(text[at:start], False), (text[start:end], True)]
            at = end
    return (*pieces, (text[at:], False))
