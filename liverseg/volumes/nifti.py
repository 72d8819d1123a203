"""NIfTI files in and out: scans in HU, label volumes, and the grid that both lie on.

NIfTI-1 and -2, ``.nii``, ``.nii.gz`` and pairs of ``.hdr`` and ``.img``, either byte order.
"""

from collections.abc import Mapping
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

MAX_SHOWN_VALUES = 5


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
    return open_nifti(path).grid


def read_dtype(path: Path) -> str:
    """Name of the type that the voxels are stored in, e.g. ``int16``; reads the header only.

    Raises:
        DataError: As for ``open_nifti``.
    """
    return str(open_nifti(path).dtype.name)


def read_scan(path: Path) -> Volume:
    """A scan in HU, as int16 where that is exact, else as float32.

    It is exact where integers are stored with an integral slope and intercept and all HU fit. The
    volume is never blown up to float64, only one plane at a time.

    Raises:
        DataError: As for ``open_nifti`` and ``read_stored``, or a voxel is NaN or infinite.
    """
    file = open_nifti(path)
    stored = read_stored(file)
    slope, intercept = file.slope, file.intercept
    if _fits_int16(stored, slope, intercept):
        data = _rescale(stored, slope, intercept, np.int16)
    else:
        data = _rescale(stored, slope, intercept, np.float32)
        _check_finite(data, path)
    return Volume(data, file.grid)


def read_labels(
    path: Path,
    label_map: Mapping[int, int] | None = None,
    *,
    next_step: str = "Give its voxels these values.",
) -> Volume:
    """Labels 0, 1 and 2 as uint8, from whatever type they are stored in.

    Args:
        path: The mask.
        label_map: Labels of stored values; a value that is not named stands for itself.
        next_step: What the user can do about other values.

    Raises:
        DataError: As for ``open_nifti`` and ``read_stored``, or a voxel holds anything but a whole
            0, 1 or 2 once it is mapped.
    """
    file = open_nifti(path)
    stored = read_stored(file)
    slope, intercept = file.slope, file.intercept
    scaled = (slope, intercept) != (1, 0)
    labels = np.empty(stored.shape, np.uint8, order="F")
    wrong: set[float] = set()
    for k in range(stored.shape[2]):
        plane = stored[..., k] * slope + intercept if scaled else stored[..., k]
        plane = _map_values(plane, label_map or {})
        with np.errstate(invalid="ignore"):  # NaN; found by the comparison below
            labels[..., k] = plane
        if labels[..., k].max() > LESION or not np.array_equal(labels[..., k], plane):
            wrong |= {value for value in np.unique(plane).tolist() if value not in (0, 1, 2)}
        if len(wrong) > MAX_SHOWN_VALUES:  # a scan in place of a mask would fill the memory
            break
    if wrong:
        raise _build_label_error(path, wrong, next_step)
    return Volume(labels, file.grid)


def write_scan(path: Path, scan: Volume) -> None:
    """Write a scan as NIfTI-1 in millimetres; the header says nothing beyond its grid.

    The affine is the sform; it is the qform too, but where it is sheared, which a qform cannot be.

    Args:
        path: A ``.nii`` or ``.nii.gz`` file.
        scan: HU as int16 or float32.
    """
    image = nib.Nifti1Image(scan.data, scan.grid.affine)
    image.header.set_xyzt_units("mm")
    image.set_sform(scan.grid.affine, code="scanner")
    sheared = not np.allclose(image.get_qform(), scan.grid.affine, atol=1e-3)
    image.set_qform(scan.grid.affine, code="unknown" if sheared else "scanner")
    nib.save(image, path)


def write_labels(path: Path, labels: npt.NDArray[np.uint8], like: Path) -> None:
    """Write labels as a uint8 NIfTI on the grid of a scan; the same labels give the same bytes.

    Affine, qform and sform with their codes and the NIfTI version are those of the scan. Its other
    header fields and extensions, which may name the patient, stay behind.

    Args:
        path: A ``.nii`` or ``.nii.gz`` file, whatever the scan is.
        labels: (i, j, k), of the scan's shape.
        like: The scan.

    Raises:
        DataError: The scan cannot be read, or the labels have another shape.
    """
    nib.save(_build_image(path, labels, like), path)


def write_probability(path: Path, probability: npt.NDArray[np.uint8], like: Path) -> None:
    """Write one region's probability in 255ths; its slope of 1/255 makes readers see 0 to 1.

    Header, arguments and errors as for ``write_labels``.
    """
    image = _build_image(path, probability, like)
    image.header.set_slope_inter(1 / 255, 0)
    nib.save(image, path)


def _build_image(path: Path, values: npt.NDArray[np.uint8], like: Path) -> Any:
    """Values on the grid of a scan, with a header that holds the scan's geometry alone."""
    scan = open_nifti(like)
    if values.shape != scan.grid.shape:
        raise DataError(
            str(path),
            expected=f"labels of the scan's shape {scan.grid.shape}",
            received=str(values.shape),
            next_step="Bring the labels back to the grid of the scan first.",
        )
    kind = nib.Nifti2Image if isinstance(scan.header, nib.Nifti2Header) else nib.Nifti1Image
    header = kind.header_class()
    header.set_data_shape(values.shape)
    for field in GEOMETRY_FIELDS:
        header[field] = scan.header[field]
    return kind(values, scan.grid.affine, header, dtype=np.uint8)


def _map_values(plane: npt.NDArray[Any], label_map: Mapping[int, int]) -> npt.NDArray[Any]:
    if not label_map:
        return plane
    mapped = plane.copy()
    for value, label in label_map.items():
        mapped[plane == value] = label
    return mapped


def _build_label_error(path: Path, wrong: set[float], next_step: str) -> DataError:
    listed = ", ".join(f"{value:g}" for value in sorted(wrong)[:MAX_SHOWN_VALUES])
    more = " and more" if len(wrong) > MAX_SHOWN_VALUES else ""
    return DataError(
        str(path),
        expected="a mask of whole values 0 background, 1 liver, 2 lesion",
        received=f"{listed}{more}",
        next_step=next_step,
    )


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
                next_step="Mend the scan.",
            )
