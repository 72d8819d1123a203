"""How far the passes of a prediction agree: every model on every mirror image is a pass."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial, reduce

import numpy as np
import numpy.typing as npt

from liverseg.inference.flips import MIRRORED_AXES
from liverseg.inference.mean import Network, predict_mean
from liverseg.labels import REGIONS
from liverseg.networks.by_slice import Images, Predict, Probabilities
from liverseg.params import Flips
from liverseg.postprocess.probabilities import quantise
from liverseg.slices.context import Neighbours
from liverseg.slices.stacks import Slices

Votes = npt.NDArray[np.uint16]


def predict_votes(
    networks: Sequence[Network],
    images: Slices,
    batch_size: int,
    flips: Flips,
    *,
    slice_mm: float,
    threshold: float,
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Mean probabilities as ``predict_mean`` gives them, and the share of passes that see lesion.

    The passes are the same ones, asked one by one: none is added.

    Args:
        networks: At least one.
        images: (num_slices, num_windows, rows, columns).
        batch_size: Slices at a time.
        flips: Which mirror images of each slice count too.
        slice_mm: Distance of neighbouring slices.
        threshold: The least probability of lesion that counts as a vote for it.

    Returns:
        The probabilities, (num_slices, rows, columns, 2), and the shares, (num_slices, rows,
        columns), both in 255ths.

    Raises:
        ModelError: As for ``predict_mean``.
    """
    num_slices, _, rows, columns = images.shape
    votes = np.zeros((num_slices, rows, columns), np.uint16)
    counting = [_count_votes(each, flips, votes, threshold) for each in networks]
    values = predict_mean(counting, images, batch_size, slice_mm=slice_mm)
    num_passes = np.float32(len(networks) * len(MIRRORED_AXES[flips]))
    shares = np.empty(votes.shape, np.uint8)
    for share, of_slice in zip(shares, votes, strict=True):
        share[...] = quantise(of_slice.astype(np.float32) / num_passes)
    return values, shares


def _count_votes(network: Network, flips: Flips, votes: Votes, threshold: float) -> Network:
    """The network, to be asked without flips: it flips by itself, and adds its votes to ``votes``.

    What it says of a slice is the mean over the flips: they are a power of two, so that dividing
    early costs no digit.
    """

    def predict_stack(
        ask: Predict, images: Slices, neighbours: Neighbours, batch_size: int
    ) -> Iterator[Probabilities]:
        passes = [
            network.predict_stack(partial(_ask_mirrored, ask, axes), images, neighbours, batch_size)
            for axes in MIRRORED_AXES[flips]
        ]
        for index, answers in enumerate(zip(*passes, strict=True)):
            for answer in answers:
                votes[index] += answer[..., REGIONS.index("lesion")] >= threshold
            yield reduce(np.add, answers) / np.float32(len(answers))

    return replace(network, predict_stack=predict_stack)


def _ask_mirrored(ask: Predict, axes: tuple[int, ...], batch: Images) -> Probabilities:
    return np.flip(ask(np.flip(batch, axes)), axes)
