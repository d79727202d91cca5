"""Tables of questions: they load as the questions they stand for, faults keep their lines, and nothing else notices."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml

from scrutineer.authoring.workbook import read_framework_book, write_framework_book
from scrutineer.errors import UserError
from scrutineer.fieldwork.cases.settled import settle_case
from scrutineer.frameworks.fingerprint import hash_framework
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.schema import make_schema

HEAD = """\
format: 2
id: needs
version: "1.0"
title: Needs and progress
scales:
  - {key: yes_no, title: Yes or no, options: [{code: "yes", label: "Yes", above: true}, {code: "no", label: "No", above: false}]}
  - {key: day, title: A day, kind: date}
sections:
  - code: "1"
    title: Work
    criteria:
      - code: "1.1"
        title: Needs
        kind: case
        questions:
          - {key: plan, text: "Is there a plan?", scale: yes_no}
"""

TABLE = """\
          - table:
              rows:
                - {key: drugs, text: Drugs}
                - {key: home, text: A home}
              columns:
                - {key: need, text: "Is there a need: {row}?", scale: yes_no, context: true}
                - {key: met_on, text: "On which day was it met?", scale: day, context: true, when: {need: "yes"}}
                - key: progress
                  text: Was there progress?
                  scale: yes_no
                  when: {need: "yes", any: [{plan: "yes"}, {not: {how_many: {of: [need, plan], answered: ["no"], at_least: 1}}}]}
                - key: result
                  text: What came of it?
                  scale: yes_no
                  derived:
                    - {answer: "yes", when: {met_on: {within: 5, after: met_on}, progress: "yes"}}
                    - {answer: "no"}
"""

SPELLED_OUT = "".join(
    f"""\
          - {{key: {row}_need, text: "Is there a need: {text}?", scale: yes_no, context: true}}
          - {{key: {row}_met_on, text: "{text}: On which day was it met?", scale: day, context: true, when: {{{row}_need: "yes"}}}}
          - key: {row}_progress
            text: "{text}: Was there progress?"
            scale: yes_no
            when: {{{row}_need: "yes", any: [{{plan: "yes"}}, {{not: {{how_many: {{of: [{row}_need, plan], answered: ["no"], at_least: 1}}}}}}]}}
          - key: {row}_result
            text: "{text}: What came of it?"
            scale: yes_no
            derived:
              - {{answer: "yes", when: {{{row}_met_on: {{within: 5, after: {row}_met_on}}, {row}_progress: "yes"}}}}
              - {{answer: "no"}}
"""
    for row, text in (("drugs", "Drugs"), ("home", "A home"))
)

LAST = "          - {key: summed_up, text: All in all, scale: yes_no}\n"


def load(tmp_path: Path, text: str) -> Framework:
    folder = tmp_path / "needs"
    folder.mkdir(exist_ok=True)
    (folder / "framework.yaml").write_text(text, encoding="utf-8")
    return Library(tmp_path).load_framework("needs")


def test_a_table_is_its_questions(tmp_path: Path) -> None:
    framework = load(tmp_path, HEAD + TABLE + LAST)
    assert list(framework.questions) == [
        "plan",
        *(
            f"{row}_{column}"
            for row in ("drugs", "home")
            for column in ("need", "met_on", "progress", "result")
        ),
        "summed_up",
    ]
    by_hand = load(tmp_path, HEAD + SPELLED_OUT + LAST)
    assert framework == by_hand
    assert hash_framework(framework) == hash_framework(by_hand)
    settled = settle_case(
        framework, {}, {"plan": "yes", "drugs_need": "yes", "drugs_progress": "yes", "home_need": "no"}
    )
    assert (settled["drugs_progress"].applies, settled["home_progress"].applies) == (True, False)
    assert settled["home_met_on"].answer == "not_applicable"


def test_its_workbook_is_that_of_its_questions(tmp_path: Path) -> None:
    framework = load(tmp_path, HEAD + TABLE + LAST)
    book = tmp_path / "needs.xlsx"
    book.write_bytes(write_framework_book(framework))
    assert Library(tmp_path).load_source(read_framework_book(book)) == framework


def test_the_schema_knows_tables() -> None:
    validator = jsonschema.Draft202012Validator(make_schema())
    assert list(validator.iter_errors(yaml.safe_load(HEAD + TABLE + LAST))) == []
    strange = yaml.safe_load((HEAD + TABLE + LAST).replace("rows:", "lines:"))
    assert list(validator.iter_errors(strange))


@pytest.mark.parametrize(
    ("old", "new", "words", "marked"),
    [
        ("rows:", "lines:", "lines", "lines:"),
        ("{key: home, text: A home}", "{key: home}", "this field is missing", "{key: home}"),
        ('{key: met_on, text: "On which', '{key: met_on, scope: 3, text: "On which', "scope", "scope: 3"),
        ("scale: day, context", "scale: dya, context", "dya", "scale: dya"),
        ('true, when: {need: "yes"}}', 'true, when: {nead: "yes"}}', "nead", "nead"),
        ("- {key: summed_up", "- {key: plan", "plan", "- {key: plan, text: All"),
    ],
)
def test_a_fault_in_a_table_names_its_own_line(
    tmp_path: Path, old: str, new: str, words: str, marked: str
) -> None:
    text = HEAD + TABLE + LAST
    assert text.count(old) == 1
    broken = text.replace(old, new)
    with pytest.raises(UserError) as refused:
        load(tmp_path, broken)
    line = next(n for n, line in enumerate(broken.splitlines(), 1) if marked in line)
    said = str(refused.value)
    assert words in said
    assert f"line {line}:" in said or f"line {line - 1}:" in said


def test_a_framework_that_extends_another_may_add_one(tmp_path: Path) -> None:
    load(tmp_path, HEAD + LAST)
    folder = tmp_path / "more"
    folder.mkdir()
    added = "\n".join(line[2:] if line.startswith("          ") else line for line in TABLE.splitlines())
    (folder / "framework.yaml").write_text(
        "format: 2\nid: more\nversion: '1.0'\ntitle: More\nextends: needs\ntailor:\n  add:\n    - to: '1'\n      criterion:\n"
        "        code: '1.2'\n        title: Further needs\n        kind: case\n        questions:\n"
        + added
        + "\n",
        encoding="utf-8",
    )
    framework = Library(tmp_path).load_framework("more")
    assert "home_progress" in framework.questions


def test_tables_are_part_of_the_second_edition(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="tables of questions are part of the second edition"):
        load(tmp_path, (HEAD + TABLE + LAST).replace("format: 2", "format: 1"))
