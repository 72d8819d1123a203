"""The same series gives the same bytes at the same time; no identity stands for two contents."""

from datetime import datetime

import pydicom
import pytest

from liverseg.errors import DataError
from liverseg.scans.dicom_out.moment import read_moment
from liverseg.scans.ensemble import read_ensemble
from liverseg.scans.predictor import Predictor
from tests.commands import run_liverseg
from tests.made.dicom import change
from tests.scans.conftest import write_model_folder

OBJECTS = ("segmentation.dcm", "measurements.dcm", "report.dcm")
NOON = "1767355200"  # 2 January 2026, 12:00 UTC


@pytest.fixture
def at(monkeypatch):
    """A function that sets the clock of all that is made."""
    return lambda seconds: monkeypatch.setenv("SOURCE_DATE_EPOCH", seconds)


def read_bytes(folder):
    return [(folder / name).read_bytes() for name in OBJECTS]


def read_headers(folder):
    return [pydicom.dcmread(folder / name) for name in OBJECTS]


def list_identities(folder):
    return [(made.SOPInstanceUID, made.SeriesInstanceUID) for made in read_headers(folder)]


def list_tracked(folder):
    return [each.TrackingUID for each in read_headers(folder)[0].SegmentSequence]


def test_two_processes_write_the_same_bytes_at_the_same_time(
    write_scan, predict, predictor, at, tmp_path
):
    write_scan()
    at(NOON)
    paths = tmp_path / "ct", "-o", tmp_path / "again"
    options = "--dicom", "--uncertainty", "--force-input"
    model = "--model", predictor.ensemble.members[0].folder
    elsewhere = {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}
    done = run_liverseg("predict", *paths, *options, *model, **elsewhere)
    assert done.returncode == 0, done.stderr
    here, there = predict(uncertainty=True), tmp_path / "again/ct"
    assert read_bytes(here) == read_bytes(there)
    assert (here / "uncertainty.dcm").read_bytes() == (there / "uncertainty.dcm").read_bytes()


def test_made_later_they_are_other_objects_of_the_same_lesions_and_say_when(
    write_scan, predict, at
):
    write_scan()
    before = datetime.now().replace(microsecond=0)
    by_clock = predict("by_clock")
    after = datetime.now()
    at(NOON)
    fixed = predict("fixed")
    assert set(list_identities(by_clock)).isdisjoint(list_identities(fixed))
    assert list_tracked(by_clock) == list_tracked(fixed)
    for made, again in zip(read_headers(by_clock), read_headers(fixed), strict=True):
        for kind in ("Content", "InstanceCreation"):
            day, time = made[f"{kind}Date"].value, made[f"{kind}Time"].value
            assert before <= datetime.strptime(day + time, "%Y%m%d%H%M%S") <= after
            day, time = again[f"{kind}Date"].value, again[f"{kind}Time"].value
            assert (day, time) == ("20260102", "120000")


def test_a_corrected_patient_makes_other_objects_of_the_same_lesions(write_scan, predict, at):
    files = write_scan()
    at(NOON)
    first = predict("first")
    for file in files:
        change(file, PatientID="corrected")
    second = predict("second")
    assert set(list_identities(first)).isdisjoint(list_identities(second))
    assert list_tracked(first) == list_tracked(second)


def test_a_scan_of_another_name_has_another_report_alone(write_scan, predict, at, tmp_path):
    write_scan()
    at(NOON)
    first = list_identities(predict("first"))
    (tmp_path / "ct").rename(tmp_path / "renamed")
    (tmp_path / "ct").mkdir()
    (tmp_path / "renamed").rename(tmp_path / "ct/renamed")
    second = list_identities(predict("second").parent / "renamed")
    assert first[:2] == second[:2]
    assert set(first[2]).isdisjoint(second[2])


def test_another_model_makes_other_objects_and_tracks_other_lesions(
    write_scan, predict, at, tmp_path
):
    write_scan()
    at(NOON)
    first = predict("first")
    other = write_model_folder(tmp_path / "m", sharpness=90.0)  # the same masks
    second = predict("second", using=Predictor(read_ensemble([other])))
    assert set(list_identities(first)).isdisjoint(list_identities(second))
    assert set(list_tracked(first)).isdisjoint(list_tracked(second))


@pytest.mark.parametrize("text", ["", "soon", "-1", "1.5", "٣", "9" * 12, "9" * 30])
def test_a_variable_that_is_no_time_is_an_error(text, at):
    at(text)
    with pytest.raises(DataError, match="SOURCE_DATE_EPOCH: expected whole seconds"):
        read_moment()
