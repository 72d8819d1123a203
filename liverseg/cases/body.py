"""What the body in a scan shows without any mask: outline, fat, spine, table and lungs.

All is measured on every few voxels (``coarsen``), with x to the patient's left, y to the back and z
to the head as the header says: what the body says of that is judged in ``orientation_checks``.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liverseg.cases.hu_figures import AIR_HU, BODY_HU
from liverseg.cases.peaks import find_peaks, smooth_counts
from liverseg.grids.components import keep_largest_component
from liverseg.grids.orientation import reorient_array, reorient_grid
from liverseg.volumes.nifti import Volume

Mask = npt.NDArray[np.bool_]
Amounts = npt.NDArray[np.float64]

COARSE_SPACING_MM = (4.0, 4.0, 2.0)
"""About the distance of the voxels that are looked at, along x, y and z."""

FEWEST_VOXELS = 32
"""Along an axis, where there are as many: a false spacing must not leave one voxel of a scan."""

LARGEST_HU = 8191

LUNG_HU = (-950, -500)
"""Without the gas of the bowel, which is thinner."""

BONE_HU = 200
MIDLINE_MM = 35.0
"""Spine and sternum lie this near to the middle; most of the ribs and the pelvis do not."""

LEAST_BONE_CM2 = 3.0
LEAST_SLICES = 5
END_MM = 15.0
LEAST_BESIDE_ML = 30.0

MOST_CUT = 0.2
"""Share of a side face of the scan in body. Where it is more, the field of view cuts the body, and
front, back and middle of what is left are not those of the patient."""

SIDES = ((0, 0), (0, -1), (1, 0), (1, -1))
"""Axis and end of the right, the left, the front and the back face."""

PEAK_WIDTH_HU = 12.0
LEAST_PROMINENCE = 0.2
FAT_TO_MUSCLE_HU = (110, 210)
"""From the peak of fat to the next higher one: muscle, or enhanced organs. 129 to 183 in the scans
that were looked at; only values on the scale of HU keep it."""


@dataclass(frozen=True, eq=False)
class CoarseScan:
    """Every few voxels of a scan.

    Attributes:
        hu: (x, y, z) as the header has them, int16.
        body: The largest connected part that is denser than lung, likewise; the table, where it is
            not in touch, is no part of it.
        spacing_mm: Along x, y, z.
        slice_step: How many slices of the scan lie between two of these.
    """

    hu: npt.NDArray[np.int16]
    body: Mask
    spacing_mm: tuple[float, float, float]
    slice_step: int

    @property
    def cell_cm2(self) -> float:
        """Area of a voxel in an axial slice."""
        return self.spacing_mm[0] * self.spacing_mm[1] / 100


@dataclass(frozen=True)
class BodyFigures:
    """What the body shows; None where the scan shows too little of it.

    Attributes:
        area_cm2: Median area of the body in the axial slices; None where the field of view cuts it.
        fat_hu: HU of fat.
        spine_behind: From -1, the skin in front, to 1, the skin of the back: where the bone near
            the midline lies, the median over the slices that show it.
        spine_agreement: Share of these slices on the same side of the middle as the median.
        table_behind: -1 where all that lies outside the body is in front of it, 1 where behind.
        lung_cm2: Area of lung in the lowest and in the highest slices; 0 where there is none.
        ends_cm2: Area of the body in the same.
    """

    area_cm2: float | None
    fat_hu: float | None
    spine_behind: float | None
    spine_agreement: float
    table_behind: float | None
    lung_cm2: tuple[float, float]
    ends_cm2: tuple[float, float]


def coarsen(scan: Volume) -> CoarseScan:
    """Every few voxels of a scan; of a large one, some 10 MB."""
    grid = reorient_grid(scan.grid, "LPS")
    steps = [
        max(1, min(round(coarse / fine), length // FEWEST_VOXELS))
        for coarse, fine, length in zip(COARSE_SPACING_MM, grid.spacing_mm, grid.shape, strict=True)
    ]
    straight = reorient_array(scan.data, scan.grid.axis_codes, "LPS")
    hu = np.clip(straight[:: steps[0], :: steps[1], :: steps[2]], -LARGEST_HU, LARGEST_HU)
    hu = np.ascontiguousarray(hu, np.int16)
    x, y, z = (fine * step for fine, step in zip(grid.spacing_mm, steps, strict=True))
    return CoarseScan(hu, keep_largest_component(hu > BODY_HU, 6), (x, y, z), steps[2])


def measure_body(scan: CoarseScan) -> BodyFigures:
    """Figures of the body in a scan."""
    inside = _fill(scan.body, 0) & _fill(scan.body, 1)
    right, left, front, back = (_measure_cut(scan.body, axis, end) for axis, end in SIDES)
    is_whole = max(front, back) <= MOST_CUT and abs(left - right) <= MOST_CUT
    spine, agreement = _place_spine(scan, inside) if is_whole else (None, 0.0)
    low, high = LUNG_HU
    lung = (scan.hu > low) & (scan.hu < high) & inside
    areas = scan.body.sum((0, 1)) * scan.cell_cm2
    shown = areas[areas > 0]
    is_uncut = max(left, right, front, back) <= MOST_CUT and shown.size
    return BodyFigures(
        area_cm2=float(np.median(shown)) if is_uncut else None,
        fat_hu=_find_fat(scan.hu[scan.body]),
        spine_behind=spine,
        spine_agreement=agreement,
        table_behind=_place_table(scan, inside) if is_whole else None,
        lung_cm2=_average_ends(lung.sum((0, 1)) * scan.cell_cm2, scan.spacing_mm[2]),
        ends_cm2=_average_ends(areas, scan.spacing_mm[2]),
    )


def _fill(mask: Mask, axis: int) -> Mask:
    """All that has some of the mask on either side of it along the axis."""
    before = np.logical_or.accumulate(mask, axis)
    behind = np.flip(np.logical_or.accumulate(np.flip(mask, axis), axis), axis)
    return np.asarray(before & behind)


def _measure_cut(body: Mask, axis: int, end: int) -> float:
    return float(np.take(body, end, axis).mean())


def _average_ends(areas: Amounts, step_mm: float) -> tuple[float, float]:
    count = max(1, round(END_MM / step_mm))
    return float(areas[:count].mean()), float(areas[-count:].mean())


def _find_fat(hu: npt.NDArray[np.int16]) -> float | None:
    """The lower of the two lowest peaks of the body's HU, where they lie like fat and muscle."""
    if not hu.size:
        return None
    counts = np.bincount(hu + (LARGEST_HU + 1), minlength=2 * (LARGEST_HU + 1))
    smooth = smooth_counts(counts, PEAK_WIDTH_HU)
    peaks = find_peaks(smooth.tolist(), LEAST_PROMINENCE * float(smooth.max()))
    low, high = FAT_TO_MUSCLE_HU
    if len(peaks) < 2 or not low <= peaks[1] - peaks[0] <= high:
        return None
    return float(peaks[0] - (LARGEST_HU + 1))


def _find_outline(inside: Mask) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """First and last y of the body in each slice; the whole slice where there is none."""
    rows = np.asarray(inside.any(0))
    return rows.argmax(0), len(rows) - 1 - rows[::-1].argmax(0)


def _place_spine(scan: CoarseScan, inside: Mask) -> tuple[float | None, float]:
    """Where the bone near the midline lies from front (-1) to back (1), and in how many slices."""
    x, y = (np.arange(length) for length in scan.hu.shape[:2])
    num_body = np.maximum(scan.body.sum((0, 1)), 1)
    middle = (x[:, None] * scan.body.sum(1)).sum(0) / num_body
    near = np.abs(x[:, None] - middle) * scan.spacing_mm[0] < MIDLINE_MM
    bone = ((scan.hu > BONE_HU) & inside & near[:, None]).sum(0)
    num_bone = bone.sum(0)
    shown = num_bone * scan.cell_cm2 >= LEAST_BONE_CM2
    if shown.sum() < max(LEAST_SLICES, len(shown) / 2):
        return None, 0.0
    first, last = _find_outline(inside)
    centre = (y[:, None] * bone).sum(0)[shown] / num_bone[shown]
    behind = (centre - (first + last)[shown] / 2) / np.maximum((last - first)[shown] / 2, 1)
    median = float(np.median(behind))
    return median, float((np.sign(behind) == np.sign(median)).mean())


def _place_table(scan: CoarseScan, inside: Mask) -> float | None:
    """Whether what is no air and no body lies in front of the body or behind it."""
    first, last = _find_outline(inside)
    y = np.arange(scan.hu.shape[1])[:, None]
    beside = ((scan.hu > AIR_HU[1]) & ~scan.body).sum(0)
    in_front, behind = int(beside[y < first].sum()), int(beside[y > last].sum())
    voxel_ml = scan.cell_cm2 * scan.spacing_mm[2] / 10
    if (in_front + behind) * voxel_ml < LEAST_BESIDE_ML:
        return None
    return (behind - in_front) / (behind + in_front)
