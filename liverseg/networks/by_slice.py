"""What a network sees and says of a stack by default: one slice at a time, between neighbours."""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from liverseg.params import ModelName
from liverseg.slices.context import Neighbours, read_sample_image
from liverseg.slices.stacks import Slices, SliceStack

Images = npt.NDArray[np.uint8]
Probabilities = npt.NDArray[np.float32]
Predict = Callable[[Images], Probabilities]
"""A batch of images (batch, rows, columns, channels) to what a network says of each."""

ReadSample = Callable[[SliceStack, int, Neighbours], tuple[Images, Images]]
"""See ``networks.recipe.Recipe``."""

PredictStack = Callable[[Predict, Slices, Neighbours, int], Iterator[Probabilities]]
"""See ``networks.recipe.Recipe``."""

SEEN_BY_SLICE: frozenset[ModelName] = frozenset(("simple_cnn", "unet", "resnet"))
"""Models that predict by ``predict_slices``, as ``load_recipe`` makes sure: prediction asks them
without their files, which import Keras."""


def read_slice(
    stack: SliceStack, slice_index: int, neighbours: Neighbours
) -> tuple[Images, Images]:
    """A slice between its neighbours (rows, columns, channels), and its labels (rows, columns)."""
    image = read_sample_image(stack.images, slice_index, neighbours)
    return image, np.asarray(stack.labels[slice_index])


def predict_slices(
    predict: Predict, images: Slices, neighbours: Neighbours, batch_size: int
) -> Iterator[Probabilities]:
    """What a network says of each slice, feet to head: (rows, columns, 2).

    Args:
        predict: The network.
        images: (num_slices, num_windows, rows, columns).
        neighbours: What the network sees beside a slice.
        batch_size: Slices at a time.
    """
    for start in range(0, len(images), batch_size):
        indices = range(start, min(start + batch_size, len(images)))
        samples = [read_sample_image(images, index, neighbours) for index in indices]
        yield from predict(np.stack(samples))
