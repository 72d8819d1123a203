from dataclasses import replace

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from liverseg.evaluation.examples import select_examples
from liverseg.evaluation.overlays import draw_overlays
from liverseg.grids.grid import Grid
from liverseg.scoring.score_folder import ScoreFolder
from liverseg.slices.geometry import SliceGrid
from liverseg.slices.stacks import SliceStack, write_stack

SIZE = 16


@pytest.fixture
def model(tmp_path, score, result):
    """A test case with a lesion, and one on which everything is empty."""
    affine = np.diag([-1.0, -1.0, 2.0, 1.0])
    grid = SliceGrid(Grid((SIZE, SIZE, 3), affine), SIZE)
    labels = np.zeros((3, SIZE, SIZE), np.uint8)
    labels[:, 4:12, 4:12] = 1
    labels[1, 6:9, 6:9] = 2
    images = np.full((3, 1, SIZE, SIZE), 90, np.uint8)
    (tmp_path / "labels").mkdir()
    for case_id, reference in (("1", labels), ("2", np.zeros_like(labels))):
        write_stack(tmp_path, SliceStack(case_id, images, reference, grid), "npz")
        predicted = nib.Nifti1Image(np.ascontiguousarray(reference.transpose(2, 1, 0)), affine)
        nib.save(predicted, tmp_path / "labels" / f"{case_id}.nii.gz")
    test = (score("1", (9, 9, 9)), score("2", (0, 0, 0), liver=(0, 0, 0)))
    return replace(result("unet", test, test), scores=ScoreFolder(tmp_path))


def test_the_worst_the_median_and_the_best_case_with_lesion_are_shown(scores_of_dice, score):
    ranked = select_examples([*scores_of_dice(40, 10, 90, 60, 50), score("none", (0, 5, 0))])
    assert {name: each.lesion.dice for name, each in ranked.items()} == {
        "worst": 0.1,
        "median": 0.5,
        "best": 0.9,
    }


def test_few_cases_are_shown_once_each(scores_of_dice):
    assert list(select_examples(scores_of_dice(40, 10))) == ["worst", "best"]
    assert list(select_examples(scores_of_dice(40))) == ["worst"]


def test_cases_without_lesion_are_shown_where_there_are_no_others(score):
    assert list(select_examples([score("1", (0, 0, 0)), score("2", (0, 0, 0))])) == [
        *("worst", "best")
    ]


def test_the_same_results_give_the_same_bytes(tmp_path, model):
    for name in ("first.png", "second.png"):
        draw_overlays(tmp_path / name, [model], tmp_path)
    assert (tmp_path / "first.png").read_bytes() == (tmp_path / "second.png").read_bytes()


def test_outlines_have_the_colours_of_the_legend(tmp_path, model):
    draw_overlays(tmp_path / "overlays.png", [model], tmp_path)
    pixels = np.asarray(Image.open(tmp_path / "overlays.png").convert("RGB")).reshape(-1, 3)
    for colour in ((0x56, 0xB4, 0xE9), (0xE6, 0x9F, 0x00)):
        assert np.any(np.all(pixels == colour, axis=1))


def test_empty_masks_have_no_outline_and_are_no_error(tmp_path, model):
    draw_overlays(tmp_path / "overlays.png", [replace(model, test=model.test[1:])], tmp_path)
    assert (tmp_path / "overlays.png").exists()


def test_models_with_fewer_examples_leave_their_places_empty(tmp_path, model):
    one = replace(model, test=model.test[:1])
    two = replace(model, test=(model.test[0], replace(model.test[0], case_id="2")))
    draw_overlays(tmp_path / "overlays.png", [one, two], tmp_path)
    assert (tmp_path / "overlays.png").exists()
