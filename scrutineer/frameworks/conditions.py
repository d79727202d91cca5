"""When something applies: facts of a case that must be true, and the tests on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationError, WrapValidator

from scrutineer.frameworks.parts import FrameworkPart, Key, Later, Number, Plain

Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="as in 2006-04-03")]
HolidayPlace = Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$", description="as in GB-ENG")]


class Bounds(FrameworkPart):
    """A test on a number or a date: where it must lie.

    Attributes:
        at_least: the smallest number.
        at_most: the largest number.
        on_or_after: the first day.
        on_or_before: the last day.
    """

    at_least: Number | None = None
    at_most: Number | None = None
    on_or_after: Annotated[Day | None, Later] = None
    on_or_before: Annotated[Day | None, Later] = None


class Nearness(FrameworkPart):
    """A test on a date: no further from another date than this.

    Attributes:
        within: how many of the unit.
        unit: working days leave out weekends and public holidays.
        after: the attribute or question whose date comes first. The tested date is that day or later.
        before: the attribute or question whose date comes last. The tested date is that day or earlier.
        place: whose public holidays count.
    """

    within: Annotated[int, Field(ge=0)]
    unit: Literal["days", "working_days", "weeks", "months"] = "days"
    after: Key | None = None
    before: Key | None = None
    place: HolidayPlace = "GB-ENG"

    @property
    def other(self) -> str:
        """The attribute or question that the date is compared with; empty if none is named."""
        return self.after or self.before or ""


class AnswerCount(FrameworkPart):
    """A test on several questions: how many of them have certain answers.

    Attributes:
        of: the questions: their keys, tags or threads that they have, or the codes of their criteria.
        answered: the answers that are counted.
        at_least: how many there must be, at least.
        at_most: how many there may be.
        every: all of the questions that apply must be answered so, and one at least must apply.
    """

    of: tuple[str, ...] = Field(min_length=1)
    answered: tuple[Key, ...] = Field(min_length=1)
    at_least: Annotated[int, Field(ge=0)] | None = None
    at_most: Annotated[int, Field(ge=0)] | None = None
    every: bool = False


_SHAPES = (
    "write a value, a list of values, or a test: at_least and at_most for a number, on_or_after and on_or_before for a"
    " date, or within with after or before"
)


def _say_what_fits(value: Any, check: Callable[[Any], Any]) -> Any:
    """Check a fact; each kind of test that a wrong one could have been would otherwise have a fault of its own."""
    try:
        return check(value)
    except ValidationError as error:
        details = {str(detail["loc"][-1]): detail for detail in error.errors() if detail["loc"]}
        known = {*Bounds.model_fields, *Nearness.model_fields}
        wrong = (
            [name for name in value if name in known and name in details] if isinstance(value, dict) else []
        )
        if wrong:
            raise ValueError(f"'{value[wrong[0]]}' doesn't fit {wrong[0]}; {_SHAPES}") from None
        raise ValueError(_SHAPES) from None


Fact = Annotated[
    Plain | tuple[Plain, ...] | Bounds | Nearness,
    WrapValidator(_say_what_fits),
]
"""What must be true of a fact of the case."""


class Condition(FrameworkPart):
    """When something applies: facts that must all be true.

    A fact names a case attribute, a group or an earlier question. It gives the value it must have, a list of
    values of which it must have one, or a test on a number or date.

    Attributes:
        any: conditions of which at least one must hold.
        not_: a condition that must not hold.
        how_many: how many of several questions must have certain answers.
    """

    model_config = ConfigDict(frozen=True, extra="allow", populate_by_name=True)
    __pydantic_extra__: dict[str, Fact] = Field(init=False)

    any: tuple[Condition, ...] = ()
    not_: Condition | None = Field(default=None, alias="not")
    how_many: Annotated[AnswerCount | None, Later] = None

    @property
    def facts(self) -> dict[str, Plain | tuple[Plain, ...] | Bounds | Nearness]:
        """What must be true of the case, by name."""
        return self.__pydantic_extra__ or {}

    @property
    def inner(self) -> tuple[Condition, ...]:
        """The conditions within this one."""
        return (*self.any, *([self.not_] if self.not_ else []))

    def list_names(self) -> Iterator[str]:
        """Every attribute, group or question that the condition looks at."""
        for name, expected in self.facts.items():
            yield name
            if isinstance(expected, Nearness) and expected.other:
                yield expected.other
        if self.how_many is not None:
            yield from self.how_many.of
        for inner in self.inner:
            yield from inner.list_names()


class DerivedRule(FrameworkPart):
    """An answer, and when it's given. A rule without a condition always applies.

    Attributes:
        title: the rule in words, as the form names it.
    """

    answer: Key
    when: Condition | None = None
    title: str = ""
