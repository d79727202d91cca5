"""Issued versions: each number once, whole or not at all, verified, and never made again as what they were not."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from scrutineer.errors import UserError
from scrutineer.tasks.inspecting import check
from scrutineer.tasks.issuing import issue, make_again, verify
from scrutineer.tasks.locking import hold_lock
from scrutineer.tasks.reporting import DraftProof, Made


@pytest.fixture(scope="module")
def issued(demo_folders: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A follow-up of which version 1 is issued as HTML and data."""
    place = tmp_path_factory.mktemp("issues") / "follow-up"
    shutil.copytree(demo_folders / "follow-up", place)
    outcome = issue(place, None, ["html", "data"])
    assert isinstance(outcome, Made)
    assert outcome.version == 1
    return place


@pytest.fixture
def place(issued: Path, tmp_path: Path) -> Path:
    return shutil.copytree(issued, tmp_path / "follow-up")


@pytest.mark.repeats
def test_two_issues_at_once_are_two_versions(place: Path) -> None:
    """The text changes between them: both are kept, and each is whole."""
    outcomes: list[Made | DraftProof] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(issue(place, None, ["html"]))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(o.version or 0 for o in outcomes if isinstance(o, Made)) == [2, 3]
    assert [v.outcome for v in verify(place, None)] == ["whole"] * 3
    assert not [p for p in (place / "issued").iterdir() if p.name.startswith(".")]


def test_whoever_writes_waits_for_the_one_before(place: Path) -> None:
    done = threading.Event()
    with hold_lock(place):
        thread = threading.Thread(target=lambda: (issue(place, None, ["html"]), done.set()))
        thread.start()
        assert not done.wait(0.5)
        assert not (place / "issued" / "v2").exists()
    thread.join()
    assert (place / "issued" / "v2" / "issue.json").exists()


def test_an_issue_is_as_it_was_issued(place: Path) -> None:
    (version,) = verify(place, None)
    assert (version.number, version.outcome, version.faults) == (1, "whole", ())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda v: (v / "report.html").write_text("<p>Other</p>"), "changed after it was issued"),
        (lambda v: (v / "report.html").unlink(), "is now missing"),
        (lambda v: (v / "more.html").write_text("x"), "was not issued"),
        (lambda v: (v / "issue.json").unlink(), "has no issue.json"),
        (lambda v: (v / "issue.json").write_text("{}"), "changed since it was issued"),
        (lambda v: next((v / "data").glob("*.csv")).write_text("x"), "changed after it was issued"),
    ],
)
def test_an_altered_issue_is_found_by_whoever_looks(place: Path, change, words: str) -> None:  # type: ignore[no-untyped-def]
    change(place / "issued" / "v1")
    (version,) = verify(place, None)
    assert version.outcome == "altered"
    assert any(words in str(fault) for fault in version.faults)
    assert any(words in str(fault) for fault in check(place, None).open)
    with pytest.raises(UserError, match=words):
        make_again(place, None, 1, ["html"], place.parent / "again")
    assert not (place.parent / "again").exists()


def test_what_was_never_issued_is_not_made_again(place: Path) -> None:
    with pytest.raises(UserError, match=r"version 9 was never issued.*Issued versions: 1"):
        make_again(place, None, 9, ["html"], place.parent / "again")


def test_what_the_folder_no_longer_makes_is_refused(place: Path) -> None:
    """Half the answers gone: the folder makes another report, and says so in the place of handing it out as version 1."""
    lines = (place / "answers.csv").read_text(encoding="utf-8-sig").splitlines(keepends=True)
    (place / "answers.csv").write_text("".join(lines[: len(lines) // 2]), encoding="utf-8")
    with pytest.raises(UserError, match="no longer gives version 1 as it was issued"):
        make_again(place, None, 1, ["html", "data"], place.parent / "again")
    assert not (place.parent / "again").exists()
    (version,) = verify(place, None)
    assert version.outcome == "whole, from other data"
    assert any("data hash" in note for note in version.notes)


def test_an_untouched_issue_is_made_again_byte_for_byte(place: Path) -> None:
    again = make_again(place, None, 1, ["html", "data"], place.parent / "again")
    for path in again.files:
        twin = place / "issued" / "v1" / path.relative_to(place.parent / "again")
        assert path.read_bytes() == twin.read_bytes()
