"""FROC: how many reference lesions are found at how many false ones a scan.

Predicted lesions are taken up by falling confidence. Each step gives the share of the reference
lesions that are matched by then (sensitivity) and the number of false ones so far over that of the
scans, those without any lesion among them. The curve ends where the labels stand: what they do not
hold is no candidate. Bunch et al., A Free Response Approach to the Measurement and Characterization
of Radiographic Observer Performance, Proc. SPIE 127, 1977.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liverseg.statistics.bootstrap import Numbers, PatientBootstrap

RATES = (1 / 8, 1 / 4, 1 / 2, 1, 2)
"""False lesions a scan at which sensitivities are averaged.

The competition performance metric of LUNA16 (Setio et al., Medical Image Analysis 42, 2017) takes
4 and 8 as well. A liver holds few lesions, and nobody would read on after so many false ones."""


@dataclass(frozen=True, eq=False)
class Froc:
    """The predicted lesions of all cases, the surest first.

    Attributes:
        num_reference: Reference lesions, one number a case.
        cases: Place of each predicted lesion's case, (num_predicted,).
        is_matched: Whether it matches a reference lesion, (num_predicted,).
        confidences: How sure it is, (num_predicted,), falling; NaN where nothing but a mask is
            known.
    """

    num_reference: Numbers
    cases: npt.NDArray[np.int64]
    is_matched: npt.NDArray[np.bool_]
    confidences: Numbers

    @property
    def is_defined(self) -> bool:
        """There is a reference lesion, and each predicted one has a confidence."""
        return bool(self.num_reference.any()) and not np.isnan(self.confidences).any()

    @property
    def has_part(self) -> npt.NDArray[np.bool_]:
        """Which cases the figure covers: all, for false lesions are anywhere; none if undefined."""
        return np.full(len(self.num_reference), self.is_defined)

    @property
    def value(self) -> float:
        """The mean sensitivity at ``RATES``, 0 where nothing is predicted; NaN where undefined."""
        return self._average(np.ones(len(self.num_reference)))

    def replicate(self, bootstrap: PatientBootstrap) -> Numbers:
        """The same for the drawn cases, one a replicate; NaN without a reference lesion."""
        return np.array([self._average(times_drawn) for times_drawn in bootstrap.draw_cases()])

    @property
    def least_confidences(self) -> Numbers:
        """At each point of the curve the least that counts; NaN at the first, where none does."""
        return np.concatenate([[np.nan], self.confidences[self._ends]])

    def trace(self, weights: Numbers) -> tuple[Numbers, Numbers]:
        """False lesions a scan and sensitivity, point by point from (0, 0); neither ever falls.

        Args:
            weights: How often each case counts, (num_cases,); some case with a reference lesion
                must.
        """
        of_lesions = weights[self.cases]
        num_found, num_false = (
            np.concatenate([[0], np.cumsum(of_lesions * which)[self._ends]])
            for which in (self.is_matched, ~self.is_matched)
        )
        return num_false / weights.sum(), num_found / (weights @ self.num_reference)

    @property
    def _ends(self) -> npt.NDArray[np.int64]:
        """The last lesion of each confidence: equals come together."""
        return np.flatnonzero(np.diff(self.confidences, append=-np.inf))

    def _average(self, weights: Numbers) -> float:
        if not self.is_defined or not weights @ self.num_reference:
            return np.nan
        num_false, sensitivities = self.trace(weights)
        reached = np.searchsorted(num_false, RATES, side="right") - 1
        return float(sensitivities[reached].mean())


def build_froc(columns: Mapping[str, Numbers]) -> Froc:
    """The predicted lesions of the cases of ``tabulate_cases``."""
    confidences = columns["predicted_confidence"]
    order = np.argsort(-confidences, kind="stable")
    return Froc(
        num_reference=columns["num_lesions_reference"],
        cases=columns["predicted_case"][order].astype(np.int64),
        is_matched=columns["predicted_is_matched"][order].astype(np.bool_),
        confidences=confidences[order],
    )
