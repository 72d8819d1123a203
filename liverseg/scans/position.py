"""Where a lesion lies in its liver: by the outline of the liver alone, without any vessel.

None of it is a Couinaud segment, a lobe, or a side of the portal plane: those follow vessels, which
are not segmented here. Right and left are the patient's.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liverseg.grids.grid import Grid
from liverseg.scans.lesion_shape import Point
from liverseg.scoring.surface import Mask

SUBCAPSULAR_MM = 10.0
"""Less than this from the liver's surface is subcapsular, as in studies of ablation (PMC7075578:
< 1 cm). All of the surface counts, also that towards the hilum and the gallbladder."""

THIRD_WORDS = (("right", "left"), ("ventral", "dorsal"), ("caudal", "cranial"))
"""First and last third of the liver along the patient's axes; the middle one is not named."""

SHARE_DECIMALS = 3
"""Of a share as it is written, by which words are chosen."""

TO_LPS = np.array([-1.0, -1.0, 1.0])


@dataclass(frozen=True)
class LiverExtent:
    """How far a liver reaches in the patient, lesions included: mm towards left, dorsal, cranial.

    Attributes:
        first_mm: Where it begins along each axis, at the outer corners of voxels.
        last_mm: Where it ends.
        centre_mm: The mean over the centres of its voxels: the centre of its volume.
    """

    first_mm: Point
    last_mm: Point
    centre_mm: Point


@dataclass(frozen=True)
class Position:
    """Where a lesion lies in its liver.

    Attributes:
        shares: Of the liver's extent that lies before the lesion's centre, from 0 to 1: from the
            right to the left, from ventral to dorsal, from caudal to cranial.
        left_of_liver_centre_mm: How far the lesion's centre lies to the left of the centre of the
            liver's volume, along the patient's axis; negative to the right.
        words: ``subcapsular`` or ``deep``, see ``SUBCAPSULAR_MM`` (neither on a sheared grid, where
            distances are not defined), then the outer thirds of the liver's extent that the centre
            lies in, see ``THIRD_WORDS``, or ``middle`` where it lies in none.
    """

    shares: Point
    left_of_liver_centre_mm: float
    words: str


def measure_extent(
    liver: Mask, surface: Mask, start: tuple[int, int, int], grid: Grid
) -> LiverExtent:
    """The extent of a liver of at least one voxel.

    Args:
        liver: (i, j, k), in a box of the grid.
        surface: That of ``find_surface``, which the outermost voxels along any axis belong to.
        start: First voxel of the box.
        grid: Of the scan; it may be oblique or sheared.
    """
    to_lps = TO_LPS[:, None] * grid.affine[:3]
    origin = to_lps[:, :3] @ start + to_lps[:, 3]
    indices = np.unravel_index(np.flatnonzero(surface), surface.shape)  # faster than argwhere
    outermost = to_lps[:, :3] @ np.array(indices, np.float64) + origin[:, None]
    half_voxel = np.abs(to_lps[:, :3]).sum(axis=1) / 2
    centre = to_lps[:, :3] @ _find_centre(liver) + origin
    return LiverExtent(
        first_mm=_to_point(outermost.min(axis=1) - half_voxel),
        last_mm=_to_point(outermost.max(axis=1) + half_voxel),
        centre_mm=_to_point(centre),
    )


def describe_position(centre_lps_mm: Point, depth_mm: float, extent: LiverExtent) -> Position:
    """The position of a lesion.

    Args:
        centre_lps_mm: Of the lesion.
        depth_mm: Its distance to the liver's surface; NaN where that is undefined.
        extent: Of the liver that holds it.
    """
    first, last = np.array(extent.first_mm), np.array(extent.last_mm)
    shares = _to_point((np.array(centre_lps_mm) - first) / (last - first))
    depth = [] if math.isnan(depth_mm) else ["subcapsular" if depth_mm < SUBCAPSULAR_MM else "deep"]
    thirds = [
        words[share > 1 / 2]
        for share, words in zip(shares, THIRD_WORDS, strict=True)
        if not 1 / 3 <= round(share, SHARE_DECIMALS) <= 2 / 3
    ]
    return Position(
        shares=shares,
        left_of_liver_centre_mm=centre_lps_mm[0] - extent.centre_mm[0],
        words=" ".join([*depth, *(thirds or ["middle"])]),
    )


def _find_centre(mask: Mask) -> npt.NDArray[np.float64]:
    """The mean index of its voxels, from how many of them each plane holds."""
    rows = np.add.reduce(mask, axis=2, dtype=np.uint32)
    columns = np.add.reduce(mask, axis=(0, 1), dtype=np.uint32)
    planes = (rows.sum(axis=1), rows.sum(axis=0), columns)
    return np.array([np.average(np.arange(len(each)), weights=each) for each in planes])


def _to_point(values: npt.NDArray[np.float64]) -> Point:
    x, y, z = values.tolist()
    return x, y, z
