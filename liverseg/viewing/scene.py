"""What the viewer shows: a scan, masks and a map on its grid, and where to look first."""

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

ROUNDING = 1e-6
"""Of 255 times a slope of 1/255 in float32."""


@dataclass(frozen=True)
class Scene:
    """Files that were found fit to be shown together.

    Attributes:
        scan: The scan.
        masks: On its grid, the axes in any order.
        start_mm: Where the crosshair begins, (x, y, z) in RAS: in the largest lesion of the first
            mask, or in its liver; None without either.
        uncertainty: A map of 0 to 1 bit on its grid, or None.
    """

    scan: Path
    masks: tuple[Path, ...]
    start_mm: Point | None
    uncertainty: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """The scan, then the masks, then the map where there is one."""
        return self.scan, *self.masks, *([self.uncertainty] if self.uncertainty else [])


def build_scene(scan: Path, masks: Sequence[Path], uncertainty: Path | None = None) -> Scene:
    """The scene of files that were read wholly and found good.

    Raises:
        DataError: A file cannot be read, is no scan, mask or map, or lies on another grid.
    """
    grid = read_scan(scan).grid
    starts = [_check_mask(mask, grid, scan) for mask in masks]
    if uncertainty:
        _check_map(uncertainty, grid, scan)
    return Scene(scan, tuple(masks), starts[0] if starts else None, uncertainty)


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
    _check_grid(path, mask.grid, grid, f"a mask on the grid of {scan}")
    return find_start(mask.data, mask.grid)


def _check_map(path: Path, grid: Grid, scan: Path) -> None:
    bits = read_scan(path)  # numbers without labels, like HU
    _check_grid(path, bits.grid, grid, f"a map on the grid of {scan}")
    lowest, highest = float(bits.data.min()), float(bits.data.max())
    if lowest < 0 or highest > 1 + ROUNDING:
        raise DataError(
            str(path),
            expected="a map of 0 to 1 bit",
            received=f"values of {lowest:.6g} to {highest:.6g}",
            next_step="Name the uncertainty.nii.gz of liverseg predict --uncertainty.",
        )


def _check_grid(path: Path, found: Grid, grid: Grid, expected: str) -> None:
    if not grid.matches(reorient_grid(found, grid.axis_codes)):
        raise DataError(
            str(path),
            expected=f"{expected}, {_describe(grid)}",
            received=f"{_describe(found)}, or another place or direction",
            next_step="Resample it to the grid of the scan (nearest neighbour).",
        )


def _describe(grid: Grid) -> str:
    spacing = " x ".join(f"{step:.6g}" for step in grid.spacing_mm)
    return f"shape {grid.shape}, {spacing} mm, axes {grid.axis_codes}"
