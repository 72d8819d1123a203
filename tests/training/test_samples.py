import numpy as np
import pytest

from liverseg.slices.context import Neighbours, read_sample_image
from liverseg.slices.stacks import SliceRow
from liverseg.training.samples import (
    draw_lesion_slices,
    select_epoch_slices,
    select_rows,
    split_regions,
)
from tests.made.params import build_train_params

TRAIN = build_train_params(context=0, lesion_oversampling=3, liver_free_fraction=0.5)
ROWS = [
    SliceRow("a", 0, 0, 0),
    SliceRow("a", 1, 9, 0),
    SliceRow("a", 2, 9, 2, (1,)),
    SliceRow("a", 3, 0, 0),
    SliceRow("b", 0, 0, 0),
    SliceRow("b", 1, 5, 5, (1, 2)),
    SliceRow("b", 2, 0, 0),
]


def build_images(num_slices: int = 4, num_windows: int = 2) -> np.ndarray:
    """Grey value 10 · slice + window, in slices of 2 rows and 3 columns."""
    values = 10 * np.arange(num_slices)[:, None] + np.arange(num_windows)
    return np.tile(values[..., None, None], (2, 3)).astype(np.uint8)


@pytest.mark.parametrize(
    ("slice_index", "context", "channels"),
    [
        (2, 0, [20, 21]),
        (2, 1, [10, 11, 20, 21, 30, 31]),
        (0, 1, [0, 1, 0, 1, 10, 11]),
        (3, 1, [20, 21, 30, 31, 30, 31]),
        (1, 2, [0, 1, 0, 1, 10, 11, 20, 21, 30, 31]),
    ],
)
def test_channels_run_feet_to_head_and_the_last_slice_is_repeated_beyond_the_ends(
    slice_index, context, channels
):
    image = read_sample_image(build_images(), slice_index, Neighbours(context))
    assert image.shape == (2, 3, len(channels))
    assert image.dtype == np.uint8
    assert np.array_equal(image, np.broadcast_to(channels, image.shape))


def test_a_stack_of_one_slice_is_its_own_neighbour():
    image = read_sample_image(build_images(num_slices=1, num_windows=1), 0, Neighbours(2))
    assert image[0, 0].tolist() == [0, 0, 0, 0, 0]


def test_rows_and_columns_of_a_channel_are_those_of_the_slice():
    images = np.arange(12, dtype=np.uint8).reshape(2, 1, 2, 3)
    assert np.array_equal(
        read_sample_image(images, 1, Neighbours(0))[..., 0], [[6, 7, 8], [9, 10, 11]]
    )


def test_a_lesion_belongs_to_the_liver_too():
    targets = split_regions(np.array([[0, 1, 2]], np.uint8))
    assert targets.dtype == np.float32
    assert targets.tolist() == [[[0, 0], [1, 0], [1, 1]]]


def test_an_epoch_holds_each_slice_as_often_as_its_content_asks_for():
    """Lesion (2, 5) three times, liver only (1) once, two of the four without liver."""
    order = select_epoch_slices(ROWS, TRAIN, np.random.default_rng(0))
    counts = np.bincount(order, minlength=len(ROWS))
    assert counts[[1, 2, 5]].tolist() == [1, 3, 3]
    assert sorted(counts[[0, 3, 4, 6]]) == [0, 0, 1, 1]


@pytest.mark.parametrize(("fraction", "num_outside"), [(0.0, 0), (0.3, 1), (0.9, 4), (1.0, 4)])
def test_the_share_without_liver_is_rounded_to_whole_slices(fraction, num_outside):
    """0.3 · 4 = 1.2 and 0.9 · 4 = 3.6."""
    train = TRAIN.model_copy(update={"liver_free_fraction": fraction})
    order = select_epoch_slices(ROWS, train, np.random.default_rng(0))
    outside = order[np.isin(order, [0, 3, 4, 6])]
    assert len(outside) == len(set(outside)) == num_outside


def test_slices_without_liver_are_drawn_anew_from_epoch_to_epoch():
    generator = np.random.default_rng(0)
    drawn = {
        tuple(sorted(set(select_epoch_slices(ROWS, TRAIN, generator)) & {0, 3, 4, 6}))
        for _ in range(50)
    }
    assert len(drawn) == 6  # all pairs out of four


def test_the_order_follows_from_the_generator():
    first, same, other = (
        select_epoch_slices(ROWS, TRAIN, np.random.default_rng(seed)).tolist() for seed in (0, 0, 1)
    )
    assert first == same != other


LESIONS = [
    SliceRow("a", 0, 9, 0),
    *(SliceRow("a", index, 9, 9, (1,)) for index in range(1, 9)),
    SliceRow("a", 9, 9, 1, (2,)),
    SliceRow("b", 0, 9, 5, (1,)),
]
"""A lesion on eight slices, one on a single slice, and another case's on a single slice."""


def test_every_lesion_is_drawn_as_often_whatever_the_number_of_its_slices():
    drawn = draw_lesion_slices(LESIONS, 30, np.random.default_rng(0))
    counts = np.bincount(drawn, minlength=len(LESIONS))
    assert (counts[0], counts[1:9].sum(), counts[9], counts[10]) == (0, 10, 10, 10)
    assert np.count_nonzero(counts[1:9]) > 3


def test_where_lesions_cannot_all_come_as_often_chance_says_which_comes_once_more():
    """Three lesions, four draws: over 300 epochs each is the one about 100 times (σ = 8)."""
    generator = np.random.default_rng(0)
    twice = np.zeros(3)
    for _ in range(300):
        drawn = draw_lesion_slices(LESIONS, 4, generator)
        counts = np.array([(drawn < 9).sum(), (drawn == 9).sum(), (drawn == 10).sum()])
        assert sorted(counts) == [1, 1, 2]
        twice += counts == 2
    assert twice == pytest.approx([100] * 3, abs=30)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_share_drawn_by_lesion_leaves_the_length_of_an_epoch(share):
    """Eleven slices, of which round(11 · share) are drawn: 0, 3 or 11. All slices have liver."""
    train = TRAIN.model_copy(update={"lesion_oversampling": 1, "lesion_share": share})
    order = select_epoch_slices(LESIONS, train, np.random.default_rng(0))
    assert len(order) == 11
    num_kept = len(set(order))
    assert num_kept == 11 if share == 0 else num_kept < 11
    if share == 1:
        assert 0 not in order


def test_each_epoch_draws_other_slices_of_its_lesions():
    train = TRAIN.model_copy(update={"lesion_share": 1.0})
    generator = np.random.default_rng(0)
    drawn = {tuple(sorted(select_epoch_slices(LESIONS, train, generator))) for _ in range(5)}
    assert len(drawn) == 5


def test_without_a_lesion_an_epoch_is_as_it_is_without_a_share():
    healthy = [SliceRow("a", index, index % 2, 0) for index in range(9)]
    orders = [
        select_epoch_slices(
            healthy, TRAIN.model_copy(update={"lesion_share": share}), np.random.default_rng(0)
        ).tolist()
        for share in (0.0, 0.5)
    ]
    assert orders[0] == orders[1]


def test_rows_keep_the_order_of_the_index_whatever_the_order_of_the_cases():
    assert select_rows(ROWS, ["b", "a"]) == ROWS
    assert select_rows(ROWS, iter(["b"])) == ROWS[4:]
    assert select_rows(ROWS, []) == []
