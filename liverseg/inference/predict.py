"""Slices in, probabilities out."""

from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from liverseg.inference.mean import load_network, predict_mean
from liverseg.networks.description import ModelDescription
from liverseg.postprocess.probabilities import (
    CaseProbabilities,
    PredictedCase,
    write_predicted_cases,
    write_probabilities,
)
from liverseg.slices.stacks import open_stack


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
    network = load_network(model_folder, description)
    for case in tqdm(cases, desc=f"predict {description.model}", unit="case"):
        stack = open_stack(slices, case.case_id)
        slice_mm = stack.slice_grid.pixel_mm[2]
        values = predict_mean([network], stack.images, batch_size, slice_mm=slice_mm)
        write_probabilities(folder, case.case_id, CaseProbabilities(values, stack.slice_grid))
    write_predicted_cases(folder, cases)
