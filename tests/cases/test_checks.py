"""Doubts name what is known to be wrong with public data sets."""

import pytest

from liverseg.cases.checks import list_doubts


def test_sound_cases_raise_no_doubt(make_case):
    assert list_doubts([make_case("1"), make_case("2", liver_ml=1400.0)]) == []


@pytest.mark.parametrize(
    ("values", "doubt"),
    [
        ({"spacing_mm": (1.0, 1.0, 1.0)}, "LiTS 28 to 47"),
        ({"hu_min": 0.0}, "are these Hounsfield units?"),
        ({"liver_ml": 0.0, "lesion_ml": 0.0}, "no liver"),
    ],
)
def test_a_doubt_names_the_case(make_case, values, doubt):
    (line,) = list_doubts([make_case("28", **values), make_case("2")])
    assert line.startswith("case 28: ")
    assert doubt in line


def test_one_scan_in_two_data_sets_is_found_despite_other_axes_and_spacing(make_case):
    # 512 * 512 * 119 voxels; 2,106,497 of liver: 2106.497 ml of 1 mm³, 1860.67 ml as they should be
    lits = make_case(
        "44", shape=(512, 512, 119), spacing_mm=(1.0, 1.0, 1.0), liver_ml=2106.497, lesion_ml=185.99
    )
    ircad = make_case(
        "ircad-17",
        shape=(119, 512, 512),
        spacing_mm=(1.6, 0.743, 0.743),
        axis_codes="SLP",
        liver_ml=1860.638,
        lesion_ml=164.282,
    )
    assert any("cases 44, ircad-17: the same scan" in line for line in list_doubts([lits, ircad]))


def test_two_equal_scans_of_one_patient_raise_no_doubt(make_case):
    assert list_doubts([make_case("1", "p"), make_case("2", "p")]) == []
