"""The liver's box in a scan, and the region that follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liverseg.grids.components import keep_largest_component
from liverseg.grids.cropping import Box, find_box
from liverseg.grids.grid import Grid
from liverseg.grids.orientation import reorient_grid
from liverseg.inference.mean import Network, predict_mean
from liverseg.labels import REGIONS
from liverseg.locating.thinning import choose_step, thin_volume
from liverseg.preprocess.framing import frame_liver, frame_scan
from liverseg.preprocess.slicing import build_images
from liverseg.slices.geometry import SLICE_AXES, SliceGrid
from liverseg.slices.regions import CaseRegion
from liverseg.slices.stacks import Preprocessing
from liverseg.volumes.nifti import Volume

THRESHOLD = 255 // 2
"""Of the liver's probability in 255ths: what exceeds it is liver."""

CONNECTIVITY = 26

SMALLEST_LIVER_ML = 50
"""Less is no liver: those of adults measure ten times as much and more, and a sliver of one at the
end of a scan is seen as well in the whole scan."""


@dataclass(frozen=True, eq=False)
class Locator:
    """One or more networks that find the liver on coarse slices; their mean counts.

    Attributes:
        networks: At least one.
        preprocessing: From scans to their slices.
        batch_size: Slices at a time.
    """

    networks: Sequence[Network]
    preprocessing: Preprocessing
    batch_size: int

    def find_liver(self, scan: Volume) -> Box | None:
        """Slices, rows and columns of the scan, with axes ``SLICE_AXES``, that hold the liver.

        None where nothing of a liver's size is found.

        Args:
            scan: In HU.
        """
        step = choose_step(scan.grid, self.preprocessing.slice_mm)
        coarse = thin_volume(scan, step)
        region = frame_scan(coarse.grid, self.preprocessing)
        images, slice_grid = build_images(coarse, self.preprocessing, region)
        return self.find_liver_on(images, slice_grid, step, scan.grid)

    def find_liver_on(
        self, images: npt.NDArray[np.uint8], slice_grid: SliceGrid, step: int, scan_grid: Grid
    ) -> Box | None:
        """``find_liver`` on slices that are made already.

        Args:
            images: (num_slices, num_windows, image_size, image_size) of the thinned scan.
            slice_grid: Where they lie in it.
            step: Slices of the scan for one of these.
            scan_grid: Of the scan.
        """
        slice_mm = slice_grid.pixel_mm[2]
        values = predict_mean(self.networks, images, self.batch_size, slice_mm=slice_mm)
        liver = values[..., REGIONS.index("liver")] > THRESHOLD
        return find_liver_box(liver, slice_grid, step, scan_grid)


def frame_located(
    case_id: str, liver: Box | None, grid: Grid, preprocessing: Preprocessing
) -> CaseRegion:
    """The surroundings of a located liver, or the whole scan where there is none.

    Thin tips above and below are missed first, so along the slices the margin counts twice.

    Args:
        case_id: The scan.
        liver: As ``find_liver_box`` gives it.
        grid: Of the scan.
        preprocessing: Of the models.
    """
    if liver is None:
        return CaseRegion(case_id, "not found", None, None)
    slices = reorient_grid(grid, SLICE_AXES)
    margin = round(preprocessing.margin_mm / slices.spacing_mm[0])
    levels = slice(max(0, liver[0].start - margin), min(slices.shape[0], liver[0].stop + margin))
    region = frame_liver((levels, *liver[1:]), grid, preprocessing)
    return CaseRegion(case_id, "located", region, None)


def find_liver_box(
    liver: npt.NDArray[np.bool_], slice_grid: SliceGrid, step: int, scan_grid: Grid
) -> Box | None:
    """The box of a liver's largest component, in voxels of the scan's slices.

    A voxel counts that a pixel of the liver touches, and around a slice of a thinned scan all those
    up to its neighbours.

    Args:
        liver: (num_slices, image_size, image_size), of the thinned scan.
        slice_grid: Where they lie in it.
        step: Slices of the scan for one of these.
        scan_grid: Of the scan.

    Returns:
        Slices, rows and columns with axes ``SLICE_AXES``; None where there is no component of a
        liver's size.
    """
    largest = keep_largest_component(liver, CONNECTIVITY)
    if np.count_nonzero(largest) * np.prod(slice_grid.pixel_mm) / 1000 < SMALLEST_LIVER_ML:
        return None
    slices, *plane = find_box(largest)
    box = [slice((slices.start - 1) * step + 1, slices.stop * step)]
    for along, corner, side in zip(plane, slice_grid.corner, slice_grid.square_shape, strict=True):
        first, last = (
            edge * side / slice_grid.image_size - corner for edge in (along.start, along.stop)
        )
        box.append(slice(int(np.floor(first)), int(np.ceil(last))))
    shape = reorient_grid(scan_grid, SLICE_AXES).shape
    return tuple(
        slice(max(along.start, 0), min(along.stop, length))
        for along, length in zip(box, shape, strict=True)
    )
