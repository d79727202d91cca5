"""Make the reference pages from the code, or (`--check`) say which of them are stale."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from scrutineer.fieldwork.cases.columns import ADDED
from scrutineer.fieldwork.cases.exclusions import FOUND, GIVEN
from scrutineer.fieldwork.cases.mapping import Mapping
from scrutineer.fieldwork.sampling.record import SampleRecord
from scrutineer.fieldwork.timetabling.arrangements import Arrangements
from scrutineer.fieldwork.timetabling.timetable import TimetablePlan
from scrutineer.frameworks.fingerprint import hash_framework
from scrutineer.frameworks.house import House
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.reading_hints import Reading
from scrutineer.frameworks.schema import make_schema
from scrutineer.inspection.area import Area
from scrutineer.inspection.dates import Dates
from scrutineer.inspection.evidence import Evidence
from scrutineer.inspection.manifest import FORMAT, Manifest
from scrutineer.inspection.people import People
from scrutineer.inspection.recommendations import Recommendations
from scrutineer.inspection.surveys import Surveys
from scrutineer.proof.examples import read_example
from scrutineer.proof.registry import Rule, list_rules
from scrutineer.report.figures.figures import NAMES, Figures
from scrutineer.report.texts.binding import describe_usage
from scrutineer.scoring.examples import Examples
from scrutineer.simulation.profile import FictionalProfile
from scrutineer.tasks import find_data_folder
from scrutineer.tasks.frameworks import format_schema

REFERENCE = Path(__file__).parent / "reference"
NOTICE = "<!-- Made by `python -m docs.generate`; change the code, not this page. -->\n"


def pages() -> Iterator[tuple[Path, str]]:
    """Every generated page: where it stands and what it says."""
    yield REFERENCE / "framework.schema.json", format_schema()
    yield REFERENCE / "framework-file.md", _framework_file()
    yield REFERENCE / "frameworks.md", _frameworks()
    yield REFERENCE / "commands.md", _commands()
    yield REFERENCE / "files.md", _files()
    yield REFERENCE / "columns.md", _columns()
    yield REFERENCE / "inspection-folder.md", _inspection_folder()
    yield REFERENCE / "figures.md", _figures()
    yield REFERENCE / "states.md", _states()
    yield REFERENCE / "permissions.md", _permissions()
    yield REFERENCE / "audit-log.md", _audit_log()
    yield REFERENCE / "api.md", _api()
    yield REFERENCE / "rules" / "README.md", _rule_list()
    for rule in list_rules():
        yield REFERENCE / "rules" / f"{rule.id}.md", _rule(rule)


def _states() -> str:
    from scrutineer_web.states import ASSESSMENT, CASE, INSPECTION

    parts = [
        f"{NOTICE}\n# States\n\nOf everything that has states in the inspection room: which move leads from where to where.\n"
    ]
    for states in (INSPECTION, CASE, ASSESSMENT):
        title = states.of.removeprefix("the ").capitalize()
        rows = "\n".join(
            f"| {move.name.replace('_', ' ')} | {', '.join(states.title(s) for s in move.sources)} | {states.title(move.target)} |"
            for move in states.moves
        )
        parts.append(
            f"## {title}\n\n```mermaid\n{states.diagram()}```\n\n| move | from | to |\n|---|---|---|\n{rows}\n"
        )
    return "\n".join(parts)


def _permissions() -> str:
    from scrutineer_web.permissions import OWN, ROLES, TABLE

    heads = " | ".join(role.replace("_", " ") for role in ROLES)
    rows = "\n".join(
        f"| `{name}` | " + " | ".join(_mark(name, role, roles, OWN) for role in ROLES) + " |"
        for name, roles in TABLE.items()
    )
    return (
        f"{NOTICE}\n# Permissions\n\nWho may do what in the inspection room. *own*: only the assessments that were allocated to the "
        f"person; an area assessor never one of a case of the own team. An answer is given by nobody but its assessor.\n\n"
        f"| | {heads} |\n|---|{'---|' * len(ROLES)}\n{rows}\n"
    )


def _mark(name: str, role: str, roles: tuple[str, ...], own: frozenset[str]) -> str:
    if role not in roles:
        return ""
    return "own" if name == "reading.answer" or (name == "reading.see" and role in own) else "yes"


def _api() -> str:
    _django()
    from scrutineer_web.actions.operations.accounts import SCOPES
    from scrutineer_web.api.api import api

    scopes = "\n".join(f"| `{key}` | {title} |" for key, title in SCOPES.items())
    rows = "\n".join(
        f"| `{method.upper()} {path}` | {told.get('description', '')} |"
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method, told in methods.items()
    )
    return (
        f"{NOTICE}\n# The API\n\nThe whole description is served at `/api/v1/openapi.json`; how to use it: "
        f"[how-to](../how-to/use-the-api.md).\n\n## Scopes of a key\n\n| scope | lets a program |\n|---|---|\n{scopes}\n\n"
        f"## Calls\n\n| call | what it does |\n|---|---|\n{rows}\n"
    )


def _audit_log() -> str:
    _django()
    from scrutineer_web.audit.unprotected import (
        GUARDED_OTHERWISE,
        UNPROTECTED,
        collect_columns,
        list_protected_models,
    )

    def rows(listed: dict[str, str]) -> str:
        return "\n".join(f"| `{entry.removeprefix('records_')}` | {why} |" for entry, why in listed.items())

    tables = "\n".join(
        f"| `{model._meta.db_table.removeprefix('records_')}` | {', '.join(f'`{name}`' for name in collect_columns(model))} |"
        for model in list_protected_models()
    )
    return (
        f"{NOTICE}\n# What the audit log answers for\n\n`scrutineer audit verify` finds and names every change of what is listed under"
        " *Protected* that the log doesn't say. How, and against whom, is told in"
        " [how the room keeps answers](../explanation/how-the-room-keeps-answers.md).\n\n"
        f"## What it can't protect\n\n| table or column | why |\n|---|---|\n{rows(UNPROTECTED)}\n\n"
        f"## Checked in their own way\n\n| table or column | how |\n|---|---|\n{rows(GUARDED_OTHERWISE)}\n\n"
        f"## Protected\n\n| table | columns |\n|---|---|\n{tables}\n"
    )


def _django() -> None:
    """Set Django up without a room: the description of the API asks for no database."""
    import os
    import tempfile

    import django
    from django.apps import apps

    if not apps.ready:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scrutineer_web.settings")
        os.environ.setdefault("SCRUTINEER_SECRET", "for the description of the API alone")
        os.environ.setdefault("SCRUTINEER_DATA", tempfile.gettempdir())
        django.setup()


def _rule_list() -> str:
    rows = "\n".join(
        f"| [{rule.id}]({rule.id}.md) | {rule.title} | {'yes' if rule.needs_framework else 'no'} |"
        for rule in list_rules()
    )
    return f"{NOTICE}\n# Proof rules\n\n| rule | what it holds | needs a framework |\n|---|---|---|\n{rows}\n"


def _rule(rule: Rule) -> str:
    example = read_example(rule.id)
    needs = "Needs a known framework." if rule.needs_framework else "Needs no framework."
    return (
        f"{NOTICE}\n# {rule.id}\n\n**{rule.title}.** {needs}\n\n{rule.text}\n\n"
        f"## Fires\n\nOn line {example.line}, as {_article(example.severity)}:\n\n```text\n{example.fires.rstrip()}\n```\n\n"
        f"## Does not fire\n\n```text\n{example.silent.rstrip()}\n```\n"
    )


def _article(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def _frameworks() -> str:
    library = Library(find_data_folder("frameworks"))
    return f"{NOTICE}\n# Frameworks that ship\n" + "".join(
        _framework(library.framework(name)) for name in library.ids
    )


def _framework(framework: Framework) -> str:
    rows = "\n".join(
        f"| {c.code} | {c.title} | {c.kind} | {c.importance or ''} | {len(c.questions) or len(c.items)} |"
        for c in framework.criteria.values()
    )
    return (
        f"\n## {framework.title} (`{framework.id}` {framework.version})\n\n`{hash_framework(framework)}`\n\n"
        f"| criterion | title | kind | importance | questions or items |\n|---|---|---|---|---|\n{rows}\n"
    )


def _framework_file() -> str:
    definitions: dict[str, Any] = make_schema()["$defs"]
    parts = [
        f"{NOTICE}\n# The framework file\n\nThe schema: [framework.schema.json](framework.schema.json).\n"
    ]
    for name in sorted(definitions):
        entry = definitions[name]
        if "properties" not in entry:
            continue
        about = " ".join(entry.get("description", "").split())
        parts.append(f"\n## {name}\n\n{about}\n{_fields(entry)}")
    parts += [
        _beside("examples.yaml", Examples),
        _beside("reading.yaml", Reading),
        _beside("report.yaml", House),
    ]
    return "".join(parts)


def _beside(name: str, model: type[BaseModel]) -> str:
    """The fields of a file that stands beside the framework file."""
    made = model.model_json_schema(by_alias=True)
    parts = [f"\n## {name}\n\n{' '.join(made.get('description', '').split())}\n{_fields(made)}"]
    for part, entry in made.get("$defs", {}).items():
        about = " ".join(entry.get("description", "").split())
        parts.append(f"\n### {part}\n\n{about}\n{_fields(entry)}")
    return "".join(parts)


def _fields(entry: dict[str, Any]) -> str:
    rows = "\n".join(
        f"| `{field}` | {_type(value)} | {'yes' if field in entry.get('required', ()) else ''} |"
        for field, value in entry["properties"].items()
    )
    return f"\n| field | value | required |\n|---|---|---|\n{rows}\n"


def _type(value: dict[str, Any]) -> str:
    if "$ref" in value:
        name = value["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in value:
        return " or ".join(_type(one) for one in value["anyOf"])
    if "enum" in value or "const" in value:
        return ", ".join(f"`{json.dumps(one)}`" for one in value.get("enum", [value.get("const")]))
    if value.get("type") == "array":
        return f"list of {_type(value['items'])}" if "items" in value else "list"
    if value.get("type") == "object" and isinstance(value.get("additionalProperties"), dict):
        return f"mapping to {_type(value['additionalProperties'])}"
    return str(value.get("description") or value.get("type", "anything"))


def _files() -> str:
    """Every further file that a person writes or Scrutineer does, from its model."""
    files: tuple[tuple[str, type[BaseModel]], ...] = (
        ("Column mapping (YAML)", Mapping),
        ("Arrangements (YAML)", Arrangements),
        ("synthetic.yaml", FictionalProfile),
        ("sample.json", SampleRecord),
        ("timetable.json", TimetablePlan),
    )
    return f"{NOTICE}\n# Files\n" + "".join(_beside(name, model) for name, model in files)


_LIES_THERE = (
    ("inspection.yaml", "which area, by which frameworks to the letter; the original, of a follow-up"),
    ("people.yaml", "who takes part, and in which role"),
    ("area.yaml", "facts about the area with their sources, and its performance against the targets"),
    ("calendar.yaml", "the days that are set; the others follow from the framework's rules"),
    ("sample.json", "the record of the sample, as `scrutineer sample` wrote it"),
    ("cases.csv", "the inspected cases (also .xlsx, .ods, .parquet): [columns](columns.md)"),
    ("answers.csv", "the answers, long or wide (also .xlsx, .ods, .parquet); or a folder `answers` of workbooks and tables"),
    ("issues.csv", "what offenders needed work on: case, issue, progress (improved, unchanged, deteriorated); also .xlsx, .ods, .parquet"),
    ("evidence.yaml", "evidence for the judgement criteria, and what the lead inspector settled"),
    ("surveys.yaml", "questionnaires, interviews and focus groups"),
    ("surveys.csv", "questionnaires and interviews as a table, beside that file or in its place: survey, of, kind, sent, returned, how, "
     "statement, agreed, answered; a row per statement, what holds for the whole survey in its first row"),
    ("targets.csv", "performance against the targets as a table, beside area.yaml: measure (its key or title), value, period, "
     "average, average_period"),
    ("recommendations.yaml", "what should be done, and who should ensure it"),
    ("narrative/*.md", "foreword, acknowledgements, summary and the other parts that people write"),
    ("findings/*.md", "the findings on each criterion, by its code: B1.md"),
    ("practice/*.md", "good practice examples, by criterion and number: B3-1.md; the first line is the title"),
    ("elements/<id>/", "of each thematic element: evidence.yaml, findings, narrative (introduction, assessment); and "
     "cases and answers where it has a sample of its own"),
    ("original/results.json", "of a follow-up: the results that it is held against, as `score --format json` gives them"),
    ("drafts.json", "which findings are as they were drafted; those may be drafted again"),
    ("report/", "the draft report, made anew by `scrutineer report`"),
    ("issued/v1/ …", "every issue, with `issue.json`: what it was made from, and the hash of each of its files"),
)  # fmt: skip


def _inspection_folder() -> str:
    """What lies in an inspection's folder, and the fields of its files."""
    rows = "\n".join(f"| `{name}` | {text} |" for name, text in _LIES_THERE)
    files: tuple[tuple[str, type[BaseModel]], ...] = (
        ("inspection.yaml", Manifest),
        ("people.yaml", People),
        ("area.yaml", Area),
        ("calendar.yaml", Dates),
        ("evidence.yaml", Evidence),
        ("surveys.yaml", Surveys),
        ("recommendations.yaml", Recommendations),
    )
    about = (
        f"One folder, or a zip file of it, holds a whole inspection. `scrutineer new` makes one, `scrutineer check` holds "
        f"every file against the others. This is version {FORMAT} of the format (`format` in inspection.yaml).\n\n"
        "What is missing is not there yet: only inspection.yaml must be. Text files are UTF-8."
    )
    head = f"{NOTICE}\n# The inspection's folder\n\n{about}\n\n| file | holds |\n|---|---|\n{rows}\n"
    return head + "".join(_beside(name, model) for name, model in files)


def _figures() -> str:
    """What a narrative can bind."""
    rows = "\n".join(
        f"| `{name}{describe_usage(name)}` | {' '.join((getattr(Figures, name).__doc__ or '').split())} |"
        for name in NAMES
    )
    words = "\n".join(f"| {r.word} | {r.of} | {r.meaning} |" for r in _library().house("esi-2003").words)
    return (
        f"{NOTICE}\n# Bound figures\n\nBetween double braces in any Markdown file of an inspection: "
        '`{{ share("b1_review16", group="high_risk") }}`. `was="52%"` says what the figure was when the sentence was '
        "written; the proof tells where it is another one now. In an element's annex the figures are the element's own; "
        '`of="main"` gives those of the main sample. In a follow-up `of="original"` gives those of the original.\n\n'
        f"| figure | gives |\n|---|---|\n{rows}\n\n"
        "## Words that stand for figures\n\nAs the house style of `esi-2003` has them (`report.yaml`); a sentence that uses "
        f"one must bind a figure that it fits.\n\n| word | of | means |\n|---|---|---|\n{words}\n"
    )


def _library() -> Library:
    return Library(find_data_folder("frameworks"))


def _columns() -> str:
    """The columns that files of cases may have, by framework."""
    library = Library(find_data_folder("frameworks"))
    parts = [f"{NOTICE}\n# Columns of cases\n\nBeside the attributes below: {_added()}.\n"]
    for name in library.ids:
        framework = library.framework(name)
        rows = "\n".join(
            f"| `{a.key}` | {a.title} | {', '.join(a.options) or a.kind.replace('_', ' ')} | {a.known_from.replace('_', ' ')} |"
            for a in framework.attributes
        )
        parts.append(
            f"\n## {framework.title} (`{name}`)\n\n| column | title | values | known from |\n|---|---|---|---|\n{rows}\n"
        )
    reasons = "\n".join(f"| `{key}` | {text} |" for key, text in {**FOUND, **GIVEN}.items())
    return "".join(parts) + f"\n## Reasons for leaving a case out\n\n| reason | |\n|---|---|\n{reasons}\n"


def _added() -> str:
    return ", ".join(f"`{column.key}`" for column in ADDED)


def _commands() -> str:
    import typer

    from scrutineer.__main__ import app

    group = typer.main.get_command(app)
    return f"{NOTICE}\n# Commands\n" + "".join(_command(group, "scrutineer"))


def _command(command: Any, name: str) -> Iterator[str]:
    for key, sub in getattr(command, "commands", {}).items():
        yield from _command(sub, f"{name} {key}")
    if getattr(command, "commands", None):
        return
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    usage = " ".join([name, *(_metavar(p) for p in arguments), *(["[OPTIONS]"] if options else [])])
    yield f"\n## `{usage}`\n\n{(command.help or '').strip()}\n"
    rows = [(f"`{_metavar(p)}`", p.help) for p in arguments] + [(f"`{p.opts[0]}`", p.help) for p in options]
    if rows:
        yield "\n| | |\n|---|---|\n" + "\n".join(f"| {key} | {text or ''} |" for key, text in rows) + "\n"


def _metavar(parameter: Any) -> str:
    word = parameter.metavar or parameter.name.upper()
    return f"{word}…" if parameter.nargs == -1 else str(word)


def main(arguments: list[str]) -> int:
    """Write every page; with `--check` only compare, and fail where one is stale."""
    stale = []
    wanted = dict(pages())
    for path, text in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path)
            if "--check" not in arguments:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    extra = [path for path in (REFERENCE / "rules").glob("*.md") if path not in wanted]
    if "--check" in arguments and (stale or extra):
        names = ", ".join(str(path.relative_to(REFERENCE.parent)) for path in (*stale, *extra))
        sys.stderr.write(f"Stale generated pages: {names}. Run ./run fix.\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
