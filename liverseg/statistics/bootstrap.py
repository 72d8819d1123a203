"""How certain a figure is: percentile bootstrap over patients.

Patients are drawn, not cases, since two scans of one patient tell less than those of two (Efron and
Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13). Most figures over cases are a sum
over a sum, so that a replicate is two sums weighted by how often each patient was drawn.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

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


class Figure(Protocol):
    """What an interval can be had for."""

    @property
    def has_part(self) -> npt.NDArray[np.bool_]:
        """Which cases the figure covers."""

    @property
    def value(self) -> float:
        """The figure for the cases as they are; NaN where undefined."""

    def replicate(self, bootstrap: "PatientBootstrap") -> Numbers:
        """The figure for the cases as they were drawn, one a replicate."""


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

    @property
    def value(self) -> float:
        """The ratio of both sums."""
        return float(self._divide(self.numerators.sum(), self.denominators.sum()))

    def replicate(self, bootstrap: "PatientBootstrap") -> Numbers:
        """The ratio of both sums over what was drawn."""
        return self._divide(
            bootstrap.draw_sums(self.numerators), bootstrap.draw_sums(self.denominators)
        )

    def _divide(self, numerators: Any, denominators: Any) -> Numbers:
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

    def estimate(self, figure: Figure) -> Estimate:
        """A figure with its interval; without one where it covers fewer than six patients.

        Replicates for which the figure is undefined are left out.
        """
        low = high = math.nan
        if np.count_nonzero(self._sum_by_patient(figure.has_part)) >= MIN_PATIENTS:
            low, high = np.nanpercentile(figure.replicate(self), PERCENTILES)
        return Estimate(
            value=figure.value,
            low=float(low),
            high=float(high),
            num_cases=int(np.count_nonzero(figure.has_part)),
        )

    def average_by_patient(self, values: Numbers) -> Numbers:
        """The mean of each patient's cases, from one defined value a case."""
        return self._sum_by_patient(values) / self._sum_by_patient(np.ones_like(values))

    def draw_cases(self) -> Iterator[Numbers]:
        """How often each case was drawn, a replicate at a time."""
        for times_drawn in self._times_drawn:
            yield times_drawn[self._patient_of_case].astype(np.float64)

    def draw_sums(self, terms: Numbers) -> Numbers:
        """Sums of one term a case over the drawn patients, one a replicate.

        Not by BLAS, where the number of threads decides in what order is added.
        """
        totals: Numbers = np.einsum("rp,p->r", self._times_drawn, self._sum_by_patient(terms))
        return totals

    def _sum_by_patient(self, terms: npt.NDArray[Any]) -> Numbers:
        sums = np.bincount(self._patient_of_case, weights=terms, minlength=self.num_patients)
        return sums.astype(np.float64)
