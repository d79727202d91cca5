"""Made-up practice to hold statements of certainty against: caseloads whose truth is known, and samples out of them.

A world is a practice: how hard each question is, and how far the cases of one quality go together. A caseload is drawn from
it without end; a sample is drawn from the caseload as a design says. Everything follows from the generator that is given.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scrutineer.fieldwork.cases.answers import list_choice_questions
from scrutineer.fieldwork.cases.codes import ABOVE, NOT_APPLICABLE_BYTE, RELEVANT, Codes, collect_answers
from scrutineer.fieldwork.sampling.draw import Frame, draw
from scrutineer.fieldwork.sampling.probabilities import make_probabilities
from scrutineer.fieldwork.sampling.weights import WeightingCell, calibrate
from scrutineer.frameworks.model import Framework
from scrutineer.scoring.comparison.read_results import Counted, ScoreWithErrors, Side
from scrutineer.scoring.fractions import collect_fractions, make_weighting
from scrutineer.scoring.groups import GroupOf
from scrutineer.scoring.inspect import make_results
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
        keys = list_choice_questions(self.framework)
        generator = np.random.Generator(np.random.PCG64(self.seed))
        thin = generator.random(len(keys)) < 0.25
        object.__setattr__(self, "difficulty", generator.normal(0, 0.8, len(keys)))
        object.__setattr__(self, "relevance", np.where(thin, 0.12, 0.92))
        codes = [list(collect_answers(self.framework.scale_of[key]).values()) for key in keys]
        for name, byte in (("above", ABOVE | RELEVANT), ("below", RELEVANT)):
            codes_of_kind = [next(c for c in scale if c & (ABOVE | RELEVANT) == byte) for scale in codes]
            object.__setattr__(self, name, np.array(codes_of_kind, dtype=np.uint8))

    @property
    def keys(self) -> tuple[str, ...]:
        """The questions, in the order of the columns."""
        return list_choice_questions(self.framework)

    def cases(self, number: int, generator: Generator, shift: Floats | float = 0.0) -> Codes:
        """The answers to so many cases of this practice; `shift` moves cases on the logit scale."""
        quality = generator.normal(0, self.together, number) + shift
        chance = 1 / (1 + np.exp(-(self.level + self.difficulty[None, :] + quality[:, None])))
        shape = chance.shape
        answers = np.where(generator.random(shape) < chance, self.above, self.below)
        return np.where(generator.random(shape) < self.relevance, answers, NOT_APPLICABLE_BYTE).astype(
            np.uint8
        )


@dataclass(frozen=True)
class Kind:
    """A kind of case of which a sample holds at least so many.

    Attributes:
        share: of the caseload that is of this kind.
        at_least: the quota.
        shift: how such cases differ in practice, on the logit scale.
    """

    share: float
    at_least: int
    shift: float


@dataclass(frozen=True)
class Design:
    """How a sample is drawn.

    Attributes:
        name: as the table has it.
        population: eligible cases.
        size: of the sample.
        kinds: with quotas; the first is looked at as a group by itself.
        framework: whose questions are answered.
    """

    name: str
    population: int
    size: int
    kinds: tuple[Kind, ...] = ()
    framework: str = "esi-2003"


@dataclass(frozen=True)
class Laid:
    """A design laid over a caseload: what of it is the same however chance draws.

    Attributes:
        frame: what the draw looks at.
        members: of each kind, kinds × cases.
        shift: of each case, on the logit scale.
        chances: the probability of inclusion of each case, as the product gives it.
        cell: of each case: cases that belong to the same kinds.
        cells: all of them.
    """

    frame: Frame
    members: Mask
    shift: Floats
    chances: Floats
    cell: npt.NDArray[np.int64]
    cells: tuple[WeightingCell, ...]


def laid(design: Design) -> Laid:
    """Lay a design over its caseload; of several kinds it is chance which cases belong to more than one."""
    generator = np.random.Generator(np.random.PCG64(7))
    number = design.population
    members = np.zeros((len(design.kinds), number), dtype=np.bool_)
    for row, kind in zip(members, design.kinds, strict=True):
        row[generator.permutation(number)[: round(kind.share * number)]] = True
    shift = sum((kind.shift * row for row, kind in zip(members, design.kinds, strict=True)), np.zeros(number))
    frame = Frame(
        np.zeros(number, dtype=np.int64),
        [design.size],
        {str(n): row for n, row in enumerate(members)},
        {str(n): kind.at_least for n, kind in enumerate(design.kinds)},
    )
    chance = make_probabilities(frame, 3, draw(frame, generator.permutation(number)))
    _, cell, sizes = np.unique(members.T, axis=0, return_inverse=True, return_counts=True)
    cells = tuple(WeightingCell(0, int(n)) for n in sizes)
    return Laid(
        frame, members, shift, chance.to_floats(), np.asarray(cell, dtype=np.int64).reshape(-1), cells
    )


@dataclass(frozen=True)
class Drawn:
    """A caseload, and what a design drew from it.

    Attributes:
        caseload: the answers of every eligible case, as if each had been read.
        taken: the places that were drawn.
    """

    design: Laid
    caseload: Codes
    taken: npt.NDArray[np.intp]

    @property
    def codes(self) -> Codes:
        """The answers of the sample."""
        return self.caseload[self.taken]

    @property
    def weights(self) -> Floats:
        """How many eligible cases each case of the sample stands for."""
        drawn_sample = self.design
        return calibrate(
            drawn_sample.chances[self.taken].tolist(),
            drawn_sample.cell[self.taken].tolist(),
            drawn_sample.cells,
        )


def drawn(world: World, design: Laid, generator: Generator) -> Drawn:
    """A new caseload of the world and a sample of it."""
    number = len(design.shift)
    caseload = world.cases(number, generator, design.shift)
    taken = draw(design.frame, generator.permutation(number)).taken
    return Drawn(design, caseload, np.array(taken, dtype=np.intp))


def scored(world: World, sample: Drawn, weighted: bool = False) -> dict[str, GroupResult]:
    """The product's own results of a sample: of all cases, and of the first kind of case where there is one."""
    number = len(sample.taken)
    everybody = np.ones(number, dtype=np.bool_)
    groups = [GroupOf("all", "All cases", everybody)]
    if len(sample.design.members):
        groups.append(GroupOf("group", "Group", sample.design.members[0][sample.taken]))
    weights = sample.weights
    shares = collect_fractions(groups, everybody, weights, float(len(sample.caseload)))
    weighting = make_weighting(weights, [""] * number, everybody) if weighted else None
    return make_results(
        world.framework, sample.codes, world.keys, groups, sampled=shares, weighting=weighting
    ).groups


def truth(world: World, codes: Codes, weights: Floats | None = None) -> GroupResult:
    """What all these cases come to; with weights, what they would each counting so often."""
    group = GroupOf("all", "All cases", np.ones(len(codes), dtype=np.bool_))
    weighting = (
        None if weights is None else Weighting(weights, np.zeros(len(codes), dtype=np.intp), np.zeros(1))
    )
    return make_results(world.framework, codes, world.keys, [group], weighting=weighting).groups["all"]


def side_of(world: World, group: GroupResult) -> Side:
    """A group's results as a side of a comparison."""
    levels = group.levels
    parts = {**levels.sections, **levels.criteria, **levels.threads}
    if levels.overall is not None:
        parts["overall"] = levels.overall
    scores = {
        name: ScoreWithErrors(e.score, e.low, e.high, e.error, e.freedom, e.analytic)
        for name, e in parts.items()
        if e.score is not None and e.low is not None and e.high is not None
        and e.error is not None and e.freedom is not None
    }  # fmt: skip
    questions = {key: Counted(q.counts.above, q.counts.relevant) for key, q in group.questions.items()}
    framework = world.framework
    return Side("made up", framework.id, "", group.key, group.cases, questions, scores)
