"""The documentation is whole: generated pages fresh, every command and rule told, no word of this workplace."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer

from docs.generate import pages
from scrutineer.__main__ import app
from scrutineer.inspection.area import Marked
from scrutineer.proof.basis.context import Context
from scrutineer.proof.registry import list_rules
from scrutineer.report.document.blocks import ReportDocument
from tests.command import type_line
from tests.conftest import ROOT

PROSE = sorted(p for p in ROOT.rglob("*.md") if not {".venv", "build", "node_modules"} & set(p.parts))


def test_generated_pages_are_fresh() -> None:
    stale = [path.name for path, text in pages() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run ./run fix"


def test_every_command_and_rule_is_told() -> None:
    commands = (ROOT / "docs/reference/commands.md").read_text()
    group = typer.main.get_command(app)
    names = [
        *(f"scrutineer {n}" for n in group.commands if n != "framework"),
        *(f"scrutineer framework {n}" for n in group.commands["framework"].commands),
    ]  # type: ignore[attr-defined]
    assert all(f"`{name}" in commands for name in names)
    listed = (ROOT / "docs/reference/rules/README.md").read_text()
    assert all(f"[{rule.id}]({rule.id}.md)" in listed for rule in list_rules())


def test_readme_names_its_two_commands_and_its_picture() -> None:
    readme = (ROOT / "README.md").read_text()
    assert "./run demo" in readme
    assert "./run test" in readme
    (picture,) = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", readme)[:1]
    assert (ROOT / picture).is_file()


@pytest.mark.parametrize("path", PROSE, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        if not target.startswith(("http", "mailto")):
            assert (path.parent / target).exists(), target


def test_glossary_holds_the_words_of_the_design() -> None:
    text = (ROOT / "GLOSSARY.md").read_text().lower()
    for word in (
        "framework",
        "criterion",
        "above the line",
        "relevant case",
        "thread",
        "summary question",
        "claim",
        "finding",
        "re-derivation",
        "element",
        "follow-up",
    ):
        assert f"**{word}" in text, word


def test_changelog_has_a_heading_for_what_can_alter_a_score() -> None:
    assert "### Can alter a score" in (ROOT / "CHANGELOG.md").read_text()


DECISIONS = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))


@pytest.mark.parametrize("path", DECISIONS, ids=lambda p: p.name)
def test_a_decision_has_its_date_its_status_and_its_row(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    form = rf"# {int(path.name[:4])}\. (.+)\n\nDate: (\d{{1,2}} [A-Z][a-z]+ \d{{4}})\. Status: (accepted|replaced by)\b"
    match = re.match(form, text)
    assert match is not None
    row = f"| [{int(path.name[:4])}]({path.name}) | {match[1]} | {match[2]} |"
    assert row in (ROOT / "docs/adr/README.md").read_text(encoding="utf-8")


WRITTEN = [
    path
    for path in PROSE
    if path.relative_to(ROOT).parts[0] in {"deploy", "docs", path.name} and "reference" not in path.parts
]
"""Pages that people write, and not those that are generated from the code."""

PLACES = (ROOT, ROOT / "scrutineer", ROOT / "scrutineer_web")
"""Where a page's paths begin; in the records of decisions and on pages about one package, they leave its name out."""


@pytest.mark.parametrize("path", WRITTEN, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_of_the_project_that_a_page_names_are_there(path: Path) -> None:
    for name in re.findall(
        r"`((?:[a-z_]+/)+[a-z_-]+\.(?:py|conf|service|html))`", path.read_text(encoding="utf-8")
    ):
        assert any((place / name).is_file() for place in (*PLACES, path.parent)), name


NOT_OUR_WORDS = re.compile(
    r"\b(told|anew|beside|thus|nought|naught|whoever|nobody|oneself|held (against|beside|next)|the own)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("path", WRITTEN, ids=lambda p: str(p.relative_to(ROOT)))
def test_prose_keeps_to_plain_words(path: Path) -> None:
    prose = re.sub(r"(?ms)^ *```.*?^ *```|\]\([^)]*\)", "", path.read_text(encoding="utf-8"))
    assert [match[0] for match in NOT_OUR_WORDS.finditer(prose)] == []


def test_locks_hold_no_index_address() -> None:
    for name in ("requirements.lock", "requirements-uv.lock"):
        text = (ROOT / name).read_text()
        assert "http" not in text
        assert "--hash=sha256:" in text


def test_each_dependency_has_its_reason() -> None:
    for line in (
        (ROOT / "pyproject.toml").read_text().split("dependencies = [", 1)[1].split("\n]", 1)[0].splitlines()
    ):
        assert not line.strip() or "#" in line, line


@pytest.mark.repeats
def test_the_tutorial_runs_as_it_stands(tmp_path: Path) -> None:
    """Every command of the tutorial from caseload to scores, in a folder with nothing but the files that it names."""
    text = (ROOT / "docs/tutorials/from-caseload-to-scores.md").read_text()
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    commands = [
        c.strip() for block in blocks for c in re.sub(r"\\\n\s*", "", block).splitlines() if "scrutineer" in c
    ]
    assert len(commands) >= 12
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    (tmp_path / "build").mkdir()
    for command in commands:
        line = command.replace(".venv/bin/scrutineer", "scrutineer").replace("--seconds 10", "--seconds 3")
        done = type_line(line, tmp_path)
        listing_gaps = " answers build/forms" in command
        assert done.returncode == (1 if listing_gaps else 0), (command, done.stdout, done.stderr)
        assert done.stdout or ">" in command


RUN = {
    "docs/tutorials/a-tour-of-the-command-line.md": 17,
    "docs/how-to/add-a-framework.md": 2,
    "docs/how-to/answer-by-rules.md": 1,
    "docs/how-to/inspect-without-cases.md": 1,
    "docs/how-to/write-a-framework-in-a-workbook.md": 2,
    "docs/how-to/add-a-scale.md": 4,
    "docs/how-to/plan-fieldwork.md": 4,
    "docs/how-to/rate-areas.md": 1,
    "docs/how-to/read-another-systems-export.md": 1,
    "docs/how-to/write-a-report.md": 7,
    "docs/tutorials/prove-a-report.md": 4,
}
"""Pages whose console blocks are run as they stand, from a folder with nothing but the project's files: with how many commands."""

NEW_FRAMEWORK = {
    "docs/how-to/add-a-framework.md": "esi-2007",
    "docs/how-to/add-a-scale.md": "esi-2008",
}
"""Pages on which the reader writes a framework, and its folder."""

FINDING = (" check build/northmoor", " proof build/northmoor")
"""Commands that end with 1, as the page says: something stands against issuing what the reader has not written yet."""

NOT_RUN = {
    "docs/how-to/score-where-the-answers-are.md": "files of a national service: `tests/unit/test_stored_answers.py`",
    "docs/how-to/run-in-production.md": "a machine of its own: `test_production_guide.py`",
    "docs/how-to/run-the-room.md": "a server that goes on: `tests/web`",
    "docs/how-to/plan-a-programme.md": "a server that goes on: `tests/web/test_serve.py`",
    "docs/tutorials/an-inspection-in-the-room.md": "a server that goes on: `tests/web/test_serve.py`",
    "docs/tutorials/from-caseload-to-scores.md": "`test_the_tutorial_runs_as_it_stands`",
}


def console_blocks(page: Path) -> list[str]:
    """The commands of a page's console blocks, line by line."""
    blocks = re.findall(r"(?m)^ *```console\n(.*?)^ *```", page.read_text(encoding="utf-8"), re.DOTALL)
    lines = [line.strip() for block in blocks for line in re.sub(r"\\\n\s*", "", block).splitlines()]
    return [line for line in lines if line and not line.startswith("./run ")]


def test_every_page_with_commands_is_run_or_says_why_not() -> None:
    pages_with = {
        str(path.relative_to(ROOT))
        for path in (
            ROOT / "README.md",
            *(ROOT / "docs").glob("tutorials/*.md"),
            *(ROOT / "docs").glob("how-to/*.md"),
        )
        if console_blocks(path)
    }
    assert pages_with <= {*RUN, *NOT_RUN}


def prepare(name: str, place: Path, demo_folders: Path) -> None:
    """What a page says that the reader has: files of the project, and what it says he or she writes."""
    for part in ("docs", "tests"):
        (place / part).symlink_to(ROOT / part)
    (place / "build").mkdir()
    if name.endswith("a-tour-of-the-command-line.md"):
        shutil.copytree(demo_folders / "esi", place / "build/demo/northmoor-esi")  # as ./run demo left it
    if name in NEW_FRAMEWORK:
        shutil.copytree(ROOT / "frameworks", place / "frameworks")
        folder = place / "frameworks" / NEW_FRAMEWORK[name]
        folder.mkdir()
        text = (ROOT / name).read_text(encoding="utf-8")
        (block,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
        (folder / "framework.yaml").write_text(textwrap.dedent(block), encoding="utf-8")
        shutil.copy(ROOT / "tests/data/northmoor-2005-esi.md", place / "report.txt")


def fill_in(name: str, command: str, place: Path, demo_folders: Path) -> None:
    """What the reader does between two commands of a page."""
    if name.endswith("write-a-report.md") and "new --framework esi-2005" in command:
        for path in (demo_folders / "esi").rglob("*"):
            own = path.relative_to(demo_folders / "esi")
            if path.is_file() and own.parts[0] not in {
                "findings",
                "issued",
                "report",
                "drafts.json",
                "fieldwork",
            }:
                (place / "northmoor" / own).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, place / "northmoor" / own)


@pytest.mark.unmeasured
@pytest.mark.parametrize("name", RUN)
def test_console_blocks_run_as_they_stand(tmp_path: Path, demo_folders: Path, name: str) -> None:
    prepare(name, tmp_path, demo_folders)
    commands = console_blocks(ROOT / name)
    assert len(commands) >= RUN[name]
    for command in commands:
        line = command.replace(".venv/bin/", "").replace("--seconds 10", "")
        line = re.sub(r"^scrutineer timetable ", r"\g<0>--seconds 3 ", line)
        done = type_line(line, tmp_path)
        finds = any(what in command for what in FINDING) or (
            "changed.md" in command and "--format" in command
        )
        assert done.returncode == (1 if finds else 0), (command, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        fill_in(name, command, tmp_path, demo_folders)


def read_python(page: str) -> list[str]:
    """The blocks of Python on a how-to page."""
    text = (ROOT / "docs/how-to" / page).read_text(encoding="utf-8")
    return [textwrap.dedent(block) for block in re.findall(r" *```python\n(.*?)```", text, re.DOTALL)]


def evaluate(row: str, names: dict[str, Any]) -> Any:
    """A row of a table, as a page gives it to be added."""
    return eval(row.strip().removesuffix(","), names)  # noqa: S307 the page's own code


def test_the_recipe_for_a_format_works(demo_folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's renderer and its row, added to the one table, make the file that the page promises."""
    from types import ModuleType

    from scrutineer.report import formats
    from scrutineer.tasks.reporting import list_files, prepare

    renderer, maker, row = read_python("add-an-export-format.md")
    module = ModuleType("scrutineer.report.render.outline")
    exec(renderer, vars(module))  # noqa: S102 the page's own code
    monkeypatch.setitem(sys.modules, module.__name__, module)
    names = dict(vars(formats))
    exec(maker, names)  # noqa: S102
    added = evaluate(row, names)
    monkeypatch.setattr(formats, "FORMATS", {**formats.FORMATS, added.key: added})
    files, left_out = list_files(prepare(demo_folders / "esi", None), ("outline",))
    assert left_out == ()
    assert files["outline.txt"].startswith("Draft: not for publication\n")
    assert "\nKey findings\n" in files["outline.txt"]


def test_the_recipe_for_a_kind_of_question_works() -> None:
    from scrutineer.frameworks import question_kinds

    check, row = read_python("add-a-question-kind.md")
    names = {**vars(question_kinds), "re": re, "Scale": object}
    exec(check, names)  # noqa: S102 the page's own code
    kind = evaluate(row, names)
    assert kind.check(None, "sw1a1aa") == "SW1A 1AA"
    with pytest.raises(ValueError, match="enter a postcode"):
        kind.check(None, "nowhere")


def test_the_recipe_for_a_column_works() -> None:
    from types import SimpleNamespace

    from scrutineer.inspection import area
    from scrutineer.report.parts import overview

    entered, field, cell, shown = read_python("add-a-column.md")
    assert evaluate(entered, vars(area).copy()).key == field.partition(":")[0].strip() == "previous"
    names = vars(overview).copy()
    exec(cell, names)  # noqa: S102 the page's own code
    column = evaluate(shown, names)
    row = SimpleNamespace(performance=SimpleNamespace(previous=71.0), measure=SimpleNamespace(unit="percent"))
    assert (column.key, column.cell(row).value) == ("previous", 71.0)


RECIPES = sorted((ROOT / "docs/how-to").glob("add-a*.md"))
OBJECTS = {"context": Context, "document": ReportDocument, "row": Marked}
"""The names that recipes give to objects, and what those objects are."""


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_names_what_its_objects_have(path: Path) -> None:
    """A recipe's code runs nowhere, so a name that has changed since would be missed."""
    text = path.read_text(encoding="utf-8")
    for name, kind in OBJECTS.items():
        has = {*dir(kind), *(field.name for field in fields(kind))}
        assert set(re.findall(rf"(?<![\w./]){re.escape(name)}\.(\w+)", text)) <= has, name


def test_recipes_name_something() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in RECIPES)
    assert all(re.search(rf"(?<![\w./]){re.escape(name)}\.\w", text) for name in OBJECTS)
