"""Where figures lie in the room's own charts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from django.utils.translation import gettext as _

from scrutineer.programme.funnels import Funnel
from scrutineer.scoring.comparison.read_results import ScoreWithErrors
from scrutineer.statistics.funnel import LIMITS as FUNNELS
from scrutineer.statistics.funnel import FunnelOfUnits, calculate_funnel

BAR = 400.0
WIDTH, HEIGHT, LEFT, FOOT = 760.0, 380.0, 60.0, 46.0


@dataclass(frozen=True)
class IntervalBar:
    """A score with its interval on an axis of `BAR` units."""

    x: float
    low: float
    high: float


def make_bar(score: ScoreWithErrors) -> IntervalBar:
    """Where a score lies."""
    return IntervalBar(*(round(BAR * value, 1) for value in (score.score, score.low, score.high)))


@dataclass(frozen=True)
class Dot:
    """One area in a funnel plot; `named` where there is room for its name."""

    x: float
    y: float
    name: str
    outside: float | None
    figures: str
    named: bool


@dataclass(frozen=True)
class Plot:
    """A funnel plot.

    Attributes:
        curves: a line of points for each limit, and what it is the limit of.
        target: where the line of the mean lies.
        across, up: where the axes' marks lie, with their texts.
        width, height: of the drawing.
        left, foot: where the axes lie.
    """

    dots: tuple[Dot, ...]
    curves: tuple[tuple[str, str], ...]
    target: float
    across: tuple[tuple[float, str], ...]
    up: tuple[tuple[float, str], ...]
    width: int = int(WIDTH)
    height: int = int(HEIGHT)
    left: int = int(LEFT)
    foot: int = int(HEIGHT - FOOT)


def _find_scale(low: float, high: float, start: float, end: float) -> tuple[float, float]:
    each = (end - start) / (high - low if high > low else 1.0)
    return start - low * each, each


def _list_marks(low: float, high: float, number: int = 5) -> list[float]:
    """Round numbers between two."""
    span = max(high - low, 1e-9)
    step = 10 ** floor(log10(span / number))
    step *= next(n for n in (1, 2, 5, 10) if span / (step * n) <= number)
    return [round(n * step, 6) for n in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]


def _plot(
    dots: Sequence[tuple[str, float, float, float | None, str]],
    curves: Sequence[tuple[str, Sequence[tuple[float, float]]]],
    target: float,
    percent: bool,
) -> Plot:
    xs = [x for _, x, _, _, _ in dots] + [x for _, line in curves for x, _ in line]
    ys = [y for _, _, y, _, _ in dots] + [y for _, line in curves for _, y in line]
    right = max(xs) * 1.02
    left = min(xs) * 0.9 if min(xs) > right / 3 else 0.0
    low, high = max(min(ys) - 0.03, 0.0), max(ys) + 0.03
    if percent:
        high = min(high, 1.0)
    ax, kx = _find_scale(left, right, LEFT, WIDTH - 12)
    ay, ky = _find_scale(low, high, HEIGHT - FOOT, 12)

    def place_point(x: float, y: float) -> tuple[float, float]:
        return round(ax + kx * x, 1), round(ay + ky * min(max(y, low), high), 1)

    return Plot(
        tuple(_list_dots([(*place_point(x, y), name, outside, dot) for name, x, y, outside, dot in dots])),
        tuple(
            (label, " ".join(f"{p},{q}" for p, q in (place_point(x, y) for x, y in line)))
            for label, line in curves
        ),
        place_point(left, target)[1],
        tuple((place_point(n, low)[0], f"{n:g}") for n in _list_marks(left, right)),
        tuple(
            (place_point(left, n)[1], f"{n * 100:g}" if percent else f"{n:g}") for n in _list_marks(low, high)
        ),
    )


def _list_dots(placed: Sequence[tuple[float, float, str, float | None, str]]) -> Iterator[Dot]:
    """Dots, of which those outside are named where there is no other name yet."""
    taken: list[tuple[float, float, float]] = []
    for x, y, name, outside, dot in placed:
        ends = x + 12 + 8 * len(name)
        free = all(abs(y - at) > 14 or ends < left or x > right for left, right, at in taken)
        named = outside is not None and free
        if named:
            taken.append((x, ends, y))
        yield Dot(x, y, name, outside, dot, named)


def draw_funnel(funnel: Funnel) -> Plot:
    """Areas in the funnel around their mean."""
    dots = [
        (
            p.area,
            p.size,
            p.score,
            p.outside,
            _("%(score)s%%, equivalent to %(size)s cases")
            % {"score": f"{p.score * 100:.0f}", "size": f"{p.size:.0f}"},
        )
        for p in funnel.points
    ]
    curves = [
        (f"{confidence * 100:g}%", [(row[0], row[side]) for row in line])
        for confidence, line in funnel.curves
        for side in (1, 2)
    ]
    return _plot(dots, curves, funnel.target, percent=True)


def draw_actual_against_predicted(funnel: FunnelOfUnits) -> Plot:
    """Areas by their ratio of actual to predicted reconvictions."""
    units = funnel.units
    dots = [
        (
            u.unit,
            u.predicted,
            u.ratio,
            u.outside,
            _("%(actual)s reconvicted, %(predicted)s predicted")
            % {"actual": u.actual, "predicted": f"{u.predicted:.1f}"},
        )
        for u in units
    ]
    least, most = min(u.predicted for u in units) * 0.8, max(u.predicted for u in units) * 1.1
    grid = [least * (most / least) ** (n / 40) for n in range(41)]
    rate = sum(u.predicted for u in units) / sum(u.cases for u in units)
    curves = []
    for confidence in FUNNELS:
        for side in calculate_funnel(grid, rate, confidence, funnel.dispersion):
            curves.append((f"{confidence * 100:g}%", list(zip(grid, side.tolist(), strict=True))))
    return _plot(dots, curves, 1.0, percent=False)
