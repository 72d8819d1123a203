"""Models that segment by brightness, so that what they say is known beforehand."""

from pathlib import Path

import keras
import nibabel as nib
import numpy as np
import pytest
from keras import layers

from liverseg.networks.description import ModelDescription, write_description
from liverseg.networks.saved import write_model
from liverseg.params import ModelRules
from liverseg.slices.stacks import Preprocessing, write_preprocessing

SIZE = 32
LIVER_HU, LESION_HU, OTHER_HU = 100, 200, -50
AFFINE = np.array([[-2.0, 0, 0, 30], [0, -2.0, 0, 40], [0, 0, 4.0, -60], [0, 0, 0, 1]])
RULES = ModelRules(
    liver_threshold=0.5,
    lesion_threshold=0.5,
    largest_liver_component=True,
    min_lesion_ml=0.0,
    lesion_connectivity=6,
)


def build_network(context: int, sharpness: float, sideways: float = 0.0) -> keras.Model:
    """Liver above 25 HU, lesion above 150 HU of the window 0 to 255; it sees no neighbour.

    But for ``sideways``: that share of what it sees is the pixel to the right.
    """
    num_channels = 2 * context + 1
    inputs = keras.Input((SIZE, SIZE, num_channels), dtype="uint8", name="slices")
    rescaled = layers.Rescaling(1 / 255, name="rescaled")(inputs)
    head = layers.Conv2D(2, (1, 3), padding="same", activation="sigmoid", name="head")
    model = keras.Model(inputs, head(rescaled), name="threshold")
    kernel = np.zeros((1, 3, num_channels, 2))
    kernel[0, 1:, context] = sharpness * np.array([[1 - sideways], [sideways]])
    head.set_weights([kernel, -sharpness * np.array([25, 150]) / 255])
    return model


def write_model_folder(
    folder: Path,
    *,
    context=1,
    sharpness=100.0,
    sideways=0.0,
    rules=RULES,
    size=SIZE,
    **seen: object,
) -> Path:
    """Everything that the folder of the final model holds and prediction reads.

    ``seen`` is what its slices show, if not whole scans.
    """
    folder.mkdir()
    write_model(folder, build_network(context, sharpness, sideways))
    description = ModelDescription(
        model="unet",
        context=context,
        initial_weights="random",
        loss="bce",
        precision="float32",
        num_parameters=0,
        macs_per_slice=0,
    )
    write_description(folder, description)
    write_preprocessing(folder, Preprocessing(((0.0, 255.0),), size, "npz", **seen))
    if rules is not None:
        (folder / "rules.json").write_text(rules.model_dump_json())
    return folder


def write_body_without_liver(path: Path) -> None:
    """A scan of 9 x 8 x 7 voxels with flesh amid air, too dark for the networks."""
    hu = np.full((9, 8, 7), -1000, np.int16)
    hu[2:7, 2:6] = OTHER_HU
    nib.save(nib.Nifti1Image(hu, AFFINE), path)


@pytest.fixture(scope="session")
def model(tmp_path_factory) -> Path:
    return write_model_folder(tmp_path_factory.mktemp("models") / "final")


@pytest.fixture(scope="session")
def labels() -> np.ndarray:
    """A liver of 20 x 18 x 6 voxels with lesions of 4 x 4 x 2, inside, and 2 x 3 x 1, at its edge.

    As many voxels a slice as the networks see, so that nothing is resized.
    """
    labels = np.zeros((SIZE, SIZE, 10), np.uint8)
    labels[5:25, 6:24, 2:8] = 1
    labels[10:14, 11:15, 4:6] = 2
    labels[5:7, 18:21, 3] = 2
    return labels


@pytest.fixture(scope="session")
def hu(labels) -> np.ndarray:
    return np.choose(labels, [OTHER_HU, LIVER_HU, LESION_HU]).astype(np.int16)


@pytest.fixture
def write_scan(hu):
    """A function that writes the scan to a path, and returns it."""

    def write(path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        nib.save(nib.Nifti1Image(hu, AFFINE), path)
        return path

    return write
