"""What became of each lesion, in one word, and from which change on a word is deserved."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from liverseg.followup.pairing import Track
from liverseg.followup.study import Lesion, Study

REPEATABILITY = ((50.0, 0.24), (35.0, 0.29), (10.0, 0.39))
"""Least longest diameter in mm, and the relative change of volume that is real with 95 % confidence
(RSNA QIBA Profile: CT Tumor Volume Change for Advanced Disease, 2018). Of smaller lesions it says
nothing; there voxels alone decide."""

BORDER_VOXELS = 0.5
"""What partial volume leaves undecided of a border, in edges of a voxel."""


class Change(StrEnum):
    """What became of the lesions of a track."""

    GROWN = "grown"
    SHRUNK = "shrunk"
    STABLE = "stable"
    NEW = "new"
    VANISHED = "vanished"
    SPLIT = "split"
    MERGED = "merged"
    REGROUPED = "regrouped"  # several, and others several: neither split nor merged says it


@dataclass(frozen=True)
class Limits:
    """Relative changes of volume that measurement may feign.

    Attributes:
        shrinkage: The largest loss, in (0, 1]: at 1 no loss but that of all is told from it.
        growth: The largest gain.
    """

    shrinkage: float
    growth: float


@dataclass(frozen=True)
class ComparedLesions:
    """The lesions of a track, measured in both scans.

    Attributes:
        change: What became of them.
        baseline: Of the first scan; empty for a new lesion.
        followup: Of the second scan; empty for one that has vanished.
        limits: That divide grown, shrunk and stable; None for all other changes.
    """

    change: Change
    baseline: tuple[Lesion, ...]
    followup: tuple[Lesion, ...]
    limits: Limits | None

    @property
    def baseline_ml(self) -> float:
        """Volume in the first scan; 0 without lesions."""
        return sum(lesion.volume_ml for lesion in self.baseline)

    @property
    def followup_ml(self) -> float:
        """Volume in the second scan; 0 without lesions."""
        return sum(lesion.volume_ml for lesion in self.followup)

    @property
    def baseline_mm(self) -> float:
        """Sum of the longest diameters in the first scan; 0 without lesions."""
        return sum_diameters(self.baseline)

    @property
    def followup_mm(self) -> float:
        """Sum of the longest diameters in the second scan; 0 without lesions."""
        return sum_diameters(self.followup)

    @property
    def volume_change(self) -> float:
        """Gain over the first volume; NaN for a new lesion."""
        return self.followup_ml / self.baseline_ml - 1 if self.baseline else math.nan


def sum_diameters(lesions: Iterable[Lesion]) -> float:
    """Sum of the longest diameters in mm, 0 without lesions.

    So RECIST 1.1 (Eisenhauer et al., Eur J Cancer 45, 2009, 4.3.2) counts what has split: the parts
    together.
    """
    return sum(lesion.diameters.longest_mm for lesion in lesions)


def compare_lesions(track: Track, baseline: Study, followup: Study) -> ComparedLesions:
    """The lesions of a track with what became of them."""
    before = tuple(baseline.lesions[number - 1] for number in track.baseline)
    after = tuple(followup.lesions[number - 1] for number in track.followup)
    if (len(before), len(after)) != (1, 1):
        return ComparedLesions(_name_numbers(len(before), len(after)), before, after, None)
    voxel_ml = max(baseline.labels.grid.voxel_ml, followup.labels.grid.voxel_ml)
    limits = compute_limits(before[0], voxel_ml)
    gain = after[0].volume_ml / before[0].volume_ml - 1
    change = Change.STABLE
    if gain > limits.growth:
        change = Change.GROWN
    elif -gain > limits.shrinkage:
        change = Change.SHRUNK
    return ComparedLesions(change, before, after, limits)


def compute_limits(lesion: Lesion, voxel_ml: float) -> Limits:
    """How much volume a lesion gains or loses by measurement alone.

    The larger of what experts' repeated measurements allow (``REPEATABILITY``) and of what a ball
    of its volume gains or loses with a border that lies ``BORDER_VOXELS`` further out or in.

    Args:
        lesion: In the first scan.
        voxel_ml: Of the coarser scan.
    """
    border_mm = BORDER_VOXELS * math.cbrt(1000 * voxel_ml)
    radius_mm = math.cbrt(3 * 1000 * lesion.volume_ml / (4 * math.pi))
    share = border_mm / radius_mm
    longest_mm = lesion.diameters.longest_mm
    experts = next((limit for least, limit in REPEATABILITY if longest_mm >= least), 0.0)
    return Limits(
        shrinkage=max(experts, 1 - max(1 - share, 0) ** 3),
        growth=max(experts, (1 + share) ** 3 - 1),
    )


def _name_numbers(num_before: int, num_after: int) -> Change:
    if not num_before:
        return Change.NEW
    if not num_after:
        return Change.VANISHED
    if num_before == 1:
        return Change.SPLIT
    return Change.MERGED if num_after == 1 else Change.REGROUPED
