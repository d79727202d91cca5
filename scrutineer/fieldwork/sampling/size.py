"""How many cases to draw for a required precision, and how strata share them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor

from scrutineer.frameworks.model import Precision
from scrutineer.statistics.binomial import find_quantile
from scrutineer.statistics.printed import round_half_up


def calculate_size(precision: Precision, population: int) -> int:
    """The cases needed so that a share's interval is no wider than required, in a finite population.

    n₀ = z² p(1-p) ÷ e², n = n₀ ÷ (1 + (n₀ - 1) ÷ N), up to the next whole case (Cochran 1977, section
    4.4). The share is taken at its expected value; 50% asks for the most.

    Args:
        precision: half width in percentage points, confidence and expected share in percent.
        population: eligible cases.
    """
    z, p, e = find_quantile(precision.confidence / 100), precision.expected / 100, precision.points / 100
    unlimited = z * z * p * (1 - p) / (e * e)
    # The small subtraction keeps a size that is whole in exact arithmetic from being rounded up to the next case.
    return min(population, ceil(unlimited / (1 + (unlimited - 1) / population) - 1e-9)) if population else 0


def share_out(cases: Mapping[str, int], size: int) -> dict[str, int]:
    """A sample shared among strata in proportion to their cases, by largest remainders (Hamilton's rule).

    No stratum gives more than it has: what it cannot give goes to the others. Equal remainders go to
    the larger stratum, then to the one that comes first.

    Args:
        cases: eligible cases by stratum.
        size: of the whole sample; no more than there are cases is shared out.
    """
    whole = sum(cases.values())
    size = min(size, whole)
    if not whole:
        return dict.fromkeys(cases, 0)
    # Fractions, so that equal remainders are recognised as equal and the tie-break applies.
    quotas = {name: Fraction(size * n, whole) for name, n in cases.items()}
    shares = {name: floor(quota) for name, quota in quotas.items()}
    places = {name: place for place, name in enumerate(cases)}
    waiting = sorted(cases, key=lambda name: (shares[name] - quotas[name], -cases[name], places[name]))
    # The whole parts leave fewer places than there are strata, so one extra case each is enough.
    for name in [n for n in waiting if shares[n] < cases[n]][: size - sum(shares.values())]:
        shares[name] += 1
    return shares


def add_reserves(size: int, percent: int, available: int) -> int:
    """A sample with its reserves: a percentage more, with half a case rounded up, and no more than there are."""
    return min(available, round_half_up(Fraction(size * (100 + percent), 100)))
