"""The slices of a scan that show its liver and its largest lesions, as radiologists see them.

Axial slices are seen from the feet and coronal ones from the front: the patient's right is on the
left of the picture. Slices count from 0 at the feet, rows of an axial slice from 0 at the front.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from liverseg.grids.cropping import Box, find_box, shift_box
from liverseg.grids.orientation import reorient_array, reorient_grid
from liverseg.labels import LESION
from liverseg.pages.outlines import Plane, find_slice, find_view
from liverseg.scans.numbering import number_lesions
from liverseg.scans.planes import Place, cut_across
from liverseg.slices.geometry import SLICE_AXES
from liverseg.slices.windowing import apply_windows
from liverseg.volumes.nifti import Volume

WINDOW_HU = (-100.0, 250.0)
"""Soft tissue, a little narrower than usual: lesions stand out from enhanced liver."""

MAX_LESION_SLICES = 6
MAX_NAMED = 3
"""Lesions in the title of one slice."""


@dataclass(frozen=True, eq=False)
class KeySlice:
    """One slice of a scan.

    Attributes:
        title: What is seen.
        image: Grey values (rows, columns).
        labels: (rows, columns).
        lesions: Numbers of the lesions (rows, columns), 0 between them.
        pixel_mm: Height and width of a pixel.
        place: Where it lies.
        entropy: Of the lesion probability (rows, columns), 255 for a bit; None where it is not
            shown.
    """

    title: str
    image: Plane
    labels: Plane
    lesions: npt.NDArray[np.uint32]
    pixel_mm: tuple[float, float]
    place: Place
    entropy: Plane | None = None


@dataclass(frozen=True, eq=False)
class KeySlices:
    """What is worth seeing of a scan.

    Attributes:
        slices: An axial and a coronal overview, then the slices of the largest lesions.
        has_liver: Some voxel is liver or lesion.
        num_lesions: All of the scan.
        num_shown: How many of these have a slice chosen for them, the largest ones.
    """

    slices: tuple[KeySlice, ...]
    has_liver: bool
    num_lesions: int
    num_shown: int


@dataclass(frozen=True, eq=False)
class _Stack:
    """A scan with its labels as views (slices, rows, columns) and the spacing of these axes.

    ``box`` holds all labels, ``lesion_box`` all lesions; ``lesions`` are the numbers within that.
    """

    scan: npt.NDArray[Any]
    labels: Plane
    box: Box
    lesion_box: Box
    lesions: npt.NDArray[np.uint32]
    spacing_mm: tuple[float, float, float]

    @property
    def cropped(self) -> Plane:
        """The labels in the box."""
        return self.labels[self.box]

    def cut_axial(self, title: str, index: int, view: tuple[slice, slice]) -> KeySlice:
        return self._cut(f"{title}, slice {index}", 0, index, view)

    def cut_coronal(self, title: str, index: int) -> KeySlice:
        head_first = slice(None, None, -1)
        return self._cut(f"{title}, row {index}", 1, index, (head_first, slice(None)))

    def _cut(self, title: str, axis: int, index: int, view: tuple[slice, slice]) -> KeySlice:
        rows, columns = (mm for other, mm in enumerate(self.spacing_mm) if other != axis)
        place = Place(axis, index, view)
        return KeySlice(
            title=title,
            image=apply_windows(place.cut(self.scan), [WINDOW_HU])[0],
            labels=place.cut(self.labels),
            lesions=self._take_lesions(axis, index)[view],
            pixel_mm=(rows, columns),
            place=place,
        )

    def _take_lesions(self, axis: int, index: int) -> npt.NDArray[np.uint32]:
        """The numbers in a whole plane across an axis."""
        plane = np.zeros(cut_across(self.labels, axis, index).shape, np.uint32)
        along = self.lesion_box[axis]
        if along.start <= index < along.stop:
            in_plane = tuple(side for other, side in enumerate(self.lesion_box) if other != axis)
            plane[in_plane] = cut_across(self.lesions, axis, index - along.start)
        return plane


def select_key_slices(
    scan: Volume, labels: npt.NDArray[np.uint8], lesion_connectivity: int
) -> KeySlices:
    """The slices to look at; without liver and lesions the middle ones.

    Overviews are the axial slice with most liver and the coronal one with most lesion, or with most
    liver where there is no lesion. A lesion's slice is the one where it is largest; those of the
    largest lesions are taken, as many as ``MAX_LESION_SLICES``.

    Args:
        scan: In HU.
        labels: (i, j, k), of the scan's shape.
        lesion_connectivity: See ``number_lesions``.
    """
    codes = scan.grid.axis_codes
    slices = reorient_array(labels, codes, SLICE_AXES)
    box = find_box(slices)
    lesion_box = shift_box(find_box(slices[box] == LESION), box)
    lesions, num_lesions = number_lesions(
        reorient_array(slices[lesion_box], SLICE_AXES, codes), lesion_connectivity
    )
    stack = _Stack(
        scan=reorient_array(scan.data, codes, SLICE_AXES),
        labels=slices,
        box=box,
        lesion_box=lesion_box,
        lesions=reorient_array(lesions, codes, SLICE_AXES),
        spacing_mm=reorient_grid(scan.grid, SLICE_AXES).spacing_mm,
    )
    projected = np.zeros(slices.shape[1:], np.bool_)
    projected[box[1:]] = stack.cropped.any(axis=0)
    view = find_view(projected)
    groups = _group_by_slice(_find_lesion_slices(stack, num_lesions))
    of_lesions = [stack.cut_axial(_name_lesions(groups[each]), each, view) for each in groups]
    return KeySlices(
        slices=(*_cut_overviews(stack), *of_lesions),
        has_liver=stack.cropped.size > 0,
        num_lesions=num_lesions,
        num_shown=sum(map(len, groups.values())),
    )


def _cut_overviews(stack: _Stack) -> tuple[KeySlice, KeySlice]:
    num_slices, num_rows, _ = stack.labels.shape
    whole = (slice(None), slice(None))
    if not stack.cropped.size:
        return (
            stack.cut_axial("Axial, middle", num_slices // 2, whole),
            stack.cut_coronal("Coronal, middle", num_rows // 2),
        )
    areas = np.count_nonzero(stack.cropped, axis=(1, 2))
    most_lesion = "lesion" if stack.lesions.any() else "liver"
    row = stack.box[1].start + find_slice(stack.cropped.swapaxes(0, 1))
    return (
        stack.cut_axial("Axial, most liver", stack.box[0].start + int(areas.argmax()), whole),
        stack.cut_coronal(f"Coronal, most {most_lesion}", row),
    )


def _find_lesion_slices(stack: _Stack, num_lesions: int) -> list[int]:
    """The slice in which each lesion is largest, by its number; of equal ones the lowest."""
    areas = [np.bincount(plane.ravel(), minlength=num_lesions + 1) for plane in stack.lesions]
    if not areas:
        return []
    largest: list[int] = (stack.lesion_box[0].start + np.argmax(areas, axis=0))[1:].tolist()
    return largest


def _group_by_slice(slice_of_lesion: Sequence[int]) -> dict[int, list[int]]:
    """Lesions by slice, the largest first, until there are enough slices."""
    groups: dict[int, list[int]] = {}
    for lesion, index in enumerate(slice_of_lesion, start=1):
        if index not in groups and len(groups) == MAX_LESION_SLICES:
            break
        groups.setdefault(index, []).append(lesion)
    return groups


def _name_lesions(lesions: Sequence[int]) -> str:
    if len(lesions) == 1:
        return f"Lesion {lesions[0]}"
    named = ", ".join(map(str, lesions[:MAX_NAMED]))
    return f"Lesions {named}{', …' if lesions[MAX_NAMED:] else ''}"
