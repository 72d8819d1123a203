"""Slices as PNG files, one per window and one per mask, read when they are asked for."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from liverseg.errors import DataError


@dataclass(frozen=True)
class PngSlices:
    """An array of slices whose first axis lies in files; index it by a number or a range.

    Attributes:
        folder: Of one case.
        layers: What one slice consists of: ``("labels",)``, or a name for each window.
        shape: (num_slices, rows, columns) of labels, (num_slices, num_windows, rows, columns) of
            images.
    """

    folder: Path
    layers: tuple[str, ...]
    shape: tuple[int, ...]

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: int | slice) -> npt.NDArray[np.uint8]:
        chosen = range(len(self))[index]
        if isinstance(chosen, int):
            return self._read_slice(chosen)
        return np.array(
            [self._read_slice(slice_index) for slice_index in chosen], np.uint8
        ).reshape(len(chosen), *self.shape[1:])

    def _read_slice(self, slice_index: int) -> npt.NDArray[np.uint8]:
        planes = [_read_png(_name(self.folder, slice_index, layer)) for layer in self.layers]
        return np.array(planes).reshape(self.shape[1:])


def write_png_slices(folder: Path, layers: tuple[str, ...], slices: npt.NDArray[np.uint8]) -> None:
    """Write slices (num_slices, rows, columns) or (num_slices, num_layers, rows, columns)."""
    planes = slices.reshape(len(slices), len(layers), *slices.shape[-2:])
    for slice_index, slice_planes in enumerate(planes):
        for layer, plane in zip(layers, slice_planes, strict=True):
            encoded = cv2.imencode(".png", plane)[1]
            _name(folder, slice_index, layer).write_bytes(encoded.tobytes())


def _name(folder: Path, slice_index: int, layer: str) -> Path:
    return folder / f"slice_{slice_index:04d}_{layer}.png"


def _read_png(path: Path) -> npt.NDArray[np.uint8]:
    plane: npt.NDArray[np.uint8] | None = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if plane is None:
        raise DataError(
            str(path),
            expected="a PNG file",
            received="a damaged file" if path.exists() else "no such file",
            next_step="Write it again: run `dvc repro --force preprocess`.",
        )
    return plane
