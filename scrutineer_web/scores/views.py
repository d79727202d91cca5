"""The live scoring sheet, what each figure is based on, and how far assessors agree."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from scrutineer.errors import UserError
from scrutineer.inspection.evidence import list_open_to_decision
from scrutineer.inspection.rated_whole import collect_given
from scrutineer.report.pages.explanations import format_flip, list_measures
from scrutineer.report.pages.results_tables import score_rows
from scrutineer.report.parts.lines import list_words, lower
from scrutineer.scoring.explain import Explanation, QuestionPart, explain
from scrutineer.scoring.rated import RatedLevels
from scrutineer.scoring.readers import make_agreement_report
from scrutineer.scoring.results import Estimate, GroupResult
from scrutineer.tasks.scoring import ScoreRequest, find_group, list_groups
from scrutineer_web.kit.page_context import make_person
from scrutineer_web.kit.signed_in import SignedInRequest
from scrutineer_web.kit.views import require_permission
from scrutineer_web.queries.scores import scored
from scrutineer_web.records import frames
from scrutineer_web.records.case import Case
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.states.inspection import WRITING

_COMPARED = 6
"""How many groups are shown next to the chosen one."""


@require_permission("scores.see")
def show_sheet(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """The current scores with their intervals, next to those of other groups."""
    if not inspection.framework.reads_cases:
        return _show_ratings(request, inspection)
    read = frames.read_cases_of(inspection) if inspection.cases.exists() else None
    if read is None or not read.rows:
        return render(request, "scores/sheet.html", {"section": "inspections", "inspection": inspection})
    groups = {g.key: g for g in list_groups(scored.load_cases(inspection, read), ScoreRequest())}
    asked = request.GET.get("group", "all")
    if asked not in groups:
        raise Http404
    shown = [asked, *[key for key, g in groups.items() if key != asked and not g.attribute][:_COMPARED]]
    scored_groups = scored.score_inspection(inspection, read, [groups[key] for key in shown])
    results = scored_groups.results
    chosen, *compared = (results.groups[key] for key in shown)
    rows = list(score_rows(inspection.framework, chosen))
    others = [{(lv, name): e for lv, name, _, e in score_rows(inspection.framework, g)} for g in compared]
    context = {
        "section": "inspections",
        "inspection": inspection,
        "results": results,
        "groups": [(key, g.title, int(g.members.sum())) for key, g in groups.items()],
        "chosen": chosen,
        "rows": [
            (lv, name, title, e, make_bar(e), [o[lv, name] for o in others]) for lv, name, title, e in rows
        ],
        "compared": compared,
        "strong_levels": ("section", "overall"),
        "line": inspection.framework.scoring.priority_line,
        "missing": sum(len(gap.cases) for gap in scored_groups.gaps if gap.kind == "missing"),
        "other_gaps": [gap for gap in scored_groups.gaps if gap.kind != "missing"],
        "priorities": _list_priorities(inspection, chosen),
        **_collect_ratings(request, inspection, chosen.rated if asked == "all" else None),
    }
    return render(request, "scores/sheet.html", context)


def _show_ratings(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """The ratings of an inspection without cases."""
    context = {
        "section": "inspections",
        "inspection": inspection,
        **_collect_ratings(request, inspection, scored.rate_inspection(inspection, None)),
    }
    return render(request, "scores/ratings.html", context)


def _collect_ratings(
    request: SignedInRequest, inspection: Inspection, rated: RatedLevels | None
) -> dict[str, Any]:
    """The ratings of every level, and which of them people may set otherwise."""
    if rated is None:
        return {}
    framework = inspection.framework
    parts = [
        part
        for section in framework.sections
        for part in (
            *(rated.criteria[c.code] for c in section.criteria if c.code in rated.criteria),
            rated.sections.get(section.code),
        )
        if part is not None
    ]
    may_set = make_person(request).can("rating.set", inspection) and inspection.state in WRITING
    open_to = list_open_to_decision(framework) if may_set else {}
    whole = rated.overall
    return {
        "whole": whole,
        "rated_parts": [(part, part.code in open_to) for part in (*parts, *([whole] if whole else []))],
    }


def _list_priorities(inspection: Inspection, group: GroupResult) -> set[str]:
    """The criteria under the line of priority for improvement."""
    line = inspection.framework.scoring.priority_line
    scores = {code: e.score for code, e in group.levels.criteria.items() if e.score is not None}
    return set() if line is None else {code for code, score in scores.items() if score * 100 < line}


def make_bar(estimate: Estimate) -> dict[str, str] | None:
    """Where an estimate lies on an axis of 200 units."""
    if estimate.score is None:
        return None
    low, high = (estimate.score if end is None else end for end in (estimate.low, estimate.high))
    return {
        name: f"{200 * value:.1f}" for name, value in (("x", estimate.score), ("low", low), ("high", high))
    }


@require_permission("scores.see")
def show_score(request: SignedInRequest, inspection: Inspection, name: str) -> HttpResponse:
    """Everything behind one score: the rule, the questions, the cases, and what would change the result."""
    read = frames.read_cases_of(inspection)
    if not read.rows:
        raise Http404
    loaded = scored.load_cases(inspection, read)
    try:
        group = find_group(loaded, request.GET.get("group", "all"))
        given = collect_given(inspection.framework, frames.judge(inspection, inspection.framework))
        explanation = explain(
            inspection.framework, read.cases.answers, group, name, _list_lines(request), given
        )
    except UserError as error:
        raise Http404 from error
    cases = {c.reference: c for c in read.rows}
    who = make_person(request)
    may = who.can("scores.cases", inspection)
    blind = who.find_blind_cases(inspection)
    context = {
        "section": "inspections",
        "inspection": inspection,
        "explanation": explanation,
        "value": None if explanation.value is None else float(explanation.value / 100),
        "name": name,
        "group": group,
        "groups": list_groups(loaded, ScoreRequest()),
        "parts": [(n, None if v is None else float(v / 100), float(w)) for n, v, w in explanation.parts],
        "questions": [
            (
                q,
                _calculate_share(q),
                _list_cases(cases, q.below, blind) if may else [],
                _list_cases(cases, q.missing, blind) if may else [],
            )
            for q in explanation.questions
        ],
        "flips": [format_flip(flip) for flip in explanation.flips],
        "flip_cases": _list_flip_cases(inspection, explanation, cases, blind) if may else [],
        "treatments": [
            (t.name, None if t.score is None else float(t.score / 100)) for t in explanation.treatments
        ],
        "line": request.GET.get("line", ""),
        "may": may,
    }
    return render(request, "scores/score.html", context)


def _list_flip_cases(
    inspection: Inspection, explanation: Explanation, cases: dict[str, Case], blind: set[int]
) -> list[list[tuple[str, Case]]]:
    """For each change that would flip a verdict, the questions and cases that it would take."""
    return [
        [
            (inspection.framework.questions[q].text, cases[c])
            for q, c in flip.first
            if cases[c].pk not in blind
        ]
        for flip in explanation.flips
    ]


def _list_lines(request: HttpRequest) -> list[Fraction]:
    text = request.GET.get("line", "").strip()
    line = Fraction(text) if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3})?", text) else Fraction(0)
    return [line] if 0 < line <= 100 else []


def _calculate_share(question: QuestionPart) -> float | None:
    counts = question.counts
    return counts.above / counts.relevant if counts.relevant else None


def _list_cases(cases: dict[str, Case], references: tuple[str, ...], blind: set[int]) -> list[Case]:
    """The cases of some references, without those that the person assesses blind."""
    return [cases[reference] for reference in references if cases[reference].pk not in blind]


@require_permission("agreement.see")
def show_agreement(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """How far assessors agree, and who is stricter."""
    read = frames.read_cases_of(inspection, notes=False)
    context: dict[str, Any] = {"section": "inspections", "inspection": inspection}
    try:
        report = (
            make_agreement_report(inspection.framework, read.cases.caseload, read.cases.answers)
            if read.rows
            else None
        )
    except UserError as error:
        context["fault"] = error.faults[0]
        report = None
    if report is not None:
        questions = [
            (inspection.framework.questions[key].text, question)
            for key, question in report.questions.items()
            if question.pairs
        ]
        context |= {
            "report": report,
            "questions": sorted(
                questions, key=lambda row: row[1].percent[0] if row[1].percent is not None else 2
            ),
            "pairs": list(report.pairs.items()),
            "measures": list(list_measures(report.overall)),
            "mix": list_words([lower(title) for title in report.mix]),
        }
    return render(request, "scores/agreement.html", context)
