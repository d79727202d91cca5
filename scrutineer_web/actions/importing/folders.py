"""An inspection from its folder, whole or not at all.

Anybody may have written a folder. Its data are taken; what it says of people is not: nobody gets a part or an account by
it, nobody here did what it says somebody did, nothing in it counts as signed off, approved or published here, and its
events stay a file among the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import ValidationError

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.caseload import read_cases
from scrutineer.fieldwork.timetabling.arrangements import read_arrangements
from scrutineer.fieldwork.timetabling.timetable import read_plan
from scrutineer.frameworks.fingerprint import hash_framework
from scrutineer.frameworks.model import Framework
from scrutineer.inspection.folder import open_folder
from scrutineer.inspection.load import load, read_manifest
from scrutineer.inspection.whole import Inspection as Whole
from scrutineer.tables.file_kinds import ENDINGS, KINDS
from scrutineer.tables.limits import SERVER
from scrutineer.tables.table import ROW
from scrutineer.tables.table_file import find_table
from scrutineer_web.actions.frameworks import frameworks
from scrutineer_web.actions.importing.folder_report import put_report
from scrutineer_web.actions.importing.imported_answers import put_answers
from scrutineer_web.actions.importing.named import NamesElsewhere
from scrutineer_web.actions.moderation import results
from scrutineer_web.actions.preparation.samples import add_cases
from scrutineer_web.audit.events import tell
from scrutineer_web.audit.seal import make_seal
from scrutineer_web.exchange.export import ROOM, collect_own_files, write_statement
from scrutineer_web.exchange.paths import UPLOADS, match_made_report
from scrutineer_web.exchange.room_file import collect_hashes
from scrutineer_web.exchange.room_model import RoomEntry
from scrutineer_web.permissions import Rights, check
from scrutineer_web.queries.fieldwork.answer_checks import count_progress
from scrutineer_web.queries.fieldwork.evidence import list_unexplained
from scrutineer_web.queries.shelf import Pinned
from scrutineer_web.records import frames
from scrutineer_web.records.adjudication import Adjudication
from scrutineer_web.records.answer import TEXTS, Answer
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.case import Case
from scrutineer_web.records.caseload import CaseloadFile
from scrutineer_web.records.comment import Comment
from scrutineer_web.records.conflict import Conflict
from scrutineer_web.records.document import Document
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.outcome import Outcome
from scrutineer_web.records.participant import Participant
from scrutineer_web.records.timetable import Timetable
from scrutineer_web.records.user import User
from scrutineer_web.safeguards.files import write_on_disk
from scrutineer_web.states import INSPECTION

if TYPE_CHECKING:
    import polars as pl

MADE = {ROOM, "fieldwork/events.jsonl"}


def import_zip(*, name: str, content: bytes, by: User) -> Inspection:
    """An inspection from a zip file of its folder.

    Raises:
        PermissionDenied: the person imports no inspections.
        UserError: with every fault of every file; then nothing is imported.
    """
    check(Rights(by).can_everywhere("inspection.import"))
    with write_on_disk(name, content) as path, open_folder(path) as folder:
        return import_folder(folder=folder, by=by)


def import_folder(*, folder: Path, by: User) -> Inspection:
    """An inspection from its folder: everything that the core reads, and what another room knew.

    Raises:
        PermissionDenied: the person imports no inspections.
        UserError: with every fault of every file; then nothing is imported.
    """
    check(Rights(by).can_everywhere("inspection.import"))
    manifest = read_manifest(folder)
    library = Pinned([manifest.framework.hash, *(pin.hash for pin in manifest.elements)])
    whole = load(folder, library, limits=SERVER)
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }
    _refuse_unreasoned(whole)
    room = _read_room(files)
    with transaction.atomic():
        version = frameworks.hold(
            framework=whole.framework, source=_find_source(library.folder, whole), by=by
        )
        inspection = _make_inspection(whole, version, by)
        names = NamesElsewhere(inspection, by)
        _put_participants(inspection, whole, room, names)
        _put_caseload(inspection, files, by)
        if room is not None:
            _restore(inspection, room, names)
        elif whole.cases is not None:
            _put_files(inspection, folder, whole, by)
        _put_timetable(inspection, folder, by)
        put_report(inspection=inspection, whole=whole, files=files, room=room, names=names)
        names.write()
        _put_documents(inspection, files, room)
        results.keep(inspection=inspection)
        tell(
            "inspection.imported",
            by=by,
            inspection=inspection,
            files=len(files),
            cases=inspection.cases.count(),
            events=hashlib.sha256(files.get("fieldwork/events.jsonl", b"")).hexdigest(),
        )
    return inspection


def _refuse_unreasoned(whole: Whole) -> None:
    """Refuse grades that no evidence gives and nobody gives a reason for, as they are refused when they are entered."""
    parts = [(whole.framework, whole.evidence), *((e.framework, e.evidence) for e in whole.elements)]
    faults = [fault for own, part in parts for _, _, fault in list_unexplained(own, part)]
    if faults:
        raise UserError(faults)


def _find_source(folder: Path, whole: Whole) -> str:
    path = folder / whole.framework.id / "framework.yaml"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _read_room(files: dict[str, bytes]) -> dict[str, Any] | None:
    """What another room knew; None where there was none, or the files next to it were changed since."""
    if ROOM not in files:
        return None
    do = _("Use the file as Scrutineer exported it, or remove it from the folder")
    try:
        room = RoomEntry.model_validate_json(files[ROOM]).model_dump(mode="json")
    except ValidationError as error:
        problems = [
            Fault(f"{ROOM} {'.'.join(map(str, f['loc']))}".strip(), str(f["msg"]), do)
            for f in error.errors()[:20]
        ]
        raise UserError(problems) from None
    faults = list(_list_room_faults(room))
    if faults:
        raise UserError([Fault(ROOM, what, do) for what in faults])
    return room if room["beside"] == collect_hashes(files) else None


def _list_room_faults(room: dict[str, Any]) -> Iterator[str]:
    """What the parts of the file say against each other."""
    cases = [described["case"] for described in room["cases"]]
    if len(set(cases)) < len(cases):
        yield _("it lists a case twice")
    for described in (*room["readings"], *room["adjudications"]):
        if described["case"] not in cases:
            yield _("it refers to case %(case)s, which isn't in it") % {"case": described["case"]}
    for described in room["readings"]:
        if described["assessor"] is not None and described["assessor"] >= len(room["participants"]):
            yield _("an assessment of case %(case)s has an assessor who isn't listed in it") % {
                "case": described["case"]
            }
        if (described["state"] == "signed_off") != (described["signed_off"] is not None):
            yield _(
                "an assessment of case %(case)s is signed off by nobody, or not signed off by somebody"
            ) % {"case": described["case"]}


def _make_inspection(whole: Whole, version: FrameworkVersion, by: User) -> Inspection:
    record = whole.record
    state = "preparation"
    if whole.cases is not None:
        state = "fieldwork" if (whole.cases.answers.codes & 0x2F).any() else "sampled"
    return Inspection.objects.create(
        area=whole.manifest.area,
        framework_version=version,
        state=state,
        synthetic=whole.synthetic,
        manifest=whole.manifest.model_dump(mode="json"),
        profile=whole.area.model_dump(mode="json", exclude_defaults=True),
        dates=whole.dates.model_dump(mode="json") if whole.dates.events else {},
        surveys=whole.surveys.model_dump(mode="json", exclude_defaults=True),
        sample=record.model_dump(mode="json", by_alias=True, exclude_none=True) if record else None,
        created_at=timezone.now(),
        created_by=by,
    )


def _put_participants(
    inspection: Inspection, whole: Whole, room: dict[str, Any] | None, names: NamesElsewhere
) -> None:
    """Those who take part by the folder: names without accounts, until somebody here gives them one."""
    people: list[dict[str, Any]] = (
        room["participants"]
        if room
        else [{"name": p.name, "role": p.role, "team": p.team, "listed": True} for p in whole.people.people]
    )
    if room is None and whole.cases is not None:
        people += _list_readers(whole, {(p["name"], p["role"]) for p in people})
    for n, person in enumerate(people, 1):
        put = Participant.objects.create(
            inspection=inspection,
            position=n,
            name=person["name"],
            role=person["role"],
            team=person.get("team", ""),
            manages_as=person.get("manages_as", ""),
            base=person.get("base", ""),
            listed=person.get("listed", True),
            **names.pair(person, "retired"),
        )
        names.keep(put, person, "retired", account=person.get("account"))


def _list_readers(whole: Whole, known: set[tuple[str, str]]) -> list[dict[str, Any]]:
    """Those whom only the cases or answers name as assessors."""
    assert whole.cases is not None  # noqa: S101 the caller looked
    frame = whole.cases.caseload.frame
    kinds: dict[str, str] = {}
    if "assessor" in frame.columns:
        kind = frame["assessor_kind"].to_list() if "assessor_kind" in frame.columns else [None] * frame.height
        kinds |= {a: k or "inspector" for a, k in zip(frame["assessor"].to_list(), kind, strict=True) if a}
    if "second_assessor" in frame.columns:
        kinds |= {a: kinds.get(a, "inspector") for a in frame["second_assessor"].to_list() if a}
    for names in whole.cases.answers.readers.values():
        kinds |= {a: kinds.get(a, "inspector") for a in names if a}
    there = {
        name
        for name, role in known
        if role in {"inspector", "practice_assessor", "area_assessor", "lead_inspector"}
    }
    return [{"name": n, "role": k, "listed": False} for n, k in sorted(kinds.items()) if n not in there]


def _put_caseload(inspection: Inspection, files: dict[str, bytes], by: User) -> None:
    for ending in ENDINGS:
        path = f"fieldwork/caseload{ending}"
        if path in files:
            with write_on_disk(path, files[path]) as place:
                cases = read_cases(place, inspection.framework, limits=SERVER)
            CaseloadFile.objects.create(
                inspection=inspection,
                name=f"caseload{ending}",
                content=files[path],
                hash=cases.hash_content(),
                cases=cases.frame.height,
                imported_at=timezone.now(),
                imported_by=by,
            )
            return


def _put_files(inspection: Inspection, folder: Path, whole: Whole, by: User) -> None:
    """Cases and assessments from `cases.csv` and the answers' files alone."""
    assert whole.cases is not None  # noqa: S101 the caller looked
    path = find_table(folder, "cases")
    assert path is not None  # noqa: S101 the cases were read from it
    plain = read_cases(path, inspection.framework, limits=SERVER).frame
    add_cases(inspection=inspection, frame=_remove_readers(plain))
    people: dict[str, Participant] = {}
    for participant in inspection.participants.filter(
        role__in=("lead_inspector", "inspector", "practice_assessor", "area_assessor")
    ):
        people.setdefault(participant.name, participant)
    put_answers(inspection=inspection, folder=folder, whole=whole, people=people, by=by)


def _remove_readers(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.drop(
        [n for n in ("assessor", "assessor_kind", "second_assessor", ROW) if n in frame.columns]
    )


def _put_timetable(inspection: Inspection, folder: Path, by: User) -> None:
    """The arrangements and the plan, where the folder has both."""
    place = folder / "fieldwork"
    plan = next(
        (p for p in (place / "timetable.json", place / "timetable" / "timetable.json") if p.is_file()), None
    )
    arrangements = place / "arrangements.yaml"
    if plan is None or not arrangements.is_file():
        return
    now = timezone.now()
    Timetable.objects.create(
        inspection=inspection,
        arrangements=read_arrangements(arrangements).model_dump(mode="json", exclude_defaults=True)
        | {"format": 1},
        plan=read_plan(plan).model_dump(mode="json"),
        state="adopted",
        progress=100,
        asked_at=now,
        asked_by=by,
        adopted_at=now,
        adopted_by=by,
    )


def _put_documents(inspection: Inspection, files: dict[str, bytes], room: dict[str, Any] | None) -> None:
    """Every file as it came; those that the room writes itself with the hash of what it would write now.

    Events of another room stay a file. So does what it knew, where it was further than an import goes.
    """
    if room is not None and room["state"] != inspection.state:
        Document.objects.create(
            inspection=inspection, path=_find_free(files, "room", "json"), content=files[ROOM]
        )
    own = {path: write_statement(content) for path, content in collect_own_files(inspection)}
    answers = own.get("answers.csv", "")
    for path, content in files.items():
        if path.startswith(UPLOADS) or match_made_report(path) is not None:
            continue  # kept as what they are
        if path in MADE:
            if path.endswith(".jsonl"):
                path = _find_free(files, "events", "jsonl")
            else:
                continue
        path = _name_place(path)
        said = answers if path.startswith("answers/") and answers else own.get(path, "")
        Document.objects.create(inspection=inspection, path=path, content=content, says=said)


_TAKEN = ("cases", "answers", "surveys", "targets")
"""Tables whose content is taken over, and written by the room in a file of its own."""


def _name_place(path: str) -> str:
    """Where a file is kept: a table that the room writes otherwise is not kept next to what the room writes."""
    stem, _, kind = path.rpartition(".")
    own = {"cases": "cases.csv", "answers": "answers.csv"}.get(stem, "")
    return f"fieldwork/as-imported/{path}" if stem in _TAKEN and f".{kind}" in KINDS and path != own else path


def _find_free(files: dict[str, bytes], name: str, ending: str) -> str:
    """A name for what another room wrote."""
    n = 1
    while f"fieldwork/{name}-{n}.{ending}" in files:
        n += 1
    return f"fieldwork/{name}-{n}.{ending}"


# -- what another room knew ------------------------------------------------------------


LAST = "moderation"
"""The phase beyond which an import takes no inspection: signing off, approving and publishing are acts of people here."""
_LOWERED = {"signed_off": "complete"}
"""Of an assessment: signed off elsewhere, it is complete here, and waits for its sign-off."""
_CASES = {"signed_off": "assessed"}


def _restore(inspection: Inspection, room: dict[str, Any], names: NamesElsewhere) -> None:
    """Cases, assessments and everything that goes with them as the other room had it."""
    people, by = list(inspection.participants.order_by("position")), names.by
    _hold_versions(room["frameworks"], by)
    cases = {}
    for n, described in enumerate(room["cases"], 1):
        fields = frames.collect_case_fields(
            inspection.framework, described["particulars"], described["first"]
        )
        state = _CASES.get(described["state"], described["state"])
        cases[described["case"]] = Case.objects.create(
            inspection=inspection,
            reference=described["case"],
            position=n,
            state=state,
            **fields,
            **_find_pseudonym(described),
        )
        if described["outcome"]:
            Outcome.objects.create(
                case=cases[described["case"]],
                **described["outcome"],
                imported_at=inspection.created_at,
                imported_by=by,
            )
    for described in room["readings"]:
        _restore_assessment(described, cases, people, names)
    for described in room["adjudications"]:
        adjudication = Adjudication.objects.create(
            case=cases[described["case"]],
            question=described["question"],
            value=described["value"],
            reason=described["reason"],
            **names.begin_now("settled"),
            **names.pair(described, "retired"),
        )
        names.keep(adjudication, described, "settled", "retired")
    phases = [state.key for state in INSPECTION.states]
    inspection.state = min(room["state"], LAST, key=phases.index)
    for name in ("pseudonymised", "purged"):
        if room[name]:
            setattr(inspection, f"{name}_at", datetime.fromisoformat(room[name][0]))
            setattr(inspection, f"{name}_by", by)
    names.keep(inspection, room, "pseudonymised", "purged")
    inspection.save()


def _find_pseudonym(described: dict[str, Any]) -> dict[str, str]:
    """A case's pseudonym in the other room; a new one where this room has a case of that name already."""
    name = described["pseudonym"]
    return {"pseudonym": name} if name and not Case.objects.filter(pseudonym=name).exists() else {}


def _hold_versions(versions: dict[str, Any], by: User) -> None:
    """Keep the framework versions that assessments of the folder were made by."""
    for hash_, version in versions.items():
        try:
            framework = Framework.model_validate(version["content"])
        except ValidationError:
            framework = None
        if framework is None or hash_framework(framework) != hash_:
            raise UserError(
                Fault(
                    ROOM,
                    _("the framework version %(hash)s in it was changed after it was exported")
                    % {"hash": hash_},
                    _("Export it again"),
                )
            )
        frameworks.hold(framework=framework, source=version["source"], by=by)


def _restore_assessment(
    described: dict[str, Any], cases: dict[str, Case], people: list[Participant], names: NamesElsewhere
) -> None:
    where = _("%(room)s, case %(case)s") % {"room": ROOM, "case": described["case"]}
    version = _find_version(described, where)
    assessment = Assessment.objects.create(
        case=cases[described["case"]],
        number=described["reading"],
        framework_version=version,
        state=_LOWERED.get(described["state"], described["state"]),
        assessor=people[described["assessor"]] if described["assessor"] is not None else None,
        codes=bytes.fromhex(described["codes"]),
        facts=described["facts"],
        day=described["day"],
        slot=described["slot"],
        locked=described["locked"],
        **names.pair(described, "completed"),
        **names.pair(described, "retired"),
    )
    names.keep(assessment, described, "completed", "signed_off", "retired")
    assessment.asked, assessment.answered = count_progress(assessment)
    assessment.save(update_fields=["asked", "answered"])
    _restore_contents(assessment, described, names)
    if described["state"] == "signed_off" and make_seal(assessment) != described["seal"]:
        raise UserError(
            Fault(
                where,
                _("it was changed after it was signed off"),
                _("Use the file as Scrutineer exported it"),
            )
        )


def _find_version(described: dict[str, Any], where: str) -> FrameworkVersion:
    """The version of the framework that an assessment was made by.

    Raises:
        UserError: it is not here, or the answers are not those of its questions.
    """
    version = FrameworkVersion.objects.filter(hash=described["framework"]).first()
    if version is None:
        raise UserError(
            Fault(
                where,
                _("it was made with framework version %(framework)s, which isn't in Scrutineer")
                % {"framework": described["framework"]},
                _("Export it again"),
            )
        )
    if len(described["codes"]) != 2 * len(frames.collect_places(version.framework)):
        raise UserError(Fault(where, _("its answers don't belong to its framework"), _("Export it again")))
    return version


def _restore_contents(assessment: Assessment, described: dict[str, Any], names: NamesElsewhere) -> None:
    """The answers, comments and conflicts of an assessment."""
    answers = [
        Answer(
            assessment=assessment,
            question=a["question"],
            value=a["value"],
            rev=a["rev"],
            **{n: a[n] for n in TEXTS},
            retired_at=datetime.fromisoformat(a["retired_at"]) if a["retired_at"] else None,
            **names.begin_now("saved"),
        )
        for a in described["answers"]
    ]
    comments = [
        Comment(
            assessment=assessment,
            question=c["question"],
            text=c["text"],
            **names.begin_now("written"),
            **names.pair(c, "resolved"),
        )
        for c in described["comments"]
    ]
    conflicts = list(_list_conflicts(assessment, described["conflicts"], names))
    for rows, said, parts in (
        (answers, described["answers"], ("saved",)),
        (comments, described["comments"], ("written", "resolved")),
        (conflicts, described["conflicts"], ("raised", "settled")),
    ):
        for row, restored in zip(_create_all(rows), said, strict=True):
            names.keep(row, restored, *parts)


def _create_all(rows: list[Any]) -> list[Any]:
    """Rows written at once; each has its number afterwards."""
    return type(rows[0]).objects.bulk_create(rows) if rows else []


def _list_conflicts(
    assessment: Assessment, conflicts: list[dict[str, Any]], names: NamesElsewhere
) -> Iterator[Conflict]:
    for conflict in conflicts:
        uid = UUID(conflict["uid"])
        if Conflict.objects.filter(uid=uid).exists():
            uid = uuid4()  # the same folder was imported before
        yield Conflict(
            assessment=assessment,
            question=conflict["question"],
            uid=uid,
            content=conflict["content"],
            why=conflict["why"],
            is_kept=conflict["kept"],
            **names.begin_now("raised"),
            **names.pair(conflict, "settled"),
        )
