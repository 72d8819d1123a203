import sys

import numpy as np
import pytest

from liverseg.errors import LiversegError
from liverseg.followup.registration import register_livers
from tests.made.followup import build_labels, build_motion

MOTION = build_motion(9, -5, (30, -20, 140))
CORNERS = np.array([[-110.0, 25, 15], [80, 0, 0], [0, 60, 0], [0, -60, 0], [0, 0, 50], [0, 0, -50]])


def test_a_liver_that_was_turned_and_shifted_is_found_again_on_another_grid():
    first = build_labels([], (1.5, 1.5, 5.0))
    second = build_labels([], (2.0, 2.0, 3.0), motion=MOTION)
    found = register_livers(first, second)
    truth = CORNERS @ MOTION[:3, :3].T + MOTION[:3, 3]
    assert np.linalg.norm(found.motion.move(CORNERS) - truth, axis=1).max() < 1.2  # mm
    assert found.liver_dice > 0.97


def test_the_way_back_leads_to_where_one_was():
    found = register_livers(build_labels([]), build_labels([], motion=MOTION))
    there = found.motion.move(CORNERS)
    np.testing.assert_allclose(found.motion.inverse.move(there), CORNERS, atol=1e-9)
    cosine = (np.trace(MOTION[:3, :3]) - 1) / 2
    assert found.motion.turn_degrees == pytest.approx(np.degrees(np.arccos(cosine)), abs=0.5)


def test_registration_gives_the_same_numbers_every_time():
    first, second = build_labels([], (2, 2, 5)), build_labels([], motion=MOTION)
    matrices = [register_livers(first, second).motion.matrix for _ in range(2)]
    assert matrices[0].tobytes() == matrices[1].tobytes()


def test_the_order_of_the_axes_does_not_matter():
    first = build_labels([])
    matrices = [
        register_livers(first, build_labels([], motion=MOTION, axis_codes=codes)).motion.matrix
        for codes in ("RAS", "PIL")
    ]
    np.testing.assert_allclose(*matrices, atol=1e-6)


def test_a_liver_lies_over_itself_as_it_is():
    labels = build_labels([])
    found = register_livers(labels, labels)
    np.testing.assert_allclose(found.motion.matrix, np.eye(4), atol=1e-6)
    assert found.liver_dice == 1


def test_without_simpleitk_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "SimpleITK", None)
    with pytest.raises(LiversegError, match=r'pip install "liverseg\[followup\]"'):
        register_livers(build_labels([]), build_labels([]))
