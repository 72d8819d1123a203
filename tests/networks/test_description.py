import json

import pytest

from liverseg.errors import ModelError
from liverseg.networks.description import (
    ModelDescription,
    read_description,
    write_description,
    write_no_model,
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
    with pytest.raises(ModelError, match="Received: no such file or directory") as caught:
        read_description(tmp_path)
    assert str(caught.value).count(str(tmp_path)) == 1
