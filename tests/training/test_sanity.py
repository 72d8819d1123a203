from pathlib import Path

import keras
import numpy as np
import pytest

from liverseg.errors import DataError
from liverseg.grids.grid import Grid
from liverseg.slices.context import Surroundings
from liverseg.slices.geometry import SliceGrid
from liverseg.slices.stacks import SliceRow, SliceStack, write_stack
from liverseg.training.batches import SliceBatches
from liverseg.training.sanity import check_first_batch

SIZE = 16


def write_batches(folder: Path, labels: np.ndarray) -> SliceBatches:
    images = np.zeros((len(labels), 1, SIZE, SIZE), np.uint8)
    grid = SliceGrid(Grid((SIZE, SIZE, len(labels)), np.eye(4)), SIZE)
    write_stack(folder, SliceStack("a", images, labels, grid), "npz")
    rows = [SliceRow("a", index, 1, 1) for index in range(len(labels))]
    return SliceBatches(folder, rows, surroundings=Surroundings(0), batch_size=2)


def build_model(rows: int = SIZE, num_regions: int = 2) -> keras.Model:
    inputs = keras.Input((rows, rows, 1))
    outputs = keras.layers.Conv2D(num_regions, 1, activation="sigmoid")(inputs)
    return keras.Model(inputs, outputs, name="tiny")


@pytest.mark.parametrize("highest", [0, 1, 2])
def test_labels_of_the_known_classes_pass_also_where_a_region_is_missing(tmp_path, highest):
    labels = np.zeros((2, SIZE, SIZE), np.uint8)
    labels[0, 3:7, 3:7] = highest
    model = build_model()
    before = model.get_weights()
    check_first_batch(model, write_batches(tmp_path, labels))
    for weights, untouched in zip(model.get_weights(), before, strict=True):
        assert np.array_equal(weights, untouched)


def test_another_label_is_a_users_error(tmp_path):
    labels = np.zeros((2, SIZE, SIZE), np.uint8)
    labels[1, 5, 5] = 3
    with pytest.raises(DataError, match=r"expected labels 0, 1 and 2\. Received: labels up to 3"):
        check_first_batch(build_model(), write_batches(tmp_path, labels))


@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (build_model(rows=8), r"\(8, 8, 2\)"),
        (build_model(num_regions=3), r"\(16, 16, 3\)"),
    ],
)
def test_a_model_of_another_shape_is_a_users_error(tmp_path, model, shape):
    batches = write_batches(tmp_path, np.zeros((2, SIZE, SIZE), np.uint8))
    received = r"Received: \(16, 16, 2\)"
    with pytest.raises(DataError, match=f"of shape {shape} for the model tiny. {received}"):
        check_first_batch(model, batches)
