"""The page of a run made by hand."""

from pathlib import Path

import pytest

from liverseg.evaluation.evaluate import Evaluation, evaluate_results
from liverseg.evaluation.page.page import write_page
from liverseg.evaluation.results import Inputs, read_results
from liverseg.params import MODEL_NAMES, EvaluateParams
from tests.made.chain import write_run

PARAMS = EvaluateParams(seed=1, num_bootstraps=100)


@pytest.fixture(scope="session")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """U-Net and ResNet on six test cases, one of them with a hostile name."""
    root = tmp_path_factory.mktemp("run")
    write_run(root)
    models, scores = (
        tuple(root / folder / name for name in MODEL_NAMES) for folder in ("models", "scores")
    )
    data = root / "data"
    inputs = Inputs(models, scores, data / "slices", data / "split.csv", data / "cases.csv")
    return evaluate_results(read_results(inputs), PARAMS)


@pytest.fixture(scope="session")
def page(evaluation: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "index.html"
    write_page(path, evaluation, PARAMS)
    return path
