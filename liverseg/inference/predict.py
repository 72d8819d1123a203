"""Slices in, probabilities out."""

from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from liverseg.inference.mean import Network, predict_mean
from liverseg.params import Flips
from liverseg.postprocess.probabilities import (
    CaseProbabilities,
    PredictedCase,
    write_predicted_cases,
    write_probabilities,
)
from liverseg.slices.stacks import open_stack


def predict_cases(
    network: Network,
    slices: Path,
    cases: Sequence[PredictedCase],
    *,
    batch_size: int,
    flips: Flips = "none",
    folder: Path,
) -> None:
    """Write the probabilities of all cases and their index into an existing folder.

    Memory is bounded by the probabilities of one case.

    Raises:
        ModelError: The network fails.
        DataError: The slices of a case cannot be read.
    """
    for case in tqdm(cases, desc=f"predict {network.model.name}", unit="case"):
        stack = open_stack(slices, case.case_id)
        slice_mm = stack.slice_grid.pixel_mm[2]
        values = predict_mean([network], stack.images, batch_size, flips, slice_mm=slice_mm)
        write_probabilities(folder, case.case_id, CaseProbabilities(values, stack.slice_grid))
    write_predicted_cases(folder, cases)
