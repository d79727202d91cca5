"""The figures that a writer may bind, each with what it would print now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scrutineer.report.figures.figure import Figure, FigureError
from scrutineer.report.figures.figures import Figures


@dataclass(frozen=True)
class Offer:
    """One figure.

    Attributes:
        code: what is written into the text.
        text: what it prints now.
        title: what it is of, for a person who looks for it.
    """

    code: str
    text: str
    title: str


def list_offers(figures: Figures) -> Iterator[Offer]:
    """Every figure that can be printed now; one that must not be is left out."""
    framework = figures.scored.framework
    groups = {g.key: g.title for g in framework.groups if g.key in figures.scored.shown.groups}
    yield from _list_sizes(figures, groups)
    yield from _offer_group(figures, {}, "", ("score", "interval"))
    for section in framework.sections:
        yield from _offer(
            figures,
            "weighted",
            (section.code,),
            {},
            f"section {section.code} {section.title}: weighted score",
        )
    yield from _offer(figures, "weighted", ("overall",), {}, "overall: weighted score")
    for key, title in groups.items():
        yield from _offer_group(figures, {"group": key}, f", {title}", ("score",))
    for criterion in framework.criteria.values():
        title = f"{criterion.code} {criterion.title}: rating"
        yield from _offer(figures, "rating", (criterion.code,), {}, title)
    yield from _offer_asked(figures)
    yield from _offer_area(figures)


def _offer_group(figures: Figures, named: dict[str, str], of: str, calls: tuple[str, ...]) -> Iterator[Offer]:
    for name, title in _list_scores(figures):
        for call in calls:
            yield from _offer(figures, call, (name,), named, f"{title}{of}: {call}")
    for criterion in figures.scored.framework.criteria.values():
        for question in criterion.questions:
            title = f"{criterion.code} {question.text}{of}"
            yield from _offer(figures, "cases", (question.key,), named, f"{title}: share of cases")
            yield from _offer(figures, "share", (question.key,), named, f"{title}: percentage")


def _offer_area(figures: Figures) -> Iterator[Offer]:
    for row in figures.targets:
        for call in ("performance", "average", "target"):
            yield from _offer(figures, call, (row.measure.key,), {}, f"{row.measure.title}: {call}")
    for need in figures.needs:
        yield from _offer(figures, "issue", (need.key,), {}, f"{need.title}: share of cases")
        yield from _offer(figures, "progress", (need.key,), {}, f"{need.title}: progress")
    for event in figures.days or {}:
        yield from _offer(figures, "date", (event,), {}, f"day of {event.replace('_', ' ')}")


def _list_sizes(figures: Figures, groups: dict[str, str]) -> Iterator[Offer]:
    yield from _offer(figures, "size", (), {}, "how many cases were inspected")
    for key, title in groups.items():
        yield from _offer(figures, "size", (), {"group": key}, f"how many cases: {title}")


def _list_scores(figures: Figures) -> Iterator[tuple[str, str]]:
    framework = figures.scored.framework
    for criterion in framework.criteria.values():
        if criterion.kind == "case":
            yield criterion.code, f"{criterion.code} {criterion.title}"
    for section in framework.sections:
        yield section.code, f"section {section.code} {section.title}"
    for thread in framework.threads:
        yield thread.key, f"thread {thread.title}"
    if framework.has_overall:
        yield "overall", "overall"


def _offer_asked(figures: Figures) -> Iterator[Offer]:
    for survey in figures.surveys.surveys:
        for call in ("sent", "returned", "response_rate"):
            yield from _offer(figures, call, (survey.key,), {}, f"{survey.of}: {call.replace('_', ' ')}")
        for item in survey.items:
            yield from _offer(figures, "agreed", (survey.key, item.key), {}, f"{survey.of}: {item.text}")


def _offer(
    figures: Figures, name: str, words: tuple[str, ...], named: dict[str, str], title: str
) -> Iterator[Offer]:
    make: Callable[..., Figure] = getattr(figures, name)
    try:
        text = make(*words, **named).text
    except FigureError:
        return
    arguments = [f'"{word}"' for word in words] + [f'{key}="{value}"' for key, value in named.items()]
    yield Offer(f"{{{{ {name}({', '.join(arguments)}) }}}}", text, title)
