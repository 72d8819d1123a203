"""What the case table says of a case, measured on its mask and its scan, one after the other."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from liverseg.cases.case_table import Case
from liverseg.cases.pairing import CaseFiles
from liverseg.labels import select_region
from liverseg.volumes.components import label_components
from liverseg.volumes.grid import Grid
from liverseg.volumes.nifti import read_dtype, read_grid, read_labels, read_scan

FACE_CONNECTIVITY = 6


@dataclass(frozen=True)
class MaskFigures:
    """Amounts of liver and lesion in a mask, named as in ``Case``."""

    liver_ml: float
    lesion_ml: float
    num_lesions: int
    liver_slice_fraction: float
    lesion_slice_fraction: float


def measure_case(root: Path, files: CaseFiles) -> Case:
    """The row of a case: millimetres to 6 decimals, ml to 3, shares to 4.

    The mask is released before the scan is read.

    Raises:
        DataError: A file cannot be read, or the mask holds anything but 0, 1 and 2.
    """
    scan = root / files.scan
    grid = read_grid(scan)
    figures = _measure_mask(root / files.mask, grid)
    hu_min, hu_max = _measure_hu(scan)
    i, j, k = grid.spacing_mm
    return Case(
        case_id=files.case_id,
        patient_id=files.patient_id,
        scan=files.scan,
        mask=files.mask,
        shape=grid.shape,
        spacing_mm=(round(i, 6), round(j, 6), round(k, 6)),
        axis_codes=grid.axis_codes,
        dtype=read_dtype(scan),
        hu_min=hu_min,
        hu_max=hu_max,
        liver_ml=figures.liver_ml,
        lesion_ml=figures.lesion_ml,
        num_lesions=figures.num_lesions,
        liver_slice_fraction=figures.liver_slice_fraction,
        lesion_slice_fraction=figures.lesion_slice_fraction,
    )


def _measure_mask(path: Path, grid: Grid) -> MaskFigures:
    labels = read_labels(path).data
    axial = next(axis for axis, code in enumerate(grid.axis_codes) if code in "SI")
    liver = select_region(labels, "liver")
    num_liver_voxels = int(np.count_nonzero(liver))
    liver_slices = _find_planes(liver, axial)
    del liver
    lesion = select_region(labels, "lesion")
    return MaskFigures(
        liver_ml=round(num_liver_voxels * grid.voxel_ml, 3),
        lesion_ml=round(int(np.count_nonzero(lesion)) * grid.voxel_ml, 3),
        num_lesions=label_components(_crop(lesion), FACE_CONNECTIVITY)[1],
        liver_slice_fraction=round(float(liver_slices.mean()), 4),
        lesion_slice_fraction=round(float(_find_planes(lesion, axial).mean()), 4),
    )


def _find_planes(mask: npt.NDArray[np.bool_], axis: int) -> npt.NDArray[np.bool_]:
    """Which planes across ``axis`` hold any of the mask."""
    across = tuple(other for other in range(mask.ndim) if other != axis)
    return np.asarray(mask.any(axis=across))


def _crop(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The bounding box of the mask, without voxels where the mask is empty.

    Labelling components takes four bytes a voxel, most of them far from any lesion.
    """
    planes = [np.flatnonzero(_find_planes(mask, axis)) for axis in range(mask.ndim)]
    box = [slice(found[0], found[-1] + 1) if found.size else slice(0) for found in planes]
    return mask[tuple(box)]


def _measure_hu(path: Path) -> tuple[float, float]:
    scan = read_scan(path).data
    return round(float(scan.min()), 2), round(float(scan.max()), 2)
