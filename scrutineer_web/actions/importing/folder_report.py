"""Evidence, texts, drafts and the factual accuracy check of an imported folder.

The folder's own files are taken as data. What another room knew beyond them (revisions, what was retired, files that
were sent in) is put to what says the same. Reports that were made elsewhere stay what they are: they are kept to be
looked at, and nothing that the folder says of them approves or publishes anything here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer.report.formats import FORMATS
from scrutineer_web.actions.fieldwork.uploads import keep_blob
from scrutineer_web.actions.importing.named import NamesElsewhere, Told
from scrutineer_web.exchange.paths import UPLOADS, is_text, match_made_report
from scrutineer_web.records.accuracy import AccuracyCheck, AccuracyComment, Correction
from scrutineer_web.records.action_plan import PlannedAction, ProgressReport, Response, Verification
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.issue import Issue, IssueFile
from scrutineer_web.records.judgement import Judgement
from scrutineer_web.records.piece import Piece
from scrutineer_web.records.recommendation import Recommendation
from scrutineer_web.records.text import Text
from scrutineer_web.records.upload import Upload
from scrutineer_web.safeguards.examining import examine

if TYPE_CHECKING:
    from scrutineer.inspection.evidence import Evidence
    from scrutineer.inspection.whole import Inspection as Whole
    from scrutineer_web.records.inspection import Inspection

Files = Mapping[str, bytes]


def put_report(
    *, inspection: Inspection, whole: Whole, files: Files, room: Told | None, names: NamesElsewhere
) -> None:
    """Everything of the folder that is about the report."""
    report: Told = (room or {}).get("report", {})
    inspection.recommended_to = whole.recommendations.to if "recommendations.yaml" in files else ""
    inspection.internal = report.get("internal", False)
    inspection.save(update_fields=["recommended_to", "internal"])
    _put_evidence(inspection, "", whole.evidence, report, files, names)
    for element in whole.elements:
        _put_evidence(inspection, element.framework.id, element.evidence, report, files, names)
    _put_texts(inspection, files, report, names)
    _put_recommendations(inspection, whole, report, files, names)
    issues = _collect_issues(inspection, files, report, names)
    for check in report.get("checks", ()):
        _check(inspection, check, issues, files, names)


def _put_evidence(
    inspection: Inspection,
    element: str,
    evidence: Evidence,
    report: Told,
    files: Files,
    names: NamesElsewhere,
) -> None:
    known = {(p["element"], p["key"]): p for p in report.get("pieces", ()) if p["retired"] is None}
    for n, piece in enumerate(evidence.pieces, 1):
        before = known.get((element, piece.id), {})
        row = Piece.objects.create(
            inspection=inspection,
            element=element,
            position=n,
            key=piece.id,
            kind=piece.kind,
            title=piece.title,
            source=piece.source,
            on=piece.on,
            bears=dict(piece.bears),
            note=piece.note,
            says=dict(piece.says),
            rev=before.get("rev", 1),
            **names.begin_now("saved"),
        )
        names.keep(row, before, "saved")
        _put_uploads(inspection, before, files, names, piece=row)
    retired = [p for p in report.get("pieces", ()) if p["element"] == element and p["retired"] is not None]
    for gone in retired:
        _put_retired_piece(inspection, gone, len(evidence.pieces) + 1, files, names)
    settled = {j["criterion"]: j for j in report.get("judgements", ()) if j["element"] == element}
    _put_judgements(inspection, element, evidence, settled, names)


def _put_retired_piece(
    inspection: Inspection, gone: Told, position: int, files: Files, names: NamesElsewhere
) -> None:
    """A piece of evidence that had been removed, which the folder's own files don't hold."""
    fields = {k: gone[k] for k in ("key", "kind", "title", "source", "bears", "note", "says", "rev")}
    row = Piece.objects.create(
        inspection=inspection,
        element=gone["element"],
        position=position,
        **fields,
        on=date.fromisoformat(gone["on"]) if gone["on"] else None,
        **names.begin_now("saved"),
        **names.begin_now("retired"),
    )
    names.keep(row, gone, "saved", "retired")
    _put_uploads(inspection, gone, files, names, piece=row)


def _put_judgements(
    inspection: Inspection, element: str, evidence: Evidence, settled: Told, names: NamesElsewhere
) -> None:
    for code, said in evidence.judgements.items():
        before = settled.get(code, {})
        put = Judgement.objects.create(
            inspection=inspection,
            element=element,
            criterion=code,
            grades=dict(said.grades),
            rating=said.rating or "",
            reason=said.reason,
            said_by=said.by,
            rev=before.get("rev", 1),
            **names.begin_now("settled"),
        )
        names.keep(put, before, "settled")


def _put_uploads(
    inspection: Inspection, report: Told, files: Files, names: NamesElsewhere, **belongs: Any
) -> None:
    for file in report.get("files", ()):
        content = files.get(f"{UPLOADS}{file['hash']}")
        if content is None or hashlib.sha256(content).hexdigest() != file["hash"]:
            raise UserError(
                Fault(
                    f"{UPLOADS}{file['hash'][:12]}…",
                    _("the file '%(name)s' is missing or has changed") % {"name": file["name"]},
                    _("Export the inspection again"),
                )
            )
        row = Upload.objects.create(
            inspection=inspection,
            blob=keep_blob(content=content),
            name=file["name"],
            kind=examine(file["name"], content),
            **belongs,
            **names.begin_now("uploaded"),
            **names.pair(file, "retired"),
        )
        names.keep(row, file, "uploaded", "retired")


def _put_texts(inspection: Inspection, files: Files, report: Told, names: NamesElsewhere) -> None:
    before = {t["path"]: t for t in report.get("texts", ())}
    drafted = _draft(files)
    for path in sorted(files):
        if not is_text(path):
            continue
        content = _decode(path, files[path])
        known = before.get(path, {})
        if known.get("content") != content:
            known = {}
        row = Text.objects.create(
            inspection=inspection,
            path=path,
            content=content,
            rev=known.get("rev", 1),
            drafted=drafted.get(path, ""),
            **names.begin_now("saved"),
        )
        names.keep(row, known, "saved")
    for path, gone in before.items():
        if gone["retired"] is not None and path not in files:
            row = Text.objects.create(
                inspection=inspection,
                path=path,
                content=gone["content"],
                rev=gone["rev"],
                drafted=gone["drafted"],
                **names.begin_now("saved"),
                **names.begin_now("retired"),
            )
            names.keep(row, gone, "saved", "retired")


def _decode(path: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise UserError(Fault(path, _("this isn't plain text in UTF-8"), _("Save it as UTF-8"))) from None


def _draft(files: Files) -> dict[str, str]:
    """The hashes of what was drafted."""
    try:
        return {k: v for k, v in json.loads(files["drafts.json"])["sha256"].items() if len(v) == 64}
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _put_recommendations(
    inspection: Inspection, whole: Whole, report: Told, files: Files, names: NamesElsewhere
) -> None:
    before = {r["text"]: r for r in report.get("recommendations", ()) if r["retired"] is None}
    for n, recommendation in enumerate(whole.recommendations.recommendations, 1):
        known = before.get(recommendation.text, {})
        put = Recommendation.objects.create(
            inspection=inspection,
            position=n,
            text=recommendation.text,
            criteria=list(recommendation.criteria),
            progress=recommendation.progress or "",
            rev=known.get("rev", 1),
            **names.begin_now("saved"),
        )
        names.keep(put, known, "saved")
        _put_plan(inspection, put, known, files, names)
    for gone in report.get("recommendations", ()):
        if gone["retired"] is not None:
            put = Recommendation.objects.create(
                inspection=inspection,
                position=0,
                text=gone["text"],
                criteria=list(gone["criteria"]),
                progress=gone["progress"],
                rev=gone["rev"],
                **names.begin_now("saved"),
                **names.begin_now("retired"),
            )
            names.keep(put, gone, "saved", "retired")
            _put_plan(inspection, put, gone, files, names)


def _put_plan(
    inspection: Inspection,
    recommendation: Recommendation,
    described: Told,
    files: Files,
    names: NamesElsewhere,
) -> None:
    """What became of a recommendation in another room; here it still waits, until its report is published here."""
    answer = described.get("response")
    if answer:
        fields = {k: answer[k] for k in ("answer", "reason", "rev")}
        response = Response.objects.create(
            recommendation=recommendation, **fields, **names.begin_now("given")
        )
        names.keep(response, answer, "given")
    for action in described.get("actions", ()):
        put = PlannedAction.objects.create(
            recommendation=recommendation,
            text=action["text"],
            owner=action["owner"],
            due=date.fromisoformat(action["due"]),
            rev=action["rev"],
            **names.pair(action, "done"),
            **names.begin_now("saved"),
            **names.pair(action, "retired"),
        )
        names.keep(put, action, "done", "saved", "retired")
        for said in action["reports"]:
            report = ProgressReport.objects.create(
                action=put, text=said["text"], done=said["done"], **names.begin_now("reported")
            )
            names.keep(report, {**said, "reported": said["told"]}, "reported")
            _put_uploads(inspection, said, files, names, progress=report)
    for outcome in described.get("verifications", ()):
        verification = Verification.objects.create(
            recommendation=recommendation,
            outcome=outcome["outcome"],
            reason=outcome["reason"],
            **names.begin_now("verified"),
        )
        names.keep(verification, outcome, "verified")


def _collect_issues(
    inspection: Inspection, files: Files, report: Told, names: NamesElsewhere
) -> dict[tuple[str, int], Issue]:
    """Reports that were made before: those that lie in the folder, with what another room knew of them.

    Nobody here has made, approved or published them, whatever the folder says: that stays the folder's word.
    """
    before = {(i["kind"], i["number"]): i for i in report.get("issues", ())}
    issues: dict[tuple[str, int], Issue] = {}
    for (kind, number), there in _list_made(files):
        known = before.get((kind, number), {})
        stamp, figures = _list_figures(there)
        issue = Issue.objects.create(
            inspection=inspection,
            kind=f"{kind}_elsewhere",
            number=number,
            state="ready",
            progress=100,
            formats=list(known.get("formats") or FORMATS),
            progress_note=known.get("told", ""),
            proof=known.get("proof", {}),
            texts=known.get("texts", {}),
            figures=known.get("figures") or figures,
            passages=known.get("passages", []),
            stamp=known.get("stamp") or stamp,
            made_at=_read_moment(known.get("made_at")) or inspection.created_at,
            notice=known.get("notice", ""),
            **names.begin_now("asked"),
        )
        names.keep(issue, known, "asked", "approved", "published", "embargo_until")
        for path, content in there.items():
            IssueFile.objects.create(issue=issue, path=path, blob=keep_blob(content=content))
        issues[kind, number] = issue
    return issues


def _list_made(files: Files) -> Iterator[tuple[tuple[str, int], dict[str, bytes]]]:
    files_of: dict[tuple[str, int], dict[str, bytes]] = {}
    for path, content in files.items():
        key = match_made_report(path)
        if key is not None:
            files_of.setdefault(key[0], {})[key[1]] = content
    yield from sorted(files_of.items())


def _read_moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _list_figures(files: Mapping[str, bytes]) -> tuple[dict[str, str], dict[str, str]]:
    """Stamp and figures as the data files of a report tell them."""
    try:
        figures = json.loads(files["data/figures.json"])
        return dict(figures["stamp"]), dict(figures["figures"])
    except (KeyError, ValueError, TypeError, RecursionError):
        return {}, {}


def _check(
    inspection: Inspection,
    described: Told,
    issues: dict[tuple[str, int], Issue],
    files: Files,
    names: NamesElsewhere,
) -> None:
    draft = issues.get(("draft", described["draft"]))
    if draft is None:
        raise UserError(
            Fault(
                "fieldwork/room.json",
                _("it refers to draft %(draft)s, which isn't in the folder") % {"draft": described["draft"]},
                _("Export the inspection again"),
            )
        )
    # A check that is open elsewhere isn't open here: nobody here has sent that draft to the area.
    check = AccuracyCheck.objects.create(
        inspection=inspection,
        issue=draft,
        due=date.fromisoformat(described["due"]),
        **names.begin_now("sent"),
        **names.begin_now("ended"),
    )
    names.keep(check, described, "sent", "ended")
    for said in described["comments"]:
        fields = {k: said[k] for k in ("place", "figure", "quote", "text", "decision", "reason")}
        comment = AccuracyComment.objects.create(
            check_of=check, **fields, **names.begin_now("written"), **names.pair(said, "decided")
        )
        names.keep(comment, said, "written", "decided")
        _put_uploads(inspection, said, files, names, comment=comment)
        for correction in said["corrections"]:
            _put_correction(inspection, comment, correction, names)


def _put_correction(
    inspection: Inspection, comment: AccuracyComment, described: Told, names: NamesElsewhere
) -> None:
    assessment = Assessment.objects.filter(
        case__inspection=inspection,
        case__reference=described["case"],
        number=described["reading"],
        retired_at=None,
    ).first()
    if assessment is None:
        raise UserError(
            Fault(
                "fieldwork/room.json",
                _("it refers to an assessment of case %(case)s, which isn't in the folder")
                % {"case": described["case"]},
                _("Export the inspection again"),
            )
        )
    if described["question"] not in assessment.framework_version.framework.scale_of:
        what = _("it refers to a question '%(question)s' that doesn't apply to case %(case)s") % {
            "question": described["question"],
            "case": described["case"],
        }
        raise UserError(Fault("fieldwork/room.json", what, _("Export the inspection again")))
    fields = {k: described[k] for k in ("question", "reason", "was", "now", "note", "changed")}
    correction = Correction.objects.create(
        comment=comment,
        assessment=assessment,
        **fields,
        **names.begin_now("opened"),
        **names.pair(described, "answered"),
    )
    names.keep(correction, described, "opened", "answered")
