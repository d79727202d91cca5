"""Evidence for judgement criteria and the ratings that it earns, entered in the room."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from scrutineer.errors import UserError
from scrutineer.frameworks.library import Library
from scrutineer.inspection.load import load
from scrutineer_web.actions.fieldwork import evidence, needs_file, uploads
from scrutineer_web.actions.importing import folders
from scrutineer_web.actions.preparation import inspections
from scrutineer_web.audit.verify import list_broken
from scrutineer_web.exchange.export import make_folder
from scrutineer_web.queries import shelf
from scrutineer_web.queries.report.whole import list_needs
from scrutineer_web.records import frames
from scrutineer_web.records.blob import Blob
from scrutineer_web.records.event import Event
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.judgement import Judgement
from scrutineer_web.records.piece import Piece
from scrutineer_web.records.user import User
from tests.web.test_folders import written

People = dict[str, User]


def items(inspection: Inspection, code: str = "A1") -> list[str]:
    return [i.key for i in inspection.framework.criteria[code].items if not i.national]


def put(
    inspection: Inspection, by: User, source: str, grade: str, code: str = "A1", title: str = "Plan"
) -> Piece:
    content = {
        "kind": "document",
        "title": title,
        "source": source,
        "bears": dict.fromkeys(items(inspection, code), grade),
    }
    return evidence.put_piece(inspection=inspection, content=content, by=by)


def test_two_independent_sources_that_agree_give_the_grade_and_the_rating(
    inspection: Inspection, people: People
) -> None:
    me = people["inspector"]
    put(inspection, me, "The board", "very_strong")
    judgement = frames.judge(inspection, inspection.framework)["A1"]
    assert judgement.final is not None
    assert judgement.final.rating == "very_well_met"  # all very strong
    assert len(judgement.thin) == len(items(inspection))  # one source is not enough, and it says so
    put(inspection, me, "The staff", "very_strong")
    assert frames.judge(inspection, inspection.framework)["A1"].thin == ()


def test_evidence_that_disagrees_waits_for_the_lead_inspector(inspection: Inspection, people: People) -> None:
    put(inspection, people["inspector"], "The board", "strong")
    put(inspection, people["inspector"], "The staff", "weak")
    assert frames.judge(inspection, inspection.framework)["A1"].rating is None
    grades = dict.fromkeys(items(inspection), "strong")
    with pytest.raises(PermissionDenied):
        evidence.judge(
            inspection=inspection, criterion="A1", grades=grades, rating="", reason="", by=people["inspector"]
        )
    evidence.judge(
        inspection=inspection,
        criterion="A1",
        grades=grades,
        rating="",
        reason="",
        by=people["lead_inspector"],
    )
    final = frames.judge(inspection, inspection.framework)["A1"].final
    assert final is not None
    assert final.rating == "well_met"  # all strong or better


def test_another_rating_needs_its_reason_and_both_stand(inspection: Inspection, people: People) -> None:
    lead = people["lead_inspector"]
    put(inspection, people["inspector"], "The board", "strong")
    with pytest.raises(UserError, match="without a reason"):
        evidence.judge(inspection=inspection, criterion="A1", grades={}, rating="poor", reason=" ", by=lead)
    evidence.judge(
        inspection=inspection,
        criterion="A1",
        grades={},
        rating="poor",
        reason="the plan was never used",
        by=lead,
    )
    rating = frames.judge(inspection, inspection.framework)["A1"].rating
    assert rating is not None
    assert (rating.computed.rating, rating.final.rating, rating.reason) == (
        "well_met",
        "poor",
        "the plan was never used",
    )
    details = Event.objects.get(kind="rating.settled").details
    assert (details["computed"], details["final"]) == ("well_met", "poor")
    with pytest.raises(UserError, match="somebody else changed it"):
        evidence.judge(inspection=inspection, criterion="A1", grades={}, rating="", reason="", by=lead)
    assert Judgement.objects.get().rating == "poor"


def test_a_grade_that_no_evidence_gives_needs_its_reason(inspection: Inspection, people: People) -> None:
    """As another rating does: setting one item from "good, good" to "strong" took A1 from partly to well met without one."""
    lead = people["lead_inspector"]
    put(inspection, people["inspector"], "The board", "good")
    put(inspection, people["inspector"], "The staff", "good")
    item = items(inspection)[0]
    arguments = {"inspection": inspection, "criterion": "A1", "rating": "", "by": lead}
    with pytest.raises(UserError, match="is set to strong, and the evidence gives good"):
        evidence.judge(grades={item: "strong"}, reason=" ", **arguments)
    with pytest.raises(UserError, match="Enter a reason"):  # every item, whichever way it goes
        evidence.judge(grades=dict.fromkeys(items(inspection), "weak"), reason="", **arguments)
    assert not Judgement.objects.exists()
    evidence.judge(grades={item: "good"}, reason="", **arguments)  # what the evidence gives needs none
    evidence.judge(grades={item: "strong"}, reason="the plan was used all year", base=1, **arguments)
    client = Client()
    client.force_login(lead)
    page = client.get(reverse("evidence", args=[inspection.pk])).content.decode()
    assert "the evidence gives <strong>good</strong>" in page
    assert "Reason: the plan was used all year" in page


def test_an_item_without_evidence_is_graded_with_a_reason_alone(
    inspection: Inspection, people: People
) -> None:
    arguments = {"inspection": inspection, "criterion": "A1", "rating": "", "by": people["lead_inspector"]}
    with pytest.raises(UserError, match="there is no evidence for it"):
        evidence.judge(grades={items(inspection)[0]: "good"}, reason="", **arguments)
    evidence.judge(grades={items(inspection)[0]: "good"}, reason="seen on the day", **arguments)


@pytest.mark.parametrize("how", ["changed", "retired"])
def test_a_settled_grade_that_the_evidence_gives_no_longer_is_taken_back(
    inspection: Inspection, people: People, how: str
) -> None:
    """Chosen between pieces that disagreed, without a reason: it can't outlive the piece that gave it."""
    me, lead = people["inspector"], people["lead_inspector"]
    piece = put(inspection, me, "The board", "strong")
    put(inspection, me, "The staff", "weak")
    keys = items(inspection)
    arguments = {"inspection": inspection, "criterion": "A1", "rating": "", "by": lead}
    evidence.judge(grades=dict.fromkeys(keys, "strong"), reason="", **arguments)
    if how == "retired":
        evidence.retire_piece(piece=piece, by=me)
    else:
        content = {
            "kind": "document",
            "title": "Plan",
            "source": "The board",
            "bears": dict.fromkeys(keys, "weak"),
        }
        evidence.put_piece(inspection=inspection, content=content, piece=piece, base=1, by=me)
    assert Judgement.objects.get().grades == {}
    assert Event.objects.get(kind="rating.unsettled").details["grades"] == dict.fromkeys(keys, "strong")
    final = frames.judge(inspection, inspection.framework)["A1"].final
    assert final is not None
    assert final.rating == "poor"  # all weak
    # With a reason it stands, whatever the evidence becomes.
    evidence.judge(grades=dict.fromkeys(keys, "strong"), reason="seen on the day", base=2, **arguments)
    evidence.retire_piece(piece=Piece.objects.filter(retired_at=None).latest("pk"), by=me)
    assert Judgement.objects.get().grades == dict.fromkeys(keys, "strong")


def test_a_folder_brings_in_no_grade_without_its_reason(
    inspection: Inspection, people: People, tmp_path: Path
) -> None:
    from scrutineer_web.actions.importing import folders

    put(inspection, people["inspector"], "The board", "good")
    item = items(inspection)[0]
    evidence.judge(
        inspection=inspection, criterion="A1", grades={item: "strong"}, rating="", reason="used all year", by=people["lead_inspector"]
    )  # fmt: skip
    files = make_folder(inspection)
    folders.import_folder(folder=written(files, tmp_path / "one"), by=people["information_manager"])
    files["evidence.yaml"] = files["evidence.yaml"].replace(b"reason: used all year", b"reason: ''")
    with pytest.raises(UserError, match="the evidence gives good"):
        folders.import_folder(folder=written(files, tmp_path / "two"), by=people["information_manager"])


def test_what_cannot_be_is_refused_with_everything_at_once(inspection: Inspection, people: People) -> None:
    content = {
        "kind": "document",
        "title": "Plan",
        "source": "The board",
        "bears": {"no_such": "strong", items(inspection)[0]: "fine"},
    }
    with pytest.raises(UserError) as caught:
        evidence.put_piece(inspection=inspection, content=content, by=people["inspector"])
    assert {f.what.split(" '")[0] for f in caught.value.faults} == {"there is no item", "there is no grade"}
    assert not Piece.objects.exists()
    with pytest.raises(UserError, match="isn't graded against any item"):
        evidence.put_piece(inspection=inspection, content={**content, "bears": {}}, by=people["inspector"])


def test_two_people_who_change_one_piece_do_not_overwrite_each_other(
    inspection: Inspection, people: People
) -> None:
    piece = put(inspection, people["inspector"], "The board", "strong")
    content = {"kind": "meeting", "title": "Plan", "source": "The board", "bears": piece.bears}
    evidence.put_piece(inspection=inspection, content=content, piece=piece, base=1, by=people["inspector"])
    with pytest.raises(UserError, match="nothing was overwritten"):
        evidence.put_piece(
            inspection=inspection, content=content, piece=piece, base=1, by=people["second_inspector"]
        )
    assert Piece.objects.get().rev == 2


def test_evidence_goes_out_and_comes_in_again_with_its_documents(
    inspection: Inspection, people: People, tmp_path: Path, library: Library
) -> None:
    from scrutineer_web.actions.importing import folders

    piece = put(inspection, people["inspector"], "The board", "strong")
    uploads.attach(piece=piece, name="plan.txt", content=b"the plan", by=people["inspector"])
    gone = put(inspection, people["inspector"], "The staff", "weak", title="Plan")
    assert gone.key == "plan_2"
    evidence.retire_piece(piece=gone, by=people["inspector"])
    evidence.judge(
        inspection=inspection,
        criterion="A1",
        grades={},
        rating="poor",
        reason="never used",
        by=people["lead_inspector"],
    )
    first = make_folder(inspection)
    place = written(first, tmp_path / "one")
    whole = load(place, library)
    assert whole.evidence == frames.make_evidence(inspection)
    assert [p.id for p in whole.evidence.pieces] == ["plan"]
    again = folders.import_folder(folder=place, by=people["information_manager"])
    second = make_folder(again)
    assert first["evidence.yaml"] == second["evidence.yaml"]
    assert [(p.key, p.retired_at is None, p.uploads.count()) for p in again.pieces.order_by("key")] == [
        ("plan", True, 1), ("plan_2", False, 0),
    ]  # fmt: skip
    assert Blob.objects.count() == 1
    assert bytes(again.uploads.get().blob.content) == b"the plan"
    assert list(list_broken()) == []


def test_an_approved_report_takes_no_more_evidence(inspection: Inspection, people: People) -> None:
    Inspection.objects.filter(pk=inspection.pk).update(state="approved")
    with pytest.raises(UserError, match="approved"):
        put(inspection, people["inspector"], "The board", "strong")


# -- what offenders needed work on -----------------------------------------------------------


def test_issues_are_brought_in_and_an_earlier_file_is_kept(inspection: Inspection, people: People) -> None:
    by = people["inspector"]
    known = sorted(shelf.read_house(inspection).issues)[:2]
    first = f"case,issue,progress\nF-1,{known[0]},improved\nF-2,{known[0]},unchanged\n".encode()
    assert needs_file.put(inspection=inspection, name="issues.csv", content=first, by=by) == (1, ())
    (need,) = list_needs(inspection)
    assert (need.key, need.cases, need.counts) == (known[0], 2, (1, 1, 0))
    second = first + f"F-1,{known[1]},deteriorated\n".encode()
    assert needs_file.put(inspection=inspection, name="issues.csv", content=second, by=by) == (2, ())
    files = make_folder(inspection)
    assert files["issues.csv"] == second
    assert files["fieldwork/issues-1.csv"] == first


@pytest.mark.parametrize("kind", ["xlsx", "utf-16"])
def test_issues_of_any_kind_are_held_as_plain_text_and_as_they_were_sent(
    inspection: Inspection, people: People, tmp_path: Path, kind: str
) -> None:
    """Retention writes pseudonyms into the file, so that it must be one that can be written into."""
    known = sorted(shelf.read_house(inspection).issues)[0]
    rows = [
        ("Case", "Issue", "Progress", "Remark"),
        ("F-1", known, "improved", "x"),
        ("F-2", known, "unchanged", "y"),
    ]
    if kind == "xlsx":
        book = Workbook()
        for row in rows:
            book.active.append(row)
        book.save(tmp_path / "i.xlsx")
        sent, name = (tmp_path / "i.xlsx").read_bytes(), "i.xlsx"
    else:
        sent, name = "\n".join(",".join(row) for row in rows).encode("utf-16"), "i.csv"
    number, notes = needs_file.put(inspection=inspection, name=name, content=sent, by=people["inspector"])
    assert number == 1
    assert any("'Remark' was ignored" in note for note in notes)
    (need,) = list_needs(inspection)
    assert (need.cases, need.counts) == (2, (1, 1, 0))
    files = make_folder(inspection)
    assert files[f"fieldwork/as-given/issues-1.{name.rpartition('.')[2]}"] == sent
    assert (
        files["issues.csv"].decode("utf-8-sig")
        == f"case,issue,progress\nF-1,{known},improved\nF-2,{known},unchanged\n"
    )


def test_issues_that_cannot_be_are_refused_with_their_rows(inspection: Inspection, people: People) -> None:
    with pytest.raises(UserError) as caught:
        needs_file.put(
            inspection=inspection, name="i.csv", content=b"case,issue,progress\nZ-9,flying,better\n", by=people["inspector"]
        )  # fmt: skip
    message = " ".join(str(f) for f in caught.value.faults)
    for text in (
        "'Z-9' is not a case in this inspection",
        "'issue' is 'flying'",
        "'progress' is 'better'",
        "row",
    ):
        assert text in message
    assert not inspection.documents.filter(path="issues.csv").exists()
    with pytest.raises(PermissionDenied):
        needs_file.put(inspection=inspection, name="i.csv", content=b"", by=people["analyst"])


# -- surveys and performance as tables ---------------------------------------------------


def test_surveys_from_a_table_take_the_place_of_their_namesakes(
    inspection: Inspection, people: People
) -> None:
    by = people["inspector"]
    first = b"survey,of,sent,returned,statement,agreed\nCourts,magistrates,9,7,Fair,6\nVictims,victims,5,4,Heard,2\n"
    assert inspections.bring_in_surveys(inspection=inspection, name="s.csv", content=first, by=by) == (2, ())
    second = b"survey,of,sent,returned,statement,agreed,by\nCourts,judges,12,8,Fair,7,me\n"
    number, notes = inspections.bring_in_surveys(inspection=inspection, name="s.csv", content=second, by=by)
    assert (number, len(notes)) == (1, 1)
    inspection.refresh_from_db()
    assert {s.key: (s.of, s.returned) for s in frames.make_surveys(inspection).surveys} == {
        "victims": ("victims", 4), "courts": ("judges", 8),
    }  # fmt: skip
    wrong = b"survey,of,sent,returned\nCourts,judges,2,8\nOther,x,2,\n"
    with pytest.raises(UserError, match="no number as 'returned'"):
        inspections.bring_in_surveys(inspection=inspection, name="s.csv", content=wrong, by=by)
    with pytest.raises(PermissionDenied):
        inspections.bring_in_surveys(inspection=inspection, name="s.csv", content=first, by=people["analyst"])


def test_performance_from_a_table_leaves_the_other_measures(inspection: Inspection, people: People) -> None:
    by = people["lead_inspector"]
    first = b"measure,value,period\nsickness,11.2,2004\nbreach_on_time,0,2004\n"
    inspections.bring_in_targets(inspection=inspection, name="t.csv", content=first, by=by)
    second = b"measure,value,period\nsickness,9.5,2005\n"
    assert inspections.bring_in_targets(inspection=inspection, name="t.csv", content=second, by=by) == (1, ())
    inspection.refresh_from_db()
    performance = frames.read_profile(inspection).performance
    assert (performance["sickness"].value, performance["breach_on_time"].value) == (9.5, 0.0)
    with pytest.raises(PermissionDenied):
        inspections.bring_in_targets(inspection=inspection, name="t.csv", content=first, by=people["analyst"])


def test_a_folder_with_tables_of_its_own_comes_back_as_one_that_is_read(
    demo_folders: Path, tmp_path: Path, people: People, library: Library
) -> None:
    """What the room writes in a file of its own does not stand in the folder twice."""
    place = shutil.copytree(demo_folders / "esi", tmp_path / "esi")
    (place / "surveys.yaml").unlink()
    (place / "surveys.csv").write_text("survey,of,sent,returned,statement,agreed\nCourts,judges,9,7,Fair,6\n")
    cases = pl.read_csv(place / "cases.csv", infer_schema=False)
    (place / "cases.csv").unlink()
    cases.write_parquet(place / "cases.parquet")
    before = load(place, library)
    here = folders.import_folder(folder=place, by=people["information_manager"])
    back = written(make_folder(here), tmp_path / "back")
    after = load(back, library)
    assert after.surveys == before.surveys
    assert after.cases is not None
    assert before.cases is not None
    assert after.cases.caseload.ids == before.cases.caseload.ids
    assert (back / "fieldwork/as-imported/surveys.csv").is_file()
    assert (back / "fieldwork/as-imported/cases.parquet").is_file()
