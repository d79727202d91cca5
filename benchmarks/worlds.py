"""Made-up practice to hold statements of certainty against: caseloads whose truth is known, and samples out of them.

A world is a practice: how hard each question is, and how far the cases of one quality go together. A caseload is drawn from
it without end; a sample is drawn from the caseload as a design says. Everything follows from the generator that is given.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scrutineer.cases.answers import choice_questions
from scrutineer.cases.codes import ABOVE, NOT_APPLICABLE_BYTE, RELEVANT, Codes, answers_of
from scrutineer.comparison.read import Counted, Scored, Side
from scrutineer.frameworks.model import Framework
from scrutineer.sampling.draw import Frame, draw
from scrutineer.sampling.probabilities import inclusion_with_quota
from scrutineer.sampling.weights import Cell, calibrated
from scrutineer.scoring.groups import GroupOf
from scrutineer.scoring.inspect import results
from scrutineer.scoring.results import GroupResult
from scrutineer.scoring.spread import Weighting

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Generator = np.random.Generator


@dataclass(frozen=True)
class World:
    """A practice.

    Attributes:
        framework: gives the questions and scores.
        level: of every question, on the logit scale; 0.6 lies near two thirds above the line.
        together: the spread of the cases' own quality, which all answers of a case share.
        seed: of the questions' difficulties: worlds of one seed and level are the same practice.
    """

    framework: Framework
    level: float = 0.6
    together: float = 0.9
    seed: int = 1
    difficulty: Floats = field(init=False)
    relevance: Floats = field(init=False)
    above: npt.NDArray[np.uint8] = field(init=False)
    below: npt.NDArray[np.uint8] = field(init=False)

    def __post_init__(self) -> None:
        keys = choice_questions(self.framework)
        generator = np.random.Generator(np.random.PCG64(self.seed))
        thin = generator.random(len(keys)) < 0.25
        object.__setattr__(self, "difficulty", generator.normal(0, 0.8, len(keys)))
        object.__setattr__(self, "relevance", np.where(thin, 0.12, 0.92))
        codes = [list(answers_of(self.framework.scale_of[key]).values()) for key in keys]
        for name, wanted in (("above", ABOVE | RELEVANT), ("below", RELEVANT)):
            found = [next(c for c in one if c & (ABOVE | RELEVANT) == wanted) for one in codes]
            object.__setattr__(self, name, np.array(found, dtype=np.uint8))

    @property
    def keys(self) -> tuple[str, ...]:
        """The questions, in the order of the columns."""
        return choice_questions(self.framework)

    def cases(self, number: int, generator: Generator, shift: Floats | float = 0.0) -> Codes:
        """The answers to so many cases of this practice; `shift` moves cases on the logit scale."""
        quality = generator.normal(0, self.together, number) + shift
        chance = 1 / (1 + np.exp(-(self.level + self.difficulty[None, :] + quality[:, None])))
        shape = chance.shape
        given = np.where(generator.random(shape) < chance, self.above, self.below)
        return np.where(generator.random(shape) < self.relevance, given, NOT_APPLICABLE_BYTE).astype(np.uint8)


@dataclass(frozen=True)
class Design:
    """How a sample is drawn.

    Attributes:
        name: as the table has it.
        population: eligible cases.
        size: of the sample.
        inside: the share of the caseload that belongs to a group with a quota; 0 without one.
        quota: the least number of the group's cases.
        shift: how the group's cases differ, on the logit scale.
    """

    name: str
    population: int
    size: int
    inside: float = 0.0
    quota: int = 0
    shift: float = 0.0


@dataclass(frozen=True)
class Drawn:
    """A caseload, and what a design drew from it.

    Attributes:
        caseload: the answers of every eligible case, as if each had been read.
        group: which of them belong to the group with a quota.
        chances: the probability of inclusion of each.
        taken: the places that were drawn.
    """

    caseload: Codes
    group: Mask
    chances: Floats
    taken: npt.NDArray[np.intp]

    @property
    def codes(self) -> Codes:
        """The answers of the sample."""
        return self.caseload[self.taken]

    @property
    def weighting(self) -> Weighting:
        """The calibrated weights of the sample, each cell a stratum."""
        cell = self.group.astype(np.int64)
        sizes = np.bincount(cell, minlength=2)
        cells = [Cell(0, int(n)) for n in sizes]
        weights = calibrated(self.chances[self.taken].tolist(), cell[self.taken].tolist(), cells)
        drawn = np.bincount(cell[self.taken], minlength=2)
        fractions = np.divide(drawn, sizes, out=np.ones(2), where=sizes > 0)
        return Weighting(weights, cell[self.taken].astype(np.intp), fractions)


def drawn(world: World, design: Design, generator: Generator) -> Drawn:
    """A new caseload of the world and a sample of it."""
    group = np.zeros(design.population, dtype=np.bool_)
    group[: round(design.inside * design.population)] = True
    caseload = world.cases(design.population, generator, design.shift * group)
    if not design.quota:
        frame = Frame(np.zeros(design.population, dtype=np.int64), [design.size])
        chances = np.full(design.population, design.size / design.population)
    else:
        frame = Frame(
            np.zeros(design.population, dtype=np.int64),
            [design.size],
            {"group": group},
            {"group": design.quota},
        )
        rest, inside = inclusion_with_quota(design.population, int(group.sum()), design.size, design.quota)
        chances = np.where(group, float(inside), float(rest))
    taken = draw(frame, generator.permutation(design.population)).taken
    return Drawn(caseload, group, chances, np.array(taken, dtype=np.intp))


def scored(
    world: World,
    codes: Codes,
    sampled: float = 0.0,
    weighting: Weighting | None = None,
    group: Mask | None = None,
    fractions: tuple[float, float] | None = None,
) -> dict[str, GroupResult]:
    """The product's own results of some answers: of all cases, and of a group and everyone else where one is given."""
    groups = [GroupOf("all", "All cases", np.ones(len(codes), dtype=np.bool_))]
    shares: dict[str, float] = {"all": sampled}
    if group is not None:
        groups += [GroupOf("group", "Group", group), GroupOf("not:group", "Others", ~group)]
        inside, rest = fractions or (sampled, sampled)
        shares |= {"group": inside, "not:group": rest}
    return results(world.framework, codes, world.keys, groups, sampled=shares, weighting=weighting).groups


def truth(world: World, codes: Codes, weights: Floats | None = None) -> GroupResult:
    """What all these cases come to; with weights, what they would each counting so often."""
    one = GroupOf("all", "All cases", np.ones(len(codes), dtype=np.bool_))
    weighting = (
        None if weights is None else Weighting(weights, np.zeros(len(codes), dtype=np.intp), np.zeros(1))
    )
    return results(world.framework, codes, world.keys, [one], weighting=weighting).groups["all"]


def side_of(world: World, group: GroupResult) -> Side:
    """A group's results as a side of a comparison."""
    levels = group.levels
    parts = {**levels.sections, **levels.criteria, **levels.threads}
    if levels.overall is not None:
        parts["overall"] = levels.overall
    scores = {
        name: Scored(e.score, e.low, e.high, e.error, e.freedom, e.analytic)
        for name, e in parts.items()
        if e.score is not None and e.low is not None and e.high is not None
        and e.error is not None and e.freedom is not None
    }  # fmt: skip
    questions = {key: Counted(q.counts.above, q.counts.relevant) for key, q in group.questions.items()}
    framework = world.framework
    return Side("made up", framework.id, "", group.key, group.cases, questions, scores)
