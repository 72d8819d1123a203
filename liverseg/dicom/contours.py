"""RTSTRUCT: structures as closed contours on the slices of a scan (DICOM PS3.3, C.8.8.6)."""

from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.path import Path as Outline

from liverseg.dicom.dicom_file import read_header, report_damage
from liverseg.dicom.frames import TOLERANCE
from liverseg.dicom.stack import Stack
from liverseg.dicom.structure import Structure, find_coded_label
from liverseg.errors import DataError
from liverseg.grids.grid import LARGEST_MM

CLOSED = {"CLOSED_PLANAR", "CLOSEDPLANAR_XOR"}

ON_THE_LINE = 0.01
"""Of a pixel: a centre no further outside a contour lies in it, since its points are rounded."""


def list_contoured(path: Path) -> list[Structure]:
    """The regions of an RTSTRUCT that have contours.

    Raises:
        DataError: The file is damaged.
    """
    header = read_header(path)
    with report_damage(path):
        contoured = {
            int(roi.ReferencedROINumber)
            for roi in header.get("ROIContourSequence") or ()
            if roi.get("ContourSequence")
        }
        types: dict[int, list[Any]] = defaultdict(list)
        for observation in header.get("RTROIObservationsSequence") or ():
            number = int(observation.ReferencedROINumber)
            types[number].extend(observation.get("RTROIIdentificationCodeSequence") or ())
        return [
            Structure(
                name=str(roi.get("ROIName") or f"region {roi.ROINumber}"),
                coded=find_coded_label(types[int(roi.ROINumber)], ()),
                draw=partial(_draw_region, path, int(roi.ROINumber)),
            )
            for roi in header.get("StructureSetROISequence") or ()
            if int(roi.ROINumber) in contoured
        ]


def _draw_region(path: Path, number: int, mask: npt.NDArray[np.bool_], stack: Stack) -> None:
    """Set the voxels of ``mask`` (i, j, slice) whose centres lie within the contours of a region.

    A contour within another one cuts a hole (an odd number of contours around a centre is inside).

    Raises:
        DataError: The file is damaged, or a contour is not closed, lies between the slices of the
            scan, or reaches out of them.
    """
    header = read_header(path)
    with report_damage(path):
        contours = [
            _read_points(contour)
            for roi in header.ROIContourSequence
            if int(roi.ReferencedROINumber) == number
            for contour in roi.get("ContourSequence") or ()
        ]
    region = np.zeros_like(mask)
    for points in contours:
        corners, apart = stack.find_voxels(points)
        if received := _find_fault(corners, float(apart.max()), mask.shape):
            raise DataError(
                str(path),
                expected="contours on the slices of its scan",
                received=received,
                next_step="Draw them on the slices of this series, or export them as a DICOM-SEG.",
            )
        region[..., int(corners[0, 2])] ^= fill_outline(corners[:, :2], mask.shape[:2])
    mask |= region


def _find_fault(corners: npt.NDArray[np.float64], apart: float, shape: tuple[int, ...]) -> str:
    """Why a contour does not lie in a slice of a scan; empty where it does."""
    if (corners[:, 2] != corners[0, 2]).any():
        return "one across several slices"
    if apart > TOLERANCE:
        return f"one that is {apart:.2f} slices beside the nearest"
    reaches_out = (corners[:, :2] < -1).any() or (corners[:, :2] > shape[:2]).any()
    return "one that reaches out of them" if reaches_out else ""


def _read_points(contour: Any) -> npt.NDArray[np.float64]:
    """The points (n, 3) of a contour, in LPS and mm."""
    kind = str(contour.ContourGeometricType)
    if kind not in CLOSED:
        raise ValueError(f"a contour of type {kind}, which encloses nothing")
    points = np.array([float(value) for value in contour.ContourData])
    if points.size < 9 or points.size % 3 or not (np.abs(points) <= LARGEST_MM).all():
        raise ValueError(f"a contour of {points.size} coordinates, no points in the patient")
    return points.reshape(-1, 3)


def fill_outline(corners: npt.NDArray[np.float64], shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Pixels (i, j) whose centres lie within a polygon or on its line.

    Args:
        corners: (n, 2) in pixels; (0, 0) is the centre of the first one.
        shape: Of the result; what lies outside is cut off.
    """
    filled = np.zeros(shape, np.bool_)
    low = np.maximum(np.ceil(corners.min(axis=0) - ON_THE_LINE), 0).astype(np.intp)
    high = np.minimum(np.floor(corners.max(axis=0) + ON_THE_LINE) + 1, shape).astype(np.intp)
    if (high <= low).any():
        return filled
    i, j = np.mgrid[low[0] : high[0], low[1] : high[1]]
    x, y = corners.T
    counter_clockwise = (x * np.roll(y, -1) - np.roll(x, -1) * y).sum() > 0
    outline = Outline(corners, closed=False)
    inside = outline.contains_points(
        np.column_stack((i.ravel(), j.ravel())),
        radius=2 * ON_THE_LINE if counter_clockwise else -2 * ON_THE_LINE,
    )
    filled[low[0] : high[0], low[1] : high[1]] = inside.reshape(i.shape)
    return filled
