"""One real CT, from its NIfTI files to scores on its own grid."""

from pathlib import Path

import pytest

from benchmarks.real_case import overfit_case
from liverseg.params import read_params
from tests.pipeline.clone import REPOSITORY


@pytest.mark.slow
def test_a_unet_trained_on_a_real_case_finds_its_own_lesions_again(
    shared_data: Path, tmp_path: Path
) -> None:
    params = read_params(REPOSITORY / "params.yaml")
    score = overfit_case(shared_data / "3dircadb-17", params, tmp_path)
    assert score.lesion.dice >= 0.90
    assert score.liver.dice >= 0.95
