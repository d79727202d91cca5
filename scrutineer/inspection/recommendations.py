"""`recommendations.yaml`: what should be done, by whom, and what came of it."""

from __future__ import annotations

from typing import Literal

from scrutineer.frameworks.parts import Code, FrameworkPart, Sentence


class Recommendation(FrameworkPart):
    """A recommendation.

    Attributes:
        text: what should happen, as a clause after "should ensure that".
        criteria: the criteria whose findings it responds to.
        progress: for a follow-up, what came of it.
    """

    text: Sentence
    criteria: tuple[Code, ...] = ()
    progress: Literal["met", "partly met", "not met"] | None = None


class Recommendations(FrameworkPart):
    """All recommendations, most important first."""

    to: Sentence = "The area"
    recommendations: tuple[Recommendation, ...] = ()
