"""Does an exported network say the same of a scan as the one it was made from?"""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from liverseg.errors import ModelError
from liverseg.inference.mean import Model, Network, predict_mean
from liverseg.params import ModelRules, PhantomParams
from liverseg.phantom.patient import draw_patient
from liverseg.phantom.scan import build_scan
from liverseg.postprocess.labels import label_volume
from liverseg.preprocess.framing import frame_scan
from liverseg.preprocess.slicing import build_images
from liverseg.slices.stacks import Preprocessing
from liverseg.volumes.nifti import Volume

LARGEST_DIFFERENCE = 1e-4
"""Of a probability. Runtimes sum in other orders: seen were 2e-6; 8-bit arithmetic makes 1e-2."""

LARGEST_SHARE = 1e-3
"""Of the voxels that either network calls liver or lesion. A difference in the last digits turns a
voxel that lies on a threshold."""

BATCH_SIZE = 16

PHANTOM = PhantomParams(
    seed=0,
    anatomy="plain",
    num_patients=1,
    num_second_scans=0,
    field_of_view_mm=300,
    in_plane_spacing_mm=(1.5, 1.5),
    slice_spacing_mm=(5.0, 5.0),
)


class Answering(Protocol):
    """A Keras model, or what stands in for one."""

    def predict_on_batch(self, slices: npt.NDArray[np.uint8], /) -> npt.NDArray[np.float32]:
        """From (batch, rows, columns, channels) to (batch, rows, columns, 2)."""


@dataclass(frozen=True)
class Parity:
    """How far two networks are apart on one scan.

    Attributes:
        largest_difference: Between their probabilities, of all slices and both regions.
        num_labelled: Voxels that either calls liver or lesion.
        num_differing: Voxels whose final labels differ.
    """

    largest_difference: float
    num_labelled: int
    num_differing: int

    @property
    def differing_share(self) -> float:
        """Of the labelled voxels; 0 where there are none."""
        return self.num_differing / max(self.num_labelled, 1)

    def describe(self) -> str:
        """Two lines: what was measured and what is allowed."""
        return (
            f"largest probability difference: {self.largest_difference:.2g} "
            f"(at most {LARGEST_DIFFERENCE:g})\n"
            f"differing voxels: {self.num_differing:,} of the {self.num_labelled:,} labelled ones, "
            f"a share of {self.differing_share:.2g} (at most {LARGEST_SHARE:g})"
        )


def check_parity(parity: Parity, subject: str) -> None:
    """Let pass what differs by rounding alone.

    Raises:
        ModelError: A limit is exceeded, or a probability is not finite.
    """
    agrees = parity.largest_difference <= LARGEST_DIFFERENCE  # False for NaN
    if agrees and parity.differing_share <= LARGEST_SHARE:
        return
    raise ModelError(
        f"{subject}: expected the probabilities and labels of the trained model. Received: "
        f"{parity.describe().replace(chr(10), '; ')}. Nothing was written; choose another format, "
        "or report it with the versions of the packages."
    )


def measure_parity(
    network: Network,
    exported: Answering,
    scan: Volume,
    preprocessing: Preprocessing,
    rules: ModelRules,
) -> Parity:
    """How far an exported network is from its original on one scan, slices to final labels.

    Args:
        network: The original.
        exported: What it became.
        scan: In HU.
        preprocessing: From the scan to slices.
        rules: From probabilities to labels, and which mirror images count.
    """
    images, slice_grid = build_images(scan, preprocessing, frame_scan(scan.grid, preprocessing))
    slice_mm = slice_grid.pixel_mm[2]
    compared = _Compared(network.model, exported)
    labels, received = (
        label_volume(values[..., 0], values[..., 1], slice_grid, rules)
        for values in (
            predict_mean([each], images, BATCH_SIZE, rules.flips, slice_mm=slice_mm)
            for each in (network, replace(network, model=compared))
        )
    )
    return Parity(
        largest_difference=float(compared.largest_difference),
        num_labelled=int(np.count_nonzero(labels | received)),
        num_differing=int(np.count_nonzero(labels != received)),
    )


def build_phantom() -> Volume:
    """A synthetic scan with lesions, always the same."""
    rng = np.random.default_rng(PHANTOM.seed)
    phantom = build_scan(rng, draw_patient(rng, has_lesions=True), PHANTOM)
    return Volume(phantom.hu, phantom.grid)


class _Compared:
    """Answers as ``exported`` and keeps its largest distance from ``original``."""

    def __init__(self, original: Model, exported: Answering) -> None:
        self.original = original
        self.exported = exported
        self.largest_difference = np.float32(0)

    @property
    def name(self) -> str:
        return self.original.name

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        return self.original.input_shape

    def predict_on_batch(self, slices: npt.NDArray[np.uint8], /) -> npt.NDArray[np.float32]:
        expected, received = (
            each.predict_on_batch(slices) for each in (self.original, self.exported)
        )
        distance = np.abs(expected - received).max()
        self.largest_difference = np.maximum(self.largest_difference, distance)  # keeps NaN
        return received
