"""Whose results they are, who made them, what they are called: nothing invented or lost."""

import pydicom
import pytest
from pydicom.uid import UID

from liverseg.scans.provenance import collect_provenance
from tests.made.dicom import change

OBJECTS = ("segmentation.dcm", "measurements.dcm", "report.dcm")
PATIENT_AND_STUDY = (
    *("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "PatientAge"),
    *("OtherPatientIDs", "StudyInstanceUID", "StudyDate", "StudyTime", "StudyID"),
    *("AccessionNumber", "ReferringPhysicianName", "StudyDescription", "ClinicalTrialSubjectID"),
)
EMPTY_WHERE_UNKNOWN = (
    *("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime"),
    *("StudyID", "AccessionNumber", "ReferringPhysicianName"),
)


def read_objects(folder):
    return [pydicom.dcmread(folder / name) for name in OBJECTS]


def list_uids(dataset):
    """All identities in an object, without those of classes and syntaxes of the standard."""
    found = []
    dataset.walk(lambda _, element: found.append(element.value) if element.VR == "UI" else None)
    return {uid for uid in found if UID(uid).name == uid}


def test_patient_and_study_are_those_of_the_series(write_scan, predict):
    files = write_scan(
        SpecificCharacterSet="ISO_IR 100",
        PatientName="Müller^Jörg",
        PatientAge="058Y",
        OtherPatientIDs="other",
        StudyDescription="Übersicht",
        ClinicalTrialSubjectID="subject",
    )
    source = pydicom.dcmread(files[0])
    made_from_it = read_objects(predict())
    assert made_from_it[0].FrameOfReferenceUID == source.FrameOfReferenceUID
    for made in made_from_it:
        for keyword in PATIENT_AND_STUDY:
            assert source[keyword].value, keyword
            assert made[keyword].value == source[keyword].value, keyword
        assert str(made.PatientName) == "Müller^Jörg"


def test_values_that_break_the_standard_are_copied_as_they_stand(write_scan, predict):
    with pytest.warns(UserWarning, match="Invalid value for VR"):
        write_scan(StudyDate="2020-01-02", PatientSex="W")
    for made in read_objects(predict()):
        assert made.PatientSex == "W"
        assert made.get_item("StudyDate").value.strip() == b"2020-01-02"


def test_what_the_series_does_not_say_stays_empty(write_scan, predict):
    write_scan(**dict.fromkeys(EMPTY_WHERE_UNKNOWN))
    for made in read_objects(predict()):
        for keyword in EMPTY_WHERE_UNKNOWN:
            assert keyword in made
            assert not made.get(keyword), keyword


def test_the_same_result_has_the_same_identities_and_another_one_others(
    write_scan, predict, monkeypatch
):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767355200")  # made at another time, another object
    files = write_scan()
    first, again = (read_objects(predict(out)) for out in ("first", "again"))
    source = set.union(*(list_uids(pydicom.dcmread(file)) for file in files))
    for one, other in zip(first, again, strict=True):
        assert list_uids(one) == list_uids(other)
        assert {one.SOPInstanceUID, one.SeriesInstanceUID}.isdisjoint(source)
    assert len({uid for one in first for uid in (one.SOPInstanceUID, one.SeriesInstanceUID)}) == 6
    for file in files:  # 10 HU more: the same masks, but not what was measured in them
        change(file, RescaleIntercept="-1014")
    for one, other in zip(first, read_objects(predict("other")), strict=True):
        assert one.SOPInstanceUID != other.SOPInstanceUID


def test_software_and_model_are_named(write_scan, predict, predictor):
    write_scan()
    made_with = collect_provenance(predictor.ensemble, "none", probabilities=False)
    segmentation, measurements, document = read_objects(predict())
    for made in (segmentation, measurements, document):
        assert (made.Manufacturer, made.ManufacturerModelName) == ("liverseg", "liverseg unet")
        assert made.SoftwareVersions == made_with.liverseg_version
    for segment in segmentation.SegmentSequence:
        (algorithm,) = segment.SegmentationAlgorithmIdentificationSequence
        assert algorithm.AlgorithmName == "liverseg unet"
        assert f"model_1_md5={made_with.models[0].md5}" in str(algorithm.AlgorithmParameters)
    assert (measurements.CompletionFlag, measurements.PreliminaryFlag) == (
        "COMPLETE",
        "PRELIMINARY",
    )
    assert measurements.VerificationFlag == "UNVERIFIED"


def test_every_image_of_the_series_is_referred_to(write_scan, predict):
    files = write_scan()
    expected = {pydicom.dcmread(file).SOPInstanceUID for file in files}
    segmentation, measurements, document = read_objects(predict())
    assert expected <= list_uids(segmentation)
    assert expected <= list_uids(document)
    assert expected | {segmentation.SOPInstanceUID} <= list_uids(measurements)
