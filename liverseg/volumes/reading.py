"""The scan and the mask of a case as they are meant: put right as the params say, on one grid."""

from pathlib import Path
from typing import Protocol

import numpy as np

from liverseg.grids.grid import Grid
from liverseg.volumes.alignment import align_labels
from liverseg.volumes.nifti import Volume, read_grid, read_labels, read_scan

Spacing = tuple[float, float, float]


MAP_LABELS = (
    "Say under data.label_map what they stand for (such as {255: 2}: 255 is lesion), or give the "
    "voxels these values."
)


class CaseSource(Protocol):
    """What is needed to read a case: its files, and what is known to be wrong with them."""

    @property
    def scan(self) -> str:
        """File of the scan, POSIX path relative to the root of the data set."""

    @property
    def mask(self) -> str:
        """File of the mask, likewise."""

    @property
    def spacing_override_mm(self) -> Spacing | None:
        """The true spacing along i, j, k; None where the header's is right."""

    @property
    def label_map(self) -> tuple[tuple[int, int], ...]:
        """Values that the mask holds, and the label that each stands for."""


def read_case_grid(root: Path, case: CaseSource) -> Grid:
    """The grid of a case's scan with its true spacing; reads the header only.

    Raises:
        DataError: The scan's header cannot be read.
    """
    return _correct_grid(read_grid(root / case.scan), case.spacing_override_mm)


def read_case_scan(root: Path, case: CaseSource) -> Volume:
    """The scan of a case in HU, with its true spacing.

    Raises:
        DataError: The file cannot be read.
    """
    scan = read_scan(root / case.scan)
    return Volume(scan.data, _correct_grid(scan.grid, case.spacing_override_mm), scan.notes)


def read_case_labels(root: Path, case: CaseSource) -> Volume:
    """The labels of a case on the grid of its scan, in the scan's axis order.

    Raises:
        DataError: The mask or the scan's header cannot be read, the mask holds anything but 0, 1
            and 2 once it is mapped, or it does not lie on the grid of the scan.
    """
    labels = read_labels(root / case.mask, dict(case.label_map), next_step=MAP_LABELS)
    grid = read_grid(root / case.scan)
    aligned = align_labels(labels, grid, f"{case.mask}, the mask of {case.scan}")
    return Volume(aligned, _correct_grid(grid, case.spacing_override_mm), labels.notes)


def _correct_grid(grid: Grid, spacing_mm: Spacing | None) -> Grid:
    """The grid with another spacing; the first voxel and the directions stay where they are."""
    if spacing_mm is None:
        return grid
    affine = grid.affine.copy()
    affine[:3, :3] *= np.divide(spacing_mm, grid.spacing_mm)
    return Grid(grid.shape, affine)
