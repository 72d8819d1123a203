"""Which lesion of the first scan is which of the second."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from liverseg.followup.motion import RigidMotion, find_points, look_up
from liverseg.followup.study import Lesion, Study

Matrix = npt.NDArray[np.float64]

TOLERANCE_MM = 10.0
"""Between the centres of a lesion that does not meet itself: what breathing may leave of its place
in a liver that was turned and shifted as a whole."""

TOUCHING_SHARE = 0.25
"""Of the smaller of two lesions; who shares less is a neighbour, moved by the same breath."""

INSIDE_SHARE = 0.5
"""Of a lesion without partner; from here on it is part of the other one, split off or merged."""

UNPAIRED = 2.0
"""What a pair may cost at most: that of two lesions that stay alone."""


@dataclass(frozen=True)
class Track:
    """The lesions of both scans that are one and the same; usually one and one.

    Attributes:
        baseline: Numbers of the first scan's; empty for a new lesion.
        followup: Numbers of the second scan's; empty for one that has vanished.
    """

    baseline: tuple[int, ...]
    followup: tuple[int, ...]


def pair_lesions(baseline: Study, followup: Study, motion: RigidMotion) -> tuple[Track, ...]:
    """Every lesion of both scans in one track; first those of the first scan, then new ones.

    One is paired with one so that the sum of costs is least (``linear_sum_assignment``). A pair
    costs twice 1 less its Dice, where it shares ``TOUCHING_SHARE`` of the smaller lesion, or 1 and
    the distance of the centres in units of ``TOLERANCE_MM``: whichever is less. A lesion that is
    left over and lies inside of a paired one joins its track.

    Args:
        baseline: The first scan.
        followup: The second scan.
        motion: From the first to the second.
    """
    shared_ml = _measure_shared(baseline, followup, motion)
    cost = _compute_costs(baseline, followup, motion, shared_ml)
    rows, columns = linear_sum_assignment(cost)
    is_pair = cost[rows, columns] < UNPAIRED
    tracks = [
        ([i], [j]) for i, j in zip(rows[is_pair].tolist(), columns[is_pair].tolist(), strict=True)
    ]
    of_baseline = {before[0]: (before, after) for before, after in tracks}
    of_followup = {after[0]: (before, after) for before, after in tracks}
    for i, lesion in enumerate(baseline.lesions):
        if i not in of_baseline:
            host = _find_host(shared_ml[i], lesion, of_followup)
            (of_followup[host][0] if host is not None else _begin(tracks)[0]).append(i)
    for j, lesion in enumerate(followup.lesions):
        if j not in of_followup:
            host = _find_host(shared_ml[:, j], lesion, of_baseline)
            (of_baseline[host][1] if host is not None else _begin(tracks)[1]).append(j)
    numbered = [Track(_number(before), _number(after)) for before, after in tracks]
    return tuple(
        sorted(numbered, key=lambda each: (not each.baseline, each.baseline, each.followup))
    )


def _begin(tracks: list[tuple[list[int], list[int]]]) -> tuple[list[int], list[int]]:
    tracks.append(([], []))
    return tracks[-1]


def _number(indices: list[int]) -> tuple[int, ...]:
    return tuple(1 + index for index in sorted(indices))


def _find_host(shared_ml: Matrix, lesion: Lesion, paired: Collection[int]) -> int | None:
    """The paired lesion of the other scan in which a lesion lies; None where it lies in none."""
    host = max(paired, key=lambda index: shared_ml[index], default=None)
    is_inside = host is not None and shared_ml[host] >= INSIDE_SHARE * lesion.volume_ml
    return host if is_inside else None


def _compute_costs(
    baseline: Study, followup: Study, motion: RigidMotion, shared_ml: Matrix
) -> Matrix:
    before_ml, after_ml = (
        np.array([lesion.volume_ml for lesion in study.lesions]) for study in (baseline, followup)
    )
    before_mm, after_mm = (
        np.reshape([lesion.centre_mm for lesion in study.lesions], (-1, 3))
        for study in (baseline, followup)
    )
    dice: Matrix = 2 * shared_ml / np.add.outer(before_ml, after_ml)
    meets = shared_ml >= TOUCHING_SHARE * np.minimum.outer(before_ml, after_ml)
    apart = cdist(motion.move(before_mm), after_mm) / TOLERANCE_MM
    by_overlap = np.where(meets, UNPAIRED * (1 - dice), UNPAIRED)
    return np.minimum(by_overlap, 1 + apart).clip(max=UNPAIRED)


def _measure_shared(baseline: Study, followup: Study, motion: RigidMotion) -> Matrix:
    """Volume in ml that each lesion shares with each of the other scan, by the voxels of both."""
    there = _count_shared(baseline, followup, motion)
    back = _count_shared(followup, baseline, motion.inverse)
    return (there + back.T) / 2


def _count_shared(source: Study, target: Study, motion: RigidMotion) -> Matrix:
    shape = len(source.lesions) + 1, len(target.lesions) + 1
    points = motion.move(find_points(source.numbers, source.labels.grid))
    met = look_up(target.numbers, target.labels.grid, points)
    own = source.numbers[source.numbers > 0]
    counts = np.bincount(own.astype(np.int64) * shape[1] + met, minlength=shape[0] * shape[1])
    return counts.reshape(shape)[1:, 1:].astype(np.float64) * source.labels.grid.voxel_ml
