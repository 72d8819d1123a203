"""Lesions on the fly: painted into the healthy liver of a slice and of its neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from liverseg.labels import LESION, LIVER
from liverseg.params import LesionParams
from liverseg.slices.stacks import Slices, SliceStack, read_preprocessing
from liverseg.slices.windowing import apply_windows, estimate_hu
from liverseg.training.lesion_bodies import Body, cut_body, draw_body, find_box

MOST_SAMPLES = 1000  # pixels that the liver's HU is told from
NOISE_SPREADS = 2.0  # standard deviations; liver that deviates further is taken for a vessel


@dataclass(frozen=True)
class Liver:
    """What healthy liver looks like in a slice: the median HU, and its noise at the most."""

    hu: float
    noise_hu: float


@dataclass(frozen=True, eq=False)
class PaintedSlices:
    """Slices of which some consecutive ones have been painted over.

    Attributes:
        slices: As they are on disk.
        first: Number of the first painted one.
        planes: The painted ones.
    """

    slices: Slices
    first: int
    planes: npt.NDArray[np.uint8]

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of every axis."""
        return self.slices.shape

    def __len__(self) -> int:
        return len(self.slices)

    def __getitem__(self, index: int | slice, /) -> npt.NDArray[np.uint8]:
        places = np.arange(len(self))[index] - self.first
        is_painted = (places >= 0) & (places < len(self.planes))
        planes = np.array(self.slices[index])
        planes[is_painted] = self.planes[places[is_painted]]
        return planes


class LesionPainter:
    """Lesions in the healthy liver of training slices, random but repeatable.

    Existing lesions, and what is no liver, stay as they are. The new label is given where a body
    covers at least half of a pixel.
    """

    def __init__(self, params: LesionParams, windows_hu: Sequence[tuple[float, float]]) -> None:
        self._params = params
        self._windows_hu = windows_hu

    def __call__(
        self, stack: SliceStack, slice_index: int, reach: int, key: tuple[int, ...]
    ) -> SliceStack:
        """A case with new lesions, or the case itself where none is painted.

        Args:
            stack: The case.
            slice_index: The slice that the bodies are meant for.
            reach: Slices on either side that are seen, and cut the same bodies.
            key: What all randomness depends on, e.g. (seed, epoch, slice).
        """
        rng = np.random.default_rng(np.random.SeedSequence(key, spawn_key=(1,)))
        if rng.random() >= self._params.probability:
            return stack
        healthy = np.argwhere(stack.labels[slice_index] == LIVER)
        if not len(healthy):
            return stack
        slices = range(max(slice_index - reach, 0), min(slice_index + reach + 1, len(stack.images)))
        images = np.array(stack.images[slices.start : slices.stop])
        labels = np.array(stack.labels[slices.start : slices.stop])
        liver = self._measure_liver(images[slice_index - slices.start], healthy)
        pixel_mm = stack.slice_grid.pixel_mm
        row_mm, column_mm, slice_mm = pixel_mm
        for _ in range(rng.integers(1, self._params.largest_number, endpoint=True)):
            row, column = rng.choice(healthy) + rng.uniform(-0.5, 0.5, 2)
            place = (float(row * row_mm), float(column * column_mm), slice_index * slice_mm)
            body = draw_body(rng, self._params, place, slice_mm, liver.hu)
            self._paint(body, pixel_mm, slices, (images, labels), liver)
        return replace(
            stack,
            images=PaintedSlices(stack.images, slices.start, images),
            labels=PaintedSlices(stack.labels, slices.start, labels),
        )

    def _measure_liver(self, image: npt.NDArray[np.uint8], healthy: npt.NDArray[np.intp]) -> Liver:
        rows, columns = healthy[:: len(healthy) // MOST_SAMPLES + 1].T
        hu = estimate_hu(image[:, rows, columns], self._windows_hu)
        median = float(np.median(hu))
        spread = 1.4826 * float(np.median(np.abs(hu - median)))  # of a normal distribution
        return Liver(median, NOISE_SPREADS * spread)

    def _paint(
        self,
        body: Body,
        pixel_mm: tuple[float, float, float],
        slices: range,
        planes: tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]],
        liver: Liver,
    ) -> None:
        """Paint a body, in place, into images (slices, windows, rows, columns) and labels."""
        images = np.moveaxis(planes[0], 0, -1)  # (windows, rows, columns, slices)
        labels = np.moveaxis(planes[1], 0, -1)
        num_rows, num_columns, _ = labels.shape
        box = find_box(body, pixel_mm, (range(num_rows), range(num_columns), slices))
        change_hu, coverage = cut_body(body, pixel_mm, box, liver.hu)
        rows, columns, deep = (slice(numbers.start, numbers.stop) for numbers in box)
        deep = slice(deep.start - slices.start, deep.stop - slices.start)
        grey, classes = images[:, rows, columns, deep], labels[rows, columns, deep]
        hu = estimate_hu(grey, self._windows_hu)
        if body.covers_vessels:
            deviation_hu = hu - np.float32(liver.hu)
            kept_hu = np.clip(deviation_hu, -liver.noise_hu, liver.noise_hu)
            change_hu += coverage * (kept_hu - deviation_hu)
        is_healthy = classes == LIVER
        is_touched = is_healthy & (change_hu != 0)
        np.copyto(grey, apply_windows(hu + change_hu, self._windows_hu), where=is_touched)
        classes[is_healthy & (coverage >= 0.5)] = LESION


def build_painter(params: LesionParams, folder: Path) -> LesionPainter | None:
    """The painter for the slices in a folder, or None where nothing is to be painted.

    Raises:
        DataError: The folder does not say how its slices were made.
    """
    if not params.probability:
        return None
    return LesionPainter(params, read_preprocessing(folder).windows_hu)
