"""The sentences of the room that are marked for translation, as a template for translators (`locale/django.pot`).

Needs nothing but Python: GNU gettext is not on every machine. Translators make `<language>/LC_MESSAGES/django.po` from it with
the tools they like, and `django-admin compilemessages` makes what the room reads.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
ROOM = ROOT / "scrutineer_web"
CATALOGUE = ROOM / "locale" / "django.pot"

Sentence = tuple[str | None, str, str | None]
"""Context, text, and its plural; the first and last are None where it has none."""

_PARTS = {
    "_": ("text",),
    "gettext": ("text",),
    "ngettext": ("text", "plural"),
    "pgettext": ("context", "text"),
    "npgettext": ("context", "text", "plural"),
}
"""What the first arguments of each marking function are; lazy ones take the same."""
_LITERAL = r"""u?(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")"""
_CALL = re.compile(rf"\b({'|'.join(_PARTS)})\(\s*({_LITERAL}(?:\s*,\s*{_LITERAL})*)")
_HEADER = """\
# Sentences of the room. Made by `./run fix`; change the templates and the code, not this file.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=INTEGER; plural=EXPRESSION;\\n"
"""


def make_catalogue() -> str:
    """The catalogue: every sentence once, in the order of the alphabet, with the files that say it.

    Without line numbers, so that it changes only when a sentence does.
    """
    places: dict[Sentence, set[str]] = {}
    for path in sorted((*ROOM.rglob("*.html"), *ROOM.rglob("*.py"))):
        if not {"node_modules", "migrations"} & set(path.parts):
            for sentence in list_sentences(path):
                places.setdefault(sentence, set()).add(path.relative_to(ROOT).as_posix())
    entries = sorted(places.items(), key=lambda entry: (entry[0][1].lower(), entry[0][1], str(entry[0])))
    return _HEADER + "".join(_format_entry(sentence, sorted(files)) for sentence, files in entries)


def list_sentences(path: Path) -> Iterator[Sentence]:
    """The sentences that a template or a module marks."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        # Django's own translation of a template into calls, as `makemessages` hands it to GNU gettext.
        for call in _CALL.finditer(templatize(text, origin=str(path))):
            yield _name_parts(call[1], [ast.literal_eval(part) for part in re.findall(_LITERAL, call[2])])
        return
    module = ast.parse(text)
    functions = _list_marks(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            name = functions.get(ast.unparse(node.func), "")
            values = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
            texts = [value for value in values if isinstance(value, str)]
            if name and len(texts) >= len(_PARTS[name]):
                yield _name_parts(name, texts)


def _list_marks(module: ast.Module) -> dict[str, str]:
    """The marking functions of a module, by the names under which it imports them."""
    return {
        alias.asname or alias.name: alias.name.removesuffix("_lazy")
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name.removesuffix("_lazy") in _PARTS
    }


def _name_parts(function: str, texts: list[str]) -> Sentence:
    parts = dict(zip(_PARTS[function], texts, strict=False))
    return parts.get("context"), parts["text"], parts.get("plural")


def _format_entry(sentence: Sentence, files: list[str]) -> str:
    context, text, plural = sentence
    lines = ["", *(f"#: {file}" for file in files)]
    if "%(" in text:
        lines.append("#, python-format")
    elif re.search(r"\{\w*\}", text):
        lines.append("#, python-brace-format")
    if context is not None:
        lines.append(f"msgctxt {_quote(context)}")
    lines.append(f"msgid {_quote(text)}")
    if plural is None:
        lines.append('msgstr ""')
    else:
        lines += [f"msgid_plural {_quote(plural)}", 'msgstr[0] ""', 'msgstr[1] ""']
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("\n", "\\n")
    return f'"{escaped}"'
