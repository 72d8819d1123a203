"""What the viewer shows: a scan, masks on its grid, and where to look first."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from liverseg.errors import DataError
from liverseg.grids.components import keep_largest_component
from liverseg.grids.grid import Grid
from liverseg.grids.orientation import reorient_grid
from liverseg.labels import LESION, select_region
from liverseg.volumes.nifti import read_labels, read_scan

Point = tuple[float, float, float]


@dataclass(frozen=True)
class Scene:
    """Files that were found fit to be shown together.

    Attributes:
        scan: The scan.
        masks: On its grid, the axes in any order.
        start_mm: Where the crosshair begins, (x, y, z) in RAS: in the largest lesion of the first
            mask, or in its liver; None without either.
    """

    scan: Path
    masks: tuple[Path, ...]
    start_mm: Point | None

    @property
    def files(self) -> tuple[Path, ...]:
        """The scan, then the masks."""
        return self.scan, *self.masks


def build_scene(scan: Path, masks: Sequence[Path]) -> Scene:
    """The scene of files that were read wholly and found good.

    Raises:
        DataError: A file cannot be read, is no scan or no mask, or a mask lies on another grid.
    """
    grid = read_scan(scan).grid
    starts = [_check_mask(mask, grid, scan) for mask in masks]
    return Scene(scan, tuple(masks), starts[0] if starts else None)


def find_start(labels: npt.NDArray[np.uint8], grid: Grid) -> Point | None:
    """The voxel of the largest lesion, or of the liver, that is next to its centre: (x, y, z) mm.

    None where the labels (i, j, k) are all background.
    """
    if not labels.any():
        return None
    region = select_region(labels, "lesion" if (labels == LESION).any() else "liver")
    voxels = np.argwhere(keep_largest_component(region, connectivity=26))
    nearest = voxels[np.linalg.norm(voxels - voxels.mean(axis=0), axis=1).argmin()]
    x, y, z = (grid.affine @ (*nearest, 1))[:3].tolist()
    return x, y, z


def _check_mask(path: Path, grid: Grid, scan: Path) -> Point | None:
    mask = read_labels(path)
    if not grid.matches(reorient_grid(mask.grid, grid.axis_codes)):
        raise DataError(
            str(path),
            expected=f"a mask on the grid of {scan}, {_describe(grid)}",
            received=f"{_describe(mask.grid)}, or another place or direction",
            next_step="Resample it to the grid of the scan (nearest neighbour).",
        )
    return find_start(mask.data, mask.grid)


def _describe(grid: Grid) -> str:
    spacing = " x ".join(f"{step:.6g}" for step in grid.spacing_mm)
    return f"shape {grid.shape}, {spacing} mm, axes {grid.axis_codes}"
