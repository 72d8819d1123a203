import math

import pytest

from liverseg.evaluation.case_rows import build_case_rows


@pytest.fixture
def rows(score, lesions, result, results):
    test = (
        score("10", (100, 100, 80)),
        score("9", (200, 100, 75), lesions=lesions(found=1, missed=2, false=4)),
    )
    return build_case_rows(
        results(
            result("unet", (score("3", (100, 100, 10)),), test),
            result("resnet", (score("3", (100, 100, 9)),), test),
        )
    )


def test_test_cases_come_first_and_of_them_the_worst(rows):
    assert list(zip(rows["role"], rows["case_id"], rows["model"], strict=True)) == [
        ("test", "9", "unet"),
        ("test", "9", "resnet"),
        ("test", "10", "unet"),
        ("test", "10", "resnet"),
        ("validation", "3", "resnet"),
        ("validation", "3", "unet"),
    ]


def test_volumes_are_voxels_times_the_volume_of_a_voxel(rows):
    # 1 x 2 x 5 mm = 0.01 ml
    assert rows.loc[0, "lesion_reference_ml"] == pytest.approx(2)
    assert rows.loc[0, "lesion_predicted_ml"] == pytest.approx(1)
    assert rows.loc[0, "liver_reference_ml"] == pytest.approx(10)


def test_lesions_are_counted_and_an_undefined_distance_stays_undefined(rows):
    row = rows.loc[0]
    assert row["lesion_dice"] == 0.5  # 2 * 75 / 300
    assert row["num_lesions_reference"] == 3
    assert row["num_lesions_predicted"] == 5
    assert row["num_lesions_matched"] == row["num_lesions_touched"] == 1
    assert math.isnan(row["lesion_assd_mm"])
