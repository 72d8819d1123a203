import base64
import re
import shutil

import cv2
import numpy as np
import pytest
from matplotlib.path import Path

from liverseg.evaluation.page.gallery import build_examples, thin_out
from liverseg.slices.stacks import SliceStack, open_stack, write_stack


@pytest.mark.parametrize(
    ("keep", "kept"), [(5, [1, 3, 5, 7, 9]), (4, [0, 2, 4, 6, 8]), (0, [0, 2, 4, 6, 8])]
)
def test_slices_are_thinned_evenly_around_the_one_that_is_kept(keep, kept):
    assert thin_out(range(10), keep, at_most=5) == kept


def test_few_slices_are_all_kept():
    assert thin_out([3, 4, 7], 4, at_most=24) == [3, 4, 7]


def test_never_more_are_kept_than_asked_for():
    for length in range(1, 60):
        for keep in range(length):
            kept = thin_out(range(length), keep, at_most=24)
            assert keep in kept
            assert len(kept) <= 24


def test_examples_show_the_slices_with_liver_from_the_one_with_most_lesion(evaluation):
    unet = evaluation.results.models[0]
    worst, median, best = build_examples(unet, evaluation.results.slices)
    assert [worst.place, median.place, best.place] == ["worst", "median", "best"]
    assert [each["title"] for each in worst.slices] == [
        "Slice 0: no lesion",
        "Slice 1: lesion in reference and prediction",
        "Slice 2: no lesion",
    ]
    assert worst.start == 1
    assert [bool(each["outlines"]["reference lesion"]) for each in worst.slices] == [
        *(False, True, False)
    ]
    assert all(each["outlines"]["predicted liver"] for each in worst.slices)
    # 10 pixels of liver and 15 % of them on either side: a view of 13
    assert worst.size == (13, 13)


@pytest.fixture
def asymmetric(evaluation, tmp_path):
    """The U-Net's worst case, whose liver and lesion have no axis of symmetry."""
    result, slices = evaluation.results.models[0], tmp_path / "slices"
    shutil.copytree(evaluation.results.slices, slices)
    case_id = build_examples(result, slices)[0].score.case_id
    stack = open_stack(slices, case_id)
    labels = np.zeros((3, 16, 16), np.uint8)
    labels[1, 3:13, 3:13] = 1
    labels[1, 8:13, 9:13] = 0
    labels[1, 4:7, 4:9] = 2
    write_stack(slices, SliceStack(case_id, 100 * labels[:, None], labels, stack.slice_grid), "npz")
    return build_examples(result, slices)[0], labels[1]


def test_an_image_is_that_of_its_slice(asymmetric):
    example, labels = asymmetric
    image = decode(example.slices[example.start]["image"])
    assert image.shape == (13, 13)
    # of 16 pixels 13, 1 before and 2 behind cut off; the images hold 100 times the label
    assert np.abs(image - 100 * labels[1:14, 1:14].astype(int)).max() < 40  # JPEG


@pytest.mark.parametrize(("region", "lowest"), [("liver", 50), ("lesion", 150)])
def test_outlines_lie_around_what_is_seen_in_the_image(asymmetric, region, lowest):
    example, _ = asymmetric
    shown = example.slices[example.start]
    is_inside = fill(shown["outlines"][f"reference {region}"], example.size)
    assert is_inside.any()
    np.testing.assert_array_equal(is_inside, decode(shown["image"]) > lowest)


def decode(address):
    _, _, encoded = address.partition("base64,")
    pixels = np.frombuffer(base64.b64decode(encoded), np.uint8)
    return cv2.imdecode(pixels, cv2.IMREAD_UNCHANGED).astype(int)


def fill(outline, size):
    """Pixels whose centre lies in one closed line of relative steps of half a pixel."""
    (line,) = re.findall("M([^M]*)z", outline)
    steps = [[int(number) for number in step.split()] for step in line.split("l")]
    rows, columns = np.indices(size) + 0.5
    centres = np.stack([columns.ravel(), rows.ravel()], axis=1)
    return Path(np.cumsum(steps, axis=0) / 2).contains_points(centres).reshape(size)
