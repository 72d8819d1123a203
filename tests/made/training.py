"""A tiny data set on disk, and the job of training on it."""

from pathlib import Path

import numpy as np
import pytest

from liverseg.grids.grid import Grid
from liverseg.networks.causes import Causes
from liverseg.networks.threads import pin_threads
from liverseg.params import ResnetParams, SimpleCnnParams, TrainOverrides, build_model_keys
from liverseg.slices.geometry import SliceGrid
from liverseg.slices.stacks import SliceRow, SliceStack, write_index, write_stack
from liverseg.tables.split import CaseRole
from liverseg.training.job import TrainingJob
from tests.made.params import build_augment_params, build_resnet_params, build_train_params

SIZE = 32
NUM_THREADS = 2
pin_threads(NUM_THREADS)  # TensorFlow takes it only before the first test that computes
NUM_SLICES = 3
ROLES = (
    CaseRole("a", "a", "train", None),
    CaseRole("b", "b", "train", None),
    CaseRole("c", "c", "validation", None),
)


@pytest.fixture(scope="session")
def slices(tmp_path_factory) -> Path:
    """Three cases of three slices: a bright square of liver, in it a darker one of lesion."""
    folder = tmp_path_factory.mktemp("slices")
    generator = np.random.default_rng(0)
    rows = []
    for case in ROLES:
        labels = np.zeros((NUM_SLICES, SIZE, SIZE), np.uint8)
        for plane, (row, column) in zip(labels, generator.integers(0, 8, (3, 2)), strict=True):
            plane[row : row + 20, column : column + 20] = 1
            plane[row + 4 : row + 12, column + 4 : column + 12] = 2
        images = np.choose(labels, [20, 200, 120]) + generator.integers(0, 20, labels.shape)
        grid = SliceGrid(Grid((SIZE, SIZE, NUM_SLICES), np.eye(4)), SIZE)
        stack = SliceStack(case.case_id, images[:, None].astype(np.uint8), labels, grid)
        write_stack(folder, stack, "npz")
        rows += [SliceRow(case.case_id, index, 400, 64, (1,)) for index in range(NUM_SLICES)]
    write_index(folder, rows)
    return folder


@pytest.fixture(scope="session")
def job(slices) -> TrainingJob:
    """Two epochs of the model that Keras compiles fastest, everything random switched on."""
    return TrainingJob(
        model="simple_cnn",
        own=SimpleCnnParams(
            filters=(2,), dense_units=4, grid_size=4, dropout=0.2, train=TrainOverrides()
        ),
        train=build_train_params(
            seed=3,
            num_threads=NUM_THREADS,
            epochs=2,
            batch_size=4,
            learning_rate=0.01,
            loss="bce_dice",
        ),
        keys=build_model_keys("simple_cnn", TrainOverrides()),
        augment=build_augment_params(
            flip={"horizontal_probability": 0.5, "vertical_probability": 0.5},
            affine={
                "probability": 0.5,
                "max_rotation_degrees": 10.0,
                "smallest_scale": 0.9,
                "largest_scale": 1.1,
                "max_shift_fraction": 0.05,
            },
            elastic={"probability": 0.5, "displacement_px": 1.0, "sigma_px": 5.0},
            brightness_contrast={"probability": 0.5},
            noise={"probability": 0.5},
            blur={"probability": 0.5},
            low_resolution={"probability": 0.5},
            gamma={"probability": 0.5},
        ),
        slices=slices,
        roles=ROLES,
        encoder=None,
        causes=Causes(inputs={}, params={}, packages={}),
    )


@pytest.fixture
def resnet() -> ResnetParams:
    """A small ResNet without initial weights, frozen for one epoch."""
    return build_resnet_params()
