"""Evidence, texts, drafts and the factual accuracy check of an imported folder.

The folder's own files are believed. What another room knew beyond them (revisions, people, what was retired, files that
were sent in) is put to what says the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from scrutineer.errors import Fault, UserError
from scrutineer_web.actions.examining import examine
from scrutineer_web.actions.publication import slug_for
from scrutineer_web.actions.uploads import blob_of
from scrutineer_web.exchange.export import DRAFTS, UPLOADS
from scrutineer_web.records.accuracy import AccuracyCheck, AccuracyComment, Correction
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.issue import Issue, IssueFile
from scrutineer_web.records.judgement import Judgement
from scrutineer_web.records.piece import Piece
from scrutineer_web.records.plan import PlannedAction, ProgressReport, Response, Verification
from scrutineer_web.records.recommendation import Recommendation
from scrutineer_web.records.text import Text
from scrutineer_web.records.upload import Upload
from scrutineer_web.records.user import User

if TYPE_CHECKING:
    from scrutineer.inspection.evidence import Evidence
    from scrutineer.inspection.whole import Inspection as Whole
    from scrutineer_web.records.inspection import Inspection

Told = Mapping[str, Any]
Files = Mapping[str, bytes]


def put_report(made: Inspection, whole: Whole, files: Files, room: Told | None, by: User) -> None:
    """Everything of the folder that is about the report."""
    told: Told = (room or {}).get("report", {})
    made.recommended_to = whole.recommendations.to if "recommendations.yaml" in files else ""
    made.correction, made.internal = told.get("correction", ""), told.get("internal", False)
    made.save(update_fields=["recommended_to", "correction", "internal"])
    _evidence(made, "", whole.evidence, told, files, by)
    for element in whole.elements:
        _evidence(made, element.framework.id, element.evidence, told, files, by)
    _texts(made, files, told, by)
    _recommendations(made, whole, told, files, by)
    issues = _issues(made, files, told, by)
    _address(made)
    for one in told.get("checks", ()):
        _check(made, one, issues, files, by)


def moment_of(told: Any, otherwise: User) -> tuple[datetime | None, User | None]:
    """A moment and its person; whoever imports, where the room has no such account."""
    if told is None:
        return None, None
    person = User.objects.filter(username=told[1]).first()
    return datetime.fromisoformat(told[0]), person or otherwise


def pair_of(told: Told, name: str, by: User) -> dict[str, Any]:
    """A moment and its person as a record's columns."""
    at, who = moment_of(told.get(name), by)
    return {f"{name}_at": at, f"{name}_by": who}


def _evidence(made: Inspection, element: str, evidence: Evidence, told: Told, files: Files, by: User) -> None:
    known = {(p["element"], p["key"]): p for p in told.get("pieces", ()) if p["retired"] is None}
    for n, piece in enumerate(evidence.pieces, 1):
        before = known.get((element, piece.id), {})
        saved = _pair_or_now(before, "saved", by)
        one = Piece.objects.create(
            inspection=made, element=element, position=n, key=piece.id, kind=piece.kind, title=piece.title, source=piece.source,
            on=piece.on, bears=dict(piece.bears), note=piece.note, says=dict(piece.says), rev=before.get("rev", 1), **saved,
        )  # fmt: skip
        _uploads(made, before, files, by, piece=one)
    for gone in told.get("pieces", ()):
        if gone["element"] == element and gone["retired"] is not None:
            fields = {k: gone[k] for k in ("key", "kind", "title", "source", "bears", "note", "says", "rev")}
            one = Piece.objects.create(
                inspection=made, element=element, position=len(evidence.pieces) + 1, **fields,
                on=date.fromisoformat(gone["on"]) if gone["on"] else None, **pair_of(gone, "saved", by), **pair_of(gone, "retired", by),
            )  # fmt: skip
            _uploads(made, gone, files, by, piece=one)
    settled = {(j["element"], j["criterion"]): j for j in told.get("judgements", ())}
    for code, said in evidence.judgements.items():
        before = settled.get((element, code), {})
        Judgement.objects.create(
            inspection=made, element=element, criterion=code, grades=dict(said.grades), rating=said.rating or "",
            reason=said.reason, said_by=said.by, rev=before.get("rev", 1), **_pair_or_now(before, "settled", by),
        )  # fmt: skip


def _pair_or_now(told: Told, name: str, by: User) -> dict[str, Any]:
    if told.get(name):
        return pair_of(told, name, by)
    return {f"{name}_at": timezone.now(), f"{name}_by": by}


def _uploads(made: Inspection, told: Told, files: Files, by: User, **belongs: Any) -> None:
    for file in told.get("files", ()):
        content = files.get(f"{UPLOADS}{file['hash']}")
        if content is None or hashlib.sha256(content).hexdigest() != file["hash"]:
            raise UserError(
                Fault(f"{UPLOADS}{file['hash'][:12]}…", f"the file '{file['name']}' is not there, or another one", "Export the folder again")
            )  # fmt: skip
        Upload.objects.create(
            inspection=made, blob=blob_of(content), name=file["name"], kind=examine(file["name"], content), **belongs,
            **pair_of(file, "uploaded", by), **pair_of(file, "retired", by),
        )  # fmt: skip


def is_text(path: str) -> bool:
    """Whether a file of the folder is a text of the report."""
    place = path.split("/")[2:] if path.startswith("elements/") else path.split("/")
    return (
        len(path) <= 200
        and len(place) == 2
        and place[0] in ("narrative", "findings", "practice")
        and path.endswith(".md")
    )


def _texts(made: Inspection, files: Files, told: Told, by: User) -> None:
    before = {t["path"]: t for t in told.get("texts", ())}
    drafted = _drafted(files)
    for path in sorted(files):
        if not is_text(path):
            continue
        content = _decoded(path, files[path])
        known = before.get(path, {})
        if known.get("content") != content:
            known = {}
        Text.objects.create(
            inspection=made, path=path, content=content, rev=known.get("rev", 1), drafted=drafted.get(path, ""),
            **_pair_or_now(known, "saved", by),
        )  # fmt: skip
    for path, gone in before.items():
        if gone["retired"] is not None and path not in files:
            Text.objects.create(
                inspection=made, path=path, content=gone["content"], rev=gone["rev"], drafted=gone["drafted"],
                **pair_of(gone, "saved", by), **pair_of(gone, "retired", by),
            )  # fmt: skip


def _decoded(path: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise UserError(Fault(path, "this is not UTF-8 text", "Save it as UTF-8")) from None


def _drafted(files: Files) -> dict[str, str]:
    """The hashes of what was drafted."""
    try:
        return {k: v for k, v in json.loads(files["drafts.json"])["sha256"].items() if len(v) == 64}
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _recommendations(made: Inspection, whole: Whole, told: Told, files: Files, by: User) -> None:
    before = {r["text"]: r for r in told.get("recommendations", ()) if r["retired"] is None}
    for n, one in enumerate(whole.recommendations.recommendations, 1):
        known = before.get(one.text, {})
        put = Recommendation.objects.create(
            inspection=made, position=n, text=one.text, criteria=list(one.criteria), progress=one.progress or "",
            rev=known.get("rev", 1), state=known.get("state", "waiting"), **_pair_or_now(known, "saved", by),
        )  # fmt: skip
        _plan(made, put, known, files, by)
    for gone in told.get("recommendations", ()):
        if gone["retired"] is not None:
            put = Recommendation.objects.create(
                inspection=made, position=0, text=gone["text"], criteria=list(gone["criteria"]), progress=gone["progress"],
                rev=gone["rev"], state=gone["state"], **pair_of(gone, "saved", by), **pair_of(gone, "retired", by),
            )  # fmt: skip
            _plan(made, put, gone, files, by)


def _plan(made: Inspection, one: Recommendation, told: Told, files: Files, by: User) -> None:
    """What became of a recommendation in another room."""
    given = told.get("response")
    if given:
        fields = {k: given[k] for k in ("answer", "reason", "rev")}
        Response.objects.create(recommendation=one, **fields, **pair_of(given, "given", by))
    for action in told.get("actions", ()):
        put = PlannedAction.objects.create(
            recommendation=one, text=action["text"], owner=action["owner"], due=date.fromisoformat(action["due"]), rev=action["rev"],
            **pair_of(action, "done", by), **pair_of(action, "saved", by), **pair_of(action, "retired", by),
        )  # fmt: skip
        for said in action["reports"]:
            report = ProgressReport.objects.create(
                action=put, text=said["text"], done=said["done"], **pair_of(said, "told", by)
            )
            _uploads(made, said, files, by, progress=report)
    for found in told.get("verifications", ()):
        Verification.objects.create(
            recommendation=one,
            outcome=found["outcome"],
            reason=found["reason"],
            **pair_of(found, "verified", by),
        )


def _issues(made: Inspection, files: Files, told: Told, by: User) -> dict[tuple[str, int], Issue]:
    """Reports that were made before: those that lie in the folder, with what another room knew of them."""
    before = {(i["kind"], i["number"]): i for i in told.get("issues", ())}
    found: dict[tuple[str, int], Issue] = {}
    for (kind, number), there in _made(files):
        known = before.get((kind, number), {})
        stamp, figures = _figures(there)
        one = Issue.objects.create(
            inspection=made, kind=kind, number=number, state="ready", progress=100,
            formats=list(known.get("formats") or ["html", "pdf", "docx", "data"]), told=known.get("told", ""),
            proof=known.get("proof", {}), texts=known.get("texts", {}), figures=known.get("figures") or figures, passages=known.get("passages", []),
            stamp=known.get("stamp") or stamp, made_at=_when(known.get("made_at")) or timezone.now(),
            notice=known.get("notice", ""), embargo_until=_when(known.get("embargo_until")), **pair_of(known, "approved", by),
            **pair_of(known, "published", by), **_pair_or_now(known, "asked", by),
        )  # fmt: skip
        for path, content in there.items():
            IssueFile.objects.create(issue=one, path=path, blob=blob_of(content))
        found[kind, number] = one
    return found


def _made(files: Files) -> Iterator[tuple[tuple[str, int], dict[str, bytes]]]:
    found: dict[tuple[str, int], dict[str, bytes]] = {}
    for path, content in files.items():
        key = made_report(path)
        if key is not None:
            found.setdefault(key[0], {})[key[1]] = content
    yield from sorted(found.items())


def made_report(path: str) -> tuple[tuple[str, int], str] | None:
    """Of a file of a made report: its kind and number, and its place there; None for any other file."""
    for start, kind in (("issued/v", "issue"), (DRAFTS, "draft")):
        number, _, rest = path.removeprefix(start).partition("/")
        if (
            path.startswith(start)
            and number.isdecimal()
            and 0 < int(number) <= 10_000
            and rest
            and len(rest) <= 150
        ):
            return (kind, int(number)), rest
    return None


def _when(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told else None


def _address(made: Inspection) -> None:
    """The public address of what was published in another room, unless this room has one of that name."""
    first = made.issues.exclude(published_at=None).order_by("published_at").first()
    if first is not None:
        made.slug = slug_for(made, first.published_at)
        made.save(update_fields=["slug"])


def _figures(files: Mapping[str, bytes]) -> tuple[dict[str, str], dict[str, str]]:
    """Stamp and figures as the data files of a report tell them."""
    try:
        told = json.loads(files["data/figures.json"])
        return dict(told["stamp"]), dict(told["figures"])
    except (KeyError, ValueError, TypeError, RecursionError):
        return {}, {}


def _check(
    made: Inspection, told: Told, issues: dict[tuple[str, int], Issue], files: Files, by: User
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
    one = AccuracyCheck.objects.create(
        inspection=made, issue=draft, due=date.fromisoformat(told["due"]), **pair_of(told, "sent", by), **pair_of(told, "ended", by)
    )  # fmt: skip
    for said in told["comments"]:
        fields = {k: said[k] for k in ("place", "figure", "quote", "text", "decision", "reason")}
        comment = AccuracyComment.objects.create(
            check_of=one, **fields, **pair_of(said, "written", by), **pair_of(said, "decided", by)
        )
        _uploads(made, said, files, by, comment=comment)
        for correction in said["corrections"]:
            _correction(made, comment, correction, by)


def _correction(made: Inspection, comment: AccuracyComment, told: Told, by: User) -> None:
    reading = Assessment.objects.filter(
        case__inspection=made, case__reference=told["case"], reading=told["reading"], retired_at=None
    ).first()
    if reading is None:
        raise UserError(
            Fault(
                "fieldwork/room.json",
                f"it speaks of a reading of case {told['case']}, which is not there",
                "Export the folder again",
            )
        )
    if told["question"] not in reading.framework_version.framework.scale_of:
        what = f"it speaks of a question '{told['question']}' that case {told['case']} is not asked"
        raise UserError(Fault("fieldwork/room.json", what, "Export the folder again"))
    fields = {k: told[k] for k in ("question", "reason", "was", "now", "note", "changed")}
    Correction.objects.create(
        comment=comment,
        reading=reading,
        **fields,
        **pair_of(told, "opened", by),
        **pair_of(told, "answered", by),
    )
