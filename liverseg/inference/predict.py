"""Slices in, probabilities out."""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from liverseg.labels import REGIONS
from liverseg.models.description import ModelDescription
from liverseg.models.saved import load_model
from liverseg.postprocess.probabilities import (
    CaseProbabilities,
    PredictedCase,
    quantise,
    write_predicted_cases,
    write_probabilities,
)
from liverseg.slices.samples import read_sample_image
from liverseg.slices.stacks import Slices, open_stack


def predict_cases(
    model_folder: Path,
    description: ModelDescription,
    slices: Path,
    cases: Sequence[PredictedCase],
    *,
    batch_size: int,
    folder: Path,
) -> None:
    """Write the probabilities of all cases and their index into an existing folder.

    Memory is bounded by the probabilities of one case.

    Raises:
        ModelError: The model cannot be loaded.
        DataError: The slices of a case cannot be read.
    """
    model = load_model(model_folder)
    for case in tqdm(cases, desc=f"predict {description.model}", unit="case"):
        stack = open_stack(slices, case.case_id)
        values = predict_slices(model, stack.images, description.context, batch_size)
        write_probabilities(folder, case.case_id, CaseProbabilities(values, stack.slice_grid))
    write_predicted_cases(folder, cases)


def predict_slices(
    model: keras.Model, images: Slices, context: int, batch_size: int
) -> npt.NDArray[np.uint8]:
    """Probabilities of every slice of a stack, 8 bit.

    Args:
        model: From (batch, rows, columns, channels) to (batch, rows, columns, 2).
        images: (num_slices, num_windows, rows, columns).
        context: Neighbouring slices on either side that the model sees.
        batch_size: Slices at a time; the last batch is filled up, so that one graph serves all.

    Returns:
        (num_slices, rows, columns, 2), 255 for 1, the last axis in the order of ``REGIONS``.
    """
    num_slices, _, rows, columns = images.shape
    values = np.empty((num_slices, rows, columns, len(REGIONS)), np.uint8)
    for start in range(0, num_slices, batch_size):
        wanted = np.arange(start, min(start + batch_size, num_slices))
        filled = np.resize(wanted, batch_size)
        batch = np.stack([read_sample_image(images, int(index), context) for index in filled])
        values[wanted] = quantise(model.predict_on_batch(batch)[: len(wanted)])
    return values
