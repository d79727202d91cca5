"""The settled results of an inspection as rows, calculated again whenever its scores are."""

from __future__ import annotations

from django.db import transaction

from scrutineer.inspection.whole_scores import score_element
from scrutineer.tasks.scoring import ScoreRequest, score_loaded
from scrutineer_web.audit.events import tell
from scrutineer_web.audit.written import note_rows
from scrutineer_web.queries.report.whole import read_inspection
from scrutineer_web.queries.scores import scored
from scrutineer_web.queries.scores.results import list_elements_on_part, make_rows
from scrutineer_web.records import frames
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.result import Result
from scrutineer_web.records.statements import write_rows


def keep(*, inspection: Inspection) -> None:
    """Write the rows of an inspection whose scores are signed off; inside the transaction that settles them.

    They hold every group and everyone else for comparison, and the thematic elements that look at part of its cases.
    """
    Result.objects.filter(inspection=inspection).delete()  # they follow from the scores, which are kept
    note_rows(Result, {inspection.pk: {"rows": []}})
    if inspection.scores is None or inspection.internal:
        return
    read = frames.read_cases_of(inspection)
    if not read.rows:
        return
    request = ScoreRequest(label=inspection.area, complements=True)
    results = score_loaded(scored.load_cases(inspection, read), request).results.as_dict()
    rows = list(make_rows(results["groups"]))
    for element in list_elements_on_part(inspection):
        whole = read_inspection(inspection)
        own = next(e for e in whole.elements if e.framework.id == element)
        own_scores = score_element(whole, own).full.as_dict()["groups"]["all"]
        rows += make_rows({f"element:{element}": own_scores | {"title": own.framework.title}})
    write_rows(Result, [{"inspection_id": inspection.pk} | row for row in rows])
    note_rows(Result, {inspection.pk: {"rows": rows}})


def hold_missing() -> None:
    """Write the rows of inspections that were settled before rooms kept any."""
    settled = Inspection.objects.exclude(scores=None).filter(internal=False, results=None)
    for inspection in settled.select_related("framework_version"):
        with transaction.atomic():
            keep(inspection=inspection)
            tell("results.written", by=None, inspection=inspection)
