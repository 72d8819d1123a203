"""How much liver and lesion a mask holds, and in how many pieces."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liverseg.cases.hu_figures import CroppedMask
from liverseg.grids.components import label_components, measure_components
from liverseg.grids.cropping import Box, find_box
from liverseg.labels import LESION, LIVER, Region, select_region
from liverseg.volumes.nifti import Volume

FACE_CONNECTIVITY = 6


@dataclass(frozen=True)
class MaskFigures:
    """Amounts of liver and lesion in a mask.

    Attributes:
        liver_ml: Volume of the liver, lesions included, to 3 decimals.
        liver_height_mm: From feet to head: all axial slices that show liver, lesions included.
        lesion_ml: Volume of all lesions, likewise.
        num_liver_voxels: Voxels of label 1 alone.
        num_lesions: Components of the lesion mask, voxels joined by their faces.
        num_specks: Lesions of a single voxel.
        num_apart: Lesions that no voxel of label 1 touches by a face.
        liver_slice_fraction: Share of the axial slices that show liver, to 4 decimals.
        lesion_slice_fraction: Share of the axial slices that show lesion, likewise.
    """

    liver_ml: float
    liver_height_mm: float
    lesion_ml: float
    num_liver_voxels: int
    num_lesions: int
    num_specks: int
    num_apart: int
    liver_slice_fraction: float
    lesion_slice_fraction: float


def measure_mask(labels: Volume) -> MaskFigures:
    """Figures of a mask; labelling components takes memory for the box of all lesions only."""
    grid = labels.grid
    axial = next(axis for axis, code in enumerate(grid.axis_codes) if code in "SI")
    liver = select_region(labels.data, "liver")
    num_voxels, slices = int(np.count_nonzero(liver)), _find_planes(liver, axial)
    del liver
    lesion = select_region(labels.data, "lesion")
    box = _widen(find_box(lesion))
    components, num_lesions = label_components(lesion[box], FACE_CONNECTIVITY)
    return MaskFigures(
        liver_ml=round(num_voxels * grid.voxel_ml, 3),
        liver_height_mm=int(slices.sum()) * grid.spacing_mm[axial],
        lesion_ml=round(int(np.count_nonzero(lesion)) * grid.voxel_ml, 3),
        num_liver_voxels=num_voxels - int(np.count_nonzero(lesion)),
        num_lesions=num_lesions,
        num_specks=int(np.count_nonzero(measure_components(components)[1:] == 1)),
        num_apart=num_lesions - _count_touched(components, labels.data[box] == LIVER),
        liver_slice_fraction=round(float(slices.mean()), 4),
        lesion_slice_fraction=round(float(_find_planes(lesion, axial).mean()), 4),
    )


def crop_mask(labels: Volume) -> CroppedMask | None:
    """The liver without its lesions or, in masks of lesions alone, these; None for an empty mask.

    Copied, so that the rest can be released.
    """
    by_label: dict[int, Region] = {LIVER: "liver", LESION: "lesion"}
    for label, region in by_label.items():
        box = find_box(labels.data == label)
        cropped = labels.data[box] == label
        if cropped.size:
            return CroppedMask(region, box, cropped)
    return None


def _find_planes(mask: npt.NDArray[np.bool_], axis: int) -> npt.NDArray[np.bool_]:
    """Which planes across ``axis`` hold any of the mask."""
    across = tuple(other for other in range(mask.ndim) if other != axis)
    return np.asarray(mask.any(axis=across))


def _widen(box: Box) -> Box:
    """The box and the voxels next to it."""
    return tuple(slice(max(part.start - 1, 0), part.stop + 1) for part in box)


def _count_touched(components: npt.NDArray[np.uint32], liver: npt.NDArray[np.bool_]) -> int:
    """How many components share a face with a voxel of the liver."""
    touched: set[int] = {0}
    for axis in range(3):
        numbers, beside = np.moveaxis(components, axis, 0), np.moveaxis(liver, axis, 0)
        touched |= set(np.unique(numbers[1:][beside[:-1]]).tolist())
        touched |= set(np.unique(numbers[:-1][beside[1:]]).tolist())
    return len(touched) - 1
