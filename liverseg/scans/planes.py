"""Planes of volumes, as views."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Place:
    """Where a slice lies in a volume whose axes are in the order of ``SLICE_AXES``.

    Attributes:
        axis: That it lies across.
        index: Along this axis.
        view: Its part that is seen: rows and columns.
    """

    axis: int
    index: int
    view: tuple[slice, slice]

    def cut(self, volume: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """That part of a volume, (rows, columns)."""
        return cut_across(volume, self.axis, self.index)[self.view]


def cut_across(volume: npt.NDArray[Any], axis: int, index: int) -> npt.NDArray[Any]:
    """A plane of a volume as a view, where ``take`` would copy all of it first."""
    plane: npt.NDArray[Any] = np.moveaxis(volume, axis, 0)[index]
    return plane
