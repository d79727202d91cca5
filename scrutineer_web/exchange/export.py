"""An inspection as its folder: each file as it came while nothing in it changed, else written again."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from scrutineer.fieldwork.cases.columns import collect_columns
from scrutineer.fieldwork.sampling.record import to_json as record_json
from scrutineer.fieldwork.timetabling.timetable import to_json as plan_json
from scrutineer.frameworks.yaml_writing import write_yaml
from scrutineer.inspection.evidence import as_file
from scrutineer.tables.write_table import format_csv
from scrutineer_web.exchange.paths import DRAFTS, UPLOADS
from scrutineer_web.exchange.room_file import write_room_file
from scrutineer_web.queries.report import whole
from scrutineer_web.records import frames
from scrutineer_web.records.adjudication import Adjudication
from scrutineer_web.records.answer import TEXTS, Answer
from scrutineer_web.records.blob import Blob
from scrutineer_web.records.event import Event
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.states.case import GONE

ROOM = "fieldwork/room.json"
# The earliest date that a zip file can hold.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def make_folder(inspection: Inspection) -> dict[str, bytes]:
    """Every file of an inspection's folder, by its place there."""
    # `says` is the hash of what the room would have written at the import, and empty for files that
    # it never writes. Content that retention removed is empty, and isn't exported as an empty file.
    files = {d.path: bytes(d.content) for d in inspection.documents.filter(says="").exclude(content=b"")}
    came = {d.path: d for d in inspection.documents.exclude(says="").exclude(content=b"")}
    folder = dict(collect_own_files(inspection))
    books = {path: d for path, d in came.items() if path.startswith("answers/")}
    for path, content in folder.items():
        # The room would still write the same, so nothing has changed, and the
        # file goes out byte for byte as it came.
        same = came.get(path)
        files[path] = (
            bytes(same.content) if same is not None and same.says == write_statement(content) else content
        )
    if books:
        _add_books(files, books, folder)
    files |= dict(_list_made_files(inspection))
    # After the others, because it holds the hashes of cases.csv and answers.csv as they go out.
    files[ROOM] = write_room_file(inspection, files)
    # For people to read. Another room can't check these events,
    # because it doesn't have this room's key.
    files["fieldwork/events.jsonl"] = _write_events(inspection)
    return dict(sorted(files.items()))


def _add_books(files: dict[str, bytes], books: dict[str, Any], folder: dict[str, bytes]) -> None:
    """Answers that came in workbooks go back in them while nothing changed; else they are kept next to the new file."""
    unchanged = all(d.says == write_statement(folder["answers.csv"]) for d in books.values())
    if unchanged:
        del files["answers.csv"]
    for path, document in books.items():
        files[path if unchanged else f"fieldwork/as-imported/{path}"] = bytes(document.content)


def write_statement(content: bytes) -> str:
    """The hash by which a file that the room would write is distinguished from another."""
    return hashlib.sha256(content).hexdigest()


def collect_own_files(inspection: Inspection) -> Iterator[tuple[str, bytes]]:
    """The files that the room writes by itself."""
    yield (
        "inspection.yaml",
        write_yaml(frames.make_manifest(inspection).model_dump(mode="json", exclude_defaults=True)),
    )
    for name, stored in (
        ("area", inspection.profile),
        ("calendar", inspection.dates),
        ("surveys", inspection.surveys),
    ):
        if stored:
            yield f"{name}.yaml", write_yaml(stored)
    yield from _report_files(inspection)
    people = whole.read_people(inspection).model_dump(mode="json", exclude_defaults=True)
    if people:
        yield "people.yaml", write_yaml(people)
    record = frames.find_record(inspection)
    if record is not None:
        yield "sample.json", record_json(record).encode()
    if inspection.cases.exists():
        read = frames.read_cases_of(inspection)
        yield "cases.csv", write_cases_csv(inspection, read).encode()
        answers = write_answers_csv(inspection)
        if answers:
            yield "answers.csv", answers.encode()
    caseload = inspection.caseloads.filter(retired_at=None).first()
    if caseload is not None and caseload.content:
        # Under a fixed name, whatever it was called on the disk that
        # it came from, but in its own format.
        yield f"fieldwork/caseload.{caseload.name.rpartition('.')[2].lower()}", bytes(caseload.content)
    timetable = inspection.timetables.filter(state="adopted").first()
    if timetable is not None:
        yield "fieldwork/arrangements.yaml", write_yaml(timetable.arrangements)
        yield "fieldwork/timetable.json", plan_json(frames.make_plan(timetable.plan or {})).encode()


def _report_files(inspection: Inspection) -> Iterator[tuple[str, bytes]]:
    """Evidence, recommendations and texts."""
    elements = sorted(
        {
            *inspection.pieces.values_list("element", flat=True),
            *inspection.judgements.values_list("element", flat=True),
        }
    )
    for element in elements:
        evidence = as_file(frames.make_evidence(inspection, element))
        if evidence:
            yield f"elements/{element}/evidence.yaml" if element else "evidence.yaml", write_yaml(evidence)
    recommendations = whole.read_recommendations(inspection).model_dump(mode="json", exclude_defaults=True)
    if recommendations:
        yield "recommendations.yaml", write_yaml(recommendations)
    drafted = {}
    for text in inspection.texts.filter(retired_at=None):
        yield text.path, text.content.encode()
        if text.drafted:
            drafted[text.path] = text.drafted
    # Hashes of the texts as they were drafted: without them, nobody could
    # tell a draft from what a person wrote.
    if drafted:
        record = {"format": 1, "kind": "drafts", "sha256": dict(sorted(drafted.items()))}
        yield "drafts.json", (json.dumps(record, indent=1) + "\n").encode()


def _list_made_files(inspection: Inspection) -> Iterator[tuple[str, bytes]]:
    """Issued reports, and files that were sent in, under their hash."""
    # Also those made elsewhere, which have a kind of their own here (decision 38).
    for issue in inspection.issues.filter(kind__startswith="issue", state="ready").prefetch_related(
        "files__blob"
    ):
        for file in issue.files.all():
            yield f"issued/v{issue.number}/{file.path}", bytes(file.blob.content)
    for blob in Blob.objects.filter(pk__in=inspection.uploads.values("blob")):
        yield f"{UPLOADS}{blob.hash}", bytes(blob.content)
    for issue in inspection.issues.filter(kind__startswith="draft", state="ready").prefetch_related(
        "files__blob"
    ):
        for file in issue.files.all():
            yield f"{DRAFTS}{issue.number}/{file.path}", bytes(file.blob.content)


def write_cases_csv(inspection: Inspection, read: frames.Read) -> str:
    """The current cases with their particulars as they were sampled; what case files showed goes with the answers."""
    weights = frames.calculate_weights(inspection, read.rows)
    rows = [(c.reference, c.particulars | weights.get(c.reference, {})) for c in read.rows]
    frame = frames.make_frame(inspection.framework, rows)
    known = read.cases.caseload.frame
    more = [n for n in ("assessor", "assessor_kind", "second_assessor") if n in known.columns]
    # Who assesses a case is known from its assessments, not from its particulars.
    frame = frame.with_columns(known[name] for name in more)
    order = [name for name in collect_columns(inspection.framework) if name in frame.columns]
    return format_csv(frame.select(order))


def write_answers_csv(inspection: Inspection) -> str:
    """Every current answer, with evidence by source: assessments 1 and 2, and what was adjudicated as 3."""
    import polars as pl

    rows = sorted(_answer_rows(inspection), key=lambda row: row[0])
    schema = dict.fromkeys(
        (
            "case",
            "question",
            "answer",
            "assessor",
            "reading",
            "note",
            "from_file",
            "from_manager",
            "from_offender",
        ),
        pl.String,
    )
    return format_csv(pl.DataFrame([row[1] for row in rows], schema=schema, orient="row")) if rows else ""


Row = tuple[tuple[int, int, int], tuple[Any, ...]]


def _answer_rows(inspection: Inspection) -> Iterator[Row]:
    framework = inspection.framework
    order = {key: n for n, key in enumerate([*framework.questions, *(a.key for a in framework.attributes)])}
    answers = Answer.objects.filter(
        assessment__case__inspection=inspection, assessment__retired_at=None, retired_at=None
    ).exclude(assessment__case__state__in=GONE)
    fields = (
        "question",
        "value",
        *TEXTS,
        "assessment__number",
        "assessment__assessor__name",
        "assessment__case__reference",
        "assessment__case__position",
    )
    for key, value, file, manager, offender, note, number, name, reference, position in answers.values_list(
        *fields
    ):
        # Answers to questions that this version lacks stay in the room's file.
        if key in order and not (value is None and not (file or manager or offender or note)):
            if number == 2 and key not in framework.questions:
                continue  # particulars are the case's; a second reader's own stay in the room's file
            line = (
                reference,
                key,
                value,
                name,
                str(number),
                note or None,
                file or None,
                manager or None,
                offender or None,
            )
            yield (position, order[key], number), line
    for adjudication in Adjudication.objects.filter(
        case__inspection=inspection, retired_at=None
    ).select_related("case"):
        if adjudication.question in order and adjudication.case.state not in GONE:
            line = (
                adjudication.case.reference,
                adjudication.question,
                adjudication.value,
                None,
                "3",
                None,
                None,
                None,
                None,
            )
            yield (adjudication.case.position, order[adjudication.question], 3), line


def _write_events(inspection: Inspection) -> bytes:
    """The inspection's events in order, a line each; anyone can check their hashes."""
    lines = []
    for event in Event.objects.filter(inspection=inspection).order_by("id").iterator(chunk_size=2000):
        described = {
            "chain": event.chain,
            "number": event.number,
            "inspection": event.inspection_id,
            "kind": event.kind,
            "happened_at": event.happened_at.isoformat(timespec="microseconds"),
            "happened_by": event.happened_by_id,
            "actor": event.actor,
            "details": event.details,
            "uid": str(event.uid) if event.uid else None,
            "previous": event.previous,
            "hash": event.hash,
        }
        lines.append(json.dumps(described, ensure_ascii=False))
    return ("\n".join(lines) + "\n").encode() if lines else b""


def zip_folder(name: str, files: dict[str, bytes]) -> bytes:
    """A folder as a zip file: names in order, no dates, so that the same folder gives the same bytes."""
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as file:
        for path, content in sorted(files.items()):
            info = ZipInfo(f"{name}/{path}", _EPOCH)
            info.compress_type = ZIP_DEFLATED
            # Unix permissions are in the upper 16 bits.
            info.external_attr = 0o644 << 16
            file.writestr(info, content)
    return packed.getvalue()
