import numpy as np
import pytest

from liverseg.errors import ModelError
from liverseg.export.parity import Parity, build_phantom, check_parity, measure_parity
from liverseg.grids.grid import Grid
from liverseg.inference.mean import Network
from liverseg.params import ModelRules
from liverseg.slices.context import Surroundings
from liverseg.slices.stacks import Preprocessing
from liverseg.volumes.nifti import Volume

RULES = ModelRules(
    liver_threshold=0.5,
    lesion_threshold=0.5,
    largest_liver_component=False,
    min_lesion_ml=0,
    lesion_connectivity=6,
)
PREPROCESSING = Preprocessing(((0.0, 255.0),), 32, "npz")
SCAN = Volume(np.full((32, 32, 4), 100, np.int16), Grid((32, 32, 4), np.diag([-1.0, -1, 1, 1])))


class Constant:
    """All liver; in one pixel of every slice another probability of liver."""

    def __init__(self, corner):
        self.corner = corner

    def predict_on_batch(self, slices):
        probabilities = np.zeros((*slices.shape[:-1], 2), np.float32)
        probabilities[..., 0] = 1
        probabilities[:, 3, 4, 0] = self.corner
        return probabilities


def measure(corner, flips="none"):
    rules = RULES.model_copy(update={"flips": flips})
    return measure_parity(
        Network(Constant(1), Surroundings(0)), Constant(corner), SCAN, PREPROCESSING, rules
    )


def test_differences_are_counted_on_the_labels_and_measured_on_the_probabilities():
    """One of 32 x 32 pixels falls below the threshold, in each of the four slices."""
    assert measure(0.25) == Parity(0.75, 32 * 32 * 4, 4)
    assert measure(0.75) == Parity(0.25, 32 * 32 * 4, 0)
    assert measure(1) == Parity(0, 32 * 32 * 4, 0)


def test_labels_are_compared_with_the_mirror_images_of_the_rules():
    """The mean with the other corner of the row, (0.25 + 1) / 2, is above the threshold of 0.5."""
    assert measure(0.25, "horizontal") == Parity(0.75, 32 * 32 * 4, 0)


@pytest.mark.parametrize(
    "parity", [Parity(2e-4, 10, 0), Parity(0, 10_000, 11), Parity(float("nan"), 10, 0)]
)
def test_too_far_apart_or_undefined_is_an_error(parity):
    with pytest.raises(ModelError, match="expected the probabilities and labels"):
        check_parity(parity, "unet as onnx")


@pytest.mark.parametrize("parity", [Parity(1e-4, 10_000, 10), Parity(0, 0, 0)])
def test_rounding_passes(parity):
    check_parity(parity, "unet as onnx")


def test_the_phantom_is_the_same_each_time_and_shows_a_liver():
    first, second = build_phantom(), build_phantom()
    assert np.array_equal(first.data, second.data)
    assert first.grid.spacing_mm == (1.5, 1.5, 5)
    assert ((first.data > 60) & (first.data < 160)).mean() > 0.03
