"""Keys of params.yaml that are missing, unknown or misspelt."""

import pytest

from tests.made.params_file import REMOVED, read_problems


def test_a_file_of_an_older_version_is_told_its_missing_keys(change):
    keys = ["optimizer", "weight_decay", "ema", "lesion_share", "schedule", "cosine"]
    problems = read_problems(change({f"train.{key}": REMOVED for key in keys}))
    assert sorted(problems) == sorted(
        f"train.{key}: missing; every value stands in the file" for key in keys
    )


def test_an_unknown_key_of_a_section_that_a_model_may_leave_out_is_shown_the_right_one(change):
    plateau = {"factor": 0.3, "patience": 1, "min_learning_rate": 0.0, "pateince": 1}
    assert read_problems(change({"models.unet.train.plateau": plateau})) == [
        "models.unet.train.plateau.pateince: unknown key; did you mean 'patience'?"
    ]


def test_a_misspelt_key_is_shown_the_right_one(change):
    path = change({"train.batch_size": REMOVED, "train.batchsize": 8})
    assert read_problems(path) == [
        "train.batch_size: missing; every value stands in the file",
        "train.batchsize: unknown key; did you mean 'batch_size'?",
    ]


@pytest.mark.parametrize(
    ("key", "suggestion"),
    [
        ("modle", "; did you mean 'model'?"),
        ("models.unet.train.epoch", "; did you mean 'epochs'?"),
        ("train.plateau.pateince", "; did you mean 'patience'?"),
        ("augment.affine.probabilty", "; did you mean 'probability'?"),
        ("train.clipping", ""),
    ],
)
def test_an_unknown_key_is_a_problem_at_every_depth(change, key, suggestion):
    assert read_problems(change({key: 1})) == [f"{key}: unknown key{suggestion}"]
