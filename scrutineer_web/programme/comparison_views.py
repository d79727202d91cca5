"""Areas, families, groups and themes of a programme side by side; periods, scorecard, and what became of the cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from scrutineer.errors import Fault, UserError
from scrutineer.programme.apart import Standing
from scrutineer.programme.funnels import find_funnel
from scrutineer.programme.scorecard import list_scorecards
from scrutineer.report.formats import is_data
from scrutineer.scoring.comparison.sides import average_scores
from scrutineer.tables.write_table import write_csv_rows
from scrutineer_web.actions.follow_up import outcomes
from scrutineer_web.actions.programme import collected, programmes
from scrutineer_web.kit import jobs as background
from scrutineer_web.kit.date_fields import NotReadError, read_date, write_date
from scrutineer_web.kit.downloads import send_download
from scrutineer_web.kit.forms import write_sentence
from scrutineer_web.kit.made_files import send_file
from scrutineer_web.kit.page_context import make_person
from scrutineer_web.kit.signed_in import SignedInRequest
from scrutineer_web.kit.views import accept_form, lead_on_after, require_permission, show_refused
from scrutineer_web.programme import charts
from scrutineer_web.programme import comparison_forms as forms
from scrutineer_web.programme import jobs as programme_jobs
from scrutineer_web.programme.forms import WeightsForm
from scrutineer_web.programme.jobs import make_collected
from scrutineer_web.programme.views import make_context
from scrutineer_web.queries.programme import materials, standings
from scrutineer_web.queries.programme.collected import read_period
from scrutineer_web.queries.programme.outcomes import gather_outcomes
from scrutineer_web.records import frames
from scrutineer_web.records.collected import CollectedReport
from scrutineer_web.records.programme import Programme


@dataclass(frozen=True)
class ComparisonChoice:
    """What areas are compared on, and of which cases.

    Attributes:
        names: everything that can be chosen: level, name, title.
        groups: the same of groups: key, title, areas, cases.
    """

    level: str
    name: str
    title: str
    group: str
    group_title: str
    names: Sequence[tuple[str, str, str]]
    groups: list[tuple[str, str, int, int]]


def _read_choice(request: HttpRequest, programme: Programme) -> ComparisonChoice:
    names = list(standings.list_measures(programme.framework))
    asked = request.GET.get("name") or names[0][1]
    chosen = next((n for n in names if n[1] == asked), None)
    groups = [g for g in standings.list_groups(programme) if not g[0].startswith("element:")]
    group = request.GET.get("group") or "all"
    title = next((g[1] for g in groups if g[0] == group), None)
    if chosen is None or (title is None and groups):
        raise Http404
    return ComparisonChoice(*chosen, group, title or _("All cases"), names, groups)


def _list_rows(standing: Standing | None) -> list[tuple[Any, charts.IntervalBar]]:
    return [(row, charts.make_bar(row.score)) for row in standing.rows] if standing else []


@require_permission("programme.see")
def compare(request: SignedInRequest, programme: Programme) -> HttpResponse:
    """The areas side by side on one score: intervals, a funnel plot, and no ranking where intervals overlap."""
    chosen = _read_choice(request, programme)
    standing = standings.compare_areas(programme, chosen.level, chosen.name, chosen.group)
    if request.GET.get("as") == "csv" and standing:
        return _send_csv(chosen, standing, programme)
    funnel = find_funnel(standing) if standing else None
    context = make_context(
        programme,
        "compare",
        chosen=chosen,
        standing=standing,
        rows=_list_rows(standing),
        plot=charts.draw_funnel(funnel) if funnel else None,
        middle=round(charts.BAR * standing.mean, 1) if standing else None,
    )
    return render(request, "programme/compare.html", context)


def _send_csv(chosen: ComparisonChoice, standing: Standing, programme: Programme) -> HttpResponse:
    """The same as a table."""
    headings = [
        "area",
        "of",
        "group",
        "score",
        "low",
        "high",
        "above",
        "relevant",
        "stands",
        "adjusted_p",
        "clearly_above",
        "clearly_below",
    ] + (["synthetic"] if programme.synthetic else [])
    rows = []
    for r in standing.rows:
        counts = (r.counts.above, r.counts.relevant) if r.counts else ("", "")
        rows.append(
            [
                r.area,
                chosen.name,
                chosen.group,
                r.score.score,
                r.score.low,
                r.score.high,
                *counts,
                r.place,
                r.p_value,
                r.above,
                r.below,
            ]
            + ([_("synthetic data: a fictional area")] if programme.synthetic else [])
        )
    return _send_download(write_csv_rows(headings, rows), f"areas-{chosen.name}.csv")


def _send_download(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    return send_download(response, name)


@require_permission("programme.see")
def show_families(request: SignedInRequest, programme: Programme) -> HttpResponse:
    """The family groups: the mean of each, and its areas compared with each other."""
    chosen = _read_choice(request, programme)
    standing = standings.compare_areas(programme, chosen.level, chosen.name, chosen.group)
    of = {p.area.name: p.area.family.name if p.area.family else "" for p in standings.list_places(programme)}
    groups: dict[str, list[Any]] = {}
    for row, bar in _list_rows(standing):
        groups.setdefault(of.get(row.area, ""), []).append((row, bar))
    families = []
    for name, rows in sorted(groups.items(), key=lambda g: (not g[0], g[0])):
        mean = average_scores([row.score for row, _ in rows])
        ordered = sorted(rows, key=lambda row: row[0].area)
        families.append((name or _("No family group"), ordered, mean, charts.make_bar(mean)))
    context = make_context(programme, "families", chosen=chosen, families=families, standing=standing)
    return render(request, "programme/families.html", context)


@require_permission("programme.see")
def show_across(request: SignedInRequest, programme: Programme) -> HttpResponse:
    """A group or a thematic element across areas."""
    groups = [
        g for g in standings.list_groups(programme) if g[0] != "all" and not g[0].startswith("element:")
    ]
    themes = materials.list_themes(programme)
    key = request.GET.get("group", "")
    known = {g[0]: g[1] for g in groups} | {t[0]: t[1] for t in themes}
    context = make_context(programme, "across", groups=groups, themes=themes, group=key)
    if key:
        if key not in known:
            raise Http404
        if key.startswith("element:"):
            theme = materials.gather_theme(programme, key, known[key])
            context["theme"] = theme
            context["theme_rows"] = [
                (
                    n,
                    min(r.score.score for r in n.standing.rows),
                    max(r.score.score for r in n.standing.rows),
                    [r.area for r in n.standing.rows if r.place == "above"],
                    [r.area for r in n.standing.rows if r.place == "below"],
                )
                for n in theme.differences
            ]
        else:
            material = materials.gather_group(programme, key, known[key])
            least = material.publish_from
            order = {name: n for n, name in enumerate(material.titles)}
            shown = [
                r
                for r in material.rows
                if r.name in material.titles and (r.cases is None or min(r.cases) >= least)
            ]
            shown.sort(key=lambda r: (r.level == "question", order.get(r.name, len(order))))
            context |= {
                "material": material,
                "rows": [(material.titles.get(r.name, r.name), r) for r in shown],
            }
    return render(request, "programme/across.html", context)


@require_permission("programme.see")
def show_period(request: SignedInRequest, programme: Programme) -> HttpResponse:
    """A period: what was inspected, the means next to those of the period before, where areas stand, the recommendations."""
    context = make_context(
        programme, "period", first=request.GET.get("first", ""), last=request.GET.get("last", "")
    )
    try:
        if context["first"] or context["last"]:
            first, last = read_period(_read_days(context))
        else:
            first, last = _find_first_year(programme.begins)
        context |= {"first": write_date(first), "last": write_date(last)}
    except UserError as error:
        context["faults"] = [write_sentence(fault) for fault in error.faults]
    else:
        material = materials.gather_period(programme, first, last)
        context["material"] = material
        context["yearly"] = [(y, charts.make_bar(y.now)) for y in material.yearly]
        context["days"] = (first, last)
    return render(request, "programme/period.html", context)


def _read_days(posted: dict[str, Any]) -> dict[str, Any]:
    """The first and the last day, read as they were written."""
    faults, days = [], dict(posted)
    for name, label in (("first", _("the first day")), ("last", _("the last day"))):
        if posted.get(name):
            try:
                days[name] = read_date(posted[name]).isoformat()
            except NotReadError as error:
                faults.append(Fault(label, str(error)))
    if faults:
        raise UserError(faults)
    return days


def _find_first_year(begins: date) -> tuple[date, date]:
    return begins, begins + timedelta(days=364)


@require_permission("programme.see")
def show_scorecard(request: SignedInRequest, programme: Programme) -> HttpResponse:
    """The weighted scorecard: areas by how they did against their targets."""
    places = programme.planned.filter(retired_at=None).select_related("area")
    areas = [(p.area.name, frames.read_area_profile(p.area)) for p in places]
    measures = programme.framework.targets.measures
    weights = {m.key: programme.weights.get(m.key, 1) for m in measures}
    cards = [
        (card, {row.measure.key: row for row in card.rows})
        for card in list_scorecards(programme.framework, areas, weights)
    ]
    context = make_context(
        programme,
        "scorecard",
        cards=cards,
        measures=[(m, weights[m.key]) for m in measures if weights[m.key]],
    )
    return render(request, "programme/scorecard.html", context)


@require_permission("programme.plan")
def edit_weights(request: SignedInRequest, programme: Programme) -> HttpResponse:
    """Say how much each measure weighs."""
    form = WeightsForm(request.POST or None, programme=programme)
    if accept_form(
        request, form, lambda cleaned: programmes.weigh(programme=programme, weights=cleaned, by=request.user)
    ):
        return lead_on_after(request, _("Weights saved"), "scorecard", programme.pk)
    context = make_context(
        programme,
        "scorecard",
        form=form,
        heading=_("Weights of the scorecard"),
        button=_("Save the weights"),
        hint=_(
            "A measure that is met earns two points and a near miss one, multiplied by its weight. Enter 0 to leave it out."
        ),
    )
    return render(request, "programme/form.html", context)


@require_permission("programme.see")
def show_outcomes(request: SignedInRequest, programme: Programme) -> HttpResponse:
    """What became of the cases: actual against predicted reconviction, and assessment scores at start and end."""
    areas, funnel = gather_outcomes(programme)
    several = len(funnel.units) > 1
    context = make_context(
        programme,
        "outcomes",
        areas=areas,
        plot=charts.draw_actual_against_predicted(funnel) if several else None,
        funnel=funnel if several else None,
    )
    return render(request, "programme/outcomes.html", context)


@require_permission("outcome.import")
def import_outcomes(request: SignedInRequest) -> HttpResponse:
    """Import outcomes."""
    form = forms.OutcomesForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return background.start(
                request,
                programme_jobs.import_outcomes,
                _("Importing outcomes"),
                file=form.cleaned_data["file"],
            )
        except UserError as error:
            form.refuse(error)
    form = background.take_back(request, form, programme_jobs.import_outcomes)
    hint = _(
        "Cases are matched by their pseudonyms alone. The whole file is checked first. If it has a fault, nothing is imported."
    )
    return render(
        request,
        "kit/page_form.html",
        {
            "section": "programmes",
            "form": form,
            "heading": _("Import outcomes"),
            "hint": hint,
            "button": _("Import the outcomes"),
            "files": True,
        },
    )


@require_permission("outcome.import")
@require_POST
def send_pseudonyms(request: SignedInRequest, programme: Programme) -> HttpResponse:
    """Which pseudonym stands for which case; downloading the list is recorded."""
    rows = outcomes.list_pseudonyms(programme=programme, by=request.user)
    return _send_download(write_csv_rows(["pseudonym", "area", "reference"], rows), "pseudonyms.csv")


@require_permission("programme.see")
def list_reports(request: SignedInRequest, programme: Programme) -> HttpResponse:
    """The reports on many inspections that were made."""
    reports = programme.reports.select_related("asked_by")
    return render(request, "programme/reports.html", make_context(programme, "reports", reports=reports))


@require_permission("collected.make")
@require_POST
def report_make(request: SignedInRequest, programme: Programme) -> HttpResponse:
    """Ask for a report on many inspections."""
    settings = {key: request.POST[key] for key in ("group", "first", "last") if request.POST.get(key)}
    try:
        report = collected.ask(
            programme=programme,
            kind=request.POST.get("kind", ""),
            settings=_read_days(settings),
            by=request.user,
        )
    except UserError as error:
        return show_refused(request, error, "collected_reports", programme.pk)
    make_collected.enqueue(report.pk)
    return redirect("collected", report.pk)


@require_permission("programme.see")
def show_report(request: SignedInRequest, collected: CollectedReport) -> HttpResponse:
    """One made report, or how far it is."""
    files = list(collected.files.select_related("blob").defer("blob__content"))
    context = make_context(
        collected.programme,
        "reports",
        report=collected,
        files=[f for f in files if not is_data(f.path)],
        data=[f for f in files if is_data(f.path)],
        may=make_person(request).can_everywhere("collected.make"),
    )
    return render(request, "programme/report.html", context)


@require_permission("programme.see")
def report_file(request: SignedInRequest, collected: CollectedReport, place: str) -> HttpResponse:
    """One file of it."""
    del request
    return send_file(collected.files, place)
