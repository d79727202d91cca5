"""Do the statements of certainty hold? Coverage of intervals, false findings and power, simulated with the product's own functions.

Limits are those of the explanation page; the full run writes its table there, the short one only shows that all runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.clock import Short
from benchmarks.worlds import Design, Generator, Kind, Laid, World, drawn, laid, scored, side_of, truth
from scrutineer.fieldwork.sampling.draw import Draw, Frame, draw
from scrutineer.fieldwork.sampling.probabilities import REPEATS, make_probabilities
from scrutineer.fieldwork.sampling.shortfall import find_least_shortfall
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.programme import apart
from scrutineer.programme.across import compare_across
from scrutineer.scoring.comparison.read_results import Side
from scrutineer.scoring.comparison.sides import compare_sides
from scrutineer.scoring.results import GroupResult, Levels
from scrutineer.tasks.files import find_data_folder, write

PAGE = Path(__file__).resolve().parent.parent / "docs" / "explanation" / "how-certain-a-figure-is.md"
BEGIN, END = "<!-- calibration: begin -->", "<!-- calibration: end -->"
LEVELS = ("overall", "sections", "criteria", "threads", "questions of 10 or more", "questions of 3 to 9")
FEW = LEVELS[-1]


@dataclass
class Rate:
    """How often something happened."""

    hits: int = 0
    of: int = 0

    def add(self, happened: bool) -> None:
        self.hits += happened
        self.of += 1

    @property
    def value(self) -> float:
        return self.hits / self.of if self.of else float("nan")

    def text(self, least: int = 1) -> str:
        """With three decimals; nothing of fewer than so many."""
        return f"{self.value:.3f}" if self.of >= least else ""


# -- coverage ----------------------------------------------------------------------------


HIGH_RISK = Kind(0.06, 30, -1.2)

COVERAGE = (
    Design("12 of 200", 200, 12),
    Design("100 of 200", 200, 100),
    Design("190 of 200", 200, 190),
    Design("30 of 2,000", 2000, 30),
    Design("100 of 2,000", 2000, 100),
    Design("200 of 10,000", 10_000, 200),
    Design("100 of 2,000, at least 30 of the 120 at high risk", 2000, 100, (HIGH_RISK,)),
    Design("100 of 170, all 23 at high risk", 170, 100, (Kind(0.135, 23, -0.6),)),
    Design(
        "OMI: 100 of 900, five quotas that overlap", 900, 100,
        (Kind(0.06, 20, -0.8), Kind(0.05, 15, -0.4), Kind(0.06, 15, 0.3), Kind(0.05, 10, 0.0), Kind(0.08, 15, 0.0)),
        "omi-2006",
    ),
    Design("Element: 40 of its 60 cases", 60, 40, (), "esi-domestic-violence"),
)  # fmt: skip
"""Simple random samples, near a census, and quotas as the frameworks have them."""


@dataclass
class Covered:
    """Of one design, how often intervals held what they are about: plain, weighted, and of the first kind of case."""

    design: Design
    plain: dict[str, Rate] = field(default_factory=lambda: {level: Rate() for level in LEVELS})
    weighted: dict[str, Rate] = field(default_factory=lambda: {level: Rate() for level in LEVELS})
    group: dict[str, Rate] = field(default_factory=lambda: {level: Rate() for level in LEVELS})


def coverage(design: Design, rounds: int, generator: Generator) -> Covered:
    """Draw caseload and sample anew each time, and look whether each interval holds what it is about."""
    coverage, world, over = Covered(design), World(framework_of(design.framework)), laid(design)
    for _ in range(rounds):
        sample = drawn(world, over, generator)
        whole = truth(world, sample.caseload)
        groups = scored(world, sample, weighted=bool(design.kinds))
        got = groups["all"]
        if not design.kinds:
            _hold(coverage.plain, got.levels, whole.levels)
            _hold_questions(coverage.plain, got, {k: q.score for k, q in whole.questions.items()})
            continue
        # A plain score is about a caseload with the mix of cases that the design draws.
        expected = truth(world, sample.caseload, over.chances)
        assert expected.weighted
        assert got.weighted
        _hold(coverage.plain, got.levels, expected.weighted)
        _hold_questions(coverage.plain, got, {k: e.score for k, e in expected.weighted_questions.items()})
        _hold(coverage.weighted, got.weighted, whole.levels)
        for key, estimate in got.weighted_questions.items():
            size, true = got.questions[key].counts.relevant, whole.questions[key].score
            _holds(coverage.weighted, _size(size), (estimate.low, estimate.high), true)
        own = truth(world, sample.caseload[over.members[0]])
        _hold(coverage.group, groups["group"].levels, own.levels)
        _hold_questions(coverage.group, groups["group"], {k: q.score for k, q in own.questions.items()})
    return coverage


def _hold(rates: dict[str, Rate], got: Levels, true: Levels) -> None:
    pairs = [("overall", got.overall, true.overall)]
    for level in ("sections", "criteria", "threads"):
        pairs += [
            (level, estimate, getattr(true, level)[key]) for key, estimate in getattr(got, level).items()
        ]
    for level, estimate, other in pairs:
        if estimate is not None and other is not None:
            _holds(rates, level, (estimate.low, estimate.high), other.score)


def _hold_questions(rates: dict[str, Rate], got: GroupResult, true: dict[str, float | None]) -> None:
    for key, question in got.questions.items():
        _holds(rates, _size(question.counts.relevant), (question.low, question.high), true[key])


def _size(relevant: int) -> str:
    return LEVELS[-2] if relevant >= 10 else FEW if relevant >= 3 else ""


def _holds(
    rates: dict[str, Rate], level: str, ends: tuple[float | None, float | None], true: float | None
) -> None:
    low, high = ends
    if level and low is not None and high is not None and true is not None:
        rates[level].add(low - 1e-9 <= true <= high + 1e-9)


# -- differences -------------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """Two samples whose practice is held against each other."""

    name: str
    first: Design
    second: Design


PAIRS = (
    Pair("100 of 10,000 and 100 of 10,000", Design("", 10_000, 100), Design("", 10_000, 100)),
    Pair("15 of 60 and 100 of 800", Design("", 60, 15), Design("", 800, 100)),
    Pair("15 of 20 and 100 of 150", Design("", 20, 15), Design("", 150, 100)),
    Pair("15 of 15 and 100 of 150", Design("", 15, 15), Design("", 150, 100)),
    Pair("31 of 31 and 100 of 168", Design("", 31, 31), Design("", 168, 100)),
    Pair("100 of 110 and 100 of 110", Design("", 110, 100), Design("", 110, 100)),
    Pair("40 of 40 and 160 of 160", Design("", 40, 40), Design("", 160, 160)),
)
"""From a hundredth of the caseload to all of it: inspections, follow-ups, a group and everyone else."""


@dataclass
class Found:
    """What tests found: scores and questions by raw p-values, and pages by adjusted ones."""

    name: str
    scores: Rate = field(default_factory=Rate)
    questions: Rate = field(default_factory=Rate)
    pages: Rate = field(default_factory=Rate)
    covered: Rate = field(default_factory=Rate)


def difference(worlds: tuple[World, World], pair: Pair, rounds: int, generator: Generator) -> Found:
    """Draw both sides anew each time and hold them against each other as the product does.

    `covered` counts intervals of the overall difference that hold the difference of the two practices.
    """
    rates = Found(pair.name)
    true = _practice(worlds[0]) - _practice(worlds[1])
    designs = laid(pair.first), laid(pair.second)
    for _ in range(rounds):
        sides = [_side(w, d, generator) for w, d in zip(worlds, designs, strict=True)]
        comparison = compare_sides(sides[0], sides[1], (worlds[0].framework, worlds[1].framework))
        for row in comparison.rows:
            rate = rates.scores if row.level == "score" else rates.questions
            if row.difference.p_value is not None:
                rate.add(row.difference.p_value <= 0.05)
            if row.name == "overall":
                rates.covered.add(row.difference.low <= true <= row.difference.high)
        rates.pages.add(any(row.words.startswith("significantly") for row in comparison.rows))
    return rates


def _side(world: World, design: Laid, generator: Generator) -> Side:
    return side_of(world, scored(world, drawn(world, design, generator))["all"])


_PRACTICE: dict[tuple[int, float], float] = {}


def _practice(world: World) -> float:
    """The overall score that a practice leads to, over a caseload that is as good as without end."""
    key = (id(world.framework), world.level)
    if key not in _PRACTICE:
        generator = np.random.Generator(np.random.PCG64(5))
        overall = truth(world, world.cases(100_000, generator)).levels.overall
        assert overall is not None
        assert overall.score is not None
        _PRACTICE[key] = overall.score
    return _PRACTICE[key]


# -- areas -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Areas:
    """Several areas of one practice, each with a sample of its own."""

    name: str
    number: int
    design: Design
    level: float = 0.6


AREAS = (
    Areas("2 areas of 15", 2, Design("", 10_000, 15)),
    Areas("4 areas, 100 of 200", 4, Design("", 200, 100)),
    Areas("4 areas, 100 of 110", 4, Design("", 110, 100)),
    Areas("10 areas of 10, practice near 95%", 10, Design("", 10_000, 10), 3.2),
    Areas("42 areas, 100 of 1,000", 42, Design("", 1000, 100)),
)


@dataclass
class Called:
    """Of pages with several areas: raw tests, pages on which an area is called different, and on which all are."""

    name: str
    scores: Rate = field(default_factory=Rate)
    questions: Rate = field(default_factory=Rate)
    score_pages: Rate = field(default_factory=Rate)
    question_pages: Rate = field(default_factory=Rate)
    spread: Rate = field(default_factory=Rate)


def areas(world: World, several: Areas, rounds: int, generator: Generator) -> Called:
    """Draw all areas anew each time and put them beside one another, page by page."""
    rates, design = Called(several.name), laid(several.design)
    for _ in range(rounds):
        sides = [_side(world, design, generator) for _ in range(several.number)]
        for name in sides[0].scores:
            scored = [(str(n), s.scores[name]) for n, s in enumerate(sides) if name in s.scores]
            _page(apart.place_by_scores(scored), rates.scores, rates.score_pages, rates.spread)
        for name in sides[0].questions:
            counted = [(str(n), s.questions[name]) for n, s in enumerate(sides)]
            _page(apart.place_by_counts(counted), rates.questions, rates.question_pages, rates.spread)
    return rates


def _page(standing: apart.Standing | None, raw: Rate, pages: Rate, spread: Rate) -> None:
    if standing is None:
        return
    for row in standing.rows:
        if row.tested is not None:
            raw.add(row.tested <= 0.05)
    pages.add(any(row.place != "alike" for row in standing.rows))
    if standing.spread is not None:
        spread.add(standing.differ)


# -- a group within areas ----------------------------------------------------------------


def within(world: World, number: int, rounds: int, generator: Generator) -> Found:
    """A group held against everyone else within each of several areas: 12 of 100 cases, all of the caseload."""
    rates = Found(f"12 and 88 cases within each of {number} areas")
    few, many = laid(Design("", 12, 12)), laid(Design("", 88, 88))
    for _ in range(rounds):
        pairs = [(_side(world, few, generator), _side(world, many, generator)) for _ in range(number)]
        rows = compare_across(pairs, world.framework)
        for row in rows:
            if row.difference.p_value is not None:
                rate = rates.scores if row.level == "score" else rates.questions
                rate.add(row.difference.p_value <= 0.05)
            if row.name == "overall":
                rates.covered.add(row.difference.low <= 0 <= row.difference.high)
        rates.pages.add(any(row.words.startswith("significantly") for row in rows))
    return rates


# -- probabilities of inclusion ----------------------------------------------------------


@dataclass(frozen=True)
class Drawing:
    """A procedure of drawing: strata, groups with quotas, managers with a cap."""

    name: str
    cases: int
    sizes: tuple[int, ...]
    quotas: tuple[tuple[int, int, int], ...] = ()
    managers: int = 0
    cap: int | None = None

    @property
    def frame(self) -> Frame:
        """What the draw looks at: each quota is the first and last place of its group, and the least number."""
        place = np.arange(self.cases)
        generator = np.random.Generator(np.random.PCG64(self.cases))
        groups = {str(n): (place >= low) & (place < high) for n, (low, high, _) in enumerate(self.quotas)}
        least = {str(n): number for n, (_, _, number) in enumerate(self.quotas)}
        manager = np.sort(generator.integers(0, self.managers, self.cases)) if self.managers else None
        return Frame((place % len(self.sizes)).astype(np.int64), self.sizes, groups, least, manager, self.cap)


DRAWINGS = (
    Drawing("a quota", 500, (50,), ((0, 40, 12),)),
    Drawing("two quotas that overlap", 300, (60,), ((0, 40, 15), (30, 90, 20))),
    Drawing("strata and a quota", 500, (20, 17, 13), ((0, 40, 15),)),
    Drawing("a quota and a cap", 200, (40,), ((0, 20, 8),), 12, 4),
    Drawing("strata, a quota and a tight cap", 500, (20, 20, 20), ((0, 60, 30),), 12, 5),
    Drawing("strata, a quota and a cap that leaves them short", 120, (20, 20), ((0, 30, 20),), 8, 5),
)


@dataclass
class Included:
    """How far the stated probabilities of inclusion lie from the shares of many draws, in standard errors."""

    name: str
    draws: int
    source: str
    kinds: int
    furthest: float


def included(drawing: Drawing, draws: int, generator: Generator) -> Included:
    """Draw again and again by the whole procedure, and look how often each kind of case is in."""
    frame = drawing.frame
    stated = make_probabilities(frame, 7, _whole_draw(frame, generator))
    members = np.bincount(stated.kind)
    hits = np.array(
        [
            np.bincount(stated.kind[_whole_draw(frame, generator).taken], minlength=len(members))
            for _ in range(draws)
        ]
    )  # fmt: skip
    spread = hits.std(axis=0) / members
    # Probabilities from repeated draws have an error of their own.
    error = spread * np.sqrt(1 / draws + (0 if stated.source == "exact" else 1 / (REPEATS + 1)))
    # A kind of which nearly every draw has as many shows no spread: one case in all draws is what can't be told.
    error = np.maximum(error, 1 / (draws * members))
    gap = hits.mean(axis=0) / members - np.array([float(p) for p in stated.of_kind])
    away = np.abs(gap) / error
    return Included(drawing.name, draws, stated.source.split(",")[0], len(members), float(away.max()))


def _whole_draw(frame: Frame, generator: Generator) -> Draw:
    """The draw, and where it leaves something short the best that can be had."""
    order = generator.permutation(len(frame.stratum))
    sample = draw(frame, order)
    return find_least_shortfall(frame, order, sample) if sample.short or sample.unfilled else sample


# -- the run -----------------------------------------------------------------------------


@dataclass
class Calibration:
    """Everything that one run found."""

    rounds: int
    covered: list[Covered]
    false: list[Found]
    power: list[Found]
    called: list[Called]
    within: list[Found]
    included: list[Included]
    shift: float


def framework_of(name: str) -> Framework:
    """A framework that ships."""
    return Library(find_data_folder("frameworks")).load_framework(name)


def run(rounds: int, note: Callable[[str], None] = lambda _: None, seed: int = 2026) -> Calibration:
    """Simulate all designs.

    Args:
        rounds: caseloads and samples of each design; several areas take a tenth of it, as each has many pages.
        note: called with what is simulated next.
        seed: of everything.
    """
    world = World(framework_of("esi-2003"))
    better = World(world.framework, 1.15)
    generator = np.random.Generator(np.random.PCG64(seed))
    fewer, fewest = max(rounds // 3, 1), max(rounds // 10, 1)
    covered, false, power, called = [], [], [], []
    for design in COVERAGE:
        note(f"coverage: {design.name}")
        covered.append(coverage(design, rounds, generator))
    for pair in PAIRS:
        note(f"no difference: {pair.name}")
        false.append(difference((world, world), pair, rounds, generator))
    shift = _practice(better) - _practice(world)
    for pair in PAIRS:
        note(f"a difference of {100 * shift:.0f} points: {pair.name}")
        power.append(difference((better, world), pair, fewer, generator))
    for several in AREAS:
        note(f"areas: {several.name}")
        own = World(world.framework, several.level)
        called.append(areas(own, several, fewest, generator))
    note("a group within areas")
    inside = [within(world, number, fewer, generator) for number in (2, 10)]
    drawings = []
    for drawing in DRAWINGS:
        note(f"inclusion: {drawing.name}")
        drawings.append(included(drawing, DRAWS if rounds == WHOLE else 20, generator))
    return Calibration(rounds, covered, false, power, called, inside, drawings, shift)


def measure(console: Console, short: Short | None = None) -> None:
    """Simulate, print the tables, and in the whole run write them into the explanation."""
    rounds = WHOLE if short is None else SHORT
    calibration = run(rounds, lambda text: None if short else console.print(text, highlight=False))
    tables = list(tables_of(calibration))
    for title, heads, rows in tables:
        shown = Table(title=title)
        for n, head in enumerate(heads):
            shown.add_column(head, justify="right" if n else "left")
        for row in rows:
            shown.add_row(*row)
        console.print(shown)
    if short is None:
        write(PAGE, between_marks(PAGE.read_text(encoding="utf-8"), "\n\n".join(map(markdown, tables))))


WHOLE, SHORT = 600, 1
DRAWS = 5000
ENOUGH = 30
"""Intervals of a level from which their coverage is shown: near a census hardly a question has few cases."""

Shown = tuple[str, tuple[str, ...], list[tuple[str, ...]]]
"""A table: its title, its headings, its rows."""


def tables_of(calibration: Calibration) -> Iterator[Shown]:
    """The tables of the explanation page."""
    rows = []
    for coverage in calibration.covered:
        for what, rates in (
            ("plain", coverage.plain),
            ("weighted", coverage.weighted),
            ("first quota group", coverage.group),
        ):
            if rates["criteria"].of:
                name = coverage.design.name if what == "plain" else f"the same, {what}"
                rows.append((name, *(rates[level].text(ENOUGH) for level in LEVELS)))
    yield f"Coverage of 95% intervals, {calibration.rounds} samples of each design", ("Design", *LEVELS), rows
    heads = ("Cases", "scores, raw", "questions, raw", "pages")
    rows = [
        (f.name, f.scores.text(), f.questions.text(), f.pages.text())
        for f in (*calibration.false, *calibration.within)
    ]
    yield "Called different although practice is the same, at 5%", heads, rows
    rows = [(f.name, f.scores.text(), f.questions.text(), f.pages.text()) for f in calibration.power]
    title = f"Called different where practice differs by {100 * calibration.shift:.0f} points, at 5%"
    yield title, heads, rows
    heads = (
        "Areas",
        "scores, raw",
        "questions, raw",
        "pages of a score",
        "pages of a question",
        "areas said to differ",
    )
    rows = [
        (c.name, *(r.text() for r in (c.scores, c.questions, c.score_pages, c.question_pages, c.spread)))
        for c in calibration.called
    ]
    yield "Areas called above or below although all are alike, at 5%", heads, rows
    heads = ("Drawn by", "probabilities", "kinds of case", "furthest, in standard errors")
    rows = [(i.name, i.source, str(i.kinds), f"{i.furthest:.2f}") for i in calibration.included]
    draws = calibration.included[0].draws
    yield f"Probabilities of inclusion against {draws:,} draws by the whole procedure", heads, rows


def markdown(table: Shown) -> str:
    """A table for the explanation page."""
    title, heads, rows = table
    lines = [f"**{title}**", "", f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def between_marks(page: str, text: str) -> str:
    """The page with the text between its two marks."""
    before, rest = page.split(BEGIN, 1)
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.split(END, 1)[1]}"
