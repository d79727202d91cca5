"""Make the reference pages from the code, or (`--check`) say which of them are stale."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from scrutineer.cases.columns import ADDED
from scrutineer.cases.exclusions import FOUND, GIVEN
from scrutineer.cases.mapping import Mapping
from scrutineer.frameworks.fingerprint import fingerprint
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.reading import Reading
from scrutineer.frameworks.schema import schema
from scrutineer.main import data_folder
from scrutineer.main.frameworks import schema_text
from scrutineer.proof.examples import read_example
from scrutineer.proof.registry import Rule, rules
from scrutineer.sampling.record import Record
from scrutineer.scoring.examples import Examples
from scrutineer.simulation.profile import Profile
from scrutineer.timetabling.arrangements import Arrangements
from scrutineer.timetabling.plan import Plan

REFERENCE = Path(__file__).parent / "reference"
NOTICE = "<!-- Made by `python -m docs.generate`; change the code, not this page. -->\n"


def pages() -> Iterator[tuple[Path, str]]:
    """Every generated page: where it stands and what it says."""
    yield REFERENCE / "framework.schema.json", schema_text()
    yield REFERENCE / "framework-file.md", _framework_file()
    yield REFERENCE / "frameworks.md", _frameworks()
    yield REFERENCE / "commands.md", _commands()
    yield REFERENCE / "files.md", _files()
    yield REFERENCE / "columns.md", _columns()
    yield REFERENCE / "rules" / "README.md", _rule_list()
    for rule in rules():
        yield REFERENCE / "rules" / f"{rule.id}.md", _rule(rule)


def _rule_list() -> str:
    rows = "\n".join(
        f"| [{rule.id}]({rule.id}.md) | {rule.title} | {'yes' if rule.needs_framework else 'no'} |"
        for rule in rules()
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
    library = Library(data_folder("frameworks"))
    return f"{NOTICE}\n# Frameworks that ship\n" + "".join(
        _framework(library.framework(name)) for name in library.ids
    )


def _framework(framework: Framework) -> str:
    rows = "\n".join(
        f"| {c.code} | {c.title} | {c.kind} | {c.importance or ''} | {len(c.questions) or len(c.items)} |"
        for c in framework.criteria.values()
    )
    return (
        f"\n## {framework.title} (`{framework.id}` {framework.version})\n\n`{fingerprint(framework)}`\n\n"
        f"| criterion | title | kind | importance | questions or items |\n|---|---|---|---|---|\n{rows}\n"
    )


def _framework_file() -> str:
    definitions: dict[str, Any] = schema()["$defs"]
    parts = [
        f"{NOTICE}\n# The framework file\n\nThe schema: [framework.schema.json](framework.schema.json).\n"
    ]
    for name in sorted(definitions):
        entry = definitions[name]
        if "properties" not in entry:
            continue
        about = " ".join(entry.get("description", "").split())
        parts.append(f"\n## {name}\n\n{about}\n{_fields(entry)}")
    parts += [_beside("examples.yaml", Examples), _beside("reading.yaml", Reading)]
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
        ("synthetic.yaml", Profile),
        ("sample.json", Record),
        ("timetable.json", Plan),
    )
    return f"{NOTICE}\n# Files\n" + "".join(_beside(name, model) for name, model in files)


def _columns() -> str:
    """The columns that files of cases may have, by framework."""
    library = Library(data_folder("frameworks"))
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
