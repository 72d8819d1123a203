"""DICOM-SEG: segments as frames that say where they lie (DICOM PS3.3, A.51 and C.8.20)."""

from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from liverseg.dicom.dicom_file import read_frames, read_header, report_damage
from liverseg.dicom.elements import flatten_frames, read_plane, read_text
from liverseg.dicom.frames import FramePlace, draw_frame
from liverseg.dicom.stack import Stack
from liverseg.dicom.structure import Structure, find_coded_label


def list_segments(path: Path) -> list[Structure]:
    """The segments of a DICOM-SEG.

    Raises:
        DataError: The file is damaged.
    """
    header = read_header(path)
    with report_damage(path):
        return [
            Structure(
                name=str(segment.SegmentLabel),
                coded=find_coded_label(
                    segment.get("SegmentedPropertyTypeCodeSequence") or (),
                    segment.get("AnatomicRegionSequence") or (),
                ),
                draw=partial(_draw_segment, path, int(segment.SegmentNumber)),
            )
            for segment in header.SegmentSequence
            if int(segment.SegmentNumber) > 0  # 0 is the background of label maps
        ]


def _draw_segment(path: Path, number: int, mask: npt.NDArray[np.bool_], stack: Stack) -> None:
    """Set the voxels of ``mask`` (i, j, slice) that belong to a segment.

    Binary, fractional (a voxel counts from one half) and label map segmentations are read.

    Raises:
        DataError: The file is damaged, or its frames do not lie on the slices.
    """
    header = read_header(path)
    with report_damage(path):
        largest = int(header.get("MaximumFractionalValue") or 1)
        label_map = read_text(header, "SegmentationType") == "LABELMAP"
        places = {
            index: FramePlace(*read_plane(frame))
            for index, frame in enumerate(flatten_frames(header))
            if label_map or int(frame.ReferencedSegmentNumber) == number
        }
    frames = read_frames(path, list(places))
    for place, pixels in zip(places.values(), frames, strict=True):
        inside = pixels == number if label_map else pixels >= largest / 2
        draw_frame(mask, stack, inside, place, str(path))
