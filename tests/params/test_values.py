"""Values of params.yaml: what is accepted, and what any other is answered with."""

import math

import pytest

from liverseg.params import MODEL_NAMES, read_params
from tests.made.params_file import SHIPPED, read_problems


def test_the_shipped_file_is_valid_and_trains_all_models():
    assert read_params(SHIPPED).model == MODEL_NAMES == ("simple_cnn", "unet", "resnet")


def test_a_whole_number_serves_where_a_fraction_may_stand(change):
    learning_rate = read_params(change({"train.learning_rate": 1})).train.learning_rate
    assert (learning_rate, type(learning_rate)) == (1.0, float)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("all", MODEL_NAMES),
        (["all"], MODEL_NAMES),
        ("unet", ("unet",)),
        (["unet"], ("unet",)),
        (["resnet", "unet"], ("unet", "resnet")),
        (["resnet", "simple_cnn", "unet"], MODEL_NAMES),
    ],
)
def test_the_models_come_in_the_order_of_the_table(change, model, expected):
    assert read_params(change({"model": model})).model == expected


@pytest.mark.parametrize(
    ("model", "received"),
    [
        ("unett", "'unett'; did you mean 'unet'?"),
        (["unet", "resnett"], "['unet', 'resnett']; did you mean 'resnet'?"),
        (["unet", "unet"], "['unet', 'unet']"),
        (["all", "unet"], "['all', 'unet']"),
        ("vgg", "'vgg'"),
        ([], "[]"),
        ("", "''"),
        (3, "3"),
        (True, "True"),
        (None, "None"),
        (["unet", 3], "['unet', 3]"),
        ({"unet": True}, "{'unet': True}"),
    ],
)
def test_any_other_model_is_one_problem_that_lists_the_choices(change, model, received):
    choices = "expected all, one of simple_cnn, unet, resnet, or a list of them without repeats"
    assert read_problems(change({"model": model})) == [f"model: {choices}. Received: {received}"]


def test_a_label_map_has_values_as_keys_and_labels_as_values(change):
    data = read_params(change({"data.label_map": {255: 2, 1: 0}})).data
    assert data.label_map == {255: 2, 1: 0}
    assert read_problems(change({"data.label_map": {255: 3}})) == [
        "data.label_map.255: input should be 0, 1 or 2. Received: 3"
    ]
    (problem,) = read_problems(change({"data.label_map": {"liver": 1}}))
    assert problem.startswith("data.label_map.liver: input should be a valid integer")


def test_a_spacing_has_three_lengths_that_a_voxel_can_have(change):
    data = read_params(change({"data.spacing_overrides": {28: [0.7, 0.7, 2]}})).data
    assert data.spacing_overrides == {"28": (0.7, 0.7, 2.0)}
    assert read_problems(change({"data.spacing_overrides": {"28": [0.7, 2]}})) == [
        "data.spacing_overrides.28: expected [i, j, k] in mm. Received: [0.7, 2]"
    ]
    least = "data.spacing_overrides.28.2: input should be greater than or equal to 0.001"
    assert read_problems(change({"data.spacing_overrides": {"28": [1e300, 0.7, 1e-300]}})) == [
        "data.spacing_overrides.28.0: input should be less than or equal to 1000. Received: 1e+300",
        f"{least}. Received: 1e-300",
    ]


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        *(
            (
                "data.root",
                root,
                f"expected a path without apostrophe, line break or - in front. Received: {root!r}",
            )
            for root in ("data/o'brien", "data/a\nb", "data/a\u2028b", "data/a\0b", "-data")
        ),
        ("data.on_error", "go", "input should be 'stop' or 'skip'. Received: 'go'"),
        ("train.batch_size", 8.5, "input should be a valid integer. Received: 8.5"),
        ("train.batch_size", 8.0, "input should be a valid integer. Received: 8.0"),
        ("train.batch_size", "8", "input should be a valid integer. Received: '8'"),
        ("train.batch_size", True, "input should be a valid integer. Received: True"),
        ("train.batch_size", None, "input should be a valid integer. Received: None"),
        ("train.batch_size", 0, "input should be greater than or equal to 1. Received: 0"),
        ("train.learning_rate", "1e-3", "input should be a valid number. Received: '1e-3'"),
        ("train.learning_rate", math.inf, "input should be a finite number. Received: inf"),
        ("train.learning_rate", math.nan, "input should be a finite number. Received: nan"),
        (
            "train.loss",
            "dice",
            "input should be 'bce', 'bce_dice', 'bce_tversky' or 'bce_focal'. Received: 'dice'",
        ),
        ("train.optimizer", "sgd", "input should be 'adam' or 'adamw'. Received: 'sgd'"),
        ("train.weight_decay", -1, "input should be greater than or equal to 0. Received: -1"),
        ("train.ema", 1, "input should be less than 1. Received: 1"),
        ("train.ema", 0, "input should be greater than 0. Received: 0"),
        ("train.schedule", "poly", "input should be 'plateau' or 'cosine'. Received: 'poly'"),
        (
            "train.cosine.warmup_steps",
            0.1,
            "input should be a valid integer. Received: 0.1",
        ),
        (
            "train.cosine.final_share",
            2,
            "input should be less than or equal to 1. Received: 2",
        ),
        ("train.lesion_share", 1.5, "input should be less than or equal to 1. Received: 1.5"),
        ("augment.blur.max_sigma_px", 0, "input should be greater than 0. Received: 0"),
        (
            "augment.low_resolution.smallest_scale",
            2,
            "input should be less than or equal to 1. Received: 2",
        ),
        ("models.unet.depth", 6, "input should be less than or equal to 5. Received: 6"),
        (
            "models.unet.normalization",
            "layer",
            "input should be 'batch', 'instance', 'group' or 'none'. Received: 'layer'",
        ),
        ("data.exclude", "7", "input should be a valid array. Received: '7'"),
        ("preprocess.image_size", 100, "input should be a multiple of 32. Received: 100"),
        ("preprocess.windows_hu", [], "expected at least one value. Received: an empty list"),
        (
            "phantom.in_plane_spacing_mm",
            [2, 1],
            "expected 0 < smallest <= largest in mm. Received: 2, 1",
        ),
        ("evaluate", None, "expected keys with values. Received: None"),
        ("models.unet.train", [3], "expected keys with values. Received: [3]"),
    ],
)
def test_a_value_that_cannot_be_used_is_one_problem_under_its_dotted_key(
    change, key, value, problem
):
    assert read_problems(change({key: value})) == [f"{key}: {problem}"]


def test_items_of_a_list_are_named_by_their_place_from_0(change):
    path = change(
        {
            "preprocess.windows_hu": [[-100, 400], [400, -100], [50, 50]],
            "data.exclude": ["007", 7],
            "models.simple_cnn.filters": [0, 8],
        }
    )
    assert read_problems(path) == [
        "data.exclude.1: input should be a valid string. Received: 7",
        "preprocess.windows_hu.1: expected low < high in HU. Received: low 400, high -100",
        "preprocess.windows_hu.2: expected low < high in HU. Received: low 50, high 50",
        "models.simple_cnn.filters.0: input should be greater than or equal to 1. Received: 0",
    ]


def test_all_problems_of_all_sections_stand_in_one_message(change):
    path = change(
        {
            "model": "unett",
            "train.batch_size": 8.5,
            "train.plateau.patience": 0,
            "models.resnet.weights": "notop.h5",
        }
    )
    keys = [problem.split(":")[0] for problem in read_problems(path)]
    assert keys == ["model", "train.batch_size", "train.plateau.patience", "models.resnet"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("preprocess.image_size", each) for each in (0, 40, 96.5, 4096)),
        ("preprocess.windows_hu", [[-1e6, 400]]),
        ("train.context", 33),
    ],
)
def test_what_no_model_folder_may_hold_no_params_ask_for(change, key, value):
    (problem,) = read_problems(change({key: value}))
    assert problem.startswith(key)


def test_params_cannot_be_changed_after_reading():
    with pytest.raises(ValueError, match="frozen"):
        read_params(SHIPPED).train.epochs = 3
