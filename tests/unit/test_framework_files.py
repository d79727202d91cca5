"""Framework files that are wrong: every fault at once, each with file and line, none a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from scrutineer.errors import UserError
from scrutineer.frameworks.consistency import list_problems
from scrutineer.frameworks.fingerprint import hash_framework
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework, Retention
from scrutineer.proof.examples import FRAMEWORKS

SOUND = (FRAMEWORKS / "village-libraries" / "framework.yaml").read_text(encoding="utf-8")


def faults(tmp_path: Path, text: str, library: Library) -> list[str]:
    path = tmp_path / "framework.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        library.load(path)
    return [str(fault) for fault in caught.value.faults]


def line_of(text: str, part: str) -> int:
    return next(n for n, line in enumerate(text.split("\n"), 1) if part in line)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "scale: yes_no, threads: [access]}",
            "scale: yes_know, threads: [access]}",
            "uses an unknown scale, 'yes_know'. Did you mean 'yes_no'",
        ),
        (
            "when: {age: {at_most: 15}}",
            "when: {agee: {at_most: 15}}",
            "refers to an unknown question or attribute 'agee'",
        ),
        ("threads: [access]}", "threads: [acess]}", "has an unknown thread, 'acess'"),
        ("importance: critical", "importance: crucial", "unknown importance, 'crucial'"),
        ("weight: 40", "weight: 30", "the section weights add up to 90. Make them add up to 100"),
        ("key: s1_new", "key: s1_range", "question 's1_range' appears twice"),
        ("all: strong}", "all: stronger}", "uses an unknown grade, 'stronger'"),
        (
            "{rating: poor, title: Not met}",
            "{rating: poor, title: Not met, all: weak}",
            "some grades get no rating",
        ),
        (
            "kind: judgement, items: [{key: m1_written, text: There is a plan}]}",
            "kind: judgement}",
            "has no evidence item",
        ),
        (
            'text: "Was the range of books wide enough?"',
            'text: "Was the {breadth} wide?"',
            "uses the word '{breadth}', which the framework does not define",
        ),
        ("at_least: 3}", "at_least: 0}", "the bands are not in ascending order"),
        ("format: 1", "format: 3", "`format`"),
        ("code: S1", "kode: S1", "this is not a known field"),
        ('version: "1.0"', "version: 1.0", "must be text; write it in quotes"),
    ],
)
def test_each_fault_is_a_sentence_with_its_line(
    tmp_path: Path, village: Library, old: str, new: str, message: str
) -> None:
    assert old in SOUND
    text = SOUND.replace(old, new, 1)
    messages = faults(tmp_path, text, village)
    fitting = [m for m in messages if message in m]
    assert fitting, messages
    assert "framework.yaml line " in fitting[0]


def test_the_line_is_the_right_one(tmp_path: Path, village: Library) -> None:
    text = SOUND.replace("threads: [access]}", "threads: [acess]}", 1)
    (message,) = [m for m in faults(tmp_path, text, village) if "acess" in m]
    assert f"line {line_of(text, '[acess]')}:" in message


def test_all_faults_at_once(tmp_path: Path, village: Library) -> None:
    text = SOUND.replace("weight: 40", "weight: 30").replace("importance: critical", "importance: crucial", 1)
    messages = faults(tmp_path, text.replace("threads: [access]}", "threads: [acess]}", 1), village)
    assert len(messages) >= 3


def test_a_duplicate_key_names_both_lines(tmp_path: Path, village: Library) -> None:
    (message,) = faults(
        tmp_path, SOUND.replace("id: village-libraries", "id: village-libraries\nid: other"), village
    )
    assert "line 4: 'id' appears twice (first on line 3). Keep one of them." in message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "the file is empty"),
        ("a: [1, 2", "this is not YAML"),
        ("- a\n- b\n", "this is not a framework file"),
        ("a: &x 1\nb: *x\n", "anchors and aliases can't be used"),
    ],
)
def test_what_is_no_framework_at_all(tmp_path: Path, village: Library, text: str, expected: str) -> None:
    assert any(expected in message for message in faults(tmp_path, text, village))


def test_binary_and_missing_files(tmp_path: Path, village: Library) -> None:
    path = tmp_path / "framework.yaml"
    with pytest.raises(UserError, match="no such file"):
        village.load(path)
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(UserError, match="not UTF-8"):
        village.load(path)


def test_yes_and_no_stay_words(village: Library) -> None:
    assert [o.code for o in village.load_framework("village-libraries").scales[0].options] == ["yes", "no"]


TAILORED = """format: 1
id: town-libraries
version: "1.0"
extends: village-libraries
title: Town Library Inspection
"""


@pytest.mark.parametrize(
    ("tail", "message"),
    [
        ("tailor: {retire: [S9]}", "'S9' is retired, but 'village-libraries' has no such part"),
        ("tailor: {rename: {s1_old: {text: New?}}}", "'s1_old' is renamed"),
        ("tailor: {reweight: {Z1: critical}}", "'Z1' is reweighted"),
        (
            "tailor: {add: [{to: Z1, question: {key: z, text: Z?, scale: yes_no}}]}",
            "added to an unknown criterion, 'Z1'",
        ),
        ("tailor: {add: [{to: S1}]}", "each addition must add exactly one thing"),
        ("replace: {sections: []}", "'sections' is not a part that can be replaced"),
        ("replace: {groups: [{key: young}]}", "this field is missing"),
        ("extends_: x", "this is not a known field"),
    ],
)
def test_faults_of_a_tailoring(tmp_path: Path, village: Library, tail: str, message: str) -> None:
    messages = faults(tmp_path, f"{TAILORED}{tail}\n", village)
    assert any(message in m and "line 6" in m for m in messages), messages


def test_extends_that_leads_nowhere_or_round(tmp_path: Path, village: Library) -> None:
    (message,) = faults(
        tmp_path, TAILORED.replace("extends: village-libraries", "extends: city-libraries"), village
    )
    assert (
        "There is no framework 'city-libraries'. Did you mean 'village-libraries'? Choose from children-in-libraries, village-libraries"
        in message
    )
    folder = tmp_path / "round"
    folder.mkdir()
    (folder / "framework.yaml").write_text(
        TAILORED.replace("town-libraries", "round").replace("village-libraries", "round")
    )
    with pytest.raises(UserError, match="extends itself"):
        Library(tmp_path).load_framework("round")


@pytest.mark.parametrize(
    ("names", "words", "wrong"),
    [(30, 42, 0), (30, 30, 0), (30, None, 0), (None, None, 0), (30, 20, 1), (None, 20, 1)],
)
def test_words_are_not_purged_before_cases_are_pseudonymised(
    library: Library, names: int | None, words: int | None, wrong: int
) -> None:
    periods = Retention(pseudonymise_months=names, purge_months=words)
    framework = library.load_framework("esi-2003").model_copy(update={"retention": periods})
    assert len([p for p in list_problems(framework) if p.place[0] == "retention"]) == wrong


PINNED = {
    "case-note-review": "sha256:422c5ef02608c0465d7b0b6634edaa5e88a3ed7c86bf187a9d5081012c4edc75",
    "cfsr-4": "sha256:e553267fc70d4fda788b3abf6e52dd761e9a7699ee71106e2522cd5eec0f0604",
    "cqc-local-authority-2023": "sha256:e1f4aa5c412bd4bad4d85f3ef36d2c7c9c942c76dd8b89dc23a3fac92d852804",
    "esi-2003": "sha256:a7f01ed9203cef80900f8316f3e2e1072054f799e2fbc972209d000139e65590",
    "esi-2005": "sha256:297b69e8873ac7e170b880eebd3c22459d25563c45e24e968c444088553753ed",
    "esi-accommodation": "sha256:691ac6511075cf8a6dd74306ac08d3cea65151685e29bef5beedb34d3e567bc5",
    "esi-domestic-violence": "sha256:37770ce48110f01fe6bb5411d5c8b891da9377a758667e3bc55a3c7613cbc44b",
    "esi-follow-up": "sha256:fd78aaaeeab270e7aef5362f6360fbbc23501706b374476e90391e29cfa25b49",
    "esi-substance-misuse": "sha256:dd54e1faa8494950b023862732729ae90fabe8e70e27ef1eae50d153979a3efd",
    "hmip-pdu-2023": "sha256:631d1f84632b50d232600bb6b952fca13db94a28aa2684e5a9f6321eb63ede6c",
    "hmip-youth-2018": "sha256:f59fc9d0f940340b1ed5204b3455c37abbc2b40ffa99a642e02715588cc014e7",
    "omi-2006": "sha256:c03ab296e99024297e6d9295ef02b2f4e8b1c84b10957b65c30f7e979504c31f",
}
"""Literal, so that no change of the code can change them unseen: inspections have pinned these frameworks."""


def test_every_shipped_framework_keeps_the_hash_that_inspections_pin(library: Library) -> None:
    """If this fails after you add a field to the model, mark the field `Later`."""
    assert {name: hash_framework(library.load_framework(name)) for name in library.ids} == PINNED


def test_a_later_field_is_in_the_hash_once_it_says_something(library: Library) -> None:
    framework = library.load_framework("esi-accommodation")
    assert not framework.sample.additional_in_scores
    assert framework.retention == Retention()
    counted = framework.sample.model_copy(update={"additional_in_scores": True})
    stored = Retention(purge_months=30)
    hashes = {
        hash_framework(framework.model_copy(update=update))
        for update in (
            {},
            {"sample": counted},
            {"retention": stored},
            {"retention": Retention(purge_months=31)},
        )
    }
    assert len(hashes) == 4


@pytest.mark.parametrize(
    ("scale", "field"),
    [
        ({"kind": "number", "options": [{"code": "a", "label": "A"}]}, "options"),
        ({"kind": "text", "not_enough_evidence": "leave_out"}, "not_enough_evidence"),
    ],
)
def test_a_scale_has_only_what_its_kind_uses(village: Library, scale: dict[str, object], field: str) -> None:
    content = village.load_framework("village-libraries").model_dump(mode="json", by_alias=True)
    content["scales"].append({"key": "odd", "title": "Odd", **scale})
    (problem,) = [
        p for p in list_problems(Framework.model_validate(content)) if p.place == ("scales", 1, field)
    ]
    assert (
        problem.what == f"scale 'odd' has '{field}', which a scale of the kind '{scale['kind']}' doesn't use"
    )
