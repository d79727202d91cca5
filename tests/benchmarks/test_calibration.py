"""The statements of certainty, simulated with the product's own functions: few rounds, bounds from the Monte Carlo error."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from benchmarks.calibration import (
    AREAS,
    BEGIN,
    COVERAGE,
    DRAWINGS,
    END,
    PAGE,
    PAIRS,
    Rate,
    areas,
    between_marks,
    coverage,
    difference,
    framework_of,
    included,
    within,
)
from benchmarks.worlds import World

pytestmark = pytest.mark.unmeasured

ROUNDS = 20


def least(rate: float, rounds: int) -> float:
    """What a true rate leaves above it in all but one of a thousand runs. Rates of one round go together: it counts once."""
    return rate - 3 * sqrt(rate * (1 - rate) / rounds)


def most(rate: float, rounds: int) -> float:
    return rate + 3 * sqrt(rate * (1 - rate) / rounds)


def generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


@pytest.mark.parametrize("design", COVERAGE, ids=lambda d: d.name)
def test_intervals_hold_what_they_are_about(design: object) -> None:
    """At least 93 of a hundred, 92 for questions of three to nine cases; more where quotas or few cases make them wide."""
    covered = coverage(design, ROUNDS, generator(5))  # type: ignore[arg-type]
    for rates in (covered.plain, covered.weighted, covered.group):
        for level, rate in rates.items():
            if rate.of >= ROUNDS:
                assert rate.value >= least(0.92 if level.endswith("9") else 0.93, ROUNDS), (level, rate)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda p: p.name)
def test_practice_that_is_the_same_is_seldom_called_different(pair: object) -> None:
    """Whatever part of the caseload was drawn: once it was every page of a census beside a sample."""
    world = World(framework_of("esi-2003"))
    rates = difference((world, world), pair, ROUNDS, generator(6))  # type: ignore[arg-type]
    for rate in (rates.scores, rates.questions):
        assert rate.of
        assert rate.value <= most(0.06, ROUNDS)
    assert rates.pages.value <= most(0.07, ROUNDS)
    assert rates.covered.value >= least(0.93, ROUNDS)


@pytest.mark.parametrize("pair", [PAIRS[0], PAIRS[5]], ids=lambda p: p.name)
def test_practice_that_differs_is_found(pair: object) -> None:
    """Of two hundred cases a true difference of ten points shows on the page more often than not."""
    world = World(framework_of("esi-2003"))
    rates = difference((World(world.framework, 1.15), world), pair, 12, generator(7))  # type: ignore[arg-type]
    assert rates.pages.value >= 0.5
    assert rates.scores.value >= 0.3


@pytest.mark.parametrize("several", AREAS[:4], ids=lambda a: a.name)
def test_areas_that_are_alike_are_seldom_called(several: object) -> None:
    world = World(framework_of("esi-2003"), several.level)  # type: ignore[attr-defined]
    rates = areas(world, several, 8, generator(8))  # type: ignore[arg-type]
    for rate in (rates.score_pages, rates.question_pages, rates.spread):
        assert rate.value <= most(0.05, 8 * 3)  # the pages of a round go together, though not wholly
    assert rates.questions.value <= most(0.06, 8 * several.number)  # type: ignore[attr-defined]


def test_a_group_is_seldom_called_different_within_areas() -> None:
    rates = within(World(framework_of("esi-2003")), 10, 20, generator(9))
    assert rates.pages.value <= most(0.07, 20)
    assert rates.covered.value >= least(0.93, 20)


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda d: d.name)
def test_probabilities_of_inclusion_are_those_of_the_whole_procedure(drawing: object) -> None:
    """Against many draws: once the second stage was left out, and 0.38 was said where 0.63 was true."""
    coverage = included(drawing, 250, generator(10))  # type: ignore[arg-type]
    assert coverage.furthest <= 3.5  # of up to 40 kinds at once; the whole run takes 5,000 draws


def test_the_explanation_has_its_tables() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page.index(BEGIN) < page.index("Coverage of 95% intervals") < page.index(END)
    for design in COVERAGE:
        assert f"| {design.name} |" in page
    assert between_marks(f"a{BEGIN}old{END}b", "new") == f"a{BEGIN}\n\nnew\n\n{END}b"
    assert Rate(1, 4).text() == "0.250"
