"""NIfTI files in and out: scans in HU, label volumes, and the grid that both lie on.

NIfTI-1 and -2, ``.nii`` and ``.nii.gz``, either byte order.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import numpy.typing as npt

from liverseg.errors import DataError
from liverseg.labels import LESION
from liverseg.volumes.grid import Grid
from liverseg.volumes.nifti_file import open_nifti, read_stored

GEOMETRY_FIELDS = (
    *("pixdim", "xyzt_units", "qform_code", "sform_code"),
    *("quatern_b", "quatern_c", "quatern_d", "qoffset_x", "qoffset_y", "qoffset_z"),
    *("srow_x", "srow_y", "srow_z"),
)
"""The header fields that place a volume in the patient; copied as they are, nothing is rounded."""


@dataclass(frozen=True, eq=False)
class Volume:
    """A 3-D array and the grid it lies on.

    Attributes:
        data: Values of the voxels (i, j, k): HU as int16 or float32, or labels as uint8.
        grid: Shape and affine of ``data``.
    """

    data: npt.NDArray[Any]
    grid: Grid


def read_grid(path: Path) -> Grid:
    """Shape and affine of a file; reads the header only.

    Raises:
        DataError: As for ``open_nifti``.
    """
    return _get_grid(open_nifti(path))


def read_dtype(path: Path) -> str:
    """Name of the type that the voxels are stored in, e.g. ``int16``; reads the header only.

    Raises:
        DataError: As for ``open_nifti``.
    """
    return str(open_nifti(path).get_data_dtype().name)


def read_scan(path: Path) -> Volume:
    """A scan in HU, as int16 where that is exact, else as float32.

    It is exact where integers are stored with an integral slope and intercept and all HU fit. The
    volume is never blown up to float64, only one plane at a time.

    Raises:
        DataError: As for ``open_nifti`` and ``read_stored``, or a voxel is NaN or infinite.
    """
    image = open_nifti(path)
    stored = read_stored(image, path)
    slope, intercept = image.dataobj.slope, image.dataobj.inter
    if _fits_int16(stored, slope, intercept):
        data = _rescale(stored, slope, intercept, np.int16)
    else:
        data = _rescale(stored, slope, intercept, np.float32)
        _check_finite(data, path)
    return Volume(data, _get_grid(image))


def read_labels(path: Path) -> Volume:
    """Labels 0, 1 and 2 as uint8, from whatever type they are stored in.

    Raises:
        DataError: As for ``open_nifti`` and ``read_stored``, or a voxel holds anything but a whole
            0, 1 or 2.
    """
    image = open_nifti(path)
    stored = read_stored(image, path)
    slope, intercept = image.dataobj.slope, image.dataobj.inter
    scaled = (slope, intercept) != (1, 0)
    labels = np.empty(stored.shape, np.uint8, order="F")
    for k in range(stored.shape[2]):
        plane = stored[..., k] * slope + intercept if scaled else stored[..., k]
        with np.errstate(invalid="ignore"):  # NaN; found by the comparison below
            labels[..., k] = plane
        if labels[..., k].max() > LESION or not np.array_equal(labels[..., k], plane):
            wrong = [f"{value:g}" for value in np.unique(plane) if value not in (0, 1, 2)]
            raise DataError(
                str(path),
                expected="a mask of whole values 0 background, 1 liver, 2 lesion",
                received=f"{', '.join(wrong[:5])} in plane k={k}",
                next_step="Map other labels to 0, 1 and 2, or leave the case out (data.exclude).",
            )
    return Volume(labels, _get_grid(image))


def write_labels(path: Path, labels: npt.NDArray[np.uint8], like: Path) -> None:
    """Write labels as a uint8 NIfTI on the grid of a scan; the same labels give the same bytes.

    Affine, qform and sform with their codes and the NIfTI version are those of the scan. Its other
    header fields and extensions, which may name the patient, stay behind.

    Args:
        path: A ``.nii`` or ``.nii.gz`` file.
        labels: (i, j, k), of the scan's shape.
        like: The scan.

    Raises:
        DataError: The scan cannot be read, or the labels have another shape.
    """
    scan = open_nifti(like)
    if labels.shape != _get_grid(scan).shape:
        raise DataError(
            str(path),
            expected=f"labels of the scan's shape {_get_grid(scan).shape}",
            received=str(labels.shape),
            next_step="Bring the labels back to the grid of the scan first.",
        )
    header = type(scan.header)()
    header.set_data_shape(labels.shape)
    for field in GEOMETRY_FIELDS:
        header[field] = scan.header[field]
    nib.save(type(scan)(labels, scan.affine, header, dtype=np.uint8), path)


def _get_grid(image: Any) -> Grid:
    i, j, k = image.shape[:3]
    return Grid((int(i), int(j), int(k)), image.affine)


def _fits_int16(stored: npt.NDArray[Any], slope: float, intercept: float) -> bool:
    integral = float(slope).is_integer() and float(intercept).is_integer()
    if stored.dtype.kind == "f" or not integral:
        return False
    ends = (int(end) * int(slope) + int(intercept) for end in (stored.min(), stored.max()))
    limits = np.iinfo(np.int16)
    return all(limits.min <= end <= limits.max for end in ends)


def _rescale(
    stored: npt.NDArray[Any], slope: float, intercept: float, dtype: type[np.int16 | np.float32]
) -> npt.NDArray[Any]:
    """``stored * slope + intercept``; without a copy where that changes nothing."""
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is not finite: found later
        if (slope, intercept) == (1, 0):
            return stored.astype(dtype, copy=False)
        data = np.empty(stored.shape, dtype, order="F")
        for k in range(stored.shape[2]):
            data[..., k] = stored[..., k].astype(np.float64) * slope + intercept
    return data


def _check_finite(data: npt.NDArray[np.float32], path: Path) -> None:
    for k in range(data.shape[2]):
        if not np.isfinite(data[..., k]).all():
            raise DataError(
                str(path),
                expected="finite HU in every voxel",
                received=f"NaN or infinity in plane k={k}",
                next_step="Mend the scan, or leave the case out (data.exclude).",
            )
