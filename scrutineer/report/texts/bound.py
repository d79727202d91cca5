"""A whole inspection with its scores, its figures and every text read: what a draft and a report are made from."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from scrutineer.frameworks.library import Library
from scrutineer.inspection.area import mark_performance
from scrutineer.inspection.texts import Text
from scrutineer.inspection.whole import Element, Inspection
from scrutineer.inspection.whole_scores import InspectionScores, score_element, score_whole
from scrutineer.report.figures.figures import Figures
from scrutineer.report.texts.check import find_remarks
from scrutineer.report.texts.parse import Parsed, parse
from scrutineer.report.texts.remark import Remark


@dataclass(frozen=True)
class BoundElement:
    """A thematic element with its figures and texts, by name: findings/B1."""

    element: Element
    figures: Figures
    texts: dict[str, Parsed]

    @property
    def scored(self) -> InspectionScores:
        """Its scores."""
        return self.figures.scored


@dataclass(frozen=True)
class Bound:
    """An inspection with its figures, and its texts with their figures put in."""

    inspection: Inspection
    figures: Figures
    texts: dict[str, Parsed]
    elements: tuple[BoundElement, ...]

    @property
    def scored(self) -> InspectionScores:
        """The inspection's scores."""
        return self.figures.scored

    def list_remarks(self) -> Iterator[Remark]:
        """Everything that is wrong with any text, file by file."""
        for parsed in self.texts.values():
            yield from find_remarks(parsed, self.figures)
        for element in self.elements:
            for parsed in element.texts.values():
                yield from find_remarks(parsed, element.figures)
        for text in _list_recommended(self.inspection):
            yield from find_remarks(parse(text, self.figures), self.figures)


def _list_recommended(inspection: Inspection) -> Iterator[Text]:
    """The recommendations as texts: numbers typed into them are no better than in a finding."""
    for n, recommendation in enumerate(inspection.recommendations.recommendations, 1):
        where = f"{inspection.where}/recommendations.yaml, recommendation {n},"
        yield Text("recommendations", where, (recommendation.text.replace("{{", "{ {"),))


def make_figures(inspection: Inspection, library: Library) -> Figures:
    """The figures of an inspection.

    Raises:
        UserError: there are no cases yet.
    """
    original = None
    if inspection.original is not None and inspection.manifest.original is not None:
        file = inspection.original
        original = (file, inspection.manifest.original.group, library.load_framework(file.framework))
    return Figures(
        scored=score_whole(inspection),
        house=inspection.house,
        surveys=inspection.surveys,
        targets=mark_performance(inspection.framework, inspection.area),
        needs=inspection.needs,
        days=dict(inspection.dates.events),
        original=original,
    )


def bind_some(inspection: Inspection, library: Library, names: Collection[str]) -> Bound:
    """Score an inspection and put the figures into some of its texts only: for a look at one part.

    Raises:
        UserError: there are no cases yet.
    """
    figures = make_figures(inspection, library)
    texts = {name: parse(text, figures) for name, text in inspection.texts.items() if name in names}
    return Bound(inspection=inspection, figures=figures, texts=texts, elements=())


def bind(inspection: Inspection, library: Library) -> Bound:
    """Score an inspection and put the figures into its texts.

    Raises:
        UserError: there are no cases yet, or none that an element looks at.
    """
    figures = make_figures(inspection, library)
    elements = []
    for element in inspection.elements:
        own = make_element_figures(inspection, element, figures)
        elements.append(BoundElement(element, own, {k: parse(t, own) for k, t in element.texts.items()}))
    texts = {name: parse(text, figures) for name, text in inspection.texts.items()}
    return Bound(inspection=inspection, figures=figures, texts=texts, elements=tuple(elements))


def make_element_figures(inspection: Inspection, element: Element, main: Figures) -> Figures:
    """The figures of a thematic element."""
    return Figures(
        scored=score_element(inspection, element, main.scored),
        house=element.house,
        surveys=main.surveys,
        targets=(),
        needs=(),
        days=main.days,
        main=main,
        name=element.framework.id,
    )
