"""Samples of slices, read from the stacks on disk; without Keras, for processes that feed one."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from liverseg.networks.by_slice import Images, ReadSample
from liverseg.params import AugmentParams
from liverseg.slices.context import Surroundings
from liverseg.slices.stacks import SliceRow, open_stack
from liverseg.training.augment import Augmenter
from liverseg.training.lesions import build_painter

Key = tuple[int, ...]
"""What all randomness of a sample follows from: seed, epoch, place in the epoch."""

Wanted = tuple[int, Key | None]
"""The position of a slice in the rows, and its key."""

Batch = tuple[Images, Images]
"""Images (batch, rows, columns, channels), and the classes of their pixels."""


class SliceReader:
    """Slices between their neighbours, as they are on disk, or changed for training.

    Args:
        folder: Of the stage preprocess.
        rows: The slices that may be asked for.
        surroundings: What is seen beside a slice.
        read_sample: That of a recipe.
        augment: What is done to a slice that is asked for with a key.
    """

    def __init__(
        self,
        folder: Path,
        rows: Sequence[SliceRow],
        surroundings: Surroundings,
        read_sample: ReadSample,
        augment: AugmentParams | None = None,
    ) -> None:
        self._rows = rows
        self._stacks = {
            case_id: open_stack(folder, case_id)
            for case_id in dict.fromkeys(row.case_id for row in rows)
        }
        self._neighbours = {
            case_id: surroundings.find_neighbours(stack.slice_grid.pixel_mm[2])
            for case_id, stack in self._stacks.items()
        }
        self._read_sample = read_sample
        self._augment = Augmenter(augment) if augment else None
        self._paint = build_painter(augment.lesions, folder) if augment else None

    def read(self, position: int, key: Key | None = None) -> tuple[Images, Images]:
        """The slice at a position in the rows; with a key painted and augmented as that says."""
        row = self._rows[position]
        stack, neighbours = self._stacks[row.case_id], self._neighbours[row.case_id]
        if key is not None and self._paint is not None:
            stack = self._paint(stack, row.slice_index, neighbours.reach, key)
        sample = self._read_sample(stack, row.slice_index, neighbours)
        if key is None or self._augment is None:
            return sample
        return self._augment(*sample, key)

    def read_batch(self, wanted: Sequence[Wanted]) -> Batch:
        """Several slices, stacked along a new first axis."""
        images, labels = zip(*(self.read(*each) for each in wanted), strict=True)
        return np.stack(images), np.stack(labels)
