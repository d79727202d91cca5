"""Whether a framework, its thematic elements and an original go together: for a new inspection and for one that is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scrutineer.frameworks.model import Framework

Problem = tuple[str, str]
"""What is wrong, and what to do."""


def find_framework_problems(framework: Framework) -> Iterator[Problem]:
    """Why a framework can't be used for an inspection by itself."""
    if framework.kind == "element":
        base = framework.sample.part_of
        do = (
            f"Use '{base}' as the framework, with this as an element"
            if base
            else "Use it as an element of an inspection"
        )
        yield f"'{framework.id}' is a thematic element, not a full inspection", do


def list_element_problems(
    framework: Framework, elements: Sequence[Framework]
) -> Iterator[tuple[int, Problem]]:
    """Which elements can't be used with a framework, by their place."""
    seen: set[str] = set()
    for n, element in enumerate(elements):
        if element.id == framework.id:
            yield n, ("the framework cannot be its own element", "Remove it")
        elif element.kind != "element":
            yield n, (f"'{element.id}' is not a thematic element", "Remove it")
        elif element.sample.part_of not in (None, framework.id):
            what = f"element '{element.id}' uses the sample of '{element.sample.part_of}'"
            yield n, (what, f"Remove it, or use '{element.sample.part_of}' as the framework")
        if element.id in seen:
            yield n, (f"element '{element.id}' is listed twice", "List each element once")
        seen.add(element.id)
