"""How things are rated, in words: what a report says of the method, and what a framework's page shows."""

from __future__ import annotations

from collections.abc import Iterator

from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.rating_methods import PartsTest, RatingMethod, RatingScale
from scrutineer.report.parts.lines import format_number, list_words
from scrutineer.scoring.rating_steps import describe_bounds

_VALUES = {
    "judgement": "is rated by people, on evidence",
    "score": "is rated by its score",
    "lowest_question": "is rated by the lowest score of its questions",
    "highest_question": "is rated by the highest score of its questions",
    "points": "is rated by the points of its parts' ratings, added up",
    "percent_of_points": "is rated by the points of its parts' ratings, as a percentage of the most that they could have",
    "lowest_rating": "has the rating of its worst part",
    "highest_rating": "has the rating of its best part",
    "rules": "is rated by rules on the ratings of its parts",
    "failures": "is rated by how many cases fail, against an acceptance number",
}


def describe_ratings(framework: Framework) -> Iterator[str]:
    """How every level is rated, in sentences; parts that are rated alike are described together."""
    for who, method in list_methods(framework):
        yield " ".join(describe_method(framework, who, method))


def list_methods(framework: Framework) -> Iterator[tuple[str, RatingMethod]]:
    """Every method, with what is rated by it in words."""
    apart = [c.code for c in framework.criteria.values() if c.rated is not None]
    usual = [code for code in framework.criteria if code not in apart]
    if framework.rated.criteria is not None and usual:
        yield ("Every criterion" if not apart else "Every other criterion"), framework.rated.criteria
    alike: dict[str, tuple[list[str], RatingMethod]] = {}
    for criterion in framework.criteria.values():
        if criterion.rated is not None:
            alike.setdefault(repr(criterion.rated), ([], criterion.rated))[0].append(criterion.code)
    for codes, method in alike.values():
        yield f"{'Criterion' if len(codes) == 1 else 'Each of the criteria'} {list_words(codes)}", method
    own = [section for section in framework.sections if section.rated is not None]
    if framework.rated.sections is not None and len(own) < len(framework.sections):
        yield ("Every section" if not own else "Every other section"), framework.rated.sections
    for section in own:
        if section.rated is not None:
            yield f"Section {section.code}", section.rated
    if framework.rated.overall is not None:
        yield "The whole", framework.rated.overall


def describe_method(framework: Framework, who: str, method: RatingMethod) -> Iterator[str]:
    """One method in sentences."""
    scale = framework.find_rating_scale(method.scale)
    titles = {rating.key: rating.title for rating in scale.ratings}
    yield f"{who} {_VALUES[method.value]}."
    if method.rules:
        steps = [f"{titles[s.rating]} {_describe_tests(s.where, scale)}" for s in method.rules]
        yield f"The first of these rules that applies gives the rating: {'; '.join(steps)}."
    if method.bands:
        unit = " points" if method.value == "points" else "%"
        bands = [f"{titles[b.rating]} from {b.at_least:g}{unit}" for b in method.bands]
        rounded = " Values are rounded to whole numbers first." if method.rounded else ""
        yield f"The bands are {list_words(bands)}.{rounded}"
    if method.acceptance is not None:
        steps = [
            f"{format_number(s.at_most)} of {format_number(s.examined)} or more"
            for s in method.acceptance.steps
        ]
        yield (
            f"It's {titles[method.acceptance.accepted]} with no more failures than are accepted, and otherwise"
            f" {titles[method.acceptance.rejected]}. Accepted are {list_words(steps)}."
        )
    for bound in method.limits:
        yield f"{bound.title}: at most {titles[bound.at_most]}."
    if method.fewest_cases is not None:
        yield f"With fewer than {format_number(method.fewest_cases)} cases, there is no rating."
    if method.discretion is not None:
        within = method.discretion.within
        near = f", within {within:g} of the boundary" if within is not None else ""
        yield f"{method.discretion.by} may set another rating{near}, and gives the reason."


def _describe_tests(tests: tuple[PartsTest, ...], scale: RatingScale) -> str:
    if not tests:
        return "otherwise"
    said = []
    for test in tests:
        parts = list_words(list(test.parts)) if test.parts else "the parts"
        many = f"every one of {parts}" if test.every else f"at least {format_number(test.number)} of {parts}"
        said.append(f"{many}: {describe_bounds(test, scale)}")
    return f"where {' and '.join(said)}"
