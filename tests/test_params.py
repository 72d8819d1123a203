"""params.yaml: what is accepted, and what a mistake in it is answered with."""

import math
import os
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from liverseg.errors import ParamsError
from liverseg.params import MODEL_NAMES, read_params
from tests.bounds import bounded

SHIPPED = Path(__file__).resolve().parent.parent / "params.yaml"
REMOVED = object()
LESION_KINDS = ("hypodense", "hyperdense", "faint", "rim", "necrotic", "cystic")


@pytest.fixture
def change(tmp_path):
    """Write the shipped params with some values changed, by dotted key."""

    def write(values: dict[str, Any]) -> Path:
        yaml = YAML(typ="safe", pure=True)
        content = yaml.load(SHIPPED.read_text(encoding="utf-8"))
        for key, value in values.items():
            *sections, name = key.split(".")
            section = content
            for each in sections:
                section = section[each]
            section[name] = value
            if value is REMOVED:
                del section[name]
        path = tmp_path / "params.yaml"
        yaml.dump(content, path)
        return path

    return write


@pytest.fixture
def write(tmp_path):
    """Write a params file of one's own."""

    def write_bytes(content: bytes) -> Path:
        path = tmp_path / "params.yaml"
        path.write_bytes(content)
        return path

    return write_bytes


def read_problems(path: Path) -> list[str]:
    """The lines of the error below its heading."""
    with pytest.raises(ParamsError) as caught:
        read_params(path)
    heading, *problems = str(caught.value).split("\n")
    assert heading == f"{path}: {len(problems)} value(s) cannot be used:"
    return [problem.strip() for problem in problems]


def test_the_shipped_file_is_valid_and_trains_all_models():
    assert read_params(SHIPPED).model == MODEL_NAMES == ("simple_cnn", "unet", "resnet")


def test_a_number_may_be_written_with_an_exponent_and_without_a_point(write):
    """As DVC reads it, in YAML 1.2; in YAML 1.1, which PyYAML reads, 1e-4 is a string."""
    shipped = SHIPPED.read_text(encoding="utf-8")
    changed, count = re.subn(r"(fine_tune_learning_rate): \S+", r"\1: 2e-4", shipped)
    assert count == 1
    assert read_params(write(changed.encode())).models.resnet.fine_tune_learning_rate == 0.0002


def test_a_whole_number_serves_where_a_fraction_may_stand(change):
    learning_rate = read_params(change({"train.learning_rate": 1})).train.learning_rate
    assert (learning_rate, type(learning_rate)) == (1.0, float)


def test_an_anchor_may_be_used_again(write):
    shipped = SHIPPED.read_bytes()
    twice = shipped.replace(b"seed: 7", b"seed: &seed 7").replace(b"fold: 0", b"fold: &seed 0")
    assert twice.count(b"&seed") == 2
    assert read_params(write(twice)) == read_params(SHIPPED)


def test_a_byte_order_mark_as_windows_editors_write_it_is_no_problem(write):
    assert read_params(write(b"\xef\xbb\xbf" + SHIPPED.read_bytes())) == read_params(SHIPPED)


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


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (
            {"phantom.num_patients": 3, "phantom.num_second_scans": 4},
            "phantom: expected num_second_scans of at most num_patients (3). Received: 4",
        ),
        (
            {"split.validation_fraction": 0.5, "split.test_fraction": 0.5},
            "split: expected validation_fraction + test_fraction below 1. Received: 1",
        ),
        (
            {"split.num_folds": 2},
            (
                "split: expected num_folds of 0 (one fixed split) or at least 3 "
                "(test, validation, training). Received: 2"
            ),
        ),
        (
            {"split.num_folds": 5, "split.fold": 5},
            "split: expected fold below num_folds (5). Received: 5",
        ),
        (
            {"split.num_folds": 0, "split.fold": 1},
            "split: expected fold below num_folds (0). Received: 1",
        ),
        (
            {"augment.affine.smallest_scale": 1.5, "augment.affine.largest_scale": 1.2},
            "augment.affine: expected smallest_scale <= largest_scale. Received: 1.5 > 1.2",
        ),
        (
            {"augment.gamma.smallest": 1.6},
            "augment.gamma: expected smallest <= largest. Received: 1.6 > 1.5",
        ),
        (
            {"augment.lesions.median_diameter_mm": 40},
            (
                "augment.lesions: expected median_diameter_mm within diameter_mm (4 to 40). "
                "Received: 40"
            ),
        ),
        (
            {"augment.lesions.diameter_mm": [0, 40]},
            (
                "augment.lesions.diameter_mm: expected 0 < smallest <= largest in mm. "
                "Received: 0, 40"
            ),
        ),
        (
            {"augment.lesions.contrast_hu": [60, 15]},
            ("augment.lesions.contrast_hu: expected 0 <= smallest <= largest. Received: 60, 15"),
        ),
        (
            {"augment.lesions.blur_mm": [-1, 2]},
            "augment.lesions.blur_mm: expected 0 <= smallest <= largest. Received: -1, 2",
        ),
        (
            {"augment.lesions.kinds": dict.fromkeys(LESION_KINDS, 0)},
            (
                "augment.lesions.kinds: expected at least one kind above 0. "
                "Received: 0 for all of them (probability: 0 paints none)"
            ),
        ),
        (
            {"augment.lesions": REMOVED},
            "augment.lesions: missing; every value stands in the file",
        ),
        (
            {"models.resnet.weights": "notop.h5", "models.resnet.weights_sha256": None},
            (
                "models.resnet: expected weights of imagenet, none, slices or a file with its "
                "weights_sha256 (DVC cannot see what a param points at). "
                "Received: weights 'notop.h5' without weights_sha256"
            ),
        ),
        (
            {"models.resnet.weights": "none", "models.resnet.weights_sha256": "a" * 64},
            (
                "models.resnet: expected weights_sha256 of null unless weights is a file. "
                "Received: a checksum beside weights 'none'"
            ),
        ),
        (
            {"models.unet.weights": "models/final"},
            (
                "models.unet: expected weights of none, ready or a model folder with its "
                "weights_sha256 (DVC cannot see what a param points at). "
                "Received: weights 'models/final' without weights_sha256"
            ),
        ),
        (
            {"models.unet.weights": "ready", "models.unet.weights_sha256": "a" * 64},
            (
                "models.unet: expected weights_sha256 of null unless weights is a model folder. "
                "Received: a checksum beside weights 'ready'"
            ),
        ),
    ],
)
def test_values_that_do_not_go_together_are_a_problem_of_their_section(change, values, problem):
    assert read_problems(change(values)) == [problem]


def test_a_file_with_its_checksum_may_be_named_as_weights(change):
    own = {"models.resnet.weights": "notop.h5", "models.resnet.weights_sha256": "0" * 64}
    assert read_params(change(own)).models.resnet.weights == "notop.h5"
    own = {"models.unet.weights": "models/final", "models.unet.weights_sha256": "0" * 64}
    assert read_params(change(own)).models.unet.weights == "models/final"


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


@pytest.mark.parametrize(
    ("content", "received"),
    [
        (b"", "None"),
        (b"# only a comment\n", "None"),
        (b"- model: all\n", "[{'model': 'all'}]"),
        (b"all\n", "'all'"),
    ],
)
def test_a_file_that_holds_no_keys_is_one_problem(write, content, received):
    expected = f"the file: expected keys with values. Received: {received}"
    assert read_problems(write(content)) == [expected]


@pytest.mark.parametrize(
    ("content", "received"),
    [
        (b"model: all\nmodel: unet\n", 'line 2: found duplicate key "model"'),
        (b"data:\n  root: [a\n", "expected ',' or ']'"),
        (b"\tmodel: all\n", "line 1: found character '\\t'"),
        (b"model: !unet all\n", "line 1: could not determine a constructor"),
        (b"model: all\n---\nmodel: unet\n", "line 2: but found another document"),
        (b"model: \xff\n", "can't decode byte 0xff"),
        (b"model: 2024-13-45\n", "month must be in 1..12"),
        (b"model: &model [*model]\n", "the alias *model: write out what it stands for"),
        (b"? [unet, resnet]\n: all\n", "keys must be str"),
        (b"model: !!int ''\n", "index out of range"),
    ],
)
def test_a_file_that_is_no_plain_yaml_is_one_line_that_says_where(write, content, received):
    path = write(content)
    with pytest.raises(ParamsError) as caught:
        read_params(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: expected YAML. Received: ")
    assert received in message
    assert message.endswith(". Mend that line.")
    assert "\n" not in message


@pytest.mark.parametrize(
    "line",
    [
        "b: *a",
        "b: [*a, *a]",
        "b: {<<: *a}",
        "b:\n  <<: [" + "*a, " * 30_000 + "*a]",  # merged one into the other, for ever
    ],
)
def test_an_alias_is_not_written_out(write, line):
    with bounded(10, 64), pytest.raises(ParamsError, match=r"the alias \*a: write out"):
        read_params(write(f"a: &a {{x: 1}}\n{line}\n".encode()))


def test_a_named_pipe_is_no_params_file(tmp_path):
    os.mkfifo(tmp_path / "params.yaml")
    with bounded(10, 16), pytest.raises(ParamsError, match="a named pipe, no regular file"):
        read_params(tmp_path / "params.yaml")


def test_a_file_that_is_larger_than_any_params_is_not_parsed(write):
    with pytest.raises(ParamsError, match="more than 262144 bytes"):
        read_params(write(b"#" * (2**18 + 1)))


@pytest.mark.parametrize("nesting", [b"[", b"{a: ", b"- ", b"? "])
def test_a_file_nested_without_end_is_an_error(write, nesting):
    with pytest.raises(ParamsError, match="expected YAML"):
        read_params(write(nesting * 10_000))


@pytest.mark.parametrize(
    ("name", "received"), [("absent.yaml", "no such file or directory"), (".", "is a directory")]
)
def test_a_missing_file_says_where_to_run(tmp_path, name, received):
    with pytest.raises(ParamsError, match=f"Received: {received}. Run from the repository root"):
        read_params(tmp_path / name)


@pytest.mark.parametrize(
    ("train", "pretrain", "weights", "is_refused"),
    [
        ({}, {}, "slices", False),
        ({"context": 2}, {"context": 2}, "slices", False),
        ({"context": 2}, {}, "slices", True),
        ({}, {"context": 0}, "slices", True),
        ({"context": 2}, {}, "none", False),
    ],
)
def test_a_resnet_sees_as_many_neighbours_as_the_encoder_that_it_starts_from(
    change, train, pretrain, weights, is_refused
):
    changes = {"models.resnet.train": train, "models.resnet.weights": weights}
    own = {f"models.resnet.pretrain.{key}": value for key, value in pretrain.items()}
    path = change(changes | own)
    if is_refused:
        (problem,) = read_problems(path)
        assert problem.startswith("models.resnet: expected the same context in train and in pre")
    else:
        assert read_params(path).models.resnet.train.context == train.get("context")


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
