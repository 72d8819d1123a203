"""Slices in, probabilities out."""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from liverseg.inference.mean import Network, predict_mean
from liverseg.models.description import ModelDescription
from liverseg.models.saved import load_model
from liverseg.postprocess.probabilities import (
    CaseProbabilities,
    PredictedCase,
    write_predicted_cases,
    write_probabilities,
)
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
    """Probabilities of every slice of a stack, 8 bit: those of ``predict_mean`` of one model.

    Args:
        model: From (batch, rows, columns, channels) to (batch, rows, columns, 2).
        images: (num_slices, num_windows, rows, columns).
        context: Neighbouring slices on either side that the model sees.
        batch_size: Slices at a time; the last batch is filled up, so that one graph serves all.

    Returns:
        (num_slices, rows, columns, 2), 255 for 1, the last axis in the order of ``REGIONS``.
    """
    return predict_mean([Network(model, context)], images, batch_size)
