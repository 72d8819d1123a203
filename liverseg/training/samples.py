"""Which slices an epoch visits, and what each shows by region."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from liverseg.labels import REGIONS, select_region
from liverseg.params import FitParams
from liverseg.slices.stacks import SliceRow


def split_regions(labels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Targets (..., 2) of 0 and 1 from classes (...), the last axis in the order of ``REGIONS``."""
    return np.stack([select_region(labels, region) for region in REGIONS], axis=-1).astype(
        np.float32
    )


def select_epoch_slices(
    rows: Sequence[SliceRow], train: FitParams, generator: np.random.Generator
) -> npt.NDArray[np.intp]:
    """Positions in ``rows`` that one epoch visits, in its order; each epoch has as many.

    A slice with lesion comes ``lesion_oversampling`` times, one with liver only once; of those
    without liver a ``liver_free_fraction``, drawn anew each epoch. Of all these a ``lesion_share``,
    drawn too, makes room for slices of lesions, by ``draw_lesion_slices``; where no row shows a
    lesion, nothing does.
    """
    liver_free = np.array([row.liver_pixels == 0 for row in rows], dtype=bool)
    repeats = np.where([row.lesion_pixels > 0 for row in rows], train.lesion_oversampling, 1)
    outside = np.flatnonzero(liver_free)
    num_outside = round(train.liver_free_fraction * len(outside))
    inside = np.repeat(np.flatnonzero(~liver_free), repeats[~liver_free])
    chosen = np.concatenate([inside, generator.permutation(outside)[:num_outside]])
    order = generator.permutation(chosen)
    by_lesion = draw_lesion_slices(rows, round(train.lesion_share * len(order)), generator)
    if not len(by_lesion):
        return order
    return generator.permutation(np.concatenate([by_lesion, order[len(by_lesion) :]]))


def draw_lesion_slices(
    rows: Sequence[SliceRow], num_slices: int, generator: np.random.Generator
) -> npt.NDArray[np.intp]:
    """Positions in ``rows`` of slices with lesion, drawn so that each lesion is equally likely.

    Every lesion of every case comes as often as any other, or once more, in one of its slices. So
    a lesion on two slices is seen as often as one on twenty. Empty where no row shows a lesion.
    """
    slices_of: dict[tuple[str, int], list[int]] = {}
    for position, row in enumerate(rows):
        for lesion in row.lesions:
            slices_of.setdefault((row.case_id, lesion), []).append(position)
    lesions = list(slices_of.values())
    drawn = np.resize(generator.permutation(len(lesions)), num_slices if lesions else 0)
    return np.array([generator.choice(lesions[each]) for each in drawn], dtype=np.intp)


def select_rows(rows: Iterable[SliceRow], case_ids: Iterable[str]) -> list[SliceRow]:
    """The rows of the given cases, in the order of the index."""
    wanted = set(case_ids)
    return [row for row in rows if row.case_id in wanted]
