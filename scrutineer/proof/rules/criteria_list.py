"""Lists of criteria: contents, scoring sheet, scoring approach and body must name the same criteria.

The rule compares each list with the headings of the body, section by section: how many criteria there are, their titles
and their order. If the body has lost a heading, it uses the framework. A list of scored criteria can leave out
judgement criteria.
"""

from __future__ import annotations

from collections.abc import Iterator

from rapidfuzz import fuzz

from scrutineer.frameworks.model import Section
from scrutineer.frameworks.reading_hints import simplify
from scrutineer.proof.basis.context import Context, Governed
from scrutineer.proof.basis.finding import Finding
from scrutineer.proof.reading.report import ListedCriterion

NEEDS_FRAMEWORK = True

_NAMES = {
    "contents": "The contents",
    "sheet": "The scoring sheet",
    "approach": "The scoring approach",
    "body": "The body",
}
_ALIKE = 78


def check(context: Context) -> Iterator[Finding]:
    """Every list of criteria that differs from the body's."""
    if not context.governed:
        return
    main = context.governed[0]
    titles = _list_body_titles(context, main)
    for where, name in _NAMES.items():
        listed = [entry for entry in context.report.listed if entry.where == where]
        for section in main.framework.sections:
            codes = [c.code for c in section.criteria]
            yield from _check_lists(
                context, main, name, section, [e for e in listed if e.code in codes], titles
            )


def _list_body_titles(context: Context, main: Governed) -> dict[str, tuple[str, int | None]]:
    """The title of each criterion in the body, with its line; the framework's where the body has none."""
    titles: dict[str, tuple[str, int | None]] = {
        code: (c.title, None) for code, c in main.framework.criteria.items()
    }
    titles |= {e.code: (e.title, e.line) for e in context.report.listed if e.where == "body"}
    return titles


def _check_lists(
    context: Context,
    main: Governed,
    name: str,
    section: Section,
    entries: list[ListedCriterion],
    titles: dict[str, tuple[str, int | None]],
) -> Iterator[Finding]:
    # A single entry is a criterion named in passing, not a list.
    if len(entries) < 2:
        return
    first = entries[0]
    faults: list[str] = []
    lines: list[tuple[ListedCriterion, int | None]] = []
    kinds = {main.framework.criteria[e.code].kind for e in entries}
    # The body is never said to lack a criterion, because extraction may have lost its heading.
    expected = [c.code for c in section.criteria if c.kind in kinds and (first.where != "body")]
    codes = list(dict.fromkeys(e.code for e in entries))
    missing = [code for code in expected if code not in codes]
    if missing:
        faults.append(f"names {len(codes)} of {len(expected)} criteria (not {', '.join(missing)})")
    if codes != [c.code for c in section.criteria if c.code in codes]:
        faults.append(f"has them in the order {', '.join(codes)}")
    for entry in entries:
        title, line = titles[entry.code]
        if not _is_alike(context, entry.title, title):
            faults.append(f"calls {entry.code} “{entry.title}” where the body has “{title}”")
            lines.append((entry, line))
    if faults:
        at = lines[0][0] if lines else first
        message = f"{name}, section {section.code}: {'; '.join(faults)}."
        also = (place for entry, line in lines for place in (entry.line, line) if place and place != at.line)
        yield Finding(
            rule="criteria-list",
            severity="warning",
            line=at.line,
            quote=f"{at.code} {at.title}",
            message=message,
            published=", ".join(codes),
            expected=", ".join(expected or codes),
            also=tuple(dict.fromkeys(also)),
        )


def _is_alike(context: Context, title: str, other: str) -> bool:
    # Sets of words, since a list may shorten a title or put it in another order.
    return fuzz.token_set_ratio(_spell_out(context, title), _spell_out(context, other)) >= _ALIKE


def _spell_out(context: Context, title: str) -> str:
    """A title with the abbreviations of the report's glossary written out."""
    words = title.split()
    meanings = {term.abbreviation.lower(): term.meaning for term in context.report.glossary}
    return simplify(" ".join(meanings.get(word.lower(), word) for word in words))
