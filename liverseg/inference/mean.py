"""The mean of what several networks say of a slice, and of its mirror images."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
import numpy.typing as npt

from liverseg.inference.flips import MIRRORED_AXES, Flips
from liverseg.labels import REGIONS
from liverseg.postprocess.probabilities import quantise
from liverseg.slices.samples import read_sample_image
from liverseg.slices.stacks import Slices


@dataclass(frozen=True, eq=False)
class Network:
    """A model and how many neighbouring slices on either side it sees.

    Attributes:
        model: From uint8 (batch, rows, columns, channels) to float32 (batch, rows, columns, 2).
        context: Neighbours on either side.
    """

    model: keras.Model
    context: int


def predict_mean(
    networks: Sequence[Network],
    images: Slices,
    batch_size: int,
    flips: Flips = "none",
) -> npt.NDArray[np.uint8]:
    """Mean probabilities of every slice of a stack, 8 bit; rounded once, after the mean.

    Args:
        networks: At least one; each counts the same.
        images: (num_slices, num_windows, rows, columns).
        batch_size: Slices at a time; the last batch is filled up, so that one graph serves all.
        flips: Which mirror images of each slice count too; the answers are mirrored back.

    Returns:
        (num_slices, rows, columns, 2), 255 for 1, the last axis in the order of ``REGIONS``.
    """
    num_slices, _, rows, columns = images.shape
    values = np.empty((num_slices, rows, columns, len(REGIONS)), np.uint8)
    for start in range(0, num_slices, batch_size):
        wanted = np.arange(start, min(start + batch_size, num_slices))
        filled = np.resize(wanted, batch_size)
        total = np.zeros((batch_size, rows, columns, len(REGIONS)), np.float32)
        for network in networks:
            samples = [read_sample_image(images, int(index), network.context) for index in filled]
            batch = np.stack(samples)
            for axes in MIRRORED_AXES[flips]:
                mirrored = np.ascontiguousarray(np.flip(batch, axes))
                total += np.flip(network.model.predict_on_batch(mirrored), axes)
        mean = total / np.float32(len(networks) * len(MIRRORED_AXES[flips]))
        values[wanted] = quantise(mean[: len(wanted)])
    return values
