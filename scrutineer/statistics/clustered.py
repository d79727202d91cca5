"""The variance of means of proportions where one case answers many questions.

A score is a sum of ratios, Σ c·Y/R, whose numerators and denominators are totals over the same
cases. Linearised (Woodruff 1971, JASA 66:411-414), each case leaves a residual; the variance is
that of their sum. Answers of one case that go together then widen the interval, as they should.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]


@dataclass
class Residuals:
    """What must be added up over cases to know how several estimates vary together.

    Attributes:
        size: how many estimates.
        strata: how many strata the cases were drawn from.
    """

    size: int
    strata: int = 1
    cases: Floats = field(init=False)
    sums: Floats = field(init=False)
    products: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.cases = np.zeros(self.strata)
        # Sums and products are enough for the variance and can be added batch by batch,
        # so the residuals of half a million cases need never be in memory together.
        self.sums = np.zeros((self.strata, self.size))
        self.products = np.zeros((self.strata, self.size, self.size))

    def add(self, residuals: Floats, stratum: Ints | None = None) -> None:
        """Add the residuals of some cases: a row per case, a column per estimate."""
        for h in range(self.strata):
            rows = residuals if stratum is None else residuals[stratum == h]
            self.cases[h] += len(rows)
            self.sums[h] += rows.sum(axis=0)
            self.products[h] += rows.T @ rows

    def calculate_covariance(self, sampled: Floats | float = 0.0) -> Floats:
        """How the estimates vary together, with the finite population correction of each stratum.

        Σ (1-f) · n/(n-1) · Σ (z - z̄)(z - z̄)' over strata (Cochran 1977, section 5.3). A stratum of one
        case that is not wholly sampled shows no variance of its own; its residual is taken about zero.

        Args:
            sampled: the share of each stratum that is in the sample, one number or one per stratum.
        """
        fraction = np.broadcast_to(np.asarray(sampled, dtype=np.float64), (self.strata,))
        total = np.zeros((self.size, self.size))
        for n, f, stratum, both in zip(self.cases, fraction, self.sums, self.products, strict=True):
            # A stratum may be known from the design but have no relevant case in this group.
            if n == 0:
                continue
            # Σ(z - z̄)(z - z̄)' as Σzz' - ΣzΣz'/n. Residuals are near zero by construction, so little precision is lost.
            spread = (both - np.outer(stratum, stratum) / n) * n / (n - 1) if n > 1 else both
            total += (1 - f) * spread
        return total

    @property
    def freedom(self) -> float:
        """Degrees of freedom: cases less strata that hold any, at least one."""
        return float(max(self.cases.sum() - np.count_nonzero(self.cases), 1))
