"""What runs again after a change, by the graph of dvc.yaml: each room is what its stages depend on.

The real runs behind it are in tests/pipeline/test_experiments.py.
"""

from pathlib import Path

import pytest

from liverseg.params import MODEL_NAMES
from tests.pipeline.chain_graph import REPOSITORY, find_changed
from tests.pipeline.chain_graph import find_affected as find_all_affected

TRAINED = {"pretrain", *(f"train@{name}" for name in MODEL_NAMES)}
PREDICTED = {f"predict@{name}" for name in MODEL_NAMES}
SCORED = {f"score@{name}" for name in MODEL_NAMES}
PHANTOM = "phantom/dvc.yaml:phantom"


def find_affected(changed: str) -> set[str]:
    """What runs after a change that leaves the region of every case as it is.

    ``locate`` itself runs whenever a network that finds the liver might come out otherwise.
    """
    return find_all_affected(changed, settled={"locate"})


def list_sources(*rooms: str) -> list[str]:
    paths = [path for room in rooms for path in sorted(REPOSITORY.glob(f"liverseg/{room}"))]
    assert paths
    files = [each for path in paths for each in ([path] if path.is_file() else path.rglob("*.py"))]
    return [str(file.relative_to(REPOSITORY)) for file in files if file.name != "__init__.py"]


def follow(name: str) -> set[str]:
    """The stages of one model, and what merges them."""
    return {f"train@{name}", f"predict@{name}", f"score@{name}", "evaluate"}


@pytest.mark.parametrize("name", MODEL_NAMES)
@pytest.mark.parametrize("change", ["liverseg/models/{}.py", "models.{}.dropout"])
def test_a_change_of_one_models_file_or_params_runs_that_models_stages_alone(name, change):
    before = {"pretrain"} if change.endswith(".py") and name == "resnet" else set()
    assert find_affected(change.format(name)) == follow(name) | before


@pytest.mark.parametrize("key", ["head_filters", "frozen_epochs", "train", "weights_sha256"])
def test_a_param_that_the_encoder_does_not_use_leaves_it_as_it_is(key):
    assert find_affected(f"models.resnet.{key}") == follow("resnet")


@pytest.mark.parametrize(
    "key", ["models.resnet.depth", "models.resnet.pretrain.epochs", "train.seed", "augment.flip"]
)
def test_a_param_that_the_encoder_uses_trains_it_again(key):
    assert "pretrain" in find_changed(key)


@pytest.mark.parametrize("key", ["train.monitor", "train.loss", "train.plateau", "train.epochs"])
def test_a_param_of_how_models_are_judged_trains_them_and_not_the_encoder(key):
    assert find_changed(key) == TRAINED - {"pretrain"}


@pytest.mark.parametrize("source", list_sources("pretraining"))
def test_a_change_of_pre_training_trains_the_resnet_alone(source):
    assert find_affected(source) & TRAINED == {"pretrain", "train@resnet"}


@pytest.mark.parametrize("source", list_sources("scoring"))
def test_a_change_of_scoring_trains_and_predicts_nothing(source):
    assert find_affected(source) == SCORED | {"evaluate"}


@pytest.mark.parametrize("source", list_sources("inference"))
def test_a_change_of_inference_trains_nothing(source):
    assert find_affected(source) == PREDICTED | SCORED | {"evaluate"}


@pytest.mark.parametrize("source", list_sources("statistics", "pages", "evaluation", "text.py"))
def test_a_change_of_statistics_pages_or_texts_scores_nothing_again(source):
    assert find_affected(source) <= {"evaluate"}


@pytest.mark.parametrize(
    "source",
    list_sources(
        *("cli", "scans", "dicom", "viewing", "export", "followup", "archives", "importing"),
        *("experiments", "repository", "masks"),
        *("params", "model_table.py", "errors.py", "names.py"),
    ),
)
def test_what_no_stage_runs_and_what_decides_nothing_runs_no_stage(source):
    assert find_affected(source) == set()


@pytest.mark.parametrize("source", list_sources("phantom"))
def test_a_change_of_the_phantom_runs_the_phantom_and_no_other_stage_by_itself(source):
    assert find_changed(source) == {PHANTOM}


@pytest.mark.parametrize("source", list_sources("bodies"))
def test_a_change_of_bodies_runs_what_paints_them_the_phantom_and_the_trainings(source):
    assert find_changed(source) == {PHANTOM, "locate"} | TRAINED


def test_every_room_of_the_package_is_known_to_these_tests():
    rooms = {path.parent.name for path in Path(REPOSITORY, "liverseg").glob("*/__init__.py")}
    known = {
        "bodies",
        "cases",
        "grids",
        "locating",
        "rounds",
        "models",
        "networks",
        "postprocess",
        "preprocess",
        "slices",
    }
    known |= {"phantom", "pretraining", "scoring", "inference", "statistics", "pages", "tables"}
    known |= {"training", "volumes", "evaluation", "cli", "scans", "dicom", "viewing", "export"}
    known |= {"experiments", "repository", "masks", "params", "followup", "serving", "spreading"}
    assert rooms == known | {"archives", "importing"}
