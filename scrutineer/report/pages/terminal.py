"""Tables for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from scrutineer.proof.prove import Proof
from scrutineer.report.pages.rederivations import Rederivation, explain_verdict

_STYLE = {"error": "bold red", "warning": "yellow", "note": "dim"}


def make_rederivation_table(rederivations: Sequence[Rederivation]) -> Table:
    """A row per inspection and group: how many printed scores come out."""
    table = Table(title="Printed scores that follow from the printed figures they are made of")
    for column in ("Inspection", "Framework", "Group"):
        table.add_column(column, overflow="fold")
    for column in ("Criteria", "Sections", "Overall"):
        table.add_column(column, justify="right", no_wrap=True)
    for rederivation in rederivations:
        tallies = (rederivation.tally(level) for level in ("criterion", "section", "overall"))
        table.add_row(
            f"{rederivation.area}, {rederivation.date}",
            rederivation.framework.id,
            rederivation.group.replace("_", " "),
            *tallies,
        )
    return table


def list_disproved_lines(rederivations: Sequence[Rederivation]) -> list[Text]:
    """A line for every score that its parts cannot give."""
    return [
        Text(
            f"{rederivation.area}, {rederivation.framework.id}: {d.code} is printed as {d.printed}, which {explain_verdict(d)}."
        )
        for rederivation in rederivations
        for d in rederivation.disproved
    ]


def make_proof_table(proof: Proof) -> Table | Text:
    """The findings of one report, a row each."""
    if not proof.findings:
        return Text(f"{proof.report.file}: no errors found.")
    counts = {name: sum(f.severity == name for f in proof.findings) for name in _STYLE}
    counted = ", ".join(f"{n} {name}{'' if n == 1 else 's'}" for name, n in counts.items())
    table = Table(title=f"{proof.report.file}: {counted}", title_justify="left", show_lines=False)
    table.add_column("Line", justify="right")
    table.add_column("Severity")
    table.add_column("Rule")
    table.add_column("Finding", overflow="fold")
    for finding in proof.findings:
        severity = Text(finding.severity, style=_STYLE[finding.severity])
        table.add_row(str(finding.line), severity, finding.rule, Text(finding.message))
    return table
