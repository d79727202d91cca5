"""Whether a better part can lead to a worse whole, by trying every combination of ratings.

Parts that a method can't tell apart (same scale, named by the same tests) are interchangeable, so only how many of them have
which rating matters: twelve standards of four ratings make 455 combinations, not 16 million.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations_with_replacement, product
from math import comb

from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.rating_consistency import Node, list_nodes
from scrutineer.frameworks.rating_methods import RatingScale
from scrutineer.scoring.rated_part import RatedPart
from scrutineer.scoring.rating_steps import rate_by_parts

MOST = 200_000
"""More combinations than this aren't tried."""

Profile = tuple[tuple[int, ...], ...]
"""For each kind of part, the places of its parts' ratings, the best first and in ascending order."""


def list_falls(framework: Framework) -> Iterator[tuple[Node, str]]:
    """Everything of which a better part can make the rating worse, with an example in words."""
    tried = set[tuple[str, ...]]()
    for node in list_nodes(framework):
        what = (*node.place, *(part.code for part in node.parts)) if node.parts else ()
        key = tuple(map(str, what))
        if node.parts and node.method.is_of_parts and key not in tried:
            tried.add(key)
            example = _find_fall(framework, node)
            if example:
                yield node, example


def _find_fall(framework: Framework, node: Node) -> str:
    """A combination in which a better part makes the rating worse; empty if there is none."""
    kinds = _group_parts(framework, node)
    sizes = [comb(len(parts) + len(scale.ratings) - 1, len(parts)) for scale, parts in kinds]
    total = 1
    for size in sizes:
        total *= size
    if total > MOST:
        return f"there are {total:,} combinations of ratings, more than can be tried"
    known: dict[Profile, int | None] = {}
    choices = [combinations_with_replacement(range(len(s.ratings)), len(parts)) for s, parts in kinds]
    for profile in product(*(list(choice) for choice in choices)):
        before = _rate(framework, node, kinds, profile, known)
        for better, said in _list_better(profile, kinds):
            after = _rate(framework, node, kinds, better, known)
            # A part that isn't rated is a matter of its own: only combinations that both give a rating are compared.
            if before is not None and after is not None and after > before:
                return said
    return ""


Kinds = list[tuple[RatingScale, list[RatedPart]]]


def _group_parts(framework: Framework, node: Node) -> Kinds:
    steps = [step.where for step in node.method.rules] + [bound.where for bound in node.method.limits]
    tests = [test for where in steps for test in where]
    kinds: dict[tuple[str, ...], tuple[RatingScale, list[RatedPart]]] = {}
    for part in node.parts:
        method = framework.find_method(part)
        if method is None:
            continue
        scale = framework.find_rating_scale(method.scale)
        named = tuple(str(n) for n, test in enumerate(tests) if part.code in test.parts)
        _, members = kinds.setdefault((scale.key, *named), (scale, []))
        members.append(RatedPart(part.code, part.title, scale))
    return list(kinds.values())


def _rate(
    framework: Framework, node: Node, kinds: Kinds, profile: Profile, known: dict[Profile, int | None]
) -> int | None:
    """The place of the rating that a combination leads to, the best first; None if it leads to none."""
    if profile not in known:
        parts = [
            RatedPart(part.code, part.title, scale, rating=scale.ratings[place])
            for (scale, members), places in zip(kinds, profile, strict=True)
            for part, place in zip(members, places, strict=True)
        ]
        scale = framework.find_rating_scale(node.method.scale)
        rated = rate_by_parts(RatedPart(node.name, node.name, scale), node.method, parts)
        known[profile] = None if rated.rating is None else scale.find_place(rated.rating.key)
    return known[profile]


def _list_better(profile: Profile, kinds: Kinds) -> Iterator[tuple[Profile, str]]:
    """The combinations in which one part is one step better, each in words."""
    for k, ((scale, members), places) in enumerate(zip(kinds, profile, strict=True)):
        for place in sorted(set(places) - {0}):
            n = places.index(place)
            improved = tuple(sorted((*places[:n], place - 1, *places[n + 1 :])))
            worse, better = scale.ratings[place].title, scale.ratings[place - 1].title
            others = ", ".join(
                f"{titles.count(title)} × {title}"
                for titles in [
                    [s.ratings[p].title for (s, _), row in zip(kinds, profile, strict=True) for p in row]
                ]
                for title in dict.fromkeys(titles)
            )
            said = f"with {others}, {better} in the place of {worse} for {members[n].code} makes it worse"
            yield (*profile[:k], improved, *profile[k + 1 :]), said
