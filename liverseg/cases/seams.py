"""Where along its slices a scan stops being one scan: a second one appended, or slices missing.

Neighbouring slices differ by little, and that little changes slowly. At a seam they differ by many
times as much; or, where the second scan runs the other way, both sides of it are mirror images.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liverseg.cases.body import CoarseScan

Slices = npt.NDArray[np.float32]

CELLS = 4
"""Coarse voxels along a side of the cells that slices are compared by: noise and vessels fade."""

SHOWN_HU = 300.0
NEARBY = 8
LEAST_JUMP_HU = 25.0
LEAST_TIMES_NEARBY, LEAST_TIMES_MEDIAN = 2.0, 4.0
"""Between whole scans the largest difference was 1.6 times those nearby and 3.2 times the median,
at seams 2.6 and 6 times and more (36 phantoms and two real scans, also with slices left out)."""

LEAST_BODY = 0.3
"""Smaller over larger area of the body on both sides; blank slices at an end are no seam."""

REPEATED = 0.6
"""Least difference between a slice at the seam and those far on its other side, over that at the
seam: anatomy begins again. Where slices are missing, what is farther away differs more."""

MIRROR_MM = 40.0
MOST_MIRRORED = 0.85
"""Difference between both sides over that from the middle, on the side where that is less."""

LEAST_MIRROR_CM2 = 400.0
"""Area of a slice from which a mirror is told: what shows little more than one organ is nearly its
own mirror image about the organ's middle. The least in 790 whole phantoms and parts of them was
0.43 below this area, in 714 others 1.00 above it; 0.85 and less in nine of ten that a second one
follows which runs the other way."""


@dataclass(frozen=True)
class Seam:
    """A place between two neighbouring slices.

    Attributes:
        below: Slice of the scan next to it, counted from 0 at the feet.
        jump_hu: Mean difference between its two sides.
        usual_hu: Median difference between neighbours.
        repeats: Whether anatomy begins again after it, as in a second scan of the patient.
    """

    below: int
    jump_hu: float
    usual_hu: float
    repeats: bool


def find_seam(scan: CoarseScan) -> Seam | None:
    """The clearest seam of a scan; None where it is whole, or too short to tell."""
    if min(scan.hu.shape[:2]) < CELLS or scan.hu.shape[2] <= 2 * NEARBY:
        return None
    slices = _average_cells(scan.hu)
    jumps = _compare(slices[1:], slices[:-1])
    usual = float(np.median(jumps))
    mirrored = _compare_sides(slices, scan)
    seam = _find_jump(jumps, usual, scan.body.sum((0, 1)))
    if seam is None:
        seam = int(np.argmin(mirrored))
        repeats = mirrored[seam] < MOST_MIRRORED
        if not repeats:
            return None
    else:
        begins_again = _begins_again(slices, seam, float(jumps[seam]))
        repeats = begins_again or mirrored[seam] < MOST_MIRRORED
    return Seam(seam * scan.slice_step, float(jumps[seam]), usual, repeats)


def _average_cells(hu: npt.NDArray[np.int16]) -> Slices:
    """Means of cells (slice, cell) of what is shown of soft tissue; all beyond is one shade."""
    x, y = (length // CELLS for length in hu.shape[:2])
    shown = np.clip(hu[: x * CELLS, : y * CELLS], -SHOWN_HU, SHOWN_HU).astype(np.float32)
    means: Slices = shown.reshape(x, CELLS, y, CELLS, -1).mean((1, 3)).reshape(x * y, -1).T
    return means


def _compare(some: Slices, others: Slices) -> npt.NDArray[np.float64]:
    """Mean absolute difference in HU, slice by slice."""
    return np.asarray(np.abs(some - others).mean(-1), np.float64)


def _find_jump(
    jumps: npt.NDArray[np.float64], usual: float, body: npt.NDArray[np.int64]
) -> int | None:
    for k in np.argsort(-jumps).tolist():
        if jumps[k] < max(LEAST_JUMP_HU, LEAST_TIMES_MEDIAN * usual):
            return None
        nearby = np.concatenate([jumps[max(k - NEARBY, 0) : k], jumps[k + 1 : k + 1 + NEARBY]])
        smaller, larger = sorted((body[k], body[k + 1]))
        if jumps[k] >= LEAST_TIMES_NEARBY * nearby.max() and smaller >= LEAST_BODY * larger:
            return int(k)
    return None


def _begins_again(slices: Slices, seam: int, jump_hu: float) -> bool:
    """Whether a slice at the seam is like one far on the other side of it."""
    before, after = slices[: max(seam - NEARBY, 1)], slices[seam + 1 + NEARBY :]
    found = [_compare(before, slices[seam + 1]).min()]
    if len(after):
        found.append(_compare(after, slices[seam]).min())
    return bool(min(found) < REPEATED * jump_hu)


def _compare_sides(slices: Slices, scan: CoarseScan) -> npt.NDArray[np.float64]:
    """How unlike the slices below and above each place are, as in a mirror there; small: alike.

    Infinite too near to an end, where the slices do not change, for there all is alike, and all
    over where they show too little.
    """
    unlike = np.full(len(slices) - 1, np.inf)
    if scan.hu[..., 0].size * scan.cell_cm2 < LEAST_MIRROR_CM2:
        return unlike
    reach = max(NEARBY, round(MIRROR_MM / scan.spacing_mm[2]))
    for k in range(reach, len(slices) - 1 - reach):
        below, above = slices[k - reach : k][::-1], slices[k + 2 : k + 2 + reach]
        change_hu = min(_compare(below, slices[k]).mean(), _compare(above, slices[k + 1]).mean())
        if change_hu >= LEAST_JUMP_HU:
            unlike[k] = _compare(below, above).mean() / change_hu
    return unlike
