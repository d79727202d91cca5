"""`extends`, content hashes and the comparison of frameworks."""

from __future__ import annotations

from pathlib import Path

from scrutineer.frameworks.fingerprint import hash_framework
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.version_changes import compare

TAILORED = """format: 1
id: town-libraries
version: "2.0"
extends: village-libraries
title: Town Library Inspection

tailor:
  rename:
    s1_new: {text: "Were there books of this year?", meaning: 2}
    s2_clean: {text: Were all books clean?}
    R: {title: Visitors}
  retire: [R2]
  reweight: {S2: critical, S: 50, R: 50}
  add:
    - {to: R1, question: {key: r1_seated, text: Was there a seat?, scale: yes_no}}
    - {to: R1, question: {key: r1_seen, text: Was the reader seen?, scale: yes_no, from: [r2_found, r1_greeted_not]}}
"""


def tailored(tmp_path: Path, library: Library, text: str = TAILORED) -> Framework:
    path = tmp_path / "framework.yaml"
    path.write_text(text, encoding="utf-8")
    return library.load(path)


def test_rename_retire_add_reweight(tmp_path: Path, village: Library) -> None:
    town = tailored(tmp_path, village)
    assert "R2" not in town.criteria
    assert town.questions["s2_clean"].text == "Were all books clean?"
    assert town.criteria["S2"].importance == "critical"
    assert [q.key for q in town.criteria["R1"].questions] == ["r1_greeted", "r1_seated", "r1_seen"]
    assert [s.weight for s in town.sections] == [None, 50, 50]
    assert town.sections[2].title == "Visitors"


def test_words_run_through_every_text(library: Library) -> None:
    old, new = library.load_framework("esi-2003"), library.load_framework("esi-2005")
    assert old.criteria["B3"].title == "Case management"
    assert new.criteria["B3"].title == "Offender management"
    assert "offender manager" in new.questions["c2_motivation"].text
    assert "unpaid work" in new.questions["c2_cp_demanding"].text


def test_changes_are_classed(tmp_path: Path, village: Library) -> None:
    old, new = village.load_framework("village-libraries"), tailored(tmp_path, village)
    classes = {(c.of, c.name): c.change for c in compare(old, new)}
    assert classes["question", "s1_new"] == "meaning"
    assert classes["question", "s2_clean"] == "wording"
    assert classes["question", "r1_seated"] == "added"
    assert classes["criterion", "R2"] == "retired"
    assert classes["criterion", "S2"] == "weight"
    assert classes["section", "S"] == "weight"


def test_split_merge_and_scale(tmp_path: Path, village: Library) -> None:
    text = (
        TAILORED.split("tailor:")[0]
        + """tailor:
  retire: [s1_new, s1_range]
  add:
    - {to: S1, question: {key: s1_this_year, text: This year?, scale: yes_no, threads: [access], from: [s1_new]}}
    - {to: S1, question: {key: s1_last_year, text: Last year?, scale: yes_no, from: [s1_new]}}
"""
    )
    classes = {
        c.name: c.change
        for c in compare(village.load_framework("village-libraries"), tailored(tmp_path, village, text))
    }
    assert classes["s1_new"] == "split"
    assert classes["s1_range"] == "retired"
    merged = TAILORED.split("tailor:")[0] + (
        "tailor:\n  retire: [s1_new, s1_range]\n  add:\n"
        "    - {to: S1, question: {key: s1_books, text: Books?, scale: yes_no, threads: [access], from: [s1_new, s1_range]}}\n"
    )
    changes = compare(village.load_framework("village-libraries"), tailored(tmp_path, village, merged))
    assert [
        (c.change, c.name)
        for c in changes
        if c.of == "question" and c.change in {"merge", "retired", "added"}
    ] == [("merge", "s1_books")]
    rescaled = TAILORED.split("tailor:")[0] + (
        "replace:\n  scales:\n    - key: yes_no\n      title: Yes or no\n      options:\n"
        '        - {code: "yes", label: "Yes", above: true}\n        - {code: partly, label: Partly, above: false}\n'
        '        - {code: "no", label: "No", above: false}\n'
    )
    changes = compare(village.load_framework("village-libraries"), tailored(tmp_path, village, rescaled))
    assert {c.change for c in changes if c.of == "question"} == {"scale"}


def test_a_framework_does_not_differ_from_itself(library: Library) -> None:
    for name in library.ids:
        assert compare(library.load_framework(name), library.load_framework(name)) == ()


def test_hash_follows_content_not_layout(tmp_path: Path, village: Library) -> None:
    sound = (village.folder / "village-libraries" / "framework.yaml").read_text(encoding="utf-8")
    same = tailored(tmp_path, village, "# a remark\n" + sound.replace("weight: 40", "weight:    40"))
    other = tailored(tmp_path, village, sound.replace("Were the books clean?", "Were the books dry?"))
    assert hash_framework(same) == hash_framework(village.load_framework("village-libraries"))
    assert hash_framework(other) != hash_framework(same)


def test_reading_hints_leave_no_trace_in_the_hash(tmp_path: Path, village: Library) -> None:
    folder = tmp_path / "village-libraries"
    folder.mkdir()
    text = (village.folder / "village-libraries" / "framework.yaml").read_text(encoding="utf-8")
    (folder / "framework.yaml").write_text(text, encoding="utf-8")
    assert hash_framework(Library(tmp_path).load_framework("village-libraries")) == hash_framework(
        village.load_framework("village-libraries")
    )
