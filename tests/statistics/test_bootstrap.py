import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from liverseg.statistics.bootstrap import PatientBootstrap, Ratio, build_mean

TEN_PATIENTS = [f"patient {number}" for number in range(10)]
VALUES = [0.1, 0.9, 0.4, 0.7, 0.6, 0.8, 0.75, 0.3, 0.55, 0.65]


def bootstrap(patient_ids, num_bootstraps=2000, seed=1):
    return PatientBootstrap(patient_ids, seed=seed, num_bootstraps=num_bootstraps)


def test_a_mean_covers_the_cases_for_which_it_is_defined():
    estimate = bootstrap(["a", "b", "c"]).estimate(build_mean([0.5, math.nan, 1.0]))
    assert estimate.value == 0.75
    assert estimate.num_cases == 2


def test_a_mean_of_nothing_is_undefined():
    estimate = bootstrap(TEN_PATIENTS).estimate(build_mean([math.nan] * 10))
    assert math.isnan(estimate.value)
    assert math.isnan(estimate.low)
    assert estimate.num_cases == 0


def test_the_interval_agrees_with_the_percentile_bootstrap_of_scipy():
    estimate = bootstrap(TEN_PATIENTS, num_bootstraps=50_000).estimate(build_mean(VALUES))
    expected = stats.bootstrap(
        (VALUES,), np.mean, n_resamples=50_000, method="percentile", rng=np.random.default_rng(2)
    ).confidence_interval
    assert estimate.low == pytest.approx(expected.low, abs=0.005)  # both are random
    assert estimate.high == pytest.approx(expected.high, abs=0.005)


def test_a_pooled_share_is_pooled_in_every_replicate():
    # all lesions of a patient are found, or none: a replicate with s of 10 patients of the first
    # kind finds s * 3 of s * 3 + (10 - s) * 1 lesions
    found = np.array([3.0] * 5 + [0.0] * 5)
    lesions = np.array([3.0] * 5 + [1.0] * 5)
    estimate = bootstrap(TEN_PATIENTS).estimate(Ratio(found, lesions))
    assert estimate.value == pytest.approx(15 / 20)
    shares = [3 * s / (3 * s + 10 - s) for s in range(11)]
    assert min(abs(estimate.low - share) for share in shares) < 1e-12
    assert min(abs(estimate.high - share) for share in shares) < 1e-12
    low, high = stats.binom(10, 0.5).ppf([0.025, 0.975])
    assert estimate.low == pytest.approx(shares[int(low)])
    assert estimate.high == pytest.approx(shares[int(high)])


def test_scans_of_one_patient_are_drawn_together():
    # two patients of ten scans each and four of one: as cases 24 would steady the mean
    patient_ids = ["a"] * 10 + ["b"] * 10 + ["c", "d", "e", "f"]
    values = [0.0] * 10 + [1.0] * 10 + [0.0, 1.0, 0.0, 1.0]
    together = bootstrap(patient_ids).estimate(build_mean(values))
    apart = bootstrap([str(case) for case in range(24)]).estimate(build_mean(values))
    assert together.value == apart.value == 0.5
    assert together.high - together.low > 1.5 * (apart.high - apart.low)


def test_five_patients_have_no_interval_and_six_have_one():
    five, six = (
        bootstrap(TEN_PATIENTS[:count]).estimate(build_mean(VALUES[:count])) for count in (5, 6)
    )
    assert math.isnan(five.low)
    assert math.isnan(five.high)
    assert six.low < six.value < six.high


def test_only_patients_with_a_part_in_a_figure_count_for_its_interval():
    values = VALUES[:5] + [math.nan] * 5
    assert math.isnan(bootstrap(TEN_PATIENTS).estimate(build_mean(values)).low)


def test_two_scans_do_not_make_two_patients():
    patient_ids = [f"patient {case // 2}" for case in range(10)]
    assert math.isnan(bootstrap(patient_ids).estimate(build_mean(VALUES)).low)


def test_the_root_is_taken_of_every_replicate():
    squares, ones = np.array([0.01, 0.04] * 5), np.ones(10)
    plain = bootstrap(TEN_PATIENTS).estimate(Ratio(squares, ones))
    root = bootstrap(TEN_PATIENTS).estimate(Ratio(squares, ones, is_root=True))
    assert root.value == pytest.approx(math.sqrt(0.025))
    assert root.low == pytest.approx(math.sqrt(plain.low))


def test_a_value_for_nothing_covers_all_cases():
    nothing = np.zeros(10)
    estimate = bootstrap(TEN_PATIENTS).estimate(Ratio(nothing, nothing, if_empty=1.0))
    assert (estimate.value, estimate.low, estimate.high, estimate.num_cases) == (1, 1, 1, 10)


def test_one_seed_gives_one_interval_and_another_seed_another():
    first, again, other = (
        bootstrap(TEN_PATIENTS, seed=seed).estimate(build_mean(VALUES)) for seed in (1, 1, 2)
    )
    assert first == again
    assert (first.low, first.high) != (other.low, other.high)


@given(st.permutations(range(10)))
def test_the_order_of_the_cases_does_not_matter(order):
    patient_ids = list("aabbcdefgh")
    expected = bootstrap(patient_ids, 100).estimate(build_mean(VALUES))
    shuffled = bootstrap([patient_ids[case] for case in order], 100)
    estimate = shuffled.estimate(build_mean([VALUES[case] for case in order]))
    assert estimate.low == pytest.approx(expected.low, rel=1e-12)
    assert estimate.high == pytest.approx(expected.high, rel=1e-12)
