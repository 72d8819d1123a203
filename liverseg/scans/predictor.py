"""One scan in, its labels and lesions out."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from liverseg.errors import ModelError
from liverseg.hashing import hash_path
from liverseg.inference.flips import Flips
from liverseg.inference.loading import no_chatter
from liverseg.postprocess.labels import label_volume
from liverseg.postprocess.probabilities import CaseProbabilities
from liverseg.postprocess.way_back import restore_quantised
from liverseg.preprocess.slicing import build_images
from liverseg.scans.ensemble import Ensemble, Member
from liverseg.scans.lesions import Lesion, measure_lesions
from liverseg.volumes.nifti import Volume

if TYPE_CHECKING:
    from liverseg.inference.mean import Network


@dataclass(frozen=True, eq=False)
class Prediction:
    """What an ensemble says of one scan.

    Attributes:
        labels: (i, j, k), uint8: 0 background, 1 liver, 2 lesion.
        lesions: By decreasing volume; empty where there is none.
        on_slices: Probabilities of both regions where the networks gave them.
        lesion_probability: (i, j, k), uint8, 255 for 1.
    """

    labels: npt.NDArray[np.uint8]
    lesions: tuple[Lesion, ...]
    on_slices: CaseProbabilities
    lesion_probability: npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Predictor:
    """An ensemble at work. Its networks, and TensorFlow, are loaded for the first scan.

    Attributes:
        ensemble: Whose probabilities are averaged.
        flips: Mirror images of each slice that count too.
        batch_size: Slices at a time; beyond the last digits nothing depends on it.
        num_threads: That TensorFlow divides an operation among; None for its own choice.
    """

    ensemble: Ensemble
    flips: Flips = "none"
    batch_size: int = 16
    num_threads: int | None = None

    @cached_property
    def networks(self) -> "tuple[Network, ...]":
        """The networks of the ensemble, in its order.

        Raises:
            ModelError: One cannot be loaded, or does not fit its description.
        """
        with no_chatter():
            from liverseg.networks.threads import pin_threads

            if self.num_threads is not None:
                pin_threads(self.num_threads)
            return tuple(self._load_network(member) for member in self.ensemble.members)

    def predict(self, scan: Volume) -> Prediction:
        """Labels and lesions of a scan in HU.

        Raises:
            ModelError: As for ``networks``.
        """
        networks, rules = self.networks, self.ensemble.rules
        from liverseg.inference.mean import predict_mean

        images, slice_grid = build_images(scan, self.ensemble.preprocessing)
        values = predict_mean(networks, images, self.batch_size, self.flips)
        labels = label_volume(values[..., 0], values[..., 1], slice_grid, rules)
        lesion_probability = restore_quantised(values[..., 1], slice_grid)
        lesions = measure_lesions(labels, scan, lesion_probability, rules.lesion_connectivity)
        return Prediction(
            labels, lesions, CaseProbabilities(values, slice_grid), lesion_probability
        )

    def _load_network(self, member: Member) -> "Network":
        from liverseg.inference.mean import load_network

        network = load_network(member.folder, member.description)
        if hash_path(member.folder) != member.md5:
            raise ModelError(
                f"{member.folder}: expected a model that stays as it is while it is loaded. "
                "Received: another content than at the start. Run the same command again."
            )
        preprocessing, context = self.ensemble.preprocessing, member.description.context
        size, num_windows = preprocessing.image_size, len(preprocessing.windows_hu)
        expected = (None, size, size, (2 * context + 1) * num_windows)
        if network.sees_slices and network.model.input_shape != expected:
            raise ModelError(
                f"{member.folder}: expected a network for slices of {expected[1:]}, as model.json "
                f"and preprocessing.json say. Received: {network.model.input_shape[1:]}. Fetch the "
                "model again, or train it with `dvc repro`."
            )
        return network
