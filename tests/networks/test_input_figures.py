"""Figures of slices whose grey values are their HU: the window is 0 to 255."""

import numpy as np
import pytest

from liverseg.networks.input_figures import InputFigures, measure_input

SIZE = 40
LIVER = np.s_[:, 5:35, 5:35]
"""30 x 30 pixels of two slices: 1800."""


def build_labels() -> np.ndarray:
    labels = np.zeros((2, SIZE, SIZE), np.uint8)
    labels[LIVER] = 1
    return labels


def measure(hu: np.ndarray, labels: np.ndarray) -> InputFigures:
    images = np.rint(hu)[:, None].astype(np.uint8)
    return measure_input(images, labels, 2.5, [(0.0, 255.0)])


def test_even_tissues_have_the_figures_that_they_were_given():
    """Flesh all around, above it 4 of 40 rows of air and below it 2 of bone."""
    labels = build_labels()
    hu = np.full(labels.shape, 50)
    hu[LIVER] = 110
    hu[:, :4], hu[:, 38:] = 0, 250
    assert measure(hu, labels) == InputFigures(
        slice_mm=2.5,
        body_percent=90.0,
        liver_hu=110.0,
        liver_spread_hu=0.0,
        liver_noise_hu=0.0,
        flesh_hu=50.0,
        liver_above_flesh_hu=60.0,
    )


def test_a_lesion_is_neither_liver_nor_flesh():
    """400 of 900 pixels in each slice: the median of all but them stays that of the liver."""
    labels = build_labels()
    hu = np.where(labels == 1, 110, 50)
    labels[:, 10:34, 10:34] = 2
    hu[labels == 2] = 20
    figures = measure(hu, labels)
    assert (figures.liver_hu, figures.liver_spread_hu, figures.flesh_hu) == (110.0, 0.0, 50.0)


def test_a_slope_spreads_the_liver_and_is_no_noise():
    """Five bands of equal size: the quartiles lie in the second and the fourth; a slope of 2 HU a
    row has no Laplacian, a step has, on 2 of 6 rows."""
    labels = build_labels()
    bands = np.repeat([60, 70, 80, 90, 100], 6)
    hu = np.zeros(labels.shape)
    hu[LIVER] = bands[:, None]
    figures = measure(hu, labels)
    assert (figures.liver_hu, figures.liver_spread_hu) == (80.0, 20.0)
    assert figures.liver_noise_hu == 0.0
    hu[LIVER] = 100 + 2 * np.arange(30)[:, None]
    assert measure(hu, labels).liver_noise_hu == 0.0


def test_noise_is_told_by_its_standard_deviation():
    labels = build_labels()
    hu = np.random.default_rng(0).normal(100, 12, labels.shape)
    figures = measure(hu, labels)
    assert figures.liver_noise_hu == pytest.approx(12, rel=0.07)
    assert figures.liver_spread_hu == pytest.approx(2 * 0.6745 * 12, rel=0.07)


def test_pixels_that_alternate_have_eight_times_their_amplitude_as_laplacian():
    """A pixel of 103 has neighbours of 97: 4 · 97 - 4 · 103 = -24, over 0.6745 · √20."""
    labels = build_labels()
    hu = 100 + 3 * (-1) ** np.indices(labels.shape).sum(axis=0)
    assert measure(hu, labels).liver_noise_hu == pytest.approx(24 / 3.0165, rel=1e-3)


def test_without_a_liver_the_others_are_told():
    labels = np.zeros((2, SIZE, SIZE), np.uint8)
    labels[0, :20, :20] = 1  # too few
    figures = measure(np.full(labels.shape, 50), labels)
    assert figures == InputFigures(2.5, 100.0, None, None, None, 50.0, None)


def test_hu_and_body_are_read_from_all_windows():
    """A liver of 200 HU lies above the narrow window, fat of -100 below it, and -200 is air."""
    labels = build_labels()
    hu = np.where(labels == 1, 200, 40)
    hu[:, :2], hu[:, 2:4] = -200, -100
    windows = [(-150.0, 250.0), (-40.0, 160.0)]
    grey = [np.clip((hu - low) / (high - low) * 255, 0, 255) for low, high in windows]
    images = np.rint(np.stack(grey, axis=1)).astype(np.uint8)
    figures = measure_input(images, labels, 1.0, windows)
    assert figures.body_percent == 95.0
    assert figures.liver_hu == pytest.approx(200, abs=400 / 255 / 2)
    assert figures.flesh_hu == pytest.approx(40, abs=200 / 255 / 2)
