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
from liverseg.labels import LESION, LIVER
from liverseg.pages.html_pages import embed
from liverseg.pages.outlines import trace_outline
from liverseg.scans.key_slices import WINDOW_HU
from liverseg.slices.geometry import SLICE_AXES
from liverseg.slices.windowing import apply_windows

SIDE_MM = 120.0
"""Of a square, or more where a lesion would fill it."""

LESIONS_PER_SIDE = 0.6
"""The largest share of a side that the longest diameter takes."""

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
    lesions = (*compared.baseline, *compared.followup)
    longest_mm = max(lesion.diameters.longest_mm for lesion in lesions)
    side_mm = max(SIDE_MM, longest_mm / LESIONS_PER_SIDE)
    before = compared.baseline[0].centre_mm if compared.baseline else None
    after = compared.followup[0].centre_mm if compared.followup else None
    if before is None:
        before = _move_point(motion.inverse, compared.followup[0].centre_mm)
    if after is None:
        after = _move_point(motion, compared.baseline[0].centre_mm)
    return PicturePair(
        side_mm,
        _cut(baseline, compared.baseline, before, side_mm),
        _cut(followup, compared.followup, after, side_mm),
    )


def _move_point(motion: RigidMotion, point_mm: Points) -> Points:
    return motion.move(point_mm[None])[0]


def _cut(study: Study, lesions: Sequence[Lesion], centre_mm: Points, side_mm: float) -> Picture:
    """The square around a point, in the slice of the largest lesion or else of the point."""
    codes = study.labels.grid.axis_codes
    grid = reorient_grid(study.labels.grid, SLICE_AXES)
    numbers = reorient_array(study.numbers, codes, SLICE_AXES)
    index, *middle = np.linalg.solve(grid.affine, [*centre_mm, 1])[:3].tolist()
    if lesions:
        slice_index = int((numbers == lesions[0].number).sum(axis=(1, 2)).argmax())
    else:
        slice_index = min(max(round(index), 0), grid.shape[0] - 1)
    spacing = grid.spacing_mm[1:]
    view = tuple(
        slice(
            min(max(round(centre - side_mm / 2 / step), 0), length),
            max(min(round(centre + side_mm / 2 / step) + 1, length), 0),
        )
        for centre, step, length in zip(middle, spacing, grid.shape[1:], strict=True)
    )
    place = (slice_index, *view)
    labels = reorient_array(study.labels.data, codes, SLICE_AXES)[place]
    shown = np.isin(numbers[place], [lesion.number for lesion in lesions])
    (top, left), (height, width) = (
        [
            (part.start - 0.5 - centre) * step + side_mm / 2
            for part, centre, step in zip(view, middle, spacing, strict=True)
        ],
        [length * step for length, step in zip(labels.shape, spacing, strict=True)],
    )
    return Picture(
        title=f"{study.name}, slice {slice_index}",
        image=_encode(_get_grey(study, labels, place)),
        place_mm=(left, top, width, height),
        scale_mm=(spacing[1] / 2, spacing[0] / 2),
        outlines={
            "liver": trace_outline(labels >= LIVER),
            "other": trace_outline((labels == LESION) & ~shown),
            "lesion": trace_outline(shown),
        },
    )


def _get_grey(
    study: Study, labels: npt.NDArray[np.uint8], place: tuple[int | slice, ...]
) -> npt.NDArray[np.uint8]:
    if study.scan is None:
        return GREY_OF_LABEL[labels]
    scan = reorient_array(study.scan.data, study.labels.grid.axis_codes, SLICE_AXES)
    return apply_windows(scan[place], [WINDOW_HU])[0]


def _encode(grey: npt.NDArray[np.uint8]) -> Markup:
    if not grey.size:
        return Markup("")
    _, encoded = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return embed(encoded.tobytes(), "image/jpeg")
