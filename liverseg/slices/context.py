"""A slice between its neighbours: what a network sees of it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liverseg.slices.stacks import Slices


@dataclass(frozen=True)
class Neighbours:
    """Which slices a network sees beside the one in the middle.

    Attributes:
        number: On either side.
        step: From each to the next, in slices.
    """

    number: int
    step: int = 1

    @property
    def reach(self) -> int:
        """Slices from the middle to the outermost neighbour."""
        return self.number * self.step


@dataclass(frozen=True)
class Surroundings:
    """What a network sees beside a slice, whatever the distance of a scan's slices.

    Attributes:
        number: Neighbours on either side.
        distance_mm: From each to the next; None takes the next slice, wherever it lies.
    """

    number: int
    distance_mm: float | None = None

    def find_neighbours(self, slice_mm: float) -> Neighbours:
        """The slices nearest to that distance, none of them twice.

        Args:
            slice_mm: Distance of neighbouring slices of the scan.
        """
        if self.distance_mm is None:
            return Neighbours(self.number)
        return Neighbours(self.number, max(1, round(self.distance_mm / slice_mm)))


def read_sample_image(
    images: Slices, slice_index: int, neighbours: Neighbours
) -> npt.NDArray[np.uint8]:
    """A slice between its neighbours, as channels.

    Args:
        images: (num_slices, num_windows, rows, columns).
        slice_index: The slice in the middle.
        neighbours: Beside it; beyond the ends the last slice is repeated.

    Returns:
        (rows, columns, channels) with (2 · number + 1) · num_windows channels, feet to head, the
        windows of a slice together.
    """
    offsets = neighbours.step * np.arange(-neighbours.number, neighbours.number + 1)
    wanted = np.clip(slice_index + offsets, 0, len(images) - 1)
    first, last = int(wanted[0]), int(wanted[-1])
    planes = images[first : last + 1][wanted - first]
    return np.stack(list(planes.reshape(-1, *planes.shape[2:])), axis=-1)
