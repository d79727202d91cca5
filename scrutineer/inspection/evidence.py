"""`evidence.yaml`: the evidence behind judgement criteria, and the ratings that it earns.

A piece of evidence (a document, meeting, interview or observation) bears on one or more items of a criterion, with
a grade. An item needs as many independent sources as the framework asks for. Where its pieces agree, their grade is
the item's; where they do not, the lead inspector settles it. The rating follows by the framework's rules; another
one may be set, and then the computed one, the final one and the reason are kept together for good.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from pydantic import AliasChoices, Field

from scrutineer.errors import UserError
from scrutineer.frameworks.model import Criterion, Framework, Item, RatingRule
from scrutineer.frameworks.parts import Code, FrameworkPart, Key, Sentence
from scrutineer.frameworks.yaml_source import Place
from scrutineer.scoring.ratings import Rating, rate

Problem = tuple[Place, str, str]
"""A place in the file, what is wrong there, and what to do."""


class Piece(FrameworkPart):
    """A piece of evidence.

    Attributes:
        source: the person or thing it comes from. Two pieces from one source aren't independent of each other.
        bears: the grade it gives to each item.
        note: what it shows.
        says: what it shows about particular items, if it's not the same for all.
    """

    id: Key
    kind: Literal["document", "meeting", "interview", "observation"]
    title: Sentence
    source: Sentence
    # YAML 1.1 reads the bare word `on` as a truth, so the file says `dated`; files that say `on` are read all the same.
    on: date | None = Field(default=None, validation_alias=AliasChoices("dated", "on", "true"))
    bears: dict[Key, Key]
    note: str = ""
    says: dict[Key, Sentence] = Field(default_factory=dict)


class Judgement(FrameworkPart):
    """What the lead inspector decided on one criterion."""

    grades: dict[Key, Key] = Field(default_factory=dict)
    rating: Key | None = None
    reason: str = ""
    by: str = ""


class Evidence(FrameworkPart):
    """All the evidence, and every judgement on it."""

    pieces: tuple[Piece, ...] = ()
    judgements: dict[Code, Judgement] = Field(default_factory=dict)


def as_file(evidence: Evidence) -> dict[str, Any]:
    """The evidence as `evidence.yaml` holds it: without what is the default, and without keys that YAML 1.1 misreads."""
    content: dict[str, Any] = evidence.model_dump(mode="json", exclude_defaults=True)
    for piece in content.get("pieces", ()):
        if "on" in piece:
            piece["dated"] = piece.pop("on")
    return content


@dataclass(frozen=True)
class GradedItem:
    """One item with its evidence.

    Attributes:
        grade: None if there is no evidence, or it disagrees and no one has settled it.
        sources: how many independent sources bear on it.
        settled: whether the lead inspector set the grade.
    """

    item: Item
    grade: str | None
    pieces: tuple[Piece, ...]
    sources: int
    settled: bool


@dataclass(frozen=True)
class Judged:
    """One judgement criterion: its items, and its rating where every item that counts has a grade."""

    criterion: Criterion
    items: tuple[GradedItem, ...]
    rating: Rating | None
    needed: int

    @property
    def final(self) -> RatingRule | None:
        """The rating that counts."""
        return self.rating.final if self.rating else None

    @property
    def thin(self) -> tuple[GradedItem, ...]:
        """The items that count and have fewer independent sources than needed."""
        return tuple(i for i in self.items if not i.item.national and i.sources < self.needed)

    @property
    def open(self) -> tuple[GradedItem, ...]:
        """The items that count and have no grade."""
        return tuple(i for i in self.items if not i.item.national and i.grade is None)


def judge(framework: Framework, evidence: Evidence) -> dict[str, Judged]:
    """Rate every judgement criterion of a framework from the evidence so far.

    Raises:
        UserError: a rating set without a reason.
    """
    if framework.ratings is None:
        return {}
    return {
        code: _judge(framework, criterion, evidence)
        for code, criterion in framework.criteria.items()
        if criterion.kind == "judgement"
    }


def _judge(framework: Framework, criterion: Criterion, evidence: Evidence) -> Judged:
    ratings = framework.ratings
    assert ratings is not None  # noqa: S101 the caller looked
    said = evidence.judgements.get(criterion.code, Judgement())
    items = tuple(_grade_item(item, said, evidence) for item in criterion.items)
    counted = {i.item.key: i.grade for i in items if not i.item.national}
    rating = None
    if counted and all(counted.values()):
        computed = rate(ratings, criterion, {k: g for k, g in counted.items() if g})
        final = next((r for r in ratings.rules if r.rating == said.rating), computed)
        rating = Rating(computed, final, said.reason)
    return Judged(criterion=criterion, items=items, rating=rating, needed=ratings.sources_at_least)


def _grade_item(item: Item, said: Judgement, evidence: Evidence) -> GradedItem:
    pieces = tuple(p for p in evidence.pieces if item.key in p.bears)
    grades = {p.bears[item.key] for p in pieces}
    settled = said.grades.get(item.key)
    grade = settled or (next(iter(grades)) if len(grades) == 1 else None)
    return GradedItem(
        item=item,
        grade=grade,
        pieces=pieces,
        sources=len({p.source for p in pieces}),
        settled=settled is not None,
    )


def find_faults(framework: Framework, evidence: Evidence) -> Iterator[Problem]:
    """What in the evidence does not fit the framework: place in the file, what is wrong, what to do."""
    if framework.ratings is None:
        if evidence.pieces or evidence.judgements:
            yield (), f"framework '{framework.id}' has no judgement criteria", "Remove the evidence"
        return
    grades = [g.key for g in framework.ratings.grades]
    rules = [r.rating for r in framework.ratings.rules]
    items = {i.key: c.code for c in framework.criteria.values() for i in c.items}
    seen: set[str] = set()
    for n, piece in enumerate(evidence.pieces):
        at = ("pieces", n)
        if piece.id in seen:
            yield (*at, "id"), f"there are two pieces '{piece.id}'", "Give each one a different name"
        seen.add(piece.id)
        yield from _find_named((*at, "bears"), piece.bears, items, grades)
        for key in piece.says:
            if key not in piece.bears:
                what = f"it has a note on '{key}', but no grade for it"
                yield (*at, "says", key), what, "Add the grade under `bears`"
    for code, said in evidence.judgements.items():
        yield from _find_judgement_faults(code, said, framework, grades, rules)


def _find_judgement_faults(
    code: str, said: Judgement, framework: Framework, grades: list[str], rules: list[str]
) -> Iterator[Problem]:
    place = ("judgements", code)
    criterion = framework.criteria.get(code)
    if criterion is None or criterion.kind != "judgement":
        known = ", ".join(c for c, x in framework.criteria.items() if x.kind == "judgement")
        yield place, f"there is no judgement criterion '{code}'", f"Choose from {known}"
        return
    own = dict.fromkeys((i.key for i in criterion.items), code)
    yield from _find_named((*place, "grades"), said.grades, own, grades)
    if said.rating is not None and said.rating not in rules:
        yield (*place, "rating"), f"there is no rating '{said.rating}'", f"Choose from {', '.join(rules)}"
    if said.rating is not None and not said.reason.strip():
        what = f"the rating of {code} is set to '{said.rating}' without a reason"
        yield (*place, "rating"), what, "Give the reason, or keep the rating that the rule gives"


def _find_named(
    place: tuple[str | int, ...], names: dict[str, str], items: dict[str, str], grades: list[str]
) -> Iterator[Problem]:
    for item, grade in names.items():
        if item not in items:
            yield (*place, item), f"there is no item '{item}'", f"Choose from {', '.join(items)}"
        if grade not in grades:
            yield (*place, item), f"there is no grade '{grade}'", f"Choose from {', '.join(grades)}"


def rate_criteria(framework: Framework, evidence: Evidence) -> dict[str, Judged]:
    """As `judge`, but a rating without its reason is left open instead of refused: for a check that goes on."""
    try:
        return judge(framework, evidence)
    except UserError:
        judgements = {c: j.model_copy(update={"rating": None}) for c, j in evidence.judgements.items()}
        return judge(framework, evidence.model_copy(update={"judgements": judgements}))
