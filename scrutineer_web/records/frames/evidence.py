"""Evidence and ratings: rows to the core's values."""

from __future__ import annotations

from django.utils import timezone

from scrutineer.frameworks.model import Framework
from scrutineer.inspection.evidence import Evidence, Judged, Judgement, Piece, rate_criteria
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.piece import Piece as PieceRow


def make_evidence(inspection: Inspection, element: str = "") -> Evidence:
    """All evidence of an inspection, or of one of its elements, with every judgement on it."""
    pieces = [
        make_piece(row)
        for row in inspection.pieces.all()
        if row.element == element and row.retired_at is None
    ]
    judgements = {
        row.criterion: Judgement(
            grades=row.grades,
            rating=row.rating or None,
            reason=row.reason,
            by=row.said_by,
            on=None
            if element or is_graded(inspection.framework, row.criterion)
            else timezone.localtime(row.settled_at).date(),
        )
        for row in inspection.judgements.order_by("id")
        if row.element == element
    }
    return Evidence(pieces=tuple(pieces), judgements=judgements)


def is_graded(framework: Framework, code: str) -> bool:
    """Whether a rating rests on graded items. The day of any other decision belongs to it."""
    criterion = framework.criteria.get(code)
    return criterion is not None and bool(criterion.items)


def make_piece(row: PieceRow) -> Piece:
    """One piece of evidence as `evidence.yaml` has it."""
    names = ("kind", "title", "source", "on", "bears", "note", "says")
    return Piece.model_validate({"id": row.key, **{name: getattr(row, name) for name in names}})


def judge(inspection: Inspection, framework: Framework) -> dict[str, Judged]:
    """Every judgement criterion of the inspection's framework, or of an element's, as the evidence is now."""
    element = "" if framework is inspection.framework else framework.id
    return rate_criteria(framework, make_evidence(inspection, element))
