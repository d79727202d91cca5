"""A programme: its calendar with tranches and capacity, the places of its areas, and how far each inspection is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from scrutineer.inspection.dates import Dates, Step, format_day, list_steps
from scrutineer.programme.capacity import Week, find_problems, list_weeks, list_years
from scrutineer_web.actions.programme import programmes
from scrutineer_web.kit.page_context import make_person
from scrutineer_web.kit.signed_in import SignedInRequest
from scrutineer_web.kit.views import accept_form, lead_on_after, require_permission, try_and_lead_on
from scrutineer_web.programme import forms as plan_forms
from scrutineer_web.queries.programme import standings
from scrutineer_web.queries.shelf import read_library
from scrutineer_web.records import frames
from scrutineer_web.records.area import Area
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.programme import PlannedInspection, Programme, Tranche
from scrutineer_web.states import INSPECTION


def make_context(programme: Programme, tab: str, **more: Any) -> dict[str, Any]:
    """What every page of a programme shows."""
    return {"section": "programmes", "programme": programme, "tab": tab, **more}


@require_permission("programme.see")
def list_programmes(request: SignedInRequest) -> HttpResponse:
    """Every programme."""
    programmes = Programme.objects.select_related("framework_version").annotate(
        areas=Count("planned", filter=Q(planned__retired_at=None)),
        begun=Count("planned__inspection", filter=Q(planned__retired_at=None)),
    )
    return render(request, "programme/programmes.html", {"section": "programmes", "programmes": programmes})


@require_permission("programme.plan")
def add_programme(request: SignedInRequest) -> HttpResponse:
    """Add a programme."""
    form = plan_forms.NewProgrammeForm(request.POST or None)
    programme = accept_form(
        request,
        form,
        lambda cleaned: programmes.begin(
            **{**cleaned, "framework": FrameworkVersion.objects.get(pk=cleaned["framework"])}, by=request.user
        ),
    )
    if programme:
        return lead_on_after(
            request, _("Programme %(title)s added") % {"title": programme.title}, "programme", programme.pk
        )
    return render(
        request,
        "kit/page_form.html",
        {
            "section": "programmes",
            "form": form,
            "heading": _("Add a programme"),
            "button": _("Save the programme"),
        },
    )


@dataclass(frozen=True)
class WeekBar:
    """One week in the chart of capacity, in its units."""

    x: float
    top: float
    there: float
    week: Week

    @property
    def title(self) -> str:
        """What is read of it where the mouse rests."""
        # In the template this took half of the page's time: a programme of three years has 150 weeks.
        return _("Week of %(day)s: %(needed)s of %(there)s") % {
            "day": format_day(self.week.monday),
            "needed": self.week.needed,
            "there": self.week.there,
        }


WIDTH, HEIGHT = 900.0, 130.0


def _make_bars(weeks: tuple[Week, ...]) -> tuple[list[WeekBar], float]:
    """The weeks as bars, and the width of one."""
    most = max([1, *(max(w.needed, w.there) for w in weeks)])
    each = WIDTH / max(len(weeks), 1)
    return [
        WeekBar(
            round(n * each, 2),
            round(HEIGHT * w.needed / most, 1),
            round(HEIGHT - HEIGHT * w.there / most, 1),
            w,
        )
        for n, w in enumerate(weeks)
    ], round(max(each - 0.6, 0.4), 2)


@require_permission("programme.see")
def show_programme(request: SignedInRequest, programme: Programme) -> HttpResponse:
    """The calendar: tranches with their areas and elements, capacity by week, and what is wrong with it."""
    places = standings.list_places(programme)
    tranches, planned = frames.make_calendar(programme, places)
    weeks = list_weeks(tranches, planned)
    bars, each = _make_bars(weeks)
    year = {t.title: number for number, t in list_years(tranches)}
    shelf = read_library()
    rows = [
        (
            year[t.title],
            t,
            [shelf.load_framework(e).title for e in t.elements],
            [p for p in places if p.tranche_id == t.pk],
        )
        for t in programme.tranches.all()
    ]
    context = make_context(
        programme,
        "calendar",
        rows=rows,
        problems=list(find_problems(tranches, planned)),
        bars=bars,
        each=each,
        width=WIDTH,
        height=HEIGHT,
        short=sum(w.short > 0 for w in weeks),
        weeks=[w for w in weeks if w.needed or w.short],
        unplanned=Area.objects.filter(retired_at=None)
        .exclude(pk__in=[p.area_id for p in places])
        .defer("profile"),
    )
    return render(request, "programme/programme.html", context)


@require_permission("programme.plan")
def add_tranche(request: SignedInRequest, programme: Programme) -> HttpResponse:
    """Add a tranche."""
    return _save_tranche(request, programme, None)


@require_permission("programme.plan")
def edit_tranche(request: SignedInRequest, tranche: Tranche) -> HttpResponse:
    """Change a tranche."""
    return _save_tranche(request, tranche.programme, tranche)


def _save_tranche(request: SignedInRequest, programme: Programme, tranche: Tranche | None) -> HttpResponse:
    form = plan_forms.TrancheForm(request.POST or None, tranche=tranche)
    saved = accept_form(
        request,
        form,
        lambda cleaned: programmes.save_tranche(
            programme=programme, tranche=tranche, by=request.user, **cleaned
        ),
    )
    if saved:
        return lead_on_after(
            request, _("%(title)s saved") % {"title": saved.title}, "programme", programme.pk
        )
    heading = _("Change %(title)s") % {"title": tranche.title} if tranche else _("Add a tranche")
    context = make_context(programme, "calendar", form=form, heading=heading, button=_("Save the tranche"))
    return render(request, "programme/form.html", context)


@require_permission("programme.plan")
def place_new(request: SignedInRequest, programme: Programme) -> HttpResponse:
    """Add an area to the calendar."""
    if not programme.tranches.exists():
        return redirect("tranche_new", programme.pk)
    return _save_place(request, programme, None)


@require_permission("programme.plan")
def place_edit(request: SignedInRequest, planned: PlannedInspection) -> HttpResponse:
    """Move an area."""
    return _save_place(request, planned.programme, planned)


def _save_place(
    request: SignedInRequest, programme: Programme, planned: PlannedInspection | None
) -> HttpResponse:
    form = plan_forms.PlaceForm(request.POST or None, programme=programme, planned=planned)

    def work(cleaned: dict[str, Any]) -> PlannedInspection:
        return programmes.plan(
            programme=programme,
            area=Area.objects.get(pk=cleaned["area"]),
            tranche=Tranche.objects.get(pk=cleaned["tranche"]),
            begins=cleaned["begins"],
            inspectors=cleaned["inspectors"],
            planned=planned,
            by=request.user,
        )

    saved = accept_form(request, form, work)
    if saved:
        return lead_on_after(
            request,
            _("%(area)s planned in %(tranche)s") % {"area": saved.area, "tranche": saved.tranche},
            "programme",
            programme.pk,
        )
    heading = _("Move %(area)s") % {"area": planned.area} if planned else _("Add an area to the calendar")
    context = make_context(
        programme, "calendar", form=form, heading=heading, button=_("Save the plan"), planned=planned
    )
    return render(request, "programme/form.html", context)


@require_permission("programme.plan")
@require_POST
def place_retire(request: SignedInRequest, planned: PlannedInspection) -> HttpResponse:
    """Remove an area from a programme."""
    text = _("%(area)s removed from the programme") % {"area": planned.area}
    return try_and_lead_on(
        request,
        lambda: programmes.unplan(planned=planned, by=request.user),
        text,
        "programme",
        planned.programme_id,
    )


@require_permission("inspection.create")
@require_POST
def place_start(request: SignedInRequest, planned: PlannedInspection) -> HttpResponse:
    """Begin the inspection that was planned."""
    text = _("Inspection of %(area)s started") % {"area": planned.area}
    return try_and_lead_on(
        request,
        lambda: programmes.start(planned=planned, by=request.user),
        text,
        "programme",
        planned.programme_id,
    )


@require_permission("programme.plan")
def place_attach(request: SignedInRequest, planned: PlannedInspection) -> HttpResponse:
    """Say which inspection is the one that was planned."""
    form = plan_forms.AttachForm(request.POST or None, planned=planned)
    work = accept_form(
        request,
        form,
        lambda cleaned: programmes.attach(
            planned=planned, inspection=Inspection.objects.get(pk=cleaned["inspection"]), by=request.user
        ),
    )
    if work:
        return lead_on_after(
            request,
            _("Inspection of %(area)s chosen") % {"area": planned.area},
            "programme",
            planned.programme_id,
        )
    context = make_context(
        planned.programme,
        "calendar",
        form=form,
        heading=_("Use an inspection of %(area)s that has already started") % {"area": planned.area},
        button=_("Use this inspection"),
    )
    return render(request, "programme/form.html", context)


@dataclass(frozen=True)
class InspectionProgress:
    """How far one inspection is."""

    place: PlannedInspection
    inspection: Inspection
    read: int
    cases: int
    percent: int
    next: Step | None
    late: bool


@require_permission("programme.see")
def show_progress(request: SignedInRequest, programme: Programme) -> HttpResponse:
    """How far every inspection is: its phase, its cases, and what its calendar says comes next."""
    places = standings.list_places(programme)
    begun = [p.inspection_id for p in places if p.inspection_id]
    counted = Assessment.objects.filter(case__inspection__in=begun, number=1, retired_at=None)
    read = {
        pk: (done_, every)
        for pk, done_, every in counted.values_list("case__inspection").annotate(
            done_=Count("id", filter=Q(state__in=("complete", "signed_off"))), every=Count("id")
        )
    }
    dates = dict(Inspection.objects.filter(pk__in=begun).values_list("pk", "dates"))
    rows = [
        _make_progress(programme, p, p.inspection, *read.get(p.inspection.pk, (0, 0)), dates)
        for p in places
        if p.inspection
    ]
    phases = Counter(row.inspection.state for row in rows)
    context = make_context(
        programme,
        "progress",
        rows=rows,
        open=[p for p in places if not p.inspection_id],
        today=timezone.localdate(),
        phases=[
            (INSPECTION.find_title(state), phases[state]) for state, _ in INSPECTION.choices if phases[state]
        ],
        seen={r.inspection.pk for r in rows if make_person(request).can("inspection.see", r.inspection.pk)},
    )
    return render(request, "programme/progress.html", context)


def _make_progress(
    programme: Programme,
    place: PlannedInspection,
    inspection: Inspection,
    read: int,
    cases: int,
    dates: dict[int, Any],
) -> InspectionProgress:
    after = _find_next_step(programme, inspection, frames.read_days(dates.get(inspection.pk) or {}))
    over = after is not None and after.latest is not None and after.latest < timezone.localdate()
    # The days of a made-up programme are long over.
    late = over and not programme.synthetic and inspection.state not in _SETTLED
    return InspectionProgress(
        place, inspection, read, cases, round(100 * read / cases) if cases else 0, after, late
    )


_OVER = {
    "draft": "accuracy",
    "comments": "final",
    "publication": "published",
    "response": "closed",
    "implementation": "closed",
}
"""From which state on an event of the inspection is over, by its role."""


def _find_next_step(programme: Programme, inspection: Inspection, days: Dates) -> Step | None:
    """The first event of the calendar that is still to come; what is looked up long after, such as reconviction, is none of them."""
    order = [s.key for s in INSPECTION.states]
    now = order.index(inspection.state)
    every = list(list_steps(programme.framework, days))
    last = max((n for n, step in enumerate(every) if step.rule.role in _OVER), default=-1)
    for step in every[: last + 1]:
        over = order.index(_OVER.get(step.rule.role or "", "moderation")) <= now
        if step.on is None and not over and not step.rule.concern:
            return step
    return None


_SETTLED = ("published", "closed")
"""Phases in which nothing of the inspection's own is late any more."""
