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
from scrutineer.frameworks.model import Criterion, Framework, Item, RatingRule, Section
from scrutineer.frameworks.parts import Code, FrameworkPart, Key, Sentence
from scrutineer.frameworks.rating_methods import RatingMethod
from scrutineer.frameworks.yaml_source import Place
from scrutineer.scoring.ratings import Rating, rate

OVERALL = "overall"
"""What the whole is called among judgements."""

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
    """What was decided on one criterion, one section or the whole (`overall`).

    Attributes:
        grades: the grades of items on which the evidence disagrees.
        rating: of a criterion that's rated directly, its rating; of anything else, another rating than the computed one.
        by: who decided it.
    """

    grades: dict[Key, Key] = Field(default_factory=dict)
    rating: Key | None = None
    reason: str = ""
    by: str = ""
    # As with a piece's day: YAML 1.1 reads the bare word `on` as a truth.
    on: date | None = Field(default=None, validation_alias=AliasChoices("dated", "on", "true"))


class Evidence(FrameworkPart):
    """All the evidence, and every judgement on it."""

    pieces: tuple[Piece, ...] = ()
    judgements: dict[Code, Judgement] = Field(default_factory=dict)


def as_file(evidence: Evidence) -> dict[str, Any]:
    """The evidence as `evidence.yaml` holds it: without what is the default, and without keys that YAML 1.1 misreads."""
    content: dict[str, Any] = evidence.model_dump(mode="json", exclude_defaults=True)
    for part in (*content.get("pieces", ()), *content.get("judgements", {}).values()):
        if "on" in part:
            part["dated"] = part.pop("on")
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
    return {
        code: _judge(framework, criterion, evidence)
        if criterion.items
        else _take_direct_rating(framework, criterion, evidence)
        for code, criterion in framework.criteria.items()
        if criterion.kind == "judgement" and (criterion.items or framework.find_method(criterion))
    }


def _take_direct_rating(framework: Framework, criterion: Criterion, evidence: Evidence) -> Judged:
    """A criterion that people rate without grading items: its rating is what they say."""
    said = evidence.judgements.get(criterion.code, Judgement())
    method = framework.find_method(criterion)
    assert method is not None  # noqa: S101 the caller looked
    values = {value.key: value.title for value in framework.find_rating_scale(method.scale).ratings}
    rating = None
    if said.rating in values:
        rule = RatingRule(rating=str(said.rating), title=values[str(said.rating)])
        rating = Rating(rule, rule, said.reason)
    return Judged(criterion=criterion, items=(), rating=rating, needed=0)


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
    if not framework.judges and evidence.pieces:
        yield ("pieces",), f"framework '{framework.id}' has no judgement criteria", "Remove the evidence"
        return
    grades = [g.key for g in framework.ratings.grades] if framework.ratings else []
    rules = [r.rating for r in framework.ratings.rules] if framework.ratings else []
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
        yield from _find_decision_faults(code, said, framework)
        return
    if not criterion.items:
        yield from _find_direct_faults(criterion, said, framework)
        return
    own = dict.fromkeys((i.key for i in criterion.items), code)
    yield from _find_named((*place, "grades"), said.grades, own, grades)
    if said.rating is not None and said.rating not in rules:
        yield (*place, "rating"), f"there is no rating '{said.rating}'", f"Choose from {', '.join(rules)}"
    if said.rating is not None and not said.reason.strip():
        what = f"the rating of {code} is set to '{said.rating}' without a reason"
        yield (*place, "rating"), what, "Give the reason, or keep the rating that the rule gives"


def _find_direct_faults(criterion: Criterion, said: Judgement, framework: Framework) -> Iterator[Problem]:
    """What is wrong with the rating of a criterion that people rate without grading items."""
    place, method = ("judgements", criterion.code), framework.find_method(criterion)
    if said.grades:
        yield (*place, "grades"), f"criterion {criterion.code} has no items to grade", "Remove the grades"
    known = [v.key for v in framework.find_rating_scale(method.scale).ratings] if method else []
    if said.rating is not None and said.rating not in known:
        yield (*place, "rating"), f"there is no rating '{said.rating}'", f"Choose from {', '.join(known)}"
    if said.rating is not None and not said.reason.strip():
        what = f"criterion {criterion.code} is rated without a reason"
        yield (*place, "rating"), what, "Write what the rating rests on"


def _find_decision_faults(code: str, said: Judgement, framework: Framework) -> Iterator[Problem]:
    """What is wrong with another rating than the computed one; whether it's near enough is known with the scores."""
    place, open_to = ("judgements", code), list_open_to_decision(framework)
    if code not in open_to:
        known = [c for c, x in framework.criteria.items() if x.kind == "judgement"] + list(open_to)
        what = f"there is no judgement criterion '{code}'" + (
            ", and no other rating to set" if open_to else ""
        )
        yield place, what, f"Choose from {', '.join(known)}" if known else "Remove it"
        return
    if said.grades:
        yield (*place, "grades"), f"'{code}' has no items to grade", "Remove the grades"
    known = [v.key for v in framework.find_rating_scale(open_to[code].scale).ratings]
    if said.rating is not None and said.rating not in known:
        yield (*place, "rating"), f"there is no rating '{said.rating}'", f"Choose from {', '.join(known)}"
    if said.rating is not None and not said.reason.strip():
        what = f"the rating of '{code}' is set to '{said.rating}' without a reason"
        yield (*place, "rating"), what, "Give the reason, or keep the computed rating"


def list_open_to_decision(framework: Framework) -> dict[str, RatingMethod]:
    """What people may rate otherwise than computed, by code, with its method."""
    parts: list[tuple[str, Criterion | Section | None]] = [
        *framework.criteria.items(),
        *((section.code, section) for section in framework.sections),
        (OVERALL, None),
    ]
    methods = {code: framework.find_method(part) for code, part in parts}
    return {code: m for code, m in methods.items() if m is not None and m.discretion is not None}


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
