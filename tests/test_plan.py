"""The plan of a run: one file a model, unchanged while the choice of other models changes."""

import pytest

from liverseg.errors import DataError
from liverseg.params import MODEL_NAMES
from liverseg.plan import read_is_part_of_run, write_plan


def test_every_model_has_a_file_that_says_whether_it_is_part(tmp_path):
    write_plan(tmp_path / "plan", ("unet", "resnet"))
    is_part = {
        name: read_is_part_of_run(tmp_path / "plan" / f"{name}.json") for name in MODEL_NAMES
    }
    assert is_part == {"simple_cnn": False, "unet": True, "resnet": True}


def test_a_file_keeps_its_bytes_while_other_models_come_and_go(tmp_path):
    write_plan(tmp_path / "all", MODEL_NAMES)
    write_plan(tmp_path / "one", ("unet",))
    assert (tmp_path / "all/unet.json").read_bytes() == (tmp_path / "one/unet.json").read_bytes()
    assert (tmp_path / "all/resnet.json").read_bytes() != (
        tmp_path / "one/resnet.json"
    ).read_bytes()


def test_the_ignore_file_that_dvc_keeps_beside_the_plan_stays(tmp_path):
    (tmp_path / ".gitignore").write_text("/unet.json\n")
    write_plan(tmp_path, ("unet",))
    assert (tmp_path / ".gitignore").exists()


@pytest.mark.parametrize("content", [None, "", "{}", "[]", '{"is_part_of_run": "yes"}'])
def test_a_file_that_is_no_plan_is_an_error(tmp_path, content):
    if content is not None:
        (tmp_path / "unet.json").write_text(content)
    with pytest.raises(DataError, match=r"expected a plan file.*dvc repro plan"):
        read_is_part_of_run(tmp_path / "unet.json")
