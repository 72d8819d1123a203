"""What a scan's intensities are like, in the whole and under its liver mask."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liverseg.grids.cropping import Box
from liverseg.labels import Region
from liverseg.volumes.nifti import Volume

Histogram = npt.NDArray[np.int64]

LOWEST_BIN, HIGHEST_BIN = -4096, 8191
"""HU of the first and the last bin, which take all that lies beyond: scanners store 12 bits."""

AIR_HU = (-1100, -700)
"""Air with its noise, and lung."""

SOFT_TISSUE_HU = (-150, 300)
"""From fat to enhanced vessels."""

STORED_OFFSET = 1024
"""What unsigned CT is stored with; slope and intercept in the header should take it off."""

OFFSET_TISSUE_HU = (SOFT_TISSUE_HU[0] + STORED_OFFSET, SOFT_TISSUE_HU[1] + STORED_OFFSET)
OFFSET_BETWEEN_HU = (400, 800)
"""Soft tissue stored with the offset, and what then lies between lung and fat."""

LARGEST_12_BIT_HU = 3071

BODY_HU = -300
"""Between lung and fat: above it lies the body, without its air."""

FOREIGN_HU = 150
"""Farther than this from the median of the liver lie lung, gas and bone, but no noise: that is five
standard deviations of a clinical CT's."""


@dataclass(frozen=True, eq=False)
class CroppedMask:
    """One label of a case; small enough to be kept while the scan is read.

    Attributes:
        region: ``liver`` for label 1, ``lesion`` for label 2.
        box: Where the crop lies in the volume.
        mask: Which voxels of the box bear the label.
    """

    region: Region
    box: Box
    mask: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class MaskedFigures:
    """HU of the voxels of one label, and where they lie.

    Attributes:
        region: ``liver`` for label 1, ``lesion`` for label 2.
        mean_hu: Their mean.
        foreign_share: Share of those more than ``FOREIGN_HU`` away from their median.
        to_the_right_mm: How far their centre lies to the patient's right of that of the body.
    """

    region: Region
    mean_hu: float
    foreign_share: float
    to_the_right_mm: float


@dataclass(frozen=True)
class HuFigures:
    """Intensities of a scan.

    Attributes:
        smallest: Of all values.
        largest: Of all values.
        hollow_share: Share of the voxels below ``BODY_HU``: air, lung, padding.
        air_share: Share of the voxels in ``AIR_HU``.
        soft_tissue_share: Share of the voxels in ``SOFT_TISSUE_HU``.
        offset_share: Share of the voxels in ``OFFSET_TISSUE_HU``.
        between_share: Share of the voxels in ``OFFSET_BETWEEN_HU``.
        metal_share: Share of the voxels above ``LARGEST_12_BIT_HU``.
        masked: Under the mask; None where that is empty.
    """

    smallest: float
    largest: float
    hollow_share: float
    air_share: float
    soft_tissue_share: float
    offset_share: float
    between_share: float
    metal_share: float
    masked: MaskedFigures | None


def measure_hu(scan: Volume, mask: CroppedMask | None) -> HuFigures:
    """Figures of a scan, read plane by plane: nothing of its size is made."""
    hu = scan.data
    histogram = np.zeros(HIGHEST_BIN - LOWEST_BIN + 1, np.int64)
    for k in range(hu.shape[2]):
        histogram += _count(hu[..., k])
    return HuFigures(
        smallest=round(float(hu.min()), 2),
        largest=round(float(hu.max()), 2),
        hollow_share=_compute_share(histogram, LOWEST_BIN, BODY_HU - 1),
        air_share=_compute_share(histogram, *AIR_HU),
        soft_tissue_share=_compute_share(histogram, *SOFT_TISSUE_HU),
        offset_share=_compute_share(histogram, *OFFSET_TISSUE_HU),
        between_share=_compute_share(histogram, *OFFSET_BETWEEN_HU),
        metal_share=_compute_share(histogram, LARGEST_12_BIT_HU + 1, HIGHEST_BIN),
        masked=measure_masked(scan, mask) if mask is not None else None,
    )


def measure_masked(scan: Volume, cropped: CroppedMask) -> MaskedFigures:
    """Figures of what lies under a mask; the mask is not empty."""
    hu, mask, axis_codes = scan.data[cropped.box], cropped.mask, scan.grid.axis_codes
    lateral = next(axis for axis, code in enumerate(axis_codes) if code in "LR")
    histogram = np.zeros(HIGHEST_BIN - LOWEST_BIN + 1, np.int64)
    profile = np.zeros(hu.shape[lateral], np.int64)
    for k in range(hu.shape[2]):
        histogram += _count(hu[..., k][mask[..., k]])
        profile += _project(mask[..., k], k, lateral, hu.shape[2])
    body = np.zeros(scan.data.shape[lateral], np.int64)
    for k in range(scan.data.shape[2]):
        body += _project(scan.data[..., k] > BODY_HU, k, lateral, scan.data.shape[2])
    median = LOWEST_BIN + int(np.searchsorted(histogram.cumsum(), histogram.sum() / 2))
    within = _compute_share(histogram, median - FOREIGN_HU, median + FOREIGN_HU)
    offset = _find_centre(profile) + cropped.box[lateral].start - _find_centre(body)
    sign = 1 if axis_codes[lateral] == "R" else -1
    return MaskedFigures(
        region=cropped.region,
        mean_hu=float(np.average(np.arange(LOWEST_BIN, HIGHEST_BIN + 1), weights=histogram)),
        foreign_share=1 - within,
        to_the_right_mm=sign * offset * scan.grid.spacing_mm[lateral],
    )


def _count(values: npt.NDArray[np.int16 | np.float32]) -> Histogram:
    """How many values fall to each whole HU."""
    clipped = np.clip(values.ravel(order="K"), LOWEST_BIN, HIGHEST_BIN)
    whole = clipped if clipped.dtype == np.int16 else np.rint(clipped).astype(np.int16)
    counts: Histogram = np.bincount(whole - LOWEST_BIN, minlength=HIGHEST_BIN - LOWEST_BIN + 1)
    return counts


def _project(plane: npt.NDArray[np.bool_], k: int, axis: int, num_planes: int) -> Histogram:
    """Number of voxels of plane ``k`` along ``axis`` of the volume."""
    if axis < 2:
        return np.asarray(np.count_nonzero(plane, axis=1 - axis))
    counts = np.zeros(num_planes, np.int64)
    counts[k] = np.count_nonzero(plane)
    return counts


def _compute_share(histogram: Histogram, low: int, high: int) -> float:
    inside = histogram[max(low - LOWEST_BIN, 0) : max(high - LOWEST_BIN + 1, 0)]
    return float(inside.sum() / histogram.sum())


def _find_centre(profile: Histogram) -> float:
    """Mean index; the middle where there is nothing."""
    if not profile.any():
        return (len(profile) - 1) / 2
    return float(np.average(np.arange(len(profile)), weights=profile))
