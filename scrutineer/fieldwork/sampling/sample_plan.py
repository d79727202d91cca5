"""The plan of a sample: the framework's design with what was agreed for this area."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated

from pydantic import Field

from scrutineer.errors import Fault, UserError
from scrutineer.frameworks.conditions import Condition
from scrutineer.frameworks.model import Framework, Precision
from scrutineer.frameworks.parts import FrameworkPart, Identifier, Key


class SampledElement(FrameworkPart):
    """A thematic element inspected on the same cases.

    Attributes:
        only: which cases it covers.
        at_least: the minimum number of them. If you leave it out, all that qualify.
    """

    framework: Identifier
    only: Condition | None = None
    at_least: Annotated[int, Field(ge=1)] | None = None


class SamplePlan(FrameworkPart):
    """The design of one sample, as it was used.

    Attributes:
        size: how many cases to draw, unless `every` or `precision` says so.
        every: a group of which every eligible case is taken.
        precision: draw as many cases as this needs.
        on: the day up to which time under supervision is counted.
        months: completed months under supervision, minimum and maximum.
        only: what makes a case eligible.
        quotas: minimum numbers for each group.
        strata: the attribute whose values share the sample in proportion to their cases.
        reserve_percent: reserves, as a percentage of the sample (in each stratum).
        cap: the highest number of cases for one manager.
        cap_by: the attribute that names the manager.
        elements: thematic elements inspected on the same cases.
    """

    size: Annotated[int, Field(ge=1)] | None = None
    every: Key | None = None
    precision: Precision | None = None
    on: date | None = None
    months: tuple[int, int] | None = None
    started: Key | None = None
    only: Condition | None = None
    quotas: dict[Key, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    strata: Key | None = None
    reserve_percent: Annotated[int, Field(ge=0, le=300)] = 20
    cap: Annotated[int, Field(ge=1)] | None = None
    cap_by: Key | None = None
    elements: tuple[SampledElement, ...] = ()

    @property
    def needed_columns(self) -> tuple[str, ...]:
        """The columns that the plan needs."""
        # Only what this plan uses: a caseload may lack the rest.
        names = (self.started if self.months else None, self.strata, self.cap_by if self.cap else None)
        return tuple(name for name in names if name)


def make_plan(
    framework: Framework,
    *,
    size: int | None = None,
    precision: Precision | None = None,
    on: date | None = None,
    months: tuple[int, int] | None = None,
    quotas: Mapping[str, int] | None = None,
    strata: str | None = None,
    reserve_percent: int = 20,
    cap: int | None = None,
    elements: tuple[SampledElement, ...] = (),
) -> SamplePlan:
    """The framework's sample design, changed as agreed for this area.

    Raises:
        UserError: with everything that does not fit: an unknown group or attribute, no size, no day to
            count time under supervision from.
    """
    design = framework.sample
    window = months or design.months_under_supervision
    # What was agreed for the area replaces the framework's number for a group, even if it's smaller.
    agreed = {q.group: q.at_least for q in design.quotas if q.at_least} | dict(quotas or {})
    by_size = size is not None or precision is not None
    faults = [
        *_find_unknown(framework, agreed, strata, cap),
        *_find_unsized(framework, size, precision),
        *_find_uncounted(framework, window, on),
    ]
    if faults:
        raise UserError(faults)
    return SamplePlan(
        size=size if by_size else design.size,
        # A size for this area replaces "every case of a group", or both would decide how many are drawn.
        every=None if by_size else design.every,
        precision=precision if by_size else design.precision,
        # A plan holds only what the draw uses: without a window, no day is counted from.
        on=on if window else None,
        months=window,
        started=framework.find_attribute("started") if window else None,
        only=design.only,
        # In one order, so that how they were entered changes neither the draw nor its record.
        quotas=dict(sorted(agreed.items())),
        strata=strata,
        reserve_percent=reserve_percent,
        cap=cap,
        cap_by=framework.find_attribute("manager") if cap else None,
        elements=elements,
    )


def _find_unsized(framework: Framework, size: int | None, precision: Precision | None) -> Iterator[Fault]:
    design = framework.sample
    asked = size is not None or precision is not None
    # An element drawn from the main sample (`part_of`) needs no size of its own.
    is_set = design.size is not None or design.every is not None or design.precision is not None
    if not asked and not is_set and design.part_of is None:
        what = f"framework '{framework.id}' does not set a sample size"
        yield Fault("the sample", what, "Enter a size or a precision")
    if size is not None and precision is not None:
        yield Fault("the sample", "there is both a size and a precision", "Enter only one of them")


def _find_uncounted(framework: Framework, window: tuple[int, int] | None, on: date | None) -> Iterator[Fault]:
    if window and on is None:
        what = "time under supervision can't be counted without the first day of fieldwork"
        yield Fault("the sample", what, "Enter the first day of fieldwork")
    if window and framework.find_attribute("started") is None:
        what = f"framework '{framework.id}' has no attribute in the role 'started'"
        yield Fault("the sample", what, "Add one to the framework")


def _find_unknown(
    framework: Framework, quotas: Mapping[str, int], strata: str | None, cap: int | None
) -> list[Fault]:
    groups, attributes = [g.key for g in framework.groups], [a.key for a in framework.attributes]
    faults = [
        Fault(
            "the sample",
            f"there is a quota for an unknown group, '{name}'",
            f"Choose from {', '.join(groups)}",
        )
        for name in quotas
        if name not in groups
    ]
    if strata is not None and strata not in attributes:
        faults.append(
            Fault(
                "the sample",
                f"there is no attribute '{strata}' to stratify by",
                f"Choose from {', '.join(attributes)}",
            )
        )
    if cap is not None and framework.find_attribute("manager") is None:
        faults.append(
            Fault(
                "the sample",
                f"framework '{framework.id}' has no attribute in the role 'manager', so cases can't be capped by manager",
                "Add one to the framework",
            )
        )
    return faults
