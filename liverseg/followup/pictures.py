"""Each lesion in both scans: two squares of one size, the same place in the middle of both."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from liverseg.followup.changes import ComparedLesions
from liverseg.followup.motion import Points, RigidMotion
from liverseg.followup.study import Lesion, Study
from liverseg.grids.orientation import reorient_array, reorient_grid
from liverseg.labels import select_region
from liverseg.pages.html_pages import embed
from liverseg.pages.outlines import trace_outline
from liverseg.scans.key_slices import WINDOW_HU
from liverseg.slices.geometry import SLICE_AXES
from liverseg.slices.windowing import apply_windows

SIDE_MM = 120.0
"""Of a square, or more where a lesion would fill it."""

LARGEST_SHARE = 0.6
"""Of a side that the longest diameter takes."""

GREY_OF_LABEL = np.array([0, 96, 160], np.uint8)
"""What is drawn without a scan: background, liver, lesion."""

JPEG_QUALITY = 85


@dataclass(frozen=True)
class Picture:
    """A square cut out of an axial slice, to be drawn in millimetres.

    Attributes:
        title: Which slice of which scan.
        image: Grey values as a JPEG, or empty where the square lies outside of the scan.
        place_mm: Left, top, width and height of the image within the square.
        scale_mm: Width and height of half a pixel, the unit of the outlines.
        outlines: SVG paths by what they enclose: liver, other lesions, lesion.
    """

    title: str
    image: Markup
    place_mm: tuple[float, float, float, float]
    scale_mm: tuple[float, float]
    outlines: dict[str, str]


@dataclass(frozen=True)
class PicturePair:
    """The same lesions in both scans; ``side_mm`` is the side of both squares."""

    side_mm: float
    baseline: Picture
    followup: Picture


def draw_lesions(
    compared: ComparedLesions, baseline: Study, followup: Study, motion: RigidMotion
) -> PicturePair:
    """Both pictures: the slice where the largest lesion is largest, else where it would be.

    Args:
        compared: With a lesion in one of the scans at least.
        baseline: The first scan.
        followup: The second scan.
        motion: From the first to the second.
    """
    before, after = compared.baseline, compared.followup
    longest_mm = max(lesion.diameters.longest_mm for lesion in (*before, *after))
    side_mm = max(SIDE_MM, longest_mm / LARGEST_SHARE)
    here = before[0].centre_mm if before else motion.inverse.move(after[0].centre_mm)
    there = after[0].centre_mm if after else motion.move(before[0].centre_mm)
    return PicturePair(
        side_mm,
        _draw_square(baseline, before, here, side_mm),
        _draw_square(followup, after, there, side_mm),
    )


def _draw_square(
    study: Study, lesions: Sequence[Lesion], centre_mm: Points, side_mm: float
) -> Picture:
    """The square around a point, in the slice of the largest lesion or else of the point."""
    codes = study.labels.grid.axis_codes
    grid = reorient_grid(study.labels.grid, SLICE_AXES)
    numbers = reorient_array(study.numbers, codes, SLICE_AXES)
    index, *middle = np.linalg.solve(grid.affine, [*centre_mm, 1])[:3].tolist()
    if lesions:
        index = int((numbers == lesions[0].number).sum(axis=(1, 2)).argmax())
    index = min(max(round(index), 0), grid.shape[0] - 1)
    row_mm, column_mm = grid.spacing_mm[1:]
    rows = _find_view(middle[0], row_mm, side_mm, grid.shape[1])
    columns = _find_view(middle[1], column_mm, side_mm, grid.shape[2])
    labels = reorient_array(study.labels.data, codes, SLICE_AXES)[index, rows, columns]
    shown = np.isin(numbers[index, rows, columns], [lesion.number for lesion in lesions])
    grey = GREY_OF_LABEL[labels]
    if study.scan is not None:
        scan = reorient_array(study.scan.data, codes, SLICE_AXES)
        grey = apply_windows(scan[index, rows, columns], [WINDOW_HU])[0]
    return Picture(
        title=f"{study.name}, slice {index}",
        image=_encode_image(grey),
        place_mm=(
            (columns.start - 0.5 - middle[1]) * column_mm + side_mm / 2,
            (rows.start - 0.5 - middle[0]) * row_mm + side_mm / 2,
            labels.shape[1] * column_mm,
            labels.shape[0] * row_mm,
        ),
        scale_mm=(column_mm / 2, row_mm / 2),
        outlines={
            "liver": trace_outline(select_region(labels, "liver")),
            "other": trace_outline(select_region(labels, "lesion") & ~shown),
            "lesion": trace_outline(shown),
        },
    )


def _find_view(middle: float, step_mm: float, side_mm: float, length: int) -> slice:
    """The pixels of one axis, of ``length``, that a square around ``middle`` meets."""
    ends = (round(middle - side_mm / 2 / step_mm), round(middle + side_mm / 2 / step_mm) + 1)
    start, stop = (min(max(end, 0), length) for end in ends)
    return slice(start, stop)


def _encode_image(grey: npt.NDArray[np.uint8]) -> Markup:
    if not grey.size:
        return Markup("")
    _, encoded = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return embed(encoded.tobytes(), "image/jpeg")
