"""One scan in, its labels and lesions out."""

from dataclasses import dataclass, fields
from functools import cached_property, reduce
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from liverseg.errors import ModelError
from liverseg.grids.cropping import find_box, join_boxes
from liverseg.hashing import hash_path
from liverseg.labels import REGIONS, Region
from liverseg.networks.input_figures import InputFigures, measure_input
from liverseg.params import Flips
from liverseg.postprocess.labels import label_volume
from liverseg.postprocess.probabilities import CaseProbabilities
from liverseg.postprocess.way_back import restore_quantised
from liverseg.preprocess.framing import frame_scan
from liverseg.preprocess.slicing import build_images
from liverseg.scans.ensemble import Ensemble, Member
from liverseg.scans.lesions import Lesion, measure_lesions
from liverseg.slices.geometry import SliceGrid, build_label_slices
from liverseg.slices.regions import CaseRegion, Source
from liverseg.slices.stacks import Slices
from liverseg.volumes.nifti import Volume

if TYPE_CHECKING:
    from liverseg.inference.mean import Network
    from liverseg.locating.locator import Locator


@dataclass(frozen=True, eq=False)
class Prediction:
    """What an ensemble says of one scan.

    Attributes:
        labels: (i, j, k), uint8: 0 background, 1 liver, 2 lesion.
        lesions: By decreasing volume; empty where there is none.
        on_slices: Probabilities of both regions where the networks gave them.
        region_source: What the networks saw: the scan, or the surroundings of the liver, if the
            locator found it.
        figures: What that is like; None where the models do not say what they were trained on.
    """

    labels: npt.NDArray[np.uint8]
    lesions: tuple[Lesion, ...]
    on_slices: CaseProbabilities
    region_source: Source = "scan"
    figures: InputFigures | None = None

    def restore_probability(self, region: Region) -> npt.NDArray[np.uint8]:
        """Probability (i, j, k) of a region in 255ths, half as large as the scan; 255 for 1."""
        values, slice_grid = self.on_slices.values, self.on_slices.slice_grid
        return restore_quantised(values[..., REGIONS.index(region)], slice_grid)


@dataclass(frozen=True, eq=False)
class Answer:
    """What the networks of an ensemble say of one scan.

    Attributes:
        images: What they saw.
        on_slices: Probabilities of both regions.
        votes: Shares (num_slices, rows, columns) of the passes that see lesion, in 255ths; None of
            a single pass.
        region_source: As of a ``Prediction``.
    """

    images: Slices
    on_slices: CaseProbabilities
    votes: npt.NDArray[np.uint8] | None
    region_source: Source


@dataclass(frozen=True, eq=False)
class Predictor:
    """An ensemble at work. Its networks, and OpenVINO, are loaded for the first scan.

    Attributes:
        ensemble: Whose probabilities are averaged.
        flips: Mirror images of each slice that count too; None for those of the ensemble's rules.
        batch_size: Slices at a time; no result depends on it.
        num_threads: That an operation is divided among; None for as many as there are cores.
    """

    ensemble: Ensemble
    flips: Flips | None = None
    batch_size: int = 16
    num_threads: int | None = None

    @property
    def chosen_flips(self) -> Flips:
        """Mirror images that do count."""
        return self.ensemble.rules.flips if self.flips is None else self.flips

    def __getstate__(self) -> dict[str, object]:
        """What goes to another process: no network, which that one loads for itself."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @cached_property
    def networks(self) -> "tuple[Network, ...]":
        """The networks of the ensemble, in its order.

        Raises:
            ModelError: One cannot be loaded, or does not fit its description.
        """
        return tuple(self._load_network(member) for member in self.ensemble.members)

    def predict(self, scan: Volume) -> Prediction:
        """Labels and lesions of a scan in HU.

        Raises:
            ModelError: As for ``networks``.
        """
        return self.conclude(scan, self.ask_networks(scan))

    def ask_networks(self, scan: Volume) -> Answer:
        """What the networks say of a scan in HU: the part of ``predict`` that takes all cores.

        Raises:
            ModelError: As for ``networks``.
        """
        seen = self._choose_region(scan)
        images, slice_grid = build_images(scan, self.ensemble.preprocessing, seen.region)
        values, votes = self._sum_answers(images, slice_grid.pixel_mm[2])
        return Answer(images, CaseProbabilities(values, slice_grid), votes, seen.source)

    def conclude(self, scan: Volume, answer: Answer) -> Prediction:
        """Labels and lesions of the scan that an answer speaks of."""
        rules = self.ensemble.rules
        values, slice_grid = answer.on_slices.values, answer.on_slices.slice_grid
        labels = label_volume(values[..., 0], values[..., 1], slice_grid, rules)
        box = find_box(labels)
        lesion_probability = restore_quantised(values[..., 1], slice_grid)[box].copy()
        agreement = None
        if answer.votes is not None:
            agreement = restore_quantised(answer.votes, slice_grid)[box].copy()
        lesions = measure_lesions(labels, scan, lesion_probability, rules, agreement)
        has_seen = bool(self.ensemble.seen.ranges)
        figures = self._measure_input(answer.images, labels, slice_grid) if has_seen else None
        return Prediction(labels, lesions, answer.on_slices, answer.region_source, figures)

    def _measure_input(
        self, images: Slices, labels: npt.NDArray[np.uint8], slice_grid: SliceGrid
    ) -> InputFigures:
        """As of the training scans, the labels (i, j, k) in place of the reference."""
        on_slices = build_label_slices(labels, slice_grid)
        windows_hu = self.ensemble.preprocessing.windows_hu
        return measure_input(images, on_slices, slice_grid.pixel_mm[2], windows_hu)

    def _sum_answers(
        self, images: Slices, slice_mm: float
    ) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8] | None]:
        """What ``predict_votes`` gives; no shares of a single pass."""
        networks, flips = self.networks, self.chosen_flips
        from liverseg.inference.mean import predict_mean
        from liverseg.scans.agreement import predict_votes

        if len(networks) == 1 and flips == "none":
            return predict_mean(networks, images, self.batch_size, slice_mm=slice_mm), None
        threshold = self.ensemble.rules.lesion_threshold
        return predict_votes(
            networks, images, self.batch_size, flips, slice_mm=slice_mm, threshold=threshold
        )

    @cached_property
    def _locators(self) -> "tuple[Locator, ...]":
        from liverseg.inference.mean import load_network
        from liverseg.locating.locator import Locator

        return tuple(
            Locator(
                [load_network(folder.path, description, self.num_threads)],
                folder.read_preprocessing(),
                self.batch_size,
            )
            for folder, description in self.ensemble.locators
        )

    def _choose_region(self, scan: Volume) -> CaseRegion:
        """What the networks see: around all that any of the locators takes for the liver."""
        preprocessing = self.ensemble.preprocessing
        if not self.ensemble.locators:
            return CaseRegion("", "scan", frame_scan(scan.grid, preprocessing), None)
        from liverseg.locating.locator import frame_located

        found = [box for each in self._locators if (box := each.find_liver(scan)) is not None]
        liver = reduce(join_boxes, found) if found else None
        return frame_located("", liver, scan.grid, preprocessing)

    def _load_network(self, member: Member) -> "Network":
        from liverseg.inference.mean import load_network

        network = load_network(member.folder, member.description, self.num_threads)
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
