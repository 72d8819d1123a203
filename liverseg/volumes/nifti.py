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
from liverseg.grids.grid import Grid
from liverseg.volumes.hu import scale_to_hu
from liverseg.volumes.label_values import find_labels
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
        notes: What is wrong with its file and was read in spite of it, a sentence each.
    """

    data: npt.NDArray[Any]
    grid: Grid
    notes: tuple[str, ...] = ()


def read_grid(path: Path) -> Grid:
    """Shape and affine of a file; reads the header only.

    Raises:
        DataError: As for ``open_nifti``.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "scan.nii.gz")
        ...     image = nib.Nifti1Image(np.zeros((2, 3, 4), np.int16), np.diag([-1, -1, 2.5, 1]))
        ...     nib.save(image, path)
        ...     grid = read_grid(path)
        >>> grid.shape, grid.axis_codes
        ((2, 3, 4), 'LPS')
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

    It is exact where integers are stored with an integral slope and intercept and all HU fit. NaN
    outside the field of view is air.

    Raises:
        DataError: As for ``open_nifti`` and ``read_stored``, or a voxel is infinite, or NaN where
            the body lies.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> hu = np.array([np.nan, -1000, 40, 55.5, np.nan], np.float32).reshape(5, 1, 1)
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "scan.nii.gz")
        ...     nib.save(nib.Nifti1Image(hu, np.eye(4)), path)
        ...     scan = read_scan(path)
        >>> scan.data.ravel().tolist(), scan.notes
        ([-1000.0, -1000.0, 40.0, 55.5, -1000.0], ('NaN outside the field of view is read as air',))
    """
    file = open_nifti(path)
    stored, notes = read_stored(file)
    data, mended = scale_to_hu(stored, file.slope, file.intercept, path)
    return Volume(data, file.grid, (*notes, mended) if mended else notes)


def read_labels(
    path: Path,
    label_map: Mapping[int, int] | None = None,
    *,
    next_step: str = "Give its voxels these values.",
) -> Volume:
    """Labels 0, 1 and 2 as uint8, from whatever type they are stored in.

    A value within a thousandth of a whole number is that number, as resampling and a slope of 0.01
    leave it.

    Args:
        path: The mask.
        label_map: Labels of stored values; a value that is not named stands for itself.
        next_step: What the user can do about other values.

    Raises:
        DataError: As for ``open_nifti`` and ``read_stored``, or a voxel holds anything but 0, 1
            or 2 once it is mapped.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "mask.nii.gz")
        ...     nib.save(nib.Nifti1Image(np.array([[[0, 1, 255]]], np.uint8), np.eye(4)), path)
        ...     labels = read_labels(path, {255: 2})
        >>> labels.data.ravel().tolist(), labels.data.dtype.name
        ([0, 1, 2], 'uint8')
    """
    file = open_nifti(path)
    stored, notes = read_stored(file)
    labels = find_labels(
        stored, file.slope, file.intercept, label_map or {}, path=path, next_step=next_step
    )
    return Volume(labels, file.grid, notes)


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
    return kind(values, None, header, dtype=np.uint8)
