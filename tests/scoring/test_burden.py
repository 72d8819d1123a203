import pytest

from liverseg.scoring.burden import compute_burden, compute_burden_error
from liverseg.scoring.overlap import Overlap


def test_burden_is_the_share_of_the_liver_that_is_lesion():
    assert compute_burden(num_lesion=5, num_liver=20) == 0.25


def test_a_mask_without_liver_has_burden_0():
    assert compute_burden(num_lesion=0, num_liver=0) == 0


def test_the_error_is_signed_and_taken_from_the_reference():
    liver = Overlap(num_reference=100, num_predicted=80, num_shared=75)
    lesion = Overlap(num_reference=10, num_predicted=4, num_shared=3)
    # 4 / 80 - 10 / 100
    assert compute_burden_error(liver, lesion) == pytest.approx(-0.05, abs=1e-12)


def test_a_prediction_without_liver_misses_the_whole_burden():
    error = compute_burden_error(Overlap(100, 0, 0), Overlap(10, 0, 0))
    assert error == pytest.approx(-0.1, abs=1e-12)
