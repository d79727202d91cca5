"""By which framework a report was written: its title, and the criteria that it lists."""

from __future__ import annotations

from collections.abc import Sequence

from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.reading_hints import Reading, simplify
from scrutineer.proof.reading.layout import CODE, GENERAL, remove_bullet

# Lines with text among which a title must be, and the criteria that must be listed.
_HEAD = 60
_FEWEST = 3


def recognise(clean: Sequence[str], library: Library) -> str | None:
    """The id of the framework that fits a report best, or None if none fits.

    A framework fits where one of its titles is near the top (and nothing that its reading hints
    bar), and at least three of its criteria (all, where it has fewer) are listed. Between several that fit, the one with
    most criteria listed under its own titles is taken, then the one whose words occur most.
    """
    # The beginning is enough to identify the framework, and the rest of a report may describe several.
    head = simplify(" ".join(line for line in clean[:400] if line)[:6000])
    top = simplify(" ".join([line for line in clean if line][:_HEAD]))
    listed = _list_words(clean)
    best: tuple[tuple[int, int], str] | None = None
    for name in library.ids:
        reading = library.load_reading(name)
        if reading is None or not _is_titled(reading, top):
            continue
        framework = library.load_framework(name)
        matches = _count_matches(framework, reading, listed)
        # A title alone is not enough: reports name other inspections' frameworks in passing.
        if matches < min(_FEWEST, len(framework.criteria)):
            continue
        # Versions of a framework share most criteria, so words that only one of them uses decide between them.
        rank = (matches, sum(head.count(simplify(word)) for word in reading.favours))
        if best is None or rank > best[0]:
            best = (rank, name)
    return best[1] if best else None


def _is_titled(reading: Reading, top: str) -> bool:
    has_title = any(simplify(title) in top for title in reading.titles)
    return has_title and not any(simplify(title) in top for title in reading.absent)


def _list_words(clean: Sequence[str]) -> set[tuple[str, str]]:
    words = set()
    for line in clean:
        # A longer line is a sentence that mentions a criterion, not an entry of a list.
        if not line or len(line) > 160:
            continue
        _, text, _ = remove_bullet(line)
        match = CODE.match(text)
        if match:
            title = GENERAL.sub("", text[match.end() :].strip()).split("\t")[0]
            words.add((match.group(1), simplify(title)))
    return words


def _count_matches(framework: Framework, reading: Reading, listed: set[tuple[str, str]]) -> int:
    return sum(
        any(
            (code, simplify(title)) in listed
            for title in (criterion.title, *reading.criterion_titles.get(code, ()))
        )
        for code, criterion in framework.criteria.items()
    )


def collect_annexes(library: Library) -> dict[str, str]:
    """The frameworks that annexes are written by: the annex heading made plain, and the framework's id."""
    readings = ((name, library.load_reading(name)) for name in library.ids)
    return {simplify(r.annex): name for name, r in readings if r is not None and r.annex}
