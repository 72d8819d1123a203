"""The mean of what several networks say of a slice, and of its mirror images."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial, reduce
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from liverseg.errors import ModelError
from liverseg.inference.compiled import load_compiled
from liverseg.inference.flips import MIRRORED_AXES
from liverseg.labels import REGIONS
from liverseg.networks.architecture import SIGNS_OF_DAMAGE
from liverseg.networks.by_slice import (
    SEEN_BY_SLICE,
    Images,
    PredictStack,
    Probabilities,
    predict_slices,
)
from liverseg.networks.description import ModelDescription
from liverseg.params import Flips, ModelName
from liverseg.postprocess.probabilities import quantise
from liverseg.slices.context import Surroundings
from liverseg.slices.stacks import Slices


class Model(Protocol):
    """A network at work, be it OpenVINO's or Keras's."""

    @property
    def name(self) -> str:
        """Of the model."""

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """(None, rows, columns, channels)."""

    def predict_on_batch(self, images: Images, /) -> Probabilities:
        """From (batch, rows, columns, channels) to (batch, rows, columns, 2)."""


@dataclass(frozen=True, eq=False)
class Network:
    """A model and how it is asked about a stack.

    Attributes:
        model: The network itself.
        surroundings: What it sees beside a slice.
        predict_stack: That of its recipe.
    """

    model: Model
    surroundings: Surroundings
    predict_stack: PredictStack = predict_slices

    @property
    def sees_slices(self) -> bool:
        """Whether an image is a whole slice between its neighbours."""
        return self.predict_stack is predict_slices


def load_network(
    folder: Path, description: ModelDescription, num_threads: int | None = None
) -> Network:
    """The network of a model folder.

    Args:
        folder: Of the model.
        description: Of the model.
        num_threads: That an operation is divided among; None for as many as there are cores.

    Raises:
        ModelError: It cannot be loaded.
    """
    model = load_compiled(folder, num_threads)
    return Network(model, description.surroundings, _find_predict_stack(description.model))


def _find_predict_stack(name: ModelName) -> PredictStack:
    if name in SEEN_BY_SLICE:
        return predict_slices
    from liverseg.networks.recipe import load_recipe  # only here: it imports Keras

    return load_recipe(name).predict_stack


def predict_mean(
    networks: Sequence[Network],
    images: Slices,
    batch_size: int,
    flips: Flips = "none",
    *,
    slice_mm: float,
) -> npt.NDArray[np.uint8]:
    """Mean probabilities of every slice of a stack, 8 bit; rounded once, after the mean.

    Args:
        networks: At least one; each counts the same.
        images: (num_slices, num_windows, rows, columns).
        batch_size: Slices at a time.
        flips: Which mirror images of each slice count too; the answers are mirrored back.
        slice_mm: Distance of neighbouring slices.

    Returns:
        (num_slices, rows, columns, 2), 255 for 1, the last axis in the order of ``REGIONS``.

    Raises:
        ModelError: A network fails, or gives anything but probabilities.
    """
    num_slices, _, rows, columns = images.shape
    values = np.empty((num_slices, rows, columns, len(REGIONS)), np.uint8)
    answers = [
        network.predict_stack(
            partial(_sum_over_flips, network.model, flips),
            images,
            network.surroundings.find_neighbours(slice_mm),
            batch_size,
        )
        for network in networks
    ]
    num_passes = np.float32(len(networks) * len(MIRRORED_AXES[flips]))
    for slice_values, sums in zip(values, zip(*answers, strict=True), strict=True):
        mean = reduce(np.add, sums) / num_passes
        if mean.shape != slice_values.shape:
            names = ", ".join(network.model.name for network in networks)
            raise _build_error(names, slice_values.shape, f"an answer of shape {mean.shape}")
        slice_values[...] = quantise(mean)
    return values


def _sum_over_flips(model: Model, flips: Flips, batch: Images) -> Probabilities:
    """What a model says of the mirror images of a batch, mirrored back, summed."""
    passes = (
        np.flip(_ask(model, np.ascontiguousarray(np.flip(batch, axes))), axes)
        for axes in MIRRORED_AXES[flips]
    )
    return reduce(np.add, passes)


def _ask(model: Model, batch: Images) -> Probabilities:
    """What a model says of a batch; one from elsewhere may be loaded and yet say anything.

    Raises:
        ModelError: It fails, or does not give a probability for each pixel and region.
    """
    planes = batch.shape[:3]
    try:
        answer = model.predict_on_batch(batch)
        if (*np.shape(answer)[:3], *np.shape(answer)[-1:]) != (*planes, len(REGIONS)):
            raise ValueError(f"an answer of shape {np.shape(answer)}")
        if not np.all((answer >= 0) & (answer <= 1)):  # NaN is neither
            raise ValueError("numbers that are not between 0 and 1")
    except SIGNS_OF_DAMAGE as error:
        raise _build_error(model.name, (*planes, len(REGIONS)), str(error)) from None
    return np.asarray(answer)


def _build_error(names: str, shape: tuple[int, ...], received: str) -> ModelError:
    return ModelError(
        f"model {names[:60]!r}: expected probabilities of shape {shape}. "
        f"Received: {' '.join(received.split())[:300]}. Train it again with `dvc repro`."
    )
