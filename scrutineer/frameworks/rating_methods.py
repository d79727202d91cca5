"""How criteria, sections and the whole are rated: scales of ratings, bands, rules, limits and discretion.

A rating is decided on exact values. What decided it is kept with it: a band, a rule or a limit.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from scrutineer.frameworks.parts import Code, FrameworkPart, Key, Later, Number, Sentence


class RatingValue(FrameworkPart):
    """One rating that a scale offers.

    Attributes:
        points: what it's worth where points are added up.
    """

    key: Key
    title: Sentence
    points: Number | None = None


class RatingScale(FrameworkPart):
    """The ratings that something can have, from best to worst."""

    key: Key
    title: Sentence
    ratings: tuple[RatingValue, ...] = Field(min_length=2)

    def find_place(self, key: str) -> int:
        """The place of a rating, the best first.

        Raises:
            StopIteration: the scale doesn't have it.
        """
        return next(n for n, rating in enumerate(self.ratings) if rating.key == key)


class RatingBand(FrameworkPart):
    """A rating for every value from `at_least` up to the next band."""

    rating: Key
    at_least: Number


class PartsTest(FrameworkPart):
    """A test on the ratings of the parts: how many of them are so good, or so bad.

    Attributes:
        at_least: the parts that have this rating or a better one.
        at_most: the parts that have this rating or a worse one.
        number: how many parts there must be.
        every: it must be all of them.
        parts: the codes of the parts that are looked at; all that count, if there are none.
    """

    at_least: Key | None = None
    at_most: Key | None = None
    number: Annotated[int, Field(ge=1)] = 1
    every: bool = False
    parts: tuple[Code, ...] = ()


class RatingStep(FrameworkPart):
    """A rating, and the tests that must all hold for it. A rule without tests always applies."""

    rating: Key
    where: tuple[PartsTest, ...] = ()


class RatingLimit(FrameworkPart):
    """The best rating that's possible where some tests hold.

    Attributes:
        title: the limit in words, as the result names it.
    """

    at_most: Key
    where: tuple[PartsTest, ...] = Field(min_length=1)
    title: Sentence


class Discretion(FrameworkPart):
    """Who may set another rating than the computed one, with a reason.

    Attributes:
        by: who, in words: the panel.
        within: how far the value may lie from the band of the other rating, in the value's own unit. Without it, there's no
            limit.
    """

    by: Sentence
    within: Annotated[Number, Field(gt=0)] | None = None


class AcceptanceStep(FrameworkPart):
    """How many failures are accepted where so many were examined, up to the next step.

    Attributes:
        examined: the smallest number examined for which it holds.
        at_most: the acceptance number.
    """

    examined: Annotated[int, Field(ge=1)]
    at_most: Annotated[int, Field(ge=0)]


class Acceptance(FrameworkPart):
    """The ratings of a sample with no more failures than are accepted, and of one with more.

    Attributes:
        accepted: the rating if there are no more failures than are accepted.
        rejected: the rating if there are more.
        steps: from the fewest examined to the most. If fewer were examined than the first step says, there is no rating.
    """

    accepted: Key
    rejected: Key
    steps: tuple[AcceptanceStep, ...] = Field(min_length=1)


class RatingMethod(FrameworkPart):
    """How something is rated.

    Attributes:
        scale: the ratings that it can have.
        value: what its rating follows from. `judgement`: people rate it. `score`: its score, in percent. `lowest_question` and
            `highest_question`: that question's score, in percent. `points`: the points of its parts' ratings, added up.
            `percent_of_points`: the same, as a percentage of the most that the parts could have. `lowest_rating` and
            `highest_rating`: the rating of its worst or best part. `rules`: only the rules decide. `failures`: how many
            cases are below the line in its question, against an acceptance number.
        of: the parts of the whole: its criteria or its sections.
        bands: the lowest value of each rating, from best to worst. A value below all of them isn't rated.
        rounded: the bands are of values rounded to whole numbers, halves up. Otherwise, exact values decide.
        rules: tried before the bands; the first that applies gives the rating.
        limits: applied after rules and bands.
        missing: what happens if a part isn't rated: the whole isn't either (`not_rated`), or the part is left out
            (`leave_out`).
        discretion: whether people may set another rating.
        acceptance: how many failures are accepted.
        fewest_cases: with fewer cases, it isn't rated.
    """

    scale: Key
    value: Literal[
        "judgement",
        "score",
        "lowest_question",
        "highest_question",
        "points",
        "percent_of_points",
        "lowest_rating",
        "highest_rating",
        "rules",
        "failures",
    ]
    of: Literal["criteria", "sections"] = "criteria"
    bands: tuple[RatingBand, ...] = ()
    rounded: bool = False
    rules: tuple[RatingStep, ...] = ()
    limits: tuple[RatingLimit, ...] = ()
    missing: Literal["not_rated", "leave_out"] = "not_rated"
    discretion: Discretion | None = None
    acceptance: Annotated[Acceptance | None, Later] = None
    fewest_cases: Annotated[int | None, Field(ge=1), Later] = None

    @property
    def is_of_parts(self) -> bool:
        """Whether the value comes from the ratings of parts."""
        return self.value in {"points", "percent_of_points", "lowest_rating", "highest_rating", "rules"}


class Rated(FrameworkPart):
    """How each level is rated: every criterion, every section, and the whole. What has no method isn't rated.

    A criterion or a section may have a method of its own.
    """

    criteria: RatingMethod | None = None
    sections: RatingMethod | None = None
    overall: RatingMethod | None = None
