"""DICOM-SEG: segments as frames that say where they lie (DICOM PS3.3, A.51 and C.8.20)."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from liverseg.dicom.dicom_file import read_frames, read_header, report_damage
from liverseg.dicom.frames import FramePlace, draw_frame
from liverseg.dicom.headers import read_vector
from liverseg.volumes.grid import Grid


@dataclass(frozen=True)
class SegmentFrame:
    """What the header says of a frame.

    Attributes:
        segment: Number of the segment that it outlines; None in a label map, whose pixels say it.
        place: Where it lies.
    """

    segment: int | None
    place: FramePlace


def read_segments(path: Path) -> dict[int, str]:
    """Label of each segment by its number.

    Raises:
        DataError: The file is damaged.
    """
    header = read_header(path)
    with report_damage(path):
        return {
            int(segment.SegmentNumber): str(segment.SegmentLabel)
            for segment in header.SegmentSequence
            if int(segment.SegmentNumber) > 0  # 0 is the background of label maps
        }


def draw_segments(
    path: Path, numbers: Collection[int], mask: npt.NDArray[np.bool_], grid: Grid
) -> None:
    """Set the voxels of ``mask`` (i, j, k) that belong to some segments.

    Binary, fractional (a voxel counts from one half) and label map segmentations are read.

    Raises:
        DataError: The file is damaged, or its frames do not lie on the grid.
    """
    header = read_header(path)
    with report_damage(path):
        largest = int(header.get("MaximumFractionalValue") or 1)
        groups = header.PerFrameFunctionalGroupsSequence
        described = [_describe_frame(header, group) for group in groups]
        if len(described) != header.NumberOfFrames:
            raise ValueError(f"{len(described)} of {header.NumberOfFrames} frames are described")
    for pixels, frame in zip(read_frames(path), described, strict=True):
        if frame.segment is None:
            draw_frame(mask, grid, np.isin(pixels, list(numbers)), frame.place, str(path))
        elif frame.segment in numbers:
            draw_frame(mask, grid, pixels >= largest / 2, frame.place, str(path))


def _describe_frame(header: Any, group: Any) -> SegmentFrame:
    """What the functional groups of a frame say."""
    spacing = _find_group(header, group, "PixelMeasures").PixelSpacing
    cosines = _find_group(header, group, "PlaneOrientation").ImageOrientationPatient
    position = _find_group(header, group, "PlanePosition").ImagePositionPatient
    between_rows, between_columns = (float(step) for step in spacing)
    place = FramePlace(
        position=read_vector(position),
        along_row=read_vector(cosines[:3], between_columns),
        along_column=read_vector(cosines[3:], between_rows),
    )
    if header.SegmentationType == "LABELMAP":
        return SegmentFrame(None, place)
    identification = _find_group(header, group, "SegmentIdentification")
    return SegmentFrame(int(identification.ReferencedSegmentNumber), place)


def _find_group(header: Any, group: Any, name: str) -> Any:
    """A functional group of a frame: its own, or else what all frames share."""
    keyword = f"{name}Sequence"
    shared = header.SharedFunctionalGroupsSequence[0]
    return (group if keyword in group else shared)[keyword][0]
