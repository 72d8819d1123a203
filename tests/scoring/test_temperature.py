import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from liverseg.scoring.temperature import calibrate_steps, fit_temperature
from tests.scoring.test_calibration import NOTHING, count


def test_odds_of_four_to_one_that_come_true_two_to_one_take_a_temperature_of_two():
    # 204 / 255 is 0.8, of which 2 in 3 are true; 51 / 255 is 0.2, of which 1 in 3 is
    counts = count((204, True, 20), (204, False, 10), (51, True, 5), (51, False, 10))
    assert fit_temperature(counts) == pytest.approx(2, abs=1e-3)
    assert calibrate_steps(2)[[51, 204]] == pytest.approx([1 / 3, 2 / 3])


def test_probabilities_that_say_too_little_take_a_temperature_below_one():
    # odds of two to one that come true four to one
    counts = count((170, True, 8), (170, False, 2))
    assert fit_temperature(counts) == pytest.approx(0.5, abs=1e-3)


def test_probabilities_that_come_true_stay_to_the_last_digit():
    np.testing.assert_array_equal(calibrate_steps(1.0), np.arange(256) / 255)


def test_the_temperature_is_the_slope_of_a_logistic_regression():
    """Of truth on logits without intercept or penalty, the inverse of the slope."""
    rng = np.random.default_rng(3)
    steps = rng.integers(1, 255, 4000)
    logits = np.log(steps / (255 - steps))
    is_inside = rng.random(4000) < 1 / (1 + np.exp(-0.6 * logits))
    counts = np.stack([np.bincount(steps[mask], minlength=256) for mask in (~is_inside, is_inside)])
    regression = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-8)
    regression.fit(logits[:, None], is_inside)
    expected = 1 / regression.coef_.item()
    assert fit_temperature(counts.T) == pytest.approx(expected, abs=1e-3)


@given(st.floats(0.1, 10))
def test_order_and_ends_stay_at_every_temperature(temperature):
    calibrated = calibrate_steps(temperature)
    assert (np.diff(calibrated) >= 0).all()
    assert (calibrated[0], calibrated[-1]) == (0, 1)
    assert calibrated + calibrated[::-1] == pytest.approx(np.ones(256))


@pytest.mark.parametrize(
    "counts",
    [
        NOTHING,
        count((100, False, 9), (200, False, 3)),  # no such region in the reference
        count((100, True, 9), (200, True, 3)),
        count((0, False, 9), (0, True, 2), (255, True, 3), (255, False, 1)),  # none that moves
    ],
)
def test_without_pixels_inside_and_outside_that_it_moves_there_is_no_temperature(counts):
    assert fit_temperature(counts) == 1


def test_a_temperature_stays_within_its_limits():
    always_right = count((250, True, 9), (5, False, 9))
    always_wrong = count((250, False, 9), (5, True, 9))
    assert fit_temperature(always_right) == pytest.approx(0.1, abs=1e-3)
    assert fit_temperature(always_wrong) == pytest.approx(10, abs=1e-3)
