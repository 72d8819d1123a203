"""One interpolation for affine and elastic, against NumPy's turns and SciPy's interpolation."""

import numpy as np
import pytest
from scipy import ndimage

from liverseg.training.warping import (
    build_affine,
    build_maps,
    draw_displacement,
    warp_image,
    warp_labels,
)

SHAPE = (48, 40)
RANDOM = np.random.default_rng(0)
IMAGE = RANDOM.integers(0, 256, (*SHAPE, 5), np.uint8)
SMOOTH = np.asarray(ndimage.gaussian_filter(IMAGE.astype(float), (6, 6, 0)), np.uint8)
LABELS = RANDOM.integers(0, 3, SHAPE, np.uint8)


def test_a_turn_by_90_degrees_is_that_of_numpy():
    square, labels = IMAGE[:40], LABELS[:40]
    maps = build_maps((40, 40), build_affine((40, 40), 90.0, 1.0, (0.0, 0.0)))
    turned = warp_image(square, maps), warp_labels(labels, maps)
    assert all(map(np.array_equal, turned, (np.rot90(square, -1), np.rot90(labels, -1))))


def test_a_shift_brings_in_air_and_background():
    """By 3 columns to the right and 2 rows up."""
    maps = build_maps(SHAPE, build_affine(SHAPE, 0.0, 1.0, (3.0, -2.0)))
    for moved, original in ((warp_image(IMAGE, maps), IMAGE), (warp_labels(LABELS, maps), LABELS)):
        assert np.array_equal(moved[:-2, 3:], original[2:, :-3])
        assert not moved[-2:].any()
        assert not moved[:, :3].any()


def test_a_zoom_by_three_makes_nine_pixels_of_each_about_the_middle():
    maps = build_maps((9, 9), build_affine((9, 9), 0.0, 3.0, (0.0, 0.0)))
    assert np.array_equal(
        warp_labels(LABELS[:9, :9], maps), LABELS[3:6, 3:6].repeat(3, 0).repeat(3, 1)
    )


def test_affine_and_elastic_together_are_one_interpolation_where_both_lead():
    """A pixel p of the result comes from M(p + d(p)); SciPy interpolates there without rounding."""
    affine = build_affine(SHAPE, 12.0, 1.1, (2.5, -1.5))
    bent = draw_displacement(np.random.default_rng(1), SHAPE, 2.0, 6.0)
    maps = build_maps(SHAPE, affine, bent)
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    places = np.stack([columns + bent[..., 0], rows + bent[..., 1], np.ones(SHAPE)], axis=-1)
    column, row = np.moveaxis(places @ affine.T, -1, 0)
    inside = (column > 0) & (column < SHAPE[1] - 1) & (row > 0) & (row < SHAPE[0] - 1)
    moved = warp_image(SMOOTH, maps)
    for channel, original in zip(
        np.moveaxis(moved, -1, 0), np.moveaxis(SMOOTH, -1, 0), strict=True
    ):
        expected = ndimage.map_coordinates(original.astype(float), (row, column), order=1)
        assert np.abs(channel - expected)[inside].max() < 1  # rounded, at places to 1/32 pixel
    near = LABELS[np.rint(row).astype(int) % SHAPE[0], np.rint(column).astype(int) % SHAPE[1]]
    is_clear = np.abs(np.stack([row, column]) % 1 - 0.5).min(axis=0) > 1 / 32
    assert np.array_equal(warp_labels(LABELS, maps)[inside & is_clear], near[inside & is_clear])
    assert (inside & is_clear).mean() > 0.6


@pytest.mark.parametrize("num_channels", [1, 3, 4, 7, 600])
def test_each_channel_is_moved_as_if_it_were_alone(num_channels):
    image = np.random.default_rng(2).integers(0, 256, (*SHAPE, num_channels), np.uint8)
    maps = build_maps(SHAPE, build_affine(SHAPE, 7.0, 0.9, (1.3, 0.4)))
    moved = warp_image(image, maps)
    assert moved.shape == image.shape
    for channel in range(0, num_channels, 7):
        alone = np.s_[..., channel : channel + 1]
        assert np.array_equal(moved[alone], warp_image(np.ascontiguousarray(image[alone]), maps))
    labels = warp_labels(image, maps)
    assert np.array_equal(labels[..., -1], warp_labels(np.ascontiguousarray(image[..., -1]), maps))


@pytest.mark.parametrize("sigma_px", [1.0, 3.0, 8.0, 20.0])
def test_displacements_are_as_large_and_as_smooth_as_asked_for(sigma_px):
    """The noise's correlation under a Gaussian of σ is exp(-d²/4σ²): 1/e at a distance of 2σ."""
    fields = [
        draw_displacement(np.random.default_rng(seed), (256, 250), 3.0, sigma_px)
        for seed in range(20)
    ]
    inner = np.stack(fields)[:, 64:-64, 64:-64]
    assert fields[0].shape == (256, 250, 2)
    assert np.sqrt(np.square(inner).mean(axis=(0, 1, 2))) == pytest.approx(3.0, rel=0.08)
    far = round(2 * sigma_px)
    correlation = (inner[:, far:] * inner[:, :-far]).mean() / np.square(inner).mean()
    assert correlation == pytest.approx(np.exp(-1), abs=0.08)
