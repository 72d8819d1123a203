"""Values of params.yaml that each may stand, and may not stand together."""

import pytest

from liverseg.params import read_params
from tests.made.params_file import REMOVED, read_problems

LESION_KINDS = ("hypodense", "hyperdense", "faint", "rim", "necrotic", "cystic")


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
        (
            {"augment.flip.horizontal_probability": 0, "predict.flips": "horizontal"},
            (
                "predict: expected flips of mirror images that training shows "
                "(augment.flip.horizontal_probability above 0), or none. Received: horizontal"
            ),
        ),
        (
            {"augment.flip.vertical_probability": 0, "predict.flips": "all"},
            (
                "predict: expected flips of mirror images that training shows "
                "(augment.flip.vertical_probability above 0), or none. Received: all"
            ),
        ),
        (
            {
                "augment.flip.horizontal_probability": 0,
                "augment.flip.vertical_probability": 0,
                "predict.flips": "all",
            },
            (
                "predict: expected flips of mirror images that training shows "
                "(augment.flip.horizontal_probability and augment.flip.vertical_probability "
                "above 0), or none. Received: all"
            ),
        ),
    ],
)
def test_values_that_do_not_go_together_are_a_problem_of_their_section(change, values, problem):
    assert read_problems(change(values)) == [problem]


def test_mirror_images_may_be_asked_for_where_training_shows_them_or_never(change):
    both = {"augment.flip.vertical_probability": 0.5, "predict.flips": "all"}
    assert read_params(change(both)).rules.flips == "all"
    none = {"augment.flip.horizontal_probability": 0, "predict.flips": "none"}
    assert read_params(change(none)).rules.flips == "none"


def test_a_file_with_its_checksum_may_be_named_as_weights(change):
    own = {"models.resnet.weights": "notop.h5", "models.resnet.weights_sha256": "0" * 64}
    assert read_params(change(own)).models.resnet.weights == "notop.h5"
    own = {"models.unet.weights": "models/final", "models.unet.weights_sha256": "0" * 64}
    assert read_params(change(own)).models.unet.weights == "models/final"


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
