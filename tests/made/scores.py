"""Scores of tiny cases."""

from collections.abc import Callable

import numpy as np
import pytest

from liverseg.grids.grid import Grid
from liverseg.scoring.case_score import CaseScore, score_case

MakeScore = Callable[..., CaseScore]


@pytest.fixture(scope="session")
def make_score() -> MakeScore:
    """The score of a case of one row of voxels of 1 mm, written as digits: "0112" for example."""

    def make(
        case_id: str, reference: str, predicted: str, patient_id: str | None = None
    ) -> CaseScore:
        grid = Grid((1, len(reference), 1), np.eye(4))  # within one axial slice
        labels = [
            np.array(list(map(int, row)), np.uint8).reshape(grid.shape)
            for row in (reference, predicted)
        ]
        return score_case(case_id, patient_id or case_id, *labels, grid, 6)

    return make
