import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks as find_peaks_by_scipy

from liverseg.cases.peaks import find_peaks, smooth_counts


def draw_histogram(seed):
    """Up to seven hills with noise, some of them cut off at an end."""
    rng = np.random.default_rng(seed)
    bins, counts = np.arange(400), rng.uniform(0, 1, 400)
    for _ in range(rng.integers(1, 8)):
        place, width = rng.uniform(0, 400), rng.uniform(3, 40)
        counts += rng.uniform(5, 50) * np.exp(-(((bins - place) / width) ** 2) / 2)
    return counts


@pytest.mark.parametrize("seed", range(100))
def test_peaks_are_those_of_scipy(seed):
    counts = draw_histogram(seed)
    least = 0.2 * float(counts.max())
    expected, _ = find_peaks_by_scipy(counts, prominence=least)
    assert find_peaks(counts.tolist(), least) == expected.tolist()


def test_a_hill_counts_only_between_a_rise_and_a_fall_of_the_prominence():
    assert find_peaks([0, 5, 3, 5, 0, 2, 0], 3) == [1]  # between both fives it falls by 2
    assert find_peaks([5, 0, 2, 0, 5], 3) == []  # the ends rise or fall on one side alone
    assert find_peaks([], 3) == []


def test_counts_are_smoothed_as_by_scipy_at_the_ends_too():
    counts = np.random.default_rng(1).poisson(draw_histogram(1))
    expected = gaussian_filter1d(counts.astype(np.float64), 12.0)
    assert smooth_counts(counts, 12.0) == pytest.approx(expected, rel=1e-12)
