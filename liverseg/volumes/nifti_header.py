"""The header of a NIfTI file, and the affine that it means."""

import logging
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import numpy.typing as npt

from liverseg.volumes.compression import open_content

MAX_AXES = 7
"""Of a NIfTI header (nifti1.h, ``dim``)."""

UNITS = {1: ("metres", 1000.0), 3: ("micrometres", 0.001)}
"""What lengths may be in, and the millimetres in it, by their codes (nifti1.h,
``NIFTI_UNITS_METER`` and ``NIFTI_UNITS_MICRON``)."""

_NOTES = logging.getLogger(__name__)


def read_header(path: Path, *, is_single: bool) -> Any:
    """Nibabel's header of a NIfTI-1 or -2 file, mended where that is safe.

    Args:
        path: The file, or the header of a pair.
        is_single: Whether voxels follow in the same file.

    Raises:
        ValueError: It is no such header.
    """
    with open_content(path) as file:
        block = file.read(nib.Nifti2Header.sizeof_hdr)
    kinds = (nib.Nifti1Image, nib.Nifti2Image) if is_single else (nib.Nifti1Pair, nib.Nifti2Pair)
    for kind in (each.header_class for each in kinds):
        if kind.may_contain_header(block):
            header = kind(block[: kind.sizeof_hdr], check=False)
            if not 1 <= header["dim"][0] <= MAX_AXES:
                raise ValueError(f"a number of axes that is not 1 to {MAX_AXES}")
            header.check_fix(_HeaderNotes(path))
            if bytes(header["magic"])[:2] != (b"n+" if is_single else b"ni"):
                raise ValueError(f"the header of a {'pair' if is_single else 'single file'}")
            if header.get_data_offset() < (kind.single_vox_offset if is_single else 0):
                raise ValueError(f"voxels from byte {header.get_data_offset()}, inside the header")
            return header
    if 348 in (int.from_bytes(block[:4], order) for order in ("little", "big")):
        raise ValueError("Analyze 7.5, which does not say which side is left")
    raise ValueError("no NIfTI header" if block else "an empty file")


def read_affine(header: Any) -> tuple[npt.NDArray[np.float64], list[str]]:
    """The affine in mm by nibabel's rules, but never of an sform without volume; and notes."""
    notes = []
    affine = _convert_lengths(header.get_best_affine(), header)
    if not _has_volume(affine) and header["qform_code"] > 0:
        affine = read_qform(header)
        notes.append("the sform places no voxels; the qform is used")
    if (unit := _find_unit(header)) in UNITS:
        notes.append(f"the header gives lengths in {UNITS[unit][0]}; they are brought to mm")
    return affine, notes


def _has_volume(affine: npt.NDArray[np.float64]) -> bool:
    """Whether the voxels of an affine take up space: its numbers are finite, not zeros."""
    with np.errstate(over="ignore", invalid="ignore"):  # of numbers near the end of their range
        return bool(np.isfinite(affine).all() and np.linalg.det(affine[:3, :3]) != 0)


def read_qform(header: Any) -> npt.NDArray[np.float64]:
    """The affine in mm of the qform, whatever its code.

    Raises:
        HeaderDataError, ValueError: Its numbers are no rotation.
    """
    return _convert_lengths(header.get_qform(), header)


def _find_unit(header: Any) -> int:
    return int(header["xyzt_units"]) % 8  # the higher bits are of time


def _convert_lengths(affine: npt.NDArray[Any], header: Any) -> npt.NDArray[np.float64]:
    """The affine in millimetres; a header without a unit means them."""
    in_mm = np.array(affine, np.float64)
    in_mm[:3] *= UNITS.get(_find_unit(header), ("millimetres", 1.0))[1]
    return in_mm


class _HeaderNotes:
    """What nibabel mends in a header, with the name of the file; stands in for its logger."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def log(self, level: int, message: str) -> None:
        _NOTES.log(min(level, logging.INFO), "%s: %s", self._path, message)
