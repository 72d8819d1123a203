"""Probabilities that mean what they say: a temperature a region, fitted on validation cases.

The temperature divides the logit of every probability: Guo et al., On Calibration of Modern Neural
Networks, ICML 2017. Above 1 it takes back what a network promises too much, below 1 what it
withholds. The order of the pixels stays, so that no label needs it; 0 and 1 stay as well, so that
it cannot mend what a network is wrongly sure of to the last of 255 steps.
"""

import math

import numpy as np
import numpy.typing as npt

from liverseg.scoring.calibration import STEPS, Steps

LIMITS = (0.1, 10.0)
"""The temperatures that are tried."""

DECIMALS = 3


def calibrate_steps(temperature: float) -> Steps:
    """What each of the 256 steps of an 8-bit probability means, from 0 to 1.

    Args:
        temperature: Of the region; 1 leaves the steps to the last digit.
    """
    if temperature == 1:
        return STEPS
    from scipy.special import expit, logit  # slow to load, and most temperatures are 1

    calibrated: Steps = expit(logit(STEPS) / temperature)
    return calibrated


def fit_temperature(counts: npt.NDArray[np.int64]) -> float:
    """The temperature of least binary cross-entropy over the pixels that it moves.

    1 where it moves none inside the reference or none outside: then any would do, or the most
    extreme one.

    Args:
        counts: Of one region on the validation cases, (256, 2), see ``count_probabilities``.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import logit

    outside, inside = counts[1:-1].T
    if not outside.any() or not inside.any():
        return 1.0
    logits = logit(STEPS[1:-1])

    def sum_entropy(exponent: float) -> float:
        divided = logits / math.exp(exponent)
        return float(outside @ np.logaddexp(0, divided) + inside @ np.logaddexp(0, -divided))

    lowest, highest = map(math.log, LIMITS)
    best = minimize_scalar(sum_entropy, bounds=(lowest, highest), method="bounded")
    return round(math.exp(best.x), DECIMALS)
