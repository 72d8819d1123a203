import numpy as np
import pytest
from scipy.stats import entropy

from liverseg.scans.entropy import compute_entropy_steps, map_entropy


def test_the_entropy_is_that_of_scipy_and_ends_in_zero():
    steps = compute_entropy_steps(1.0)
    shares = np.arange(256) / 255
    expected = [entropy([share, 1 - share], base=2) for share in shares]
    assert steps == pytest.approx(np.array(expected), abs=1e-12)
    assert (steps[0], steps[255]) == (0, 0)


def test_a_temperature_counts_before_the_entropy():
    """204 of 255 are odds of 4 to 1, whose root is 2 to 1."""
    expected = -(2 / 3) * np.log2(2 / 3) - (1 / 3) * np.log2(1 / 3)
    assert compute_entropy_steps(2.0)[204] == pytest.approx(expected)
    assert compute_entropy_steps(2.0)[[0, 255]].tolist() == [0, 0]


def test_a_map_holds_255ths_of_a_bit():
    """A quarter has 0.8113 bits, nearly so 64 of 255; 0.8127 * 255 = 207.2."""
    probability = np.array([0, 64, 127, 128, 255], np.uint8).reshape(5, 1, 1)
    assert map_entropy(probability, 1.0).ravel().tolist() == [0, 207, 255, 255, 0]
