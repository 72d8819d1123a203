"""The DICOM SR, read back by highdicom."""

import csv

import highdicom
import numpy as np
import pytest
from pydicom.sr.codedict import codes

from tests.made.dicom import change, rotate

TILTED = rotate(15, 25)


def read_report(folder):
    return highdicom.sr.srread(folder / "measurements.dcm")


def read_lesions(folder):
    with (folder / "lesions.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def read_value(group, name):
    (measurement,) = group.get_measurements(name=name)
    return measurement.value, measurement.unit.value


def read_ends(group, name):
    (measurement,) = group.get_measurements(name=name)
    (points,) = measurement.referenced_coordinates
    return points.value, points.frame_of_reference_uid


def test_every_lesion_has_its_volume_and_hu_on_its_segment(write_scan, predict):
    """4 x 4 x 2 and 2 x 3 x 1 voxels of 2 x 2 x 4 mm = 0.016 ml; all lesions have 200 HU."""
    write_scan()
    folder = predict()
    seg = highdicom.seg.segread(folder / "segmentation.dcm")
    groups = read_report(folder).content.get_volumetric_roi_measurement_groups()
    assert len(groups) == 2
    for number, (group, volume_ml) in enumerate(zip(groups, (0.512, 0.096), strict=True), start=1):
        assert read_value(group, codes.SCT.Volume) == (volume_ml, "cm3")
        assert read_value(group, codes.DCM.AttenuationCoefficient) == (200, "[hnsf'U]")
        segment = group.referenced_segment
        assert segment.referenced_sop_instance_uid == seg.SOPInstanceUID
        described = seg.get_segment_description(number + 1)
        assert segment.referenced_segment_numbers == [number + 1]
        assert group.tracking_uid == described.tracking_uid
        assert group.tracking_identifier == described.tracking_id
        assert [site.value.value for site in group.finding_sites] == ["10200004"]


def test_both_diameters_have_their_ends_in_the_patient(write_scan, predict):
    """The first lesion fills i 10 to 13, j 11 to 14 of pixels of 2 mm from (-30, -40), so x from
    -30 + 2 * 10 - 1 to -30 + 2 * 13 + 1, and y from -40 + 2 * 11 - 1 to -40 + 2 * 14 + 1. Its
    diameters are the diagonals of 8 x 8 mm in one of its two slices, k 4 and 5 at -44 and -40 mm.
    """
    write_scan()
    report = read_report(predict())
    group = report.content.get_image_measurement_groups()[1]
    assert group.tracking_identifier == "Liver lesion 1"
    for name in (codes.SCT.LongAxis, codes.SCT.PerpendicularAxis):
        length, unit = read_value(group, name)
        ends, _ = read_ends(group, name)
        assert (length, unit) == (11.31, "mm")
        assert sorted(ends[:, 0]) == [-11, -3]
        assert sorted(ends[:, 1]) == [-19, -11]
        assert ends[0, 2] == ends[1, 2]
        assert ends[0, 2] in (-44, -40)


@pytest.mark.parametrize(
    "geometry",
    [
        {},
        {"spacing": (1.5, 2.0)},
        {"axes": [[1, 0, 0], [0, -1, 0]], "step": (0, 0, -4.0)},
        {"axes": [[1, 0, 0], [0, 0, -1]], "step": (0, 4.0, 0)},
        {"axes": TILTED, "step": 4.0 * np.cross(*TILTED)},
    ],
)
def test_the_ends_are_as_far_apart_as_the_diameter_and_at_right_angles(
    geometry, write_scan, predict
):
    write_scan(**geometry)
    folder = predict()
    seg = highdicom.seg.segread(folder / "segmentation.dcm")
    groups = read_report(folder).content.get_image_measurement_groups()[1:]
    rows = read_lesions(folder)
    assert len(rows) == len(groups) > 0
    for row, group in zip(rows, groups, strict=True):
        long, frame_uid = read_ends(group, codes.SCT.LongAxis)
        across, _ = read_ends(group, codes.SCT.PerpendicularAxis)
        assert frame_uid == seg.FrameOfReferenceUID
        for ends, name, column in (
            (long, codes.SCT.LongAxis, "longest_diameter_mm"),
            (across, codes.SCT.PerpendicularAxis, "perpendicular_diameter_mm"),
        ):
            assert read_value(group, name)[0] == float(row[column])
            assert np.linalg.norm(ends[1] - ends[0]) == pytest.approx(float(row[column]), abs=0.01)
        assert (long[1] - long[0]) @ (across[1] - across[0]) == pytest.approx(0, abs=1e-3)
        centre = np.array([float(row[f"centre_lps_{axis}_mm"]) for axis in "xyz"])
        apart = np.linalg.norm(np.concatenate([long, across]) - centre, axis=1)
        assert apart.max() < float(row["longest_diameter_mm"])


def test_the_liver_has_its_volume_with_its_lesions(write_scan, predict):
    """20 x 18 x 6 voxels of 0.016 ml."""
    write_scan()
    (group,) = read_report(predict()).content.get_image_measurement_groups()[:1]
    assert group.tracking_identifier == "Liver, lesions included"
    assert read_value(group, codes.SCT.Volume) == (pytest.approx(34.56), "cm3")


def test_without_lesions_the_report_has_the_liver_alone(write_scan, predict):
    for file in write_scan():
        change(file, PixelData=np.full((26, 32), 1024 - 50, "<u2").tobytes())
    (group,) = read_report(predict()).content.get_image_measurement_groups()
    assert read_value(group, codes.SCT.Volume)[0] == 0
