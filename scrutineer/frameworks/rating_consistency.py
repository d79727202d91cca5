"""How the methods by which things are rated fit the framework: scales, bands, rules and limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scrutineer.frameworks.condition_consistency import list_conditions
from scrutineer.frameworks.conditions import Bounds, Condition, Nearness
from scrutineer.frameworks.model import Criterion, Framework, Section
from scrutineer.frameworks.parts import make_exact
from scrutineer.frameworks.problem import Place, Problem, list_known
from scrutineer.frameworks.rating_methods import PartsTest, RatingMethod, RatingScale

_BANDED = {"score", "lowest_question", "highest_question", "points", "percent_of_points"}
_OF_CASES = {"lowest_question", "highest_question"}


@dataclass(frozen=True)
class Node:
    """Something that's rated: its place in the file, its name, its method, and what it consists of."""

    place: Place
    name: str
    level: str
    method: RatingMethod
    parts: tuple[Criterion | Section, ...]


def list_nodes(framework: Framework) -> Iterator[Node]:
    """Everything that's rated, from the criteria to the whole."""
    rated = framework.rated
    for s, section in enumerate(framework.sections):
        for c, criterion in enumerate(section.criteria):
            method = framework.find_method(criterion)
            if method is not None:
                place: Place = (
                    ("sections", s, "criteria", c, "rated") if criterion.rated else ("rated", "criteria")
                )
                yield Node(place, criterion.code, "criterion", method, ())
    for s, section in enumerate(framework.sections):
        method = framework.find_method(section)
        if method is not None:
            place = ("sections", s, "rated") if section.rated else ("rated", "sections")
            own = tuple(c for c in section.criteria if c.counted and framework.find_method(c))
            yield Node(place, section.code, "section", method, own)
    if rated.overall is not None:
        parts: tuple[Criterion | Section, ...] = (
            tuple(c for c in framework.criteria.values() if c.counted and framework.find_method(c))
            if rated.overall.of == "criteria"
            else tuple(s for s in framework.sections if framework.find_method(s))
        )
        yield Node(("rated", "overall"), framework.id, "whole", rated.overall, parts)


def check_rating_scales(framework: Framework) -> Iterator[Problem]:
    """A scale's ratings have names of their own, and a better rating never has fewer points."""
    for n, scale in enumerate(framework.rating_scales):
        keys = [rating.key for rating in scale.ratings]
        for m, key in enumerate(keys):
            if key in keys[:m]:
                what = f"rating '{key}' appears twice in the scale '{scale.key}'"
                yield Problem(
                    ("rating_scales", n, "ratings", m, "key"), key, what, "Give each one a different name"
                )
        points = [make_exact(r.points) for r in scale.ratings if r.points is not None]
        if points != sorted(points, reverse=True):
            what = f"in the scale '{scale.key}', a worse rating has more points than a better one"
            yield Problem(
                ("rating_scales", n, "ratings"), scale.key, what, "List the ratings from best to worst"
            )


def check_methods(framework: Framework) -> Iterator[Problem]:
    """A method names a scale and ratings that there are, and has the bands that its value needs."""
    scales = {scale.key: scale for scale in framework.rating_scales}
    seen = set[Place]()
    for node in list_nodes(framework):
        if node.method.scale not in scales:
            if node.place not in seen:
                what = f"the rating of {node.name} uses an unknown scale, '{node.method.scale}'"
                yield Problem(
                    (*node.place, "scale"),
                    node.name,
                    what,
                    list_known(node.method.scale, scales) if scales else "Add `rating_scales`",
                )
        elif node.place not in seen:
            yield from _check_bands(node, scales[node.method.scale])
            yield from _check_rules(node, scales[node.method.scale])
            yield from _check_value(node)
        yield from _check_failures(framework, node)
        yield from _check_graded(framework, node, scales)
        if node.parts and all(m.scale in scales for m in _list_methods(framework, node)):
            yield from _check_parts(framework, node, scales)
        seen.add(node.place)


def _check_failures(framework: Framework, node: Node) -> Iterator[Problem]:
    """Failures are counted in one question of a criterion."""
    if node.method.value != "failures":
        return
    criterion = framework.criteria.get(node.name)
    if node.level != "criterion" or criterion is None or len(criterion.scored_questions) != 1:
        what = f"failures are counted for {node.name}, which isn't a criterion with one scored question"
        yield Problem((*node.place, "value"), node.name, what, "Mark its other questions `context: true`")


def _check_graded(framework: Framework, node: Node, scales: dict[str, RatingScale]) -> Iterator[Problem]:
    """Where items are graded, the ratings that their rules give are on the criterion's scale."""
    criterion = framework.criteria.get(node.name)
    scale = scales.get(node.method.scale)
    if node.level != "criterion" or criterion is None or not criterion.items or scale is None:
        return
    known = [rating.key for rating in scale.ratings]
    for n, rule in enumerate(framework.ratings.rules if framework.ratings else ()):
        if rule.rating not in known:
            what = f"criterion {criterion.code} can have the rating '{rule.rating}', which the scale '{scale.key}' doesn't have"
            yield Problem(
                ("ratings", "rules", n, "rating"), rule.rating, what, list_known(rule.rating, known)
            )


def _list_methods(framework: Framework, node: Node) -> list[RatingMethod]:
    return [m for part in node.parts if (m := framework.find_method(part)) is not None]


def _check_bands(node: Node, scale: RatingScale) -> Iterator[Problem]:
    method, keys = node.method, [rating.key for rating in scale.ratings]
    unknown = [(n, band.rating) for n, band in enumerate(method.bands) if band.rating not in keys]
    for n, rating in unknown:
        what = f"a band of {node.name} has an unknown rating, '{rating}'"
        yield Problem((*node.place, "bands", n, "rating"), rating, what, list_known(rating, keys))
    if method.value in _BANDED and not method.bands and not method.rules:
        yield Problem(node.place, node.name, f"the rating of {node.name} has no bands", "Add `bands`")
    if method.value not in _BANDED and method.bands:
        what = f"the rating of {node.name} has bands, but no value to compare with them"
        yield Problem((*node.place, "bands"), node.name, what, "Remove them, or change `value`")
    lines = [make_exact(band.at_least) for band in method.bands]
    places = [keys.index(band.rating) for band in method.bands if band.rating in keys]
    if lines != sorted(set(lines), reverse=True) or (not unknown and places != sorted(set(places))):
        what = f"the bands of {node.name} don't go from the best rating to the worst"
        do = "Put the best rating first, and start each band lower than the one before"
        yield Problem((*node.place, "bands"), node.name, what, do)


def _check_rules(node: Node, scale: RatingScale) -> Iterator[Problem]:
    keys = [rating.key for rating in scale.ratings]
    named = [
        *((("rules", n, "rating"), rule.rating) for n, rule in enumerate(node.method.rules)),
        *((("limits", n, "at_most"), bound.at_most) for n, bound in enumerate(node.method.limits)),
    ]
    for place, key in named:
        if key not in keys:
            what = f"the rating of {node.name} has an unknown rating, '{key}'"
            yield Problem((*node.place, *place), key, what, list_known(key, keys))
    for n, rule in enumerate(node.method.rules[:-1]):
        if not rule.where:
            what = f"the rules of {node.name} after '{rule.rating}' are never reached"
            yield Problem(
                (*node.place, "rules", n), rule.rating, what, "Put the rule without a condition last"
            )
    last = node.method.rules[-1] if node.method.rules else None
    yield from _check_acceptance(node, keys)
    if node.method.value == "rules" and (last is None or last.where):
        what = f"the rules of {node.name} don't cover every case"
        yield Problem((*node.place, "rules"), node.name, what, "End with a rule without a condition")


def _check_acceptance(node: Node, keys: list[str]) -> Iterator[Problem]:
    """Failures need an acceptance number that doesn't fall with what is examined."""
    plan, place = node.method.acceptance, (*node.place, "acceptance")
    if (node.method.value == "failures") != (plan is not None):
        what = f"the rating of {node.name} needs both `value: failures` and `acceptance`, or none of them"
        yield Problem(node.place, node.name, what, "Add the other, or remove it")
    if plan is None:
        return
    for name, key in (("accepted", plan.accepted), ("rejected", plan.rejected)):
        if key not in keys:
            what = f"the rating of {node.name} has an unknown rating, '{key}'"
            yield Problem((*place, name), key, what, list_known(key, keys))
    known = [keys.index(key) for key in (plan.accepted, plan.rejected) if key in keys]
    if len(known) == 2 and known[0] >= known[1]:
        what = f"in the rating of {node.name}, what is accepted isn't rated better than what is rejected"
        yield Problem(place, node.name, what, "Correct `accepted` or `rejected`")
    sizes, numbers = [s.examined for s in plan.steps], [s.at_most for s in plan.steps]
    if sizes != sorted(set(sizes)) or numbers != sorted(numbers):
        what = f"the acceptance numbers of {node.name} don't rise with the number examined"
        yield Problem((*place, "steps"), node.name, what, "Put the step with the fewest examined first")


def _check_value(node: Node) -> Iterator[Problem]:
    value = node.method.value
    if node.level == "criterion" and node.method.is_of_parts:
        what = f"{node.name} is a criterion, which has no rated parts, but its value is '{value}'"
        yield Problem(
            (*node.place, "value"),
            node.name,
            what,
            "Choose judgement, score, lowest_question, highest_question or failures",
        )
    if node.level != "criterion" and value in _OF_CASES:
        what = f"{node.name} isn't a criterion, but its value is '{value}'"
        yield Problem((*node.place, "value"), node.name, what, "Choose a value that comes from its parts")
    most = 100 if value != "points" else None
    for n, band in enumerate(node.method.bands):
        if most is not None and band.at_least > most:
            what = f"no value reaches the band of '{band.rating}', which begins at {band.at_least:g}%"
            yield Problem(
                (*node.place, "bands", n, "at_least"), band.rating, what, "Write a percentage up to 100"
            )


def _check_parts(framework: Framework, node: Node, scales: dict[str, RatingScale]) -> Iterator[Problem]:
    """What a method says about parts fits the scales of those parts."""
    own = {
        part.code: scales[m.scale] for part in node.parts if (m := framework.find_method(part)) is not None
    }
    method = node.method
    if method.value in {"points", "percent_of_points"}:
        for scale in {s.key: s for s in own.values()}.values():
            if any(rating.points is None for rating in scale.ratings):
                what = (
                    f"{node.name} adds up points, but not every rating of the scale '{scale.key}' has points"
                )
                yield Problem(node.place, node.name, what, "Give each rating its points")
                return
            if all((rating.points or 0) <= 0 for rating in scale.ratings):
                what = f"{node.name} adds up points, but no rating of the scale '{scale.key}' is worth more than 0"
                yield Problem(node.place, node.name, what, "Give the best rating points above 0")
                return
        yield from _check_reach(node, own)
    if method.value in {"lowest_rating", "highest_rating"} and any(
        s.key != method.scale for s in own.values()
    ):
        what = f"{node.name} takes the rating of one of its parts, but they're rated on another scale"
        yield Problem((*node.place, "value"), node.name, what, "Use the same scale, or rules")
    tests = [
        *((("rules", n, "where", m), t) for n, r in enumerate(method.rules) for m, t in enumerate(r.where)),
        *((("limits", n, "where", m), t) for n, b in enumerate(method.limits) for m, t in enumerate(b.where)),
    ]
    for place, test in tests:
        yield from _check_test(node, (*node.place, *place), test, own)


def _check_reach(node: Node, own: dict[str, RatingScale]) -> Iterator[Problem]:
    if node.method.value != "points":
        return
    most = sum(max(make_exact(r.points or 0) for r in scale.ratings) for scale in own.values())
    for n, band in enumerate(node.method.bands):
        if make_exact(band.at_least) > most:
            what = f"no total reaches the band of '{band.rating}': it begins at {band.at_least:g}, and there are {most} points"
            yield Problem((*node.place, "bands", n, "at_least"), band.rating, what, "Lower it")


def _check_test(node: Node, place: Place, test: PartsTest, own: dict[str, RatingScale]) -> Iterator[Problem]:
    for n, code in enumerate(test.parts):
        if code not in own:
            what = f"a test of {node.name} is about '{code}', which isn't one of its counted parts"
            yield Problem((*place, "parts", n), code, what, list_known(code, own))
    looked_at = [scale for code, scale in own.items() if not test.parts or code in test.parts]
    for name, key in (("at_least", test.at_least), ("at_most", test.at_most)):
        for scale in {s.key: s for s in looked_at}.values():
            keys = [rating.key for rating in scale.ratings]
            if key is not None and key not in keys:
                what = (
                    f"a test of {node.name} has a rating, '{key}', that the scale '{scale.key}' doesn't have"
                )
                yield Problem((*place, name), key, what, list_known(key, keys))
    if test.number > len(looked_at):
        what = f"a test of {node.name} needs {test.number} parts, and there are {len(looked_at)}"
        yield Problem((*place, "number"), node.name, what, "Write a number that's possible")


def check_the_edition(framework: Framework) -> Iterator[Problem]:
    """A file of the first edition of the language uses nothing of the second."""
    if framework.format == 2:
        return
    questions = framework.questions.values()
    news = [
        name
        for name, there in (
            (
                "rating scales and methods",
                bool(framework.rating_scales) or any(True for _ in list_nodes(framework)),
            ),
            ("answers by rules", any(q.derived for q in questions)),
            ("weights of questions", any(q.weight != 1 for q in questions)),
            (
                "tests on dates, decimals and several questions",
                any(is_new(c.condition) for c in list_conditions(framework)),
            ),
        )
        if there
    ]
    if news:
        what = f"{', '.join(news)} are part of the second edition of the language"
        yield Problem(("format",), framework.id, what, "Write `format: 2`")


def is_new(condition: Condition) -> bool:
    """Whether a condition has a test that the first edition of the language doesn't have."""
    tests = [t for t in condition.facts.values() if isinstance(t, Bounds | Nearness)]
    ends = [end for t in tests if isinstance(t, Bounds) for end in (t.at_least, t.at_most)]
    return (
        condition.how_many is not None
        or any(isinstance(t, Nearness) or t.on_or_after or t.on_or_before for t in tests)
        or any(isinstance(end, float) for end in ends)
        or any(map(is_new, condition.inner))
    )


def check_judged_criteria(framework: Framework) -> Iterator[Problem]:
    """What people judge isn't rated from cases."""
    for s, section in enumerate(framework.sections):
        for c, criterion in enumerate(section.criteria):
            method = framework.find_method(criterion)
            if criterion.kind == "judgement" and method is not None and method.value != "judgement":
                what = f"criterion '{criterion.code}' is judged by people, but its rating comes from its {method.value}"
                do = "Give it a `rated` of its own, with `value: judgement`"
                yield Problem(("sections", s, "criteria", c), criterion.code, what, do)


RULES = (check_rating_scales, check_methods, check_judged_criteria, check_the_edition)
