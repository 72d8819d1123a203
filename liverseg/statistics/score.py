"""What a score is: how it is called, read and written, and how it comes about over cases."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from liverseg.statistics.bootstrap import Estimate, Figure, Numbers, PatientBootstrap

Columns = Mapping[str, Numbers]
"""One number a case, or a predicted lesion, under each name, see ``tabulate_cases``."""

Compute = Callable[[Columns], Figure | Estimate]
"""From these numbers: a figure that gets an interval, or one without."""


@dataclass(frozen=True)
class Score:
    """A row of ``scores.csv``: a figure over cases or, under ``case``, of one case.

    Attributes:
        key: Its place in a summary: ``lesions.recall``.
        title: What it is called where it stands alone, with its unit.
        label: The same beneath a heading that says what it is of.
        unit: Of both; empty for a share.
        term: The same for all regions and sizes: its word in the glossary.
        decimals: How many are shown; a score without any is a count.
        better: ``higher``, ``lower`` or ``nearer to 0``; empty where nothing is wished of it.
        meaning: What it says, in a sentence or two.
        compute: How it comes about.
    """

    key: str
    title: str
    label: str
    unit: str
    term: str
    decimals: int
    better: str
    meaning: str
    compute: Compute

    @property
    def column(self) -> str:
        """Its name in flat files: ``lesions_recall``, of lesions; ``lesion_recall``, of voxels."""
        return self.key.replace(".", "_")

    @property
    def is_count(self) -> bool:
        """It is whole, and has no interval."""
        return not self.decimals

    @property
    def spec(self) -> str:
        """How it is written, as ``format`` takes it."""
        sign = "+" if self.better == "nearer to 0" else ""
        return f"{sign}.{self.decimals}f" if self.decimals else ",.0f"

    def estimate(self, columns: Columns, bootstrap: PatientBootstrap) -> Estimate:
        """Its value with its interval, by the bootstrap of the same cases in the same order."""
        figure = self.compute(columns)
        return figure if isinstance(figure, Estimate) else bootstrap.estimate(figure)

    def evaluate(self, columns: Columns) -> float:
        """Its value alone."""
        return self.compute(columns).value


def state(value: float, columns: Columns) -> Estimate:
    """A figure over all cases without interval."""
    num_cases = len(next(iter(columns.values())))
    return Estimate(float(value), math.nan, math.nan, num_cases)
