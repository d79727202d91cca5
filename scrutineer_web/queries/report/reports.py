"""The proof of an inspection's report, and what a report is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from scrutineer.errors import Fault
from scrutineer.tasks.reporting import DraftProof, Ready, compose_bound, prove_draft
from scrutineer_web.queries import shelf
from scrutineer_web.queries.report import bound
from scrutineer_web.queries.report.report_places import Places
from scrutineer_web.records.inspection import Inspection

if TYPE_CHECKING:
    from scrutineer.inspection.whole import Inspection as Whole


def prove_report(inspection: Inspection) -> tuple[Ready, DraftProof]:
    """The report as it would be made now, and everything that must be fixed before it is issued.

    Raises:
        UserError: there are no cases yet, or a kept file has faults.
    """
    ready = compose_bound(bound.bind_inspection(inspection), shelf.read_library_of(inspection))
    return ready, prove_draft(ready)


def list_obstacles(proof: DraftProof, inspection: Inspection) -> list[Fault]:
    """Everything that must be fixed before a report is issued, as sentences that name its parts as the room does."""
    places = Places(inspection)
    obstacles = [places.name_fault(fault) for fault in proof.open]
    obstacles += [
        Fault(_("%(place)s, line %(line)s") % {"place": places.say(r.where), "line": r.line}, r.message, r.do)
        for r in proof.remarks
        if r.severity == "error"
    ]
    obstacles += [Fault(_("the report read back"), text) for text in proof.unfaithful]
    obstacles += [
        Fault(_("the report read back, line %(line)s") % {"line": f.line}, f.message)
        for f in proof.proof.findings
        if f.severity == "error"
    ]
    return obstacles


def hash_texts(inspection: Whole) -> dict[str, str]:
    """Everything that people write into a report, as it is read: its texts, recommendations, people and manifest.

    The data have a hash of their own; this is what else must be the same for a report to be the same.
    """
    texts = {f"{name}.md": "\n".join(text.lines) for name, text in inspection.texts.items()}
    for element in inspection.elements:
        place = f"elements/{element.framework.id}"
        texts |= {f"{place}/{name}.md": "\n".join(text.lines) for name, text in element.texts.items()}
    recommendations = inspection.recommendations
    texts["recommendations"] = "\n".join(
        [
            recommendations.to,
            *(
                f"{r.text} ({', '.join(r.criteria)}) {r.progress or ''}".strip()
                for r in recommendations.recommendations
            ),
        ]
    )
    # The area's liaison is the one part that no report prints: naming another one leaves an issue as it is.
    printed = (p for p in inspection.people.people if p.role != "area_liaison")
    texts["people"] = "\n".join(f"{p.name}, {p.role}, {p.team}" for p in printed)
    texts["manifest"] = inspection.manifest.model_dump_json()
    return texts
