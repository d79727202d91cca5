"""`surveys.yaml`: what offenders, victims and courts say: questionnaires, interviews and focus groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from scrutineer.frameworks.parts import FrameworkPart, Key, Sentence
from scrutineer.frameworks.yaml_source import Place

Problem = tuple[Place, str, str]

Number = Annotated[int, Field(ge=0)]


class SurveyItem(FrameworkPart):
    """One question of a survey.

    Attributes:
        text: the statement that people agreed with, in the words they were given.
        answered: how many answered it. If you leave it out, everyone who returned the questionnaire.
    """

    key: Key
    text: Sentence
    agreed: Number
    answered: Number | None = None


class Survey(FrameworkPart):
    """A questionnaire, or a round of interviews.

    Attributes:
        sent: how many questionnaires were sent, or how many people were asked for an interview.
        returned: how many came back, or how many people were interviewed.
        how: remarks on how it was done.
    """

    key: Key
    of: Sentence
    kind: Literal["questionnaire", "interview"] = "questionnaire"
    sent: Annotated[int, Field(ge=1)]
    returned: Number
    items: tuple[SurveyItem, ...] = ()
    how: str = ""

    def count_answered(self, item: SurveyItem) -> int:
        """How many answered one question."""
        return self.returned if item.answered is None else item.answered


class FocusGroup(FrameworkPart):
    """A focus group: who took part, how many, and what they said."""

    of: Sentence
    people: Annotated[int, Field(ge=1)]
    groups: Annotated[int, Field(ge=1)] = 1
    said: tuple[Sentence, ...] = ()


class Surveys(FrameworkPart):
    """Everything that service users and others were asked."""

    surveys: tuple[Survey, ...] = ()
    focus_groups: tuple[FocusGroup, ...] = ()

    def survey(self, key: str) -> Survey | None:
        """A survey by its key."""
        return next((s for s in self.surveys if s.key == key), None)


def find_faults(surveys: Surveys) -> Iterator[Problem]:
    """Impossible numbers: place in the file, what is wrong, what to do."""
    seen: set[str] = set()
    for n, survey in enumerate(surveys.surveys):
        at = ("surveys", n)
        if survey.key in seen:
            yield (*at, "key"), f"there are two surveys '{survey.key}'", "Give each one a different key"
        seen.add(survey.key)
        if survey.returned > survey.sent:
            what = f"{survey.returned} were returned of {survey.sent} sent"
            yield (*at, "returned"), what, "The number returned can't be more than the number sent"
        for m, item in enumerate(survey.items):
            place = (*at, "items", m)
            if survey.count_answered(item) > survey.returned:
                what = f"{item.answered} answered '{item.key}', but only {survey.returned} were returned"
                yield (
                    (*place, "answered"),
                    what,
                    "The number who answered can't be more than the number returned",
                )
            if item.agreed > survey.count_answered(item):
                what = f"{item.agreed} agreed of {survey.count_answered(item)} who answered '{item.key}'"
                yield (
                    (*place, "agreed"),
                    what,
                    "The number who agreed can't be more than the number who answered",
                )
