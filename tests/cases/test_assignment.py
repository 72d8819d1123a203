"""Roles are shared out by patient, in balance, and stay where they are when cases are added."""

import hashlib
import itertools
import math
from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liverseg.cases.assignment import assign_roles
from liverseg.errors import DataError
from liverseg.params import SplitParams
from liverseg.tables.case_table import Case
from liverseg.tables.split import ROLES

BURDENS = [0.0, 0.0001, 0.001, 0.004, 0.02, 0.05, 0.2, 0.5]


def make_params(seed=1, validation=0.2, test=0.2, num_folds=0, fold=0):
    return SplitParams(
        seed=seed,
        validation_fraction=validation,
        test_fraction=test,
        num_folds=num_folds,
        fold=fold,
    )


def make_case(case_id, patient_id, burden):
    return Case(
        case_id=case_id,
        patient_id=patient_id,
        scan="scan.nii",
        mask="mask.nii",
        shape=(512, 512, 100),
        spacing_mm=(0.7, 0.7, 2.5),
        axis_codes="LPS",
        dtype="int16",
        hu_min=-1024,
        hu_max=1500,
        liver_ml=1500,
        lesion_ml=1500 * burden,
        num_lesions=int(burden > 0),
        liver_slice_fraction=0.6,
        lesion_slice_fraction=0.25,
    )


def make_lits_like_table(num_patients=131, seed=0):
    """A tenth without lesion, the others with a burden of 1.2 %, give or take a factor of 5."""
    rng = np.random.default_rng(seed)
    burdens = np.exp(rng.normal(math.log(0.012), math.log(5), num_patients)).clip(max=0.6)
    burdens[: num_patients // 10] = 0
    return [make_case(str(number), str(number), burden) for number, burden in enumerate(burdens)]


@st.composite
def tables(draw, min_patients=3):
    burdens = draw(st.lists(st.sampled_from(BURDENS), min_size=min_patients, max_size=40))
    return [
        make_case(f"{patient}-{scan}", f"patient {patient}", burden)
        for patient, burden in enumerate(burdens)
        for scan in range(draw(st.integers(1, 2)))
    ]


fractions = st.sampled_from([(0.2, 0.2), (0.1, 0.15), (0.25, 0.5), (0.01, 0.01), (0.01, 0.98)])


def role_of_patients(roles):
    return {row.patient_id: row.role for row in roles}


def fold_of_patients(roles):
    return {row.patient_id: row.fold for row in roles}


@settings(deadline=None, max_examples=25)
@given(cases=tables(), seed=st.integers(0, 5), fraction=fractions)
def test_every_case_has_one_role_and_no_patient_has_two(cases, seed, fraction):
    roles = assign_roles(cases, make_params(seed, *fraction))
    assert sorted(row.case_id for row in roles) == sorted(case.case_id for case in cases)
    roles_of = defaultdict(set)
    for row in roles:
        roles_of[row.patient_id].add(row.role)
    assert all(len(found) == 1 for found in roles_of.values())
    assert {role for found in roles_of.values() for role in found} == {
        "train",
        "validation",
        "test",
    }


@settings(deadline=None, max_examples=25)
@given(cases=tables(min_patients=5), seed=st.integers(0, 5))
def test_totals_and_strata_are_within_one_of_their_fraction(cases, seed):
    role_of = role_of_patients(assign_roles(cases, make_params(seed)))
    without_lesion = {case.patient_id for case in cases if not case.num_lesions}
    for patients in (set(role_of), without_lesion):
        count = Counter(role_of[patient] for patient in patients)
        for role, fraction in (("train", 0.6), ("validation", 0.2), ("test", 0.2)):
            assert abs(count[role] - fraction * len(patients)) < 1


@settings(deadline=None, max_examples=25)
@given(cases=tables(min_patients=5), seed=st.integers(0, 5), num_folds=st.integers(3, 5))
def test_each_fold_is_the_test_set_once_and_all_folds_are_all_patients(cases, seed, num_folds):
    tested, validated = [], []
    for fold in range(num_folds):
        roles = assign_roles(cases, make_params(seed, num_folds=num_folds, fold=fold))
        role_of = role_of_patients(roles)
        tested += [patient for patient, role in role_of.items() if role == "test"]
        validated += [patient for patient, role in role_of.items() if role == "validation"]
        assert all((row.role == "test") == (row.fold == fold) for row in roles)
        next_fold = (fold + 1) % num_folds
        assert all((row.role == "validation") == (row.fold == next_fold) for row in roles)
    assert sorted(tested) == sorted(validated) == sorted({case.patient_id for case in cases})


@settings(deadline=None, max_examples=25)
@given(cases=tables(), order=st.randoms(), num_folds=st.sampled_from([0, 3]))
def test_the_order_of_the_case_table_does_not_matter(cases, order, num_folds):
    params = make_params(num_folds=num_folds)
    assert assign_roles(order.sample(cases, len(cases)), params) == assign_roles(cases, params)


def test_32_patients_give_at_least_6_to_validation_and_to_test():
    for seed in range(10):
        roles = assign_roles(make_lits_like_table(32), make_params(seed))
        count = Counter(row.role for row in roles)
        assert count["validation"] in (6, 7)  # 0.2 * 32 = 6.4
        assert count["test"] in (6, 7)


@given(seed=st.integers(0, 1000), num_free=st.integers(3, 5))
@settings(deadline=None, max_examples=25)
def test_validation_and_test_have_a_lesion_free_patient_where_there_are_three(seed, num_free):
    cases = [make_case(str(i), str(i), 0.0 if i < num_free else 0.02) for i in range(20)]
    roles = assign_roles(cases, make_params(seed))
    assert {row.role for row in roles if int(row.case_id) < num_free} == {*ROLES}


def test_burden_is_balanced_where_a_draw_by_chance_would_not_be():
    cases = make_lits_like_table()
    log_burden = {
        case.case_id: math.log(case.lesion_ml / case.liver_ml) for case in cases if case.num_lesions
    }
    for seed in range(5):
        means = defaultdict(list)
        for row in assign_roles(cases, make_params(seed)):
            if row.case_id in log_burden:
                means[row.role].append(log_burden[row.case_id])
        # by chance the mean over 26 patients has a standard error of log(5) / sqrt(26) = 0.32
        spread = np.ptp([np.mean(values) for values in means.values()])
        assert spread < 0.4


def test_another_seed_gives_another_split():
    cases = make_lits_like_table()
    first, second = (role_of_patients(assign_roles(cases, make_params(seed))) for seed in (1, 2))
    assert sum(first[patient] != second[patient] for patient in first) > 20


@pytest.mark.parametrize(
    ("num_folds", "find", "most_on_average", "most"),
    [(0, role_of_patients, 1.5, 6), (5, fold_of_patients, 3, 10)],
)
def test_one_more_patient_moves_few_others(num_folds, find, most_on_average, most):
    cases = make_lits_like_table()
    params = make_params(num_folds=num_folds)
    before = find(assign_roles(cases, params))
    moved = []
    for number in range(24):
        more = make_case("new", f"new {number}", BURDENS[number % len(BURDENS)])
        after = find(assign_roles([*cases, more], params))
        moved.append(sum(before[patient] != after[patient] for patient in before))
    assert np.mean(moved) < most_on_average
    assert max(moved) <= most


def test_one_more_scan_of_a_patient_moves_nobody():
    cases = make_lits_like_table()
    second_scan = replace(cases[5], case_id="5-later")
    before = role_of_patients(assign_roles(cases, make_params()))
    after = assign_roles([*cases, second_scan], make_params())
    assert role_of_patients(after) == before
    assert {row.role for row in after if row.patient_id == "5"} == {before["5"]}


def test_the_cheapest_of_all_balanced_splits_is_taken():
    cases = [make_case(name, name, 0.02) for name in "abcdef"]  # one stratum: 3.6, 1.2, 1.2
    rates = {"train": 0.6, "validation": 0.2, "test": 0.2}

    def compute_cost(patient_id, role):
        text = repr((1, patient_id, list(rates).index(role)))
        digest = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
        return -math.log((int(digest, 16) + 1) / 2**64) / rates[role]

    def is_balanced(roles):
        counts = Counter(roles)
        return counts["train"] in (3, 4) and {counts["validation"], counts["test"]} <= {1, 2}

    cheapest = min(
        filter(is_balanced, itertools.product(rates, repeat=6)),
        key=lambda roles: sum(map(compute_cost, "abcdef", roles)),
    )
    assert tuple(row.role for row in assign_roles(cases, make_params(seed=1))) == cheapest


def test_three_patients_are_enough_and_two_are_an_error():
    cases = [make_case(str(number), str(number), 0.02) for number in range(3)]
    roles = assign_roles(cases, make_params())
    assert sorted(row.role for row in roles) == ["test", "train", "validation"]
    with pytest.raises(DataError, match=r"split: expected at least 3 patients.* Received: 2"):
        assign_roles(cases[:2], make_params())


def test_two_scans_of_one_patient_do_not_make_two_patients():
    cases = [make_case(str(number), "p", 0.02) for number in range(9)]
    with pytest.raises(DataError, match="Received: 1"):
        assign_roles(cases, make_params())


def test_more_folds_than_patients_are_an_error():
    with pytest.raises(DataError, match="expected at least 5 patients"):
        assign_roles(make_lits_like_table(4), make_params(num_folds=5))
