"""A framework's worked examples, run as tests: `examples.yaml` next to `framework.yaml`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.applicability import add_groups, is_met
from scrutineer.fieldwork.cases.settled import settle_case
from scrutineer.frameworks.load import parse
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.parts import FrameworkPart, Key, Plain, Sentence
from scrutineer.frameworks.yaml_source import YamlSource, read_yaml
from scrutineer.scoring.bands import add_points, find_band
from scrutineer.scoring.rated import collect_figures, rate_levels
from scrutineer.scoring.rated_part import RatedPart
from scrutineer.scoring.ratings import rate
from scrutineer.scoring.scores import Score, find_overall_score, make_section_score, score
from scrutineer.statistics.interval import Interval
from scrutineer.statistics.printed import calculate_share, format_decimal_percent, round_half_up

Expected = int | None
Figure = float | tuple[int, int]


class ScoreExample(FrameworkPart):
    """Figures of questions, and the scores they must lead to: whole percentages, or null for no score.

    A figure is a percentage, or `[above, relevant]` cases.
    """

    name: Sentence
    questions: dict[Key, Figure] = Field(default_factory=dict)
    criteria: dict[str, Expected] = Field(default_factory=dict)
    sections: dict[str, Expected] = Field(default_factory=dict)
    overall: Expected = None
    threads: dict[Key, Expected] = Field(default_factory=dict)
    bands: dict[str, str] = Field(default_factory=dict)


class WeightExample(FrameworkPart):
    """The scores of a section's criteria and the section's score, or section scores and the overall score."""

    name: Sentence
    section: str | None = None
    given: dict[str, float]
    gives: int


class RatingExample(FrameworkPart):
    """The grades of a criterion's items, and the rating they must lead to."""

    name: Sentence
    criterion: str
    grades: dict[Key, Key]
    rating: Key


class ApplicabilityExample(FrameworkPart):
    """Facts of a case, and the questions that apply, that don't apply, and that can't be decided yet."""

    name: Sentence
    facts: dict[Key, Plain] = Field(default_factory=dict)
    applies: tuple[Key, ...] = ()
    not_applicable: tuple[Key, ...] = ()
    not_known: tuple[Key, ...] = ()


class CaseExample(FrameworkPart):
    """A case, and the answers that follow from it by rules; null if there is none yet.

    Attributes:
        answers: what people answered: codes, numbers, or dates.
        gives: the answers that follow, by question.
    """

    name: Sentence
    facts: dict[Key, Plain] = Field(default_factory=dict)
    answers: dict[Key, Plain] = Field(default_factory=dict)
    gives: dict[Key, Key | None]


class PointsExample(FrameworkPart):
    """Ratings, the points they earn together, and the band of the total."""

    name: Sentence
    ratings: tuple[Key, ...]
    points: int
    band: str | None = None


class LevelsExample(FrameworkPart):
    """Ratings or figures, and the ratings of criteria, sections and the whole that they must lead to; null if not rated.

    Attributes:
        questions: figures: a percentage, or `[above, relevant]` cases.
        given: ratings that people gave, by code.
        total: the points of the whole.
        percent: the same as a percentage, rounded.
    """

    name: Sentence
    questions: dict[Key, Figure] = Field(default_factory=dict)
    given: dict[str, Key] = Field(default_factory=dict)
    criteria: dict[str, Key | None] = Field(default_factory=dict)
    sections: dict[str, Key | None] = Field(default_factory=dict)
    overall: Key | None = None
    total: int | None = None
    percent: int | None = None


class Examples(FrameworkPart):
    """All worked examples of a framework."""

    format: Annotated[int, Field(ge=1, le=1)] = 1
    framework: str
    scores: tuple[ScoreExample, ...] = ()
    weights: tuple[WeightExample, ...] = ()
    ratings: tuple[RatingExample, ...] = ()
    applicability: tuple[ApplicabilityExample, ...] = ()
    points: tuple[PointsExample, ...] = ()
    levels: tuple[LevelsExample, ...] = ()
    cases: tuple[CaseExample, ...] = ()


KINDS = ("scores", "weights", "ratings", "applicability", "points", "levels", "cases")


def read_examples(path: Path) -> tuple[YamlSource, Examples]:
    """The examples of a file.

    Raises:
        UserError: with every fault of the file, each with file and line.
    """
    source = read_yaml(path)
    return source, parse(Examples, source)


def count_examples(examples: Examples) -> int:
    """How many worked examples there are."""
    return sum(len(getattr(examples, kind)) for kind in KINDS)


def find_failures(framework: Framework, source: YamlSource, examples: Examples) -> list[Fault]:
    """Every example that does not give the expected result, with file and line."""
    faults: list[Fault] = []
    if examples.framework != framework.id:
        what = f"these are examples of '{examples.framework}', not of '{framework.id}'"
        faults.append(source.make_fault(("framework",), what))
    runners: tuple[tuple[str, Callable[[Framework, Any], Iterator[str]]], ...] = (
        ("scores", _check_score),
        ("weights", _list_weights),
        ("ratings", _check_rating),
        ("applicability", _check_applicability),
        ("points", _format_points),
        ("levels", _check_levels),
        ("cases", _check_case),
    )
    for kind, run in runners:
        for n, example in enumerate(getattr(examples, kind)):
            try:
                wrong = list(run(framework, example))
            # An example whose grades don't fit the framework is a failed example, not a failed check of all others.
            except UserError as error:
                wrong = [str(fault) for fault in error.faults]
            faults += [source.make_fault((kind, n), f"example '{example.name}': {what}") for what in wrong]
    return faults


def _check_score(framework: Framework, example: ScoreExample) -> Iterator[str]:
    unknown = [key for key in example.questions if key not in framework.questions]
    if unknown:
        yield f"unknown questions {', '.join(unknown)}"
        return
    got = score(framework, _calculate_figures(example.questions))
    expected: list[tuple[str, Expected, Score | None]] = [
        *((f"criterion {code}", want, got.criteria.get(code)) for code, want in example.criteria.items()),
        *((f"section {code}", want, got.sections.get(code)) for code, want in example.sections.items()),
        *((f"thread {key}", want, got.threads.get(key)) for key, want in example.threads.items()),
        *([("the overall score", example.overall, got.overall)] if example.overall is not None else []),
    ]
    for name, want, have in expected:
        value = have.value if have else None
        # Examples give whole percentages, as reports print them.
        if (None if value is None else round_half_up(value.low)) != want:
            yield f"{name} is {'no score' if value is None else format_decimal_percent(value.low)}, expected {want}"
    for code, label in example.bands.items():
        value = got.criteria[code].value
        reached = find_band(framework.scoring.bands, value.low) if value else None
        if reached is None or reached.label != label:
            yield f"{code} is in '{reached.label if reached else 'no band'}', expected '{label}'"


def _calculate_figures(values: Mapping[str, Figure]) -> dict[str, Interval]:
    """The shares that figures of questions stand for; a question that applies to no case has none.

    Raises:
        UserError: more cases above the line than there are.
    """
    counts = {key: value for key, value in values.items() if isinstance(value, tuple)}
    wrong = [key for key, (above, relevant) in counts.items() if not 0 <= above <= relevant]
    if wrong:
        raise UserError(Fault("", f"{', '.join(wrong)}: more cases are above the line than there are"))
    shares = {key: calculate_share(*count) for key, count in counts.items() if count[1]}
    # Through text, because 66.7 as a float is not 66.7, and an example must not fail for that.
    plain = {key: Fraction(str(value)) for key, value in values.items() if not isinstance(value, tuple)}
    return {key: Interval.from_number(share) for key, share in {**shares, **plain}.items()}


def _list_weights(framework: Framework, example: WeightExample) -> Iterator[str]:
    figures = _calculate_figures(example.given)
    section = next((s for s in framework.sections if s.code == example.section), None)
    got = (
        make_section_score(framework, section, figures) if section else find_overall_score(framework, figures)
    )
    if got is None or got.value is None:
        yield "there is no such score"
    elif round_half_up(got.value.low) != example.gives:
        yield f"the score is {format_decimal_percent(got.value.low)}, expected {example.gives}%"


def _check_rating(framework: Framework, example: RatingExample) -> Iterator[str]:
    if framework.ratings is None or example.criterion not in framework.criteria:
        yield f"there is no judgement criterion '{example.criterion}'"
        return
    got = rate(framework.ratings, framework.criteria[example.criterion], example.grades)
    if got.rating != example.rating:
        yield f"the rating is '{got.rating}', expected '{example.rating}'"


def _check_applicability(framework: Framework, example: ApplicabilityExample) -> Iterator[str]:
    facts = add_groups(framework, example.facts)
    for keys, want, words in (
        (example.applies, True, "applies"),
        (example.not_applicable, False, "does not apply"),
        (example.not_known, None, "not known"),
    ):
        for key in keys:
            if key not in framework.questions:
                yield f"unknown question '{key}'"
            elif (got := is_met(framework.questions[key].when, facts)) is not want:
                yield f"whether '{key}' applies: {got}, expected: {words}"


def _check_case(framework: Framework, example: CaseExample) -> Iterator[str]:
    unknown = [key for key in (*example.answers, *example.gives) if key not in framework.questions]
    if unknown:
        yield f"unknown questions {', '.join(unknown)}"
        return
    settled = settle_case(framework, example.facts, example.answers)
    for key, want in example.gives.items():
        got = settled[key]
        if got.answer != want:
            by = f" by rule {got.rule}" if got.rule else ""
            yield f"'{key}' is '{got.answer or 'open'}'{by}, expected '{want or 'open'}'"


def _format_points(framework: Framework, example: PointsExample) -> Iterator[str]:
    if framework.scoring.points is None:
        yield "the framework gives no points"
        return
    total, reached = add_points(framework.scoring.points, example.ratings)
    if (total, reached.label if reached else None) != (example.points, example.band):
        yield f"the points are {total} ({reached.label if reached else 'no band'}), expected {example.points} ({example.band})"


def _check_levels(framework: Framework, example: LevelsExample) -> Iterator[str]:
    unknown = [key for key in example.questions if key not in framework.questions]
    if unknown:
        yield f"unknown questions {', '.join(unknown)}"
        return
    figures = _calculate_figures(example.questions)
    counts = {key: value for key, value in example.questions.items() if isinstance(value, tuple)}
    got = rate_levels(framework, collect_figures(framework, figures, counts), example.given)
    expected: list[tuple[str, str | None, RatedPart | None]] = [
        *((code, want, got.criteria.get(code)) for code, want in example.criteria.items()),
        *((code, want, got.sections.get(code)) for code, want in example.sections.items()),
        ("the whole", example.overall, got.overall),
    ]
    for name, want, part in expected:
        key = part.rating.key if part and part.rating else None
        if key != want:
            yield f"{name} is '{key or 'not rated'}' ({_explain(part)}), expected '{want or 'not rated'}'"
    whole = got.overall
    if example.total is not None and (whole is None or whole.total != example.total):
        yield f"the total is {whole.total if whole else 'missing'}, expected {example.total}"
    percent = whole.percent if whole else None
    if example.percent is not None and (percent is None or round_half_up(percent) != example.percent):
        yield f"the total is {percent}%, expected {example.percent}%"


def _explain(part: RatedPart | None) -> str:
    return "there is none" if part is None else part.rule or part.reason
