import json

import pytest

from liverseg.errors import ModelError
from liverseg.models.description import (
    ModelDescription,
    read_description,
    read_training_metrics,
    write_description,
    write_no_model,
    write_training_metrics,
)

DESCRIPTION = ModelDescription(
    model="unet",
    context=1,
    initial_weights="random",
    loss="bce_dice",
    precision="float32",
    num_parameters=123,
    macs_per_slice=456,
)


def test_a_description_comes_back(tmp_path):
    write_description(tmp_path, DESCRIPTION)
    assert read_description(tmp_path) == DESCRIPTION
    assert json.loads((tmp_path / "model.json").read_text())["is_part_of_run"] is True


def test_a_model_that_is_not_part_of_the_run_is_none(tmp_path):
    write_no_model(tmp_path, "resnet")
    assert read_description(tmp_path) is None
    content = json.loads((tmp_path / "model.json").read_text())
    assert content == {"is_part_of_run": False, "model": "resnet"}


@pytest.mark.parametrize(
    "content",
    [None, "", "[]", "3", '"unet"', "{}", '{"is_part_of_run": true}', '{"model": "unet"}'],
)
def test_a_folder_without_a_description_is_a_users_error(tmp_path, content):
    if content is not None:
        (tmp_path / "model.json").write_text(content)
    with pytest.raises(ModelError, match=r"model\.json: expected the description of a trained mod"):
        read_description(tmp_path)


def test_a_missing_file_is_named_once(tmp_path):
    for read in (read_description, read_training_metrics):
        with pytest.raises(ModelError, match="Received: no such file or directory") as caught:
            read(tmp_path)
        assert str(caught.value).count(str(tmp_path)) == 1


def test_training_metrics_come_back_with_undefined_values_as_none(tmp_path):
    metrics = {"kept_epoch": 3, "val_lesion_dice": 0.1, "val_lesion_precision": None}
    write_training_metrics(tmp_path, metrics)
    assert read_training_metrics(tmp_path) == metrics
    assert "NaN" not in (tmp_path / "metrics.json").read_text()


@pytest.mark.parametrize("content", [None, "", "{"])
def test_missing_training_metrics_are_a_users_error(tmp_path, content):
    if content is not None:
        (tmp_path / "metrics.json").write_text(content)
    with pytest.raises(ModelError, match=r"metrics\.json: expected the metrics of a training"):
        read_training_metrics(tmp_path)
