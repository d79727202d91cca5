"""Evidence for judgement criteria, and the ratings that it earns."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from scrutineer.frameworks.model import Framework
from scrutineer.inspection.evidence import list_open_to_decision
from scrutineer.scoring.explain_rating import find_part
from scrutineer.scoring.rated_part import RatedPart
from scrutineer_web.actions.fieldwork import evidence, uploads
from scrutineer_web.fieldwork import evidence_forms as forms
from scrutineer_web.kit.downloads import send_download
from scrutineer_web.kit.page_context import make_person
from scrutineer_web.kit.signed_in import SignedInRequest
from scrutineer_web.kit.views import accept_form, lead_on_after, require_permission, try_and_lead_on
from scrutineer_web.permissions import check
from scrutineer_web.queries import shelf
from scrutineer_web.queries.fieldwork.evidence import find_framework
from scrutineer_web.queries.scores import scored
from scrutineer_web.records import frames
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.judgement import Judgement
from scrutineer_web.records.piece import Piece
from scrutineer_web.records.upload import Upload
from scrutineer_web.safeguards.examining import TYPES


def list_frameworks(inspection: Inspection) -> list[tuple[str, Framework]]:
    """The frameworks with judgement criteria: the inspection's own, and those of its elements, by their element."""
    frameworks = [("", inspection.framework)]
    frameworks += [
        (pin.id, shelf.read_library_of(inspection).load_framework(pin.id))
        for pin in frames.make_manifest(inspection).elements
    ]
    return [
        (element, own)
        for element, own in frameworks
        if any(c.kind == "judgement" for c in own.criteria.values())
    ]


@require_permission("evidence.see")
def show_evidence(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Every judgement criterion with its items, their evidence, and the rating that follows."""
    pieces = inspection.pieces.filter(retired_at=None).select_related("saved_by").prefetch_related("uploads")
    by_key = {(p.element, p.key): p for p in pieces}
    reasons = {(j.element, j.criterion): j.reason for j in inspection.judgements.all()}
    parts = []
    for element, framework in list_frameworks(inspection):
        grades = dict(forms.list_grades(framework))
        judged = [
            {
                "code": code,
                "criterion": judgement.criterion,
                "rating": judgement.rating,
                "final": judgement.final,
                "needed": judgement.needed,
                "open": len(judgement.open),
                "thin": len(judgement.thin),
                "reason": reasons.get((element, code), ""),
                "name": f"{element}:{code}" if element else code,
                "items": [
                    {
                        "item": i.item,
                        "grade": grades.get(i.grade or "", ""),
                        "settled": i.settled,
                        "gives": list(dict.fromkeys(grades[p.bears[i.item.key]] for p in i.pieces)),
                        "sources": i.sources,
                        "enough": i.item.national or i.sources >= judgement.needed,
                        "pieces": [(by_key[element, p.id], grades[p.bears[i.item.key]]) for p in i.pieces],
                    }
                    for i in judgement.items
                ],
            }
            for code, judgement in frames.judge(inspection, framework).items()
        ]
        has_items = any(criterion.items for criterion in framework.criteria.values())
        parts.append({"element": element, "title": framework.title, "judged": judged, "has_items": has_items})
    context = {"section": "inspections", "inspection": inspection, "parts": parts, "pieces": list(pieces)}
    return render(request, "fieldwork/evidence.html", context)


@require_permission("evidence.edit")
def add_piece(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Enter a piece of evidence, with its file."""
    known = dict(list_frameworks(inspection))
    element = request.GET.get("element", "")
    if element not in known:
        raise Http404
    form = forms.PieceForm(request.POST or None, framework=known[element])
    piece = accept_form(
        request,
        form,
        lambda _: evidence.put_piece(
            inspection=inspection, content=form.collect_content(), element=element, by=request.user
        ),
    )
    if piece is not None:
        return lead_on_after(
            request, _("Evidence added. You can now attach documents to it"), "piece", piece.pk
        )
    return render(
        request,
        "fieldwork/piece_form.html",
        {"section": "inspections", "inspection": inspection, "form": form, "heading": _("Add evidence")},
    )


@require_permission("evidence.see")
def show_piece(request: SignedInRequest, piece: Piece) -> HttpResponse:
    """A piece of evidence with its documents."""
    framework = find_framework(piece.inspection, piece.element)
    grades = dict(forms.list_grades(framework))
    items = {i.key: (c.code, i) for c in framework.criteria.values() for i in c.items}
    context = {
        "section": "inspections",
        "inspection": piece.inspection,
        "piece": piece,
        "bears": [
            (items[k][0], items[k][1], grades.get(g, g), piece.says.get(k, ""))
            for k, g in piece.bears.items()
            if k in items
        ],
        "files": piece.uploads.filter(retired_at=None)
        .select_related("blob", "uploaded_by")
        .defer("blob__content"),
        "form": forms.FileForm(),
    }
    return render(request, "fieldwork/piece.html", context)


@require_permission("evidence.edit")
def edit_piece(request: SignedInRequest, piece: Piece) -> HttpResponse:
    """Change a piece of evidence."""
    framework = find_framework(piece.inspection, piece.element)
    form = forms.PieceForm(request.POST or None, framework=framework, piece=piece)
    if accept_form(
        request,
        form,
        lambda _: evidence.put_piece(
            inspection=piece.inspection,
            content=form.collect_content(),
            piece=piece,
            base=form.cleaned_data["base"],
            by=request.user,
        ),
    ):
        return lead_on_after(request, _("Evidence saved"), "piece", piece.pk)
    return render(
        request,
        "fieldwork/piece_form.html",
        {
            "section": "inspections",
            "inspection": piece.inspection,
            "form": form,
            "heading": _("Change: %(title)s") % {"title": piece.title},
            "piece": piece,
        },
    )


@require_permission("evidence.edit")
@require_POST
def retire_piece_view(request: SignedInRequest, piece: Piece) -> HttpResponse:
    """Remove a piece of evidence."""
    return try_and_lead_on(
        request,
        lambda: evidence.retire_piece(piece=piece, by=request.user),
        _("Evidence removed. It stays in the records"),
        "evidence",
        piece.inspection_id,
    )


@require_permission("evidence.edit")
@require_POST
def attach(request: SignedInRequest, piece: Piece) -> HttpResponse:
    """Attach a file to a piece of evidence."""
    file = request.FILES.get("file")
    if file is None:
        return lead_on_after(request, _("Choose a file"), "piece", piece.pk)
    return try_and_lead_on(
        request,
        lambda: uploads.attach(piece=piece, name=file.name or "", content=file.read(), by=request.user),
        _("File attached"),
        "piece",
        piece.pk,
    )


@require_permission("upload.see")
def upload(request: SignedInRequest, upload: Upload) -> HttpResponse:
    """A file as it was sent, to keep: never to run, and never shown inside the room."""
    name = "evidence.see" if upload.piece_id else "draft.see" if upload.comment_id else "plan.see"
    check(make_person(request).can(name, upload.inspection))
    response = HttpResponse(
        bytes(upload.blob.content), content_type=TYPES.get(upload.kind, "application/octet-stream")
    )
    send_download(response, upload.name)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "no-store"
    return response


@require_permission("evidence.edit")
@require_POST
def upload_retire(request: SignedInRequest, upload: Upload) -> HttpResponse:
    """Remove a file."""
    if upload.piece_id is None:
        raise Http404
    return try_and_lead_on(
        request,
        lambda: uploads.retire(upload=upload, by=request.user),
        _("File removed. It stays in the records"),
        "piece",
        upload.piece_id,
    )


@require_permission("rating.set")
def settle_rating(request: SignedInRequest, inspection: Inspection, name: str) -> HttpResponse:
    """Set the grades of a criterion, or another rating than the rule gives."""
    element, _colon, code = name.rpartition(":")
    framework = inspection.framework if not element else dict(list_frameworks(inspection)).get(element)
    judged = frames.judge(inspection, framework).get(code) if framework else None
    part = None if element or (judged and judged.items) else _find_rated_part(inspection, code)
    if framework is None or (judged is None and part is None):
        raise Http404
    recorded = Judgement.objects.filter(inspection=inspection, element=element, criterion=code).first()
    form = forms.RatingForm(
        request.POST or None, framework=framework, judged=judged, part=part, standing=recorded
    )
    if accept_form(
        request,
        form,
        lambda cleaned: evidence.judge(
            inspection=inspection,
            criterion=code,
            grades=form.collect_grades(),
            rating=cleaned["rating"],
            reason=cleaned["reason"],
            element=element,
            base=cleaned["base"],
            by=request.user,
        ),
    ):
        return lead_on_after(
            request,
            _("Rating of %(code)s saved") % {"code": code},
            "evidence" if judged else "scores",
            inspection.pk,
        )
    return render(
        request,
        "fieldwork/rating.html",
        {
            "section": "inspections",
            "inspection": inspection,
            "form": form,
            "code": code,
            "heading": judged.criterion.title if judged else part.title if part else "",
            "judged": judged if judged and judged.items else None,
            "part": part,
        },
    )


def _find_rated_part(inspection: Inspection, code: str) -> RatedPart | None:
    """The rating of what people may rate directly, or otherwise than computed; None if it's neither."""
    framework = inspection.framework
    if code not in {*list_open_to_decision(framework), *framework.rated_directly}:
        return None
    group = None
    if framework.reads_cases:
        read = frames.read_cases_of(inspection)
        if not read.rows:
            return None
        group = scored.score_inspection(inspection, read).results.groups["all"]
    rated = scored.rate_inspection(inspection, group)
    return find_part(rated, code) if rated else None
