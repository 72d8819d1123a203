"""Which lesion is which, and what became of it: balls whose fate is known."""

import math

import numpy as np
import pytest

from liverseg.followup.changes import compare_lesions, compute_limits
from liverseg.followup.comparison import compare_studies
from liverseg.followup.motion import RigidMotion
from liverseg.followup.pairing import Track, pair_lesions
from liverseg.followup.study import Lesion
from liverseg.scans.diameters import Diameters
from tests.made.followup import NOWHERE, build_balls, build_motion

MOTION = build_motion(6, 4, (20, -15, 90))
STILL = RigidMotion(np.eye(4))


def list_changes(before, after, **options):
    """The words, with how many lesions of either scan each is said of; the motion is known."""
    studies = build_balls(before), build_balls(after, motion=MOTION, **options)
    tracks = pair_lesions(*studies, RigidMotion(MOTION))
    compared = [compare_lesions(track, *studies) for track in tracks]
    return [(each.change.value, len(each.baseline), len(each.followup)) for each in compared]


# Ratios of volumes are those of the radii cubed; the border counts 1 mm (half a voxel of 2 mm).
@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ([(0, 0, 0, 8)], [(0, 0, 0, 10)], ("grown", 1, 1)),  # +95 %; limit (9/8)^3 - 1 = 42 %
        ([(0, 0, 0, 10)], [(0, 0, 0, 8)], ("shrunk", 1, 1)),  # -49 %; limit 39 %
        ([(0, 0, 0, 10)], [(0, 0, 0, 10.5)], ("stable", 1, 1)),  # +16 %
        ([(0, 0, 0, 3)], [(0, 0, 0, 3.6)], ("stable", 1, 1)),  # +73 %; limit (4/3)^3 - 1 = 137 %
        ([(0, 0, 0, 10)], [], ("vanished", 1, 0)),
        ([], [(0, 0, 0, 10)], ("new", 0, 1)),
        ([(-9, 0, 0, 11), (9, 0, 0, 11)], [(-9, 0, 0, 6), (9, 0, 0, 5)], ("split", 1, 2)),
        ([(-9, 0, 0, 6), (9, 0, 0, 5)], [(-9, 0, 0, 11), (9, 0, 0, 11)], ("merged", 2, 1)),
        (
            [(0, 0, 0, 16), (24, 0, 0, 4)],
            [(4, 0, 0, 12), (20, 0, 0, 12), (-13, 0, 0, 2.9)],
            ("regrouped", 2, 2),
        ),
    ],
)
def test_each_fate_of_a_lesion_has_its_word(before, after, change):
    assert list_changes(before, after) == [change]


def test_lesions_keep_their_partners_among_others_on_any_grid():
    before = [(0, 0, 0, 14), (40, 10, 5, 9), (-60, 20, 15, 8), (20, -30, -20, 6), (-20, 30, 25, 5)]
    after = [(0, 0, 0, 10), (40, 10, 5, 13), (-60, 20, 15, 8), (20, -30, -20, 6), (10, 35, -15, 7)]
    options = {"spacing_mm": (1.5, 1.5, 4.0), "axis_codes": "PIL"}
    assert list_changes(before, after, **options) == [
        ("shrunk", 1, 1),
        ("grown", 1, 1),
        ("stable", 1, 1),
        ("stable", 1, 1),
        ("vanished", 1, 0),
        ("new", 0, 1),
    ]


def test_neighbours_that_breathing_moved_alike_are_not_taken_for_one_another():
    before = build_balls([(0, 0, 0, 7), (18, 0, 0, 6.5)])
    after = build_balls([(6, 0, 0, 7), (24, 0, 0, 6.5)])
    assert pair_lesions(before, after, STILL) == (Track((1,), (1,)), Track((2,), (2,)))


@pytest.mark.parametrize(("moved_mm", "num_tracks"), [(8, 1), (12, 2)])
def test_a_small_lesion_is_the_same_up_to_ten_millimetres_away(moved_mm, num_tracks):
    before, after = build_balls([(0, 0, 0, 3)]), build_balls([(moved_mm, 0, 0, 3)])
    assert len(pair_lesions(before, after, STILL)) == num_tracks


def test_a_scan_compared_with_itself_is_stable_to_the_last_voxel():
    study = build_balls([(0, 0, 0, 14), (40, 10, 5, 9)])
    comparison = compare_studies(study, study)
    assert [each.volume_change for each in comparison.compared] == [0, 0]
    assert {each.change.value for each in comparison.compared} == {"stable"}


def test_without_lesions_there_is_nothing_to_pair():
    empty = build_balls([])
    comparison = compare_studies(empty, empty)
    assert comparison.compared == ()
    assert comparison.response.overall == "NE"


@pytest.mark.parametrize(
    ("radius_mm", "longest_mm", "shrinkage", "growth"),
    [
        (5, 9.9, 1 - 0.8**3, 1.2**3 - 1),  # below 10 mm the border of 1 mm alone
        (5, 10, 1 - 0.8**3, 1.2**3 - 1),  # 49 and 73 %, more than the 39 % of experts
        (16, 34.9, 0.39, 0.39),
        (18, 35, 0.29, 0.29),
        (30, 60, 0.24, 0.24),
        (0.8, 2, 1, 2.25**3 - 1),  # smaller than the border: no loss can be told
    ],
)
def test_limits_are_what_experts_and_voxels_leave_open(radius_mm, longest_mm, shrinkage, growth):
    volume_ml = 4 / 3 * math.pi * radius_mm**3 / 1000
    lesion = Lesion(1, volume_ml, Diameters(longest_mm, longest_mm, NOWHERE, NOWHERE), None)
    limits = compute_limits(lesion, voxel_ml=0.008)
    assert (limits.shrinkage, limits.growth) == pytest.approx((shrinkage, growth))
