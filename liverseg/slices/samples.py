"""One training sample: a slice with its neighbours, and what it shows by region."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from liverseg.labels import REGIONS, select_region
from liverseg.params import TrainParams
from liverseg.slices.stacks import SliceRow, Slices


def read_sample_image(images: Slices, slice_index: int, context: int) -> npt.NDArray[np.uint8]:
    """A slice between its neighbours, as channels.

    Args:
        images: (num_slices, num_windows, rows, columns).
        slice_index: The slice in the middle.
        context: Neighbours on either side; beyond the ends the last slice is repeated.

    Returns:
        (rows, columns, channels) with (2 · context + 1) · num_windows channels, feet to head, the
        windows of a slice together.
    """
    first, last = max(slice_index - context, 0), min(slice_index + context, len(images) - 1)
    wanted = np.clip(np.arange(slice_index - context, slice_index + context + 1), first, last)
    planes = images[first : last + 1][wanted - first]
    return np.ascontiguousarray(np.moveaxis(planes.reshape(-1, *planes.shape[2:]), 0, -1))


def split_regions(labels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Targets (..., 2) of 0 and 1 from classes (...), the last axis in the order of ``REGIONS``."""
    return np.stack([select_region(labels, region) for region in REGIONS], axis=-1).astype(
        np.float32
    )


def select_epoch_slices(
    rows: Sequence[SliceRow], train: TrainParams, generator: np.random.Generator
) -> npt.NDArray[np.intp]:
    """Positions in ``rows`` that one epoch visits, in its order.

    A slice with lesion comes ``lesion_oversampling`` times, one with liver only once; of those
    without liver a ``liver_free_fraction``, drawn anew each epoch.
    """
    liver_free = np.array([row.liver_pixels == 0 for row in rows], dtype=bool)
    repeats = np.where([row.lesion_pixels > 0 for row in rows], train.lesion_oversampling, 1)
    outside = np.flatnonzero(liver_free)
    num_outside = round(train.liver_free_fraction * len(outside))
    inside = np.repeat(np.flatnonzero(~liver_free), repeats[~liver_free])
    chosen = np.concatenate([inside, generator.permutation(outside)[:num_outside]])
    return generator.permutation(chosen)


def select_rows(rows: Iterable[SliceRow], case_ids: Iterable[str]) -> list[SliceRow]:
    """The rows of the given cases, in the order of the index."""
    wanted = set(case_ids)
    return [row for row in rows if row.case_id in wanted]
