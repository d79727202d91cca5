"""Figures of a published inspection: taken from a report as read, or kept as a file that a person has checked.

The files hold figures, codes, titles and line numbers, and no sentence of any report.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from scrutineer.errors import Fault, UserError
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.load import parse
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.parts import FrameworkPart
from scrutineer.frameworks.yaml_source import YamlSource, read_yaml
from scrutineer.proof.reading.report import Claim, PrintedValue, PublishedReport
from scrutineer.proof.reading.report import ReportPart as ReportPart
from scrutineer.scoring.figures import GroupFigures, InspectionFigures, Printed, PrintedRating

Percent = Annotated[float, Field(ge=0, le=100)]


class PrintedFigure(FrameworkPart):
    """One printed figure: a percentage above the line, a count, or both as printed side by side."""

    percent: Percent | None = None
    above: Annotated[int, Field(ge=0)] | None = None
    relevant: Annotated[int, Field(ge=1)] | None = None
    line: int | None = None


class Rated(FrameworkPart):
    """One printed rating."""

    rating: str
    line: int | None = None


class PrintedGroup(FrameworkPart):
    """The figures of one group of cases."""

    cases: int | None = None
    overall: PrintedFigure | None = None
    sections: dict[str, PrintedFigure] = Field(default_factory=dict)
    criteria: dict[str, PrintedFigure] = Field(default_factory=dict)
    threads: dict[str, PrintedFigure] = Field(default_factory=dict)
    questions: dict[str, PrintedFigure] = Field(default_factory=dict)


class PrintedInspection(FrameworkPart):
    """What one framework's part of a report prints."""

    framework: str
    base_group: str = "all"
    groups: dict[str, PrintedGroup]
    ratings: dict[str, Rated] = Field(default_factory=dict)


class Dataset(FrameworkPart):
    """The printed figures of one report; `checked` says that a person has compared them with it."""

    format: Literal[1]
    area: str
    date: str
    report: str
    checked: bool
    inspections: tuple[PrintedInspection, ...] = Field(min_length=1)


def read_dataset(path: Path, library: Library) -> Dataset:
    """A figures file.

    Raises:
        UserError: with every fault, each with file and line: unknown frameworks, criteria,
            questions, and counts greater than their whole.
    """
    source = read_yaml(path)
    dataset = parse(Dataset, source)
    faults = list(_find_faults(source, dataset, library))
    if faults:
        raise UserError(faults)
    return dataset


def _find_faults(source: YamlSource, dataset: Dataset, library: Library) -> Iterator[Fault]:
    for n, inspection in enumerate(dataset.inspections):
        place = ("inspections", n)
        if inspection.framework not in library.ids:
            what = f"there is no framework '{inspection.framework}'"
            yield source.make_fault((*place, "framework"), what, f"Choose from {', '.join(library.ids)}")
            continue
        framework = library.load_framework(inspection.framework)
        for name, group in inspection.groups.items():
            at = (*place, "groups", name)
            yield from _find_unknown(
                source, (*at, "questions"), "question", group.questions, framework.questions
            )
            yield from _find_unknown(
                source, (*at, "criteria"), "criterion", group.criteria, framework.criteria
            )
            for key, figure in group.questions.items():
                if (
                    figure.above is not None
                    and figure.relevant is not None
                    and figure.above > figure.relevant
                ):
                    what = f"'{key}' has {figure.above} cases above the line of {figure.relevant}"
                    yield source.make_fault(
                        (*at, "questions", key), what, "A part can't be more than its whole"
                    )
        yield from _find_unknown(
            source, (*place, "ratings"), "criterion", inspection.ratings, framework.criteria
        )


def _find_unknown(
    source: YamlSource, place: tuple[Any, ...], kind: str, names: Iterable[str], known: Iterable[str]
) -> Iterator[Fault]:
    # A set, because a framework has hundreds of questions and every one is looked up.
    there = set(known)
    for name in names:
        if name not in there:
            yield source.make_fault(
                (*place, name), f"there is no {kind} '{name}' in the framework", "Check its spelling"
            )


def list_inspections(dataset: Dataset) -> Iterator[tuple[InspectionFigures, str]]:
    """Each inspection of a dataset as values for re-derivation, with the group that its scores are of."""
    for part in dataset.inspections:
        groups = {name: _group_figures(group) for name, group in part.groups.items()}
        ratings = {code: PrintedRating(r.rating, r.line) for code, r in part.ratings.items()}
        yield (
            InspectionFigures(area=dataset.area, framework=part.framework, groups=groups, ratings=ratings),
            part.base_group,
        )


def _group_figures(group: PrintedGroup) -> GroupFigures:
    return GroupFigures(
        cases=group.cases,
        questions={k: _read_printed(f) for k, f in group.questions.items()},
        criteria={k: _read_printed(f) for k, f in group.criteria.items()},
        sections={k: _read_printed(f) for k, f in group.sections.items()},
        overall=_read_printed(group.overall) if group.overall else None,
        threads={k: _read_printed(f) for k, f in group.threads.items()},
    )


def _read_printed(figure: PrintedFigure) -> Printed:
    percent = Fraction(str(figure.percent)) if figure.percent is not None else None
    return Printed(percent=percent, above=figure.above, relevant=figure.relevant, line=figure.line)


# -- from a report as read -------------------------------------------------------------


def take_from_report(report: PublishedReport, library: Library) -> Dataset:
    """The figures of a report as the reader took them, for a person to check.

    Raises:
        UserError: no framework fits the report, so its figures have no place.
    """
    if report.framework is None:
        what = "this report does not match any known framework, so its figures can't be used"
        raise UserError(Fault(report.file, what, "Add its framework first"))
    parts = [
        _make_inspection(report, part, library.load_framework(part.framework), library)
        for part in report.parts
        if part.framework
    ]
    return Dataset(
        format=1,
        area=report.area or "",
        date=report.date or "",
        report=report.file,
        checked=False,
        inspections=tuple(parts),
    )


def _make_inspection(
    report: PublishedReport, part: ReportPart, framework: Framework, library: Library
) -> PrintedInspection:
    reading = library.load_reading(framework.id)
    base = reading.base_group if reading else "all"
    groups: dict[str, dict[str, Any]] = {base: {"cases": _find_cases(part)}}
    for value in part.values:
        # More than 100% is a misprint, which the rule attainable-percent
        # reports. Nothing can be derived from it.
        if value.percent is not None and value.percent <= 100:
            group = groups.setdefault(value.group, {})
            figure = PrintedFigure(percent=value.percent, line=value.line)
            if value.level == "overall":
                group.setdefault("overall", figure)
            else:
                # The first place counts if a report prints a figure twice; a rule of the proof reports the difference.
                group.setdefault(_PLURAL[value.level], {}).setdefault(value.code, figure)
    for claim, counted in list_question_claims(report, framework.id):
        questions = groups.setdefault(claim.group, {}).setdefault("questions", {})
        questions.setdefault(claim.question, _make_figure(claim, counted))
    return PrintedInspection(
        framework=framework.id,
        base_group=base,
        groups={name: PrintedGroup(**_sort_by_framework(parts, framework)) for name, parts in groups.items()},
        ratings=_collect_ratings(part.values),
    )


_PLURAL = {"criterion": "criteria", "section": "sections", "thread": "threads"}


def _collect_ratings(values: Iterable[PrintedValue]) -> dict[str, Rated]:
    ratings: dict[str, Rated] = {}
    for value in values:
        if value.rating is not None:
            ratings.setdefault(value.code, Rated(rating=value.rating, line=value.line))
    return ratings


def _find_cases(part: ReportPart) -> int | None:
    stated = [s.size for s in part.samples if not s.design]
    # "A sample of 100" is the design's round number in many reports; an odd number is the count of cases inspected.
    exact = [size for size in stated if size != 100]
    return next(iter(exact or stated), None)


def _sort_by_framework(parts: dict[str, Any], framework: Framework) -> dict[str, Any]:
    order: dict[str, Iterable[str]] = {"questions": framework.questions, "criteria": framework.criteria}
    return {
        name: {k: value[k] for k in order[name] if k in value} if name in order else value
        for name, value in parts.items()
    }


def list_question_claims(report: PublishedReport, framework: str) -> Iterator[tuple[Claim, Claim | None]]:
    """The claims that answer a question of a framework exactly, those under the question's own criterion first.

    Yields:
        A claim and, where a percentage and a count state the same share, the count as well.
    """
    counted = {id(percent): fraction for percent, fraction in report.pairs}
    told_twice = {id(fraction) for fraction in counted.values()}
    own = [c for c in report.claims if c.framework == framework and c.question and _is_share(c)]
    # A summary may round or reword, so the figure under the question's own criterion comes first.
    for claim in sorted(own, key=lambda c: c.zone != "body"):
        if id(claim) not in told_twice:
            yield claim, counted.get(id(claim))


def _is_share(claim: Claim) -> bool:
    """Whether a claim states a share of cases exactly: what is above 100% is performance against something."""
    return claim.exact and claim.kind in {"percentage", "fraction"} and (claim.value or 0) <= 100


def _make_figure(claim: Claim, counted: Claim | None) -> PrintedFigure:
    count = counted or claim
    above = relevant = None
    if count.numerator is not None and count.denominator:
        below = claim.polarity == "below"
        relevant = count.denominator
        # "Not done in 8 of 40 cases" means 32 of 40 above the line.
        above = relevant - count.numerator if below else count.numerator
    # With both a count and a percentage, each is kept: they may disagree.
    percent = claim.above if claim.kind == "percentage" or relevant is None else None
    return PrintedFigure(percent=percent, above=above, relevant=relevant, line=claim.line)
