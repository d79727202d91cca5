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

from scrutineer.errors import Fault, UserError
from scrutineer_web.actions.fieldwork.uploads import keep_blob
from scrutineer_web.actions.importing.named import Names, Told
from scrutineer_web.exchange.paths import UPLOADS, is_text, match_made_report
from scrutineer_web.records.accuracy import AccuracyCheck, AccuracyComment, Correction
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.issue import Issue, IssueFile
from scrutineer_web.records.judgement import Judgement
from scrutineer_web.records.piece import Piece
from scrutineer_web.records.plan import PlannedAction, ProgressReport, Response, Verification
from scrutineer_web.records.recommendation import Recommendation
from scrutineer_web.records.text import Text
from scrutineer_web.records.upload import Upload
from scrutineer_web.safeguards.examining import examine

if TYPE_CHECKING:
    from scrutineer.inspection.evidence import Evidence
    from scrutineer.inspection.whole import Inspection as Whole
    from scrutineer_web.records.inspection import Inspection

Files = Mapping[str, bytes]


def put_report(*, made: Inspection, whole: Whole, files: Files, room: Told | None, names: Names) -> None:
    """Everything of the folder that is about the report."""
    told: Told = (room or {}).get("report", {})
    made.recommended_to = whole.recommendations.to if "recommendations.yaml" in files else ""
    made.internal = told.get("internal", False)
    made.save(update_fields=["recommended_to", "internal"])
    _put_evidence(made, "", whole.evidence, told, files, names)
    for element in whole.elements:
        _put_evidence(made, element.framework.id, element.evidence, told, files, names)
    _put_texts(made, files, told, names)
    _put_recommendations(made, whole, told, files, names)
    issues = _collect_issues(made, files, told, names)
    for one in told.get("checks", ()):
        _check(made, one, issues, files, names)


def _put_evidence(
    made: Inspection, element: str, evidence: Evidence, told: Told, files: Files, names: Names
) -> None:
    known = {(p["element"], p["key"]): p for p in told.get("pieces", ()) if p["retired"] is None}
    for n, piece in enumerate(evidence.pieces, 1):
        before = known.get((element, piece.id), {})
        one = Piece.objects.create(
            inspection=made, element=element, position=n, key=piece.id, kind=piece.kind, title=piece.title, source=piece.source,
            on=piece.on, bears=dict(piece.bears), note=piece.note, says=dict(piece.says), rev=before.get("rev", 1),
            **names.now("saved"),
        )  # fmt: skip
        names.keep(one, before, "saved")
        _put_uploads(made, before, files, names, piece=one)
    for gone in told.get("pieces", ()):
        if gone["element"] == element and gone["retired"] is not None:
            fields = {k: gone[k] for k in ("key", "kind", "title", "source", "bears", "note", "says", "rev")}
            one = Piece.objects.create(
                inspection=made, element=element, position=len(evidence.pieces) + 1, **fields,
                on=date.fromisoformat(gone["on"]) if gone["on"] else None, **names.now("saved"), **names.now("retired"),
            )  # fmt: skip
            names.keep(one, gone, "saved", "retired")
            _put_uploads(made, gone, files, names, piece=one)
    settled = {(j["element"], j["criterion"]): j for j in told.get("judgements", ())}
    for code, said in evidence.judgements.items():
        before = settled.get((element, code), {})
        put = Judgement.objects.create(
            inspection=made, element=element, criterion=code, grades=dict(said.grades), rating=said.rating or "",
            reason=said.reason, said_by=said.by, rev=before.get("rev", 1), **names.now("settled"),
        )  # fmt: skip
        names.keep(put, before, "settled")


def _put_uploads(made: Inspection, told: Told, files: Files, names: Names, **belongs: Any) -> None:
    for file in told.get("files", ()):
        content = files.get(f"{UPLOADS}{file['hash']}")
        if content is None or hashlib.sha256(content).hexdigest() != file["hash"]:
            raise UserError(
                Fault(f"{UPLOADS}{file['hash'][:12]}…", f"the file '{file['name']}' is not there, or another one", "Export the folder again")
            )  # fmt: skip
        one = Upload.objects.create(
            inspection=made, blob=keep_blob(content=content), name=file["name"], kind=examine(file["name"], content), **belongs,
            **names.now("uploaded"), **names.pair(file, "retired"),
        )  # fmt: skip
        names.keep(one, file, "uploaded", "retired")


def _put_texts(made: Inspection, files: Files, told: Told, names: Names) -> None:
    before = {t["path"]: t for t in told.get("texts", ())}
    drafted = _draft(files)
    for path in sorted(files):
        if not is_text(path):
            continue
        content = _decode(path, files[path])
        known = before.get(path, {})
        if known.get("content") != content:
            known = {}
        one = Text.objects.create(
            inspection=made, path=path, content=content, rev=known.get("rev", 1), drafted=drafted.get(path, ""),
            **names.now("saved"),
        )  # fmt: skip
        names.keep(one, known, "saved")
    for path, gone in before.items():
        if gone["retired"] is not None and path not in files:
            one = Text.objects.create(
                inspection=made, path=path, content=gone["content"], rev=gone["rev"], drafted=gone["drafted"],
                **names.now("saved"), **names.now("retired"),
            )  # fmt: skip
            names.keep(one, gone, "saved", "retired")


def _decode(path: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise UserError(Fault(path, "this is not UTF-8 text", "Save it as UTF-8")) from None


def _draft(files: Files) -> dict[str, str]:
    """The hashes of what was drafted."""
    try:
        return {k: v for k, v in json.loads(files["drafts.json"])["sha256"].items() if len(v) == 64}
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _put_recommendations(made: Inspection, whole: Whole, told: Told, files: Files, names: Names) -> None:
    before = {r["text"]: r for r in told.get("recommendations", ()) if r["retired"] is None}
    for n, one in enumerate(whole.recommendations.recommendations, 1):
        known = before.get(one.text, {})
        put = Recommendation.objects.create(
            inspection=made, position=n, text=one.text, criteria=list(one.criteria), progress=one.progress or "",
            rev=known.get("rev", 1), **names.now("saved"),
        )  # fmt: skip
        names.keep(put, known, "saved")
        _put_plan(made, put, known, files, names)
    for gone in told.get("recommendations", ()):
        if gone["retired"] is not None:
            put = Recommendation.objects.create(
                inspection=made, position=0, text=gone["text"], criteria=list(gone["criteria"]), progress=gone["progress"],
                rev=gone["rev"], **names.now("saved"), **names.now("retired"),
            )  # fmt: skip
            names.keep(put, gone, "saved", "retired")
            _put_plan(made, put, gone, files, names)


def _put_plan(made: Inspection, one: Recommendation, told: Told, files: Files, names: Names) -> None:
    """What became of a recommendation in another room; here it still waits, until its report is published here."""
    given = told.get("response")
    if given:
        fields = {k: given[k] for k in ("answer", "reason", "rev")}
        response = Response.objects.create(recommendation=one, **fields, **names.now("given"))
        names.keep(response, given, "given")
    for action in told.get("actions", ()):
        put = PlannedAction.objects.create(
            recommendation=one, text=action["text"], owner=action["owner"], due=date.fromisoformat(action["due"]), rev=action["rev"],
            **names.pair(action, "done"), **names.now("saved"), **names.pair(action, "retired"),
        )  # fmt: skip
        names.keep(put, action, "done", "saved", "retired")
        for said in action["reports"]:
            report = ProgressReport.objects.create(
                action=put, text=said["text"], done=said["done"], **names.now("told")
            )
            names.keep(report, said, "told")
            _put_uploads(made, said, files, names, progress=report)
    for found in told.get("verifications", ()):
        verification = Verification.objects.create(
            recommendation=one, outcome=found["outcome"], reason=found["reason"], **names.now("verified")
        )
        names.keep(verification, found, "verified")


def _collect_issues(made: Inspection, files: Files, told: Told, names: Names) -> dict[tuple[str, int], Issue]:
    """Reports that were made before: those that lie in the folder, with what another room knew of them.

    Nobody here has made, approved or published them, whatever the folder says: that stays the folder's word.
    """
    before = {(i["kind"], i["number"]): i for i in told.get("issues", ())}
    found: dict[tuple[str, int], Issue] = {}
    for (kind, number), there in _list_made(files):
        known = before.get((kind, number), {})
        stamp, figures = _list_figures(there)
        one = Issue.objects.create(
            inspection=made, kind=f"{kind}_elsewhere", number=number, state="ready", progress=100,
            formats=list(known.get("formats") or ["html", "pdf", "docx", "data"]), told=known.get("told", ""),
            proof=known.get("proof", {}), texts=known.get("texts", {}), figures=known.get("figures") or figures, passages=known.get("passages", []),
            stamp=known.get("stamp") or stamp, made_at=_read_moment(known.get("made_at")) or made.created_at,
            notice=known.get("notice", ""), **names.now("asked"),
        )  # fmt: skip
        names.keep(one, known, "asked", "approved", "published", "embargo_until")
        for path, content in there.items():
            IssueFile.objects.create(issue=one, path=path, blob=keep_blob(content=content))
        found[kind, number] = one
    return found


def _list_made(files: Files) -> Iterator[tuple[tuple[str, int], dict[str, bytes]]]:
    found: dict[tuple[str, int], dict[str, bytes]] = {}
    for path, content in files.items():
        key = match_made_report(path)
        if key is not None:
            found.setdefault(key[0], {})[key[1]] = content
    yield from sorted(found.items())


def _read_moment(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told else None


def _list_figures(files: Mapping[str, bytes]) -> tuple[dict[str, str], dict[str, str]]:
    """Stamp and figures as the data files of a report tell them."""
    try:
        told = json.loads(files["data/figures.json"])
        return dict(told["stamp"]), dict(told["figures"])
    except (KeyError, ValueError, TypeError, RecursionError):
        return {}, {}


def _check(
    made: Inspection, told: Told, issues: dict[tuple[str, int], Issue], files: Files, names: Names
) -> None:
    draft = issues.get(("draft", told["draft"]))
    if draft is None:
        raise UserError(
            Fault(
                "fieldwork/room.json",
                f"it speaks of draft {told['draft']}, which is not there",
                "Export the folder again",
            )
        )
    # A check that is open elsewhere isn't open here: nobody here has sent that draft to the area.
    one = AccuracyCheck.objects.create(
        inspection=made, issue=draft, due=date.fromisoformat(told["due"]), **names.now("sent"), **names.now("ended")
    )  # fmt: skip
    names.keep(one, told, "sent", "ended")
    for said in told["comments"]:
        fields = {k: said[k] for k in ("place", "figure", "quote", "text", "decision", "reason")}
        comment = AccuracyComment.objects.create(
            check_of=one, **fields, **names.now("written"), **names.pair(said, "decided")
        )
        names.keep(comment, said, "written", "decided")
        _put_uploads(made, said, files, names, comment=comment)
        for correction in said["corrections"]:
            _put_correction(made, comment, correction, names)


def _put_correction(made: Inspection, comment: AccuracyComment, told: Told, names: Names) -> None:
    assessment = Assessment.objects.filter(
        case__inspection=made, case__reference=told["case"], number=told["reading"], retired_at=None
    ).first()
    if assessment is None:
        raise UserError(
            Fault(
                "fieldwork/room.json",
                f"it speaks of an assessment of case {told['case']}, which is not there",
                "Export the folder again",
            )
        )
    if told["question"] not in assessment.framework_version.framework.scale_of:
        what = f"it speaks of a question '{told['question']}' that case {told['case']} is not asked"
        raise UserError(Fault("fieldwork/room.json", what, "Export the folder again"))
    fields = {k: told[k] for k in ("question", "reason", "was", "now", "note", "changed")}
    one = Correction.objects.create(
        comment=comment,
        assessment=assessment,
        **fields,
        **names.now("opened"),
        **names.pair(told, "answered"),
    )
    names.keep(one, told, "opened", "answered")
