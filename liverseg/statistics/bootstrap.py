"""How certain a figure is: percentile bootstrap over patients.

Patients are drawn, not cases, since two scans of one patient tell less than those of two (Efron and
Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13). Every figure over cases is a sum
over a sum, so that a replicate is two sums weighted by how often each patient was drawn.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

MIN_PATIENTS = 6
"""With one patient an interval has no width, with five no rank test can reach 0.05."""

PERCENTILES = (2.5, 97.5)

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A figure over cases.

    Attributes:
        value: NaN where undefined.
        low: Lower end of the 95 % interval over patients; NaN without an interval.
        high: Upper end, likewise.
        num_cases: How many cases it covers.
    """

    value: float
    low: float
    high: float
    num_cases: int


@dataclass(frozen=True, eq=False)
class Ratio:
    """A figure that is a sum over cases divided by another: a mean, or a pooled share.

    Attributes:
        numerators: One a case.
        denominators: One a case, 0 where a case has no part in the figure.
        if_empty: The figure where all denominators are 0; unless NaN, it covers all cases.
        is_root: The figure is the square root of the ratio.
    """

    numerators: Numbers
    denominators: Numbers
    if_empty: float = math.nan
    is_root: bool = False

    @property
    def has_part(self) -> npt.NDArray[np.bool_]:
        """Which cases the figure covers."""
        return (self.denominators > 0) | (not math.isnan(self.if_empty))

    def divide(self, numerators: Any, denominators: Any) -> Numbers:
        """The figure for sums that were taken elsewhere, one or many."""
        some = denominators > 0
        ratios = np.where(some, numerators / np.where(some, denominators, 1), self.if_empty)
        return np.sqrt(ratios) if self.is_root else ratios


def build_mean(values: npt.ArrayLike) -> Ratio:
    """The mean of one value a case, over the cases for which it is defined."""
    numbers = np.asarray(values, np.float64)
    return Ratio(np.nan_to_num(numbers), (~np.isnan(numbers)).astype(np.float64))


class PatientBootstrap:
    """Replicates of a set of cases, drawn patient by patient with replacement.

    Args:
        patient_ids: One a case, at least one; cases with one id are drawn together.
        seed: Draws are the same for the same seed and patients, whatever the order of the cases.
        num_bootstraps: Number of replicates.
    """

    def __init__(self, patient_ids: Sequence[str], *, seed: int, num_bootstraps: int) -> None:
        patients, self._patient_of_case = np.unique(list(patient_ids), return_inverse=True)
        self.num_patients = len(patients)
        shares = np.full(self.num_patients, 1 / self.num_patients)
        generator = np.random.default_rng(seed)
        self._times_drawn = generator.multinomial(self.num_patients, shares, size=num_bootstraps)

    def estimate(self, ratio: Ratio) -> Estimate:
        """A figure with its interval; without one where it covers fewer than six patients.

        Replicates for which the figure is undefined are left out.
        """
        numerators, denominators = (
            self._sum_by_patient(terms) for terms in (ratio.numerators, ratio.denominators)
        )
        low = high = math.nan
        if np.count_nonzero(self._sum_by_patient(ratio.has_part)) >= MIN_PATIENTS:
            replicates = ratio.divide(self._draw(numerators), self._draw(denominators))
            low, high = np.nanpercentile(replicates, PERCENTILES)
        return Estimate(
            value=float(ratio.divide(ratio.numerators.sum(), ratio.denominators.sum())),
            low=float(low),
            high=float(high),
            num_cases=int(np.count_nonzero(ratio.has_part)),
        )

    def average_by_patient(self, values: Numbers) -> Numbers:
        """The mean of each patient's cases, from one defined value a case."""
        return self._sum_by_patient(values) / self._sum_by_patient(np.ones_like(values))

    def _sum_by_patient(self, terms: npt.NDArray[Any]) -> Numbers:
        sums = np.bincount(self._patient_of_case, weights=terms, minlength=self.num_patients)
        return sums.astype(np.float64)

    def _draw(self, sums: Numbers) -> Numbers:
        """Sums over the drawn patients, one a replicate.

        Not by BLAS, where the number of threads decides in what order is added.
        """
        totals: Numbers = np.einsum("rp,p->r", self._times_drawn, sums)
        return totals
