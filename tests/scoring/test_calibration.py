import math
import subprocess
import sys

import numpy as np
import pytest

from liverseg.scoring.calibration import (
    bin_calibration,
    compute_brier_score,
    compute_calibration_error,
    count_probabilities,
    trace_thresholds,
)

NOTHING = np.zeros((256, 2), np.int64)


def count(*pixels):
    """Counts of pixels, each (probability in 255ths, whether the reference holds it, how many)."""
    counts = NOTHING.copy()
    for step, is_inside, number in pixels:
        counts[step, int(is_inside)] += number
    return counts


def expand(counts):
    """Probabilities and reference of every single pixel."""
    steps, is_inside = (each.repeat(counts.ravel()) for each in np.indices((256, 2)).reshape(2, -1))
    return steps / 255, is_inside


@pytest.fixture
def random_counts():
    """Steps of all kinds, most of them outside, as of a small lesion in a large liver."""
    rng = np.random.default_rng(5)
    inside = rng.poisson(np.linspace(0, 4, 256))
    return np.stack([rng.poisson(np.linspace(40, 0, 256)), inside], axis=1)


def test_pixels_are_counted_by_probability_and_reference_for_liver_and_lesion():
    values = np.array([[[[0, 0], [255, 10], [255, 200]]]], np.uint8)  # one slice of three pixels
    counts = count_probabilities(values, np.array([[[0, 1, 2]]], np.uint8))
    np.testing.assert_array_equal(counts["liver"], count((0, False, 1), (255, True, 2)))
    expected = count((0, False, 1), (10, False, 1), (200, True, 1))
    np.testing.assert_array_equal(counts["lesion"], expected)


def test_precision_and_recall_at_a_threshold_by_hand():
    # at 0.5 (127.5 / 255): 3 right and 1 wrong are kept, 2 of 5 missed
    counts = count((51, True, 2), (127, False, 6), (128, True, 3), (204, False, 1))
    point = {point.threshold: point for point in trace_thresholds(counts)}
    assert (point[0.5].precision, point[0.5].recall) == (3 / 4, 3 / 5)
    assert (point[0.2].precision, point[0.2].recall) == (5 / 12, 1)  # 0.2 itself is kept
    assert (point[0.8].precision, point[0.8].recall) == (0, 0)
    assert math.isnan(point[0.85].precision)  # nothing is kept
    assert point[0.85].recall == 0


def test_precision_and_recall_are_those_of_the_single_pixels(random_counts):
    probabilities, is_inside = expand(random_counts)
    for point in trace_thresholds(random_counts):
        kept = np.round(probabilities * 255) * 100 >= round(point.threshold * 100) * 255
        assert point.precision == is_inside[kept].sum() / kept.sum()
        assert point.recall == is_inside[kept].sum() / is_inside.sum()


def test_without_a_region_recall_is_undefined_and_without_pixels_all_is():
    assert all(math.isnan(point.recall) for point in trace_thresholds(count((200, False, 4))))
    for point in trace_thresholds(NOTHING):
        assert math.isnan(point.precision)
        assert math.isnan(point.recall)


def test_a_bin_holds_the_mean_probability_and_the_observed_share():
    counts = count((0, False, 6), (25, True, 2), (26, True, 1), (255, True, 3))
    first, second, *_, last = bin_calibration(counts)
    assert (first.num_pixels, first.observed_share) == (8, 2 / 8)
    assert first.mean_probability == pytest.approx(2 * 25 / 255 / 8)
    assert (second.num_pixels, second.observed_share) == (1, 1)  # 26 / 255 is above 0.1
    assert (last.mean_probability, last.observed_share, last.num_pixels) == (1, 1, 3)


def test_the_calibration_error_is_the_mean_distance_by_pixels():
    # 0.2 said of ten, half of them true; 1 said of ten, all true: (10 * 0.3 + 10 * 0) / 20
    counts = count((51, True, 5), (51, False, 5), (255, True, 10))
    assert compute_calibration_error(bin_calibration(counts)) == pytest.approx(0.15)
    assert math.isnan(compute_calibration_error(bin_calibration(NOTHING)))


def test_the_brier_score_is_the_mean_squared_distance(random_counts):
    # (5 * 0.8^2 + 5 * 0.2^2 + 10 * 0) / 20
    counts = count((51, True, 5), (51, False, 5), (255, True, 10))
    assert compute_brier_score(counts) == pytest.approx(3.4 / 20)
    probabilities, is_inside = expand(random_counts)
    expected = np.mean((probabilities - is_inside) ** 2)
    assert compute_brier_score(random_counts) == pytest.approx(expected)
    assert math.isnan(compute_brier_score(NOTHING))


def test_scoring_loads_scikit_learn_only_when_it_traces():
    """Its import takes a second, which the processes that score the cases do not need."""
    program = "import sys, liverseg.scoring.predictions; print('sklearn' in sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
