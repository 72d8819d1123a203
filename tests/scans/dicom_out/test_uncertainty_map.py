"""The uncertainty in DICOM, read back by highdicom, and from its elements alone."""

import math

import highdicom
import nibabel as nib
import numpy as np
import pydicom
import pytest
from pydicom.sr.codedict import codes
from pydicom.uid import ParametricMapStorage

from liverseg.dicom.series import find_series
from liverseg.scans.ensemble import read_ensemble
from liverseg.scans.predictor import Predictor
from tests.dicom.test_enhanced import write_enhanced
from tests.scans.conftest import write_model_folder

FEET_LAST_AND_MIRRORED = {"axes": [[1, 0, 0], [0, -1, 0]], "step": (0, 0, -4.0)}


@pytest.fixture(scope="module")
def unsure(tmp_path_factory) -> Predictor:
    """A network that is unsure of everything."""
    folder = tmp_path_factory.mktemp("models") / "unsure"
    return Predictor(read_ensemble([write_model_folder(folder, sharpness=6.0)]))


def read_bits(folder):
    """The map as NIfTI has it, (slice, row, column)."""
    return nib.load(folder / "uncertainty.nii.gz").get_fdata().T


def test_the_map_in_bits_lies_on_the_frames_of_the_series(write_scan, predict, unsure):
    files = write_scan()
    folder = predict(using=unsure, uncertainty=True)
    made = pydicom.dcmread(folder / "uncertainty.dcm")
    assert made.SOPClassUID == ParametricMapStorage
    (mapping,) = made.SharedFunctionalGroupsSequence[0].RealWorldValueMappingSequence
    assert mapping.MeasurementUnitsCodeSequence[0].CodeValue == "bit"
    bits = made.pixel_array * mapping.RealWorldValueSlope + mapping.RealWorldValueIntercept
    expected = read_bits(folder)
    assert len(np.unique(expected)) > 1
    for frame, shown in zip(made.PerFrameFunctionalGroupsSequence, bits, strict=True):
        position = frame.PlanePositionSequence[0].ImagePositionPatient
        (image,) = frame.DerivationImageSequence[0].SourceImageSequence
        (k,) = [
            index
            for index, file in enumerate(files)
            if pydicom.dcmread(file).SOPInstanceUID == image.ReferencedSOPInstanceUID
        ]
        assert position == pydicom.dcmread(files[k]).ImagePositionPatient
        assert np.abs(shown - expected[k]).max() < 1e-6


def test_highdicom_finds_the_map_in_the_patient(write_scan, predict, unsure):
    write_scan(**FEET_LAST_AND_MIRRORED)
    folder = predict(using=unsure, uncertainty=True)
    volume = highdicom.imread(folder / "uncertainty.dcm").get_volume()
    image = nib.load(folder / "uncertainty.nii.gz")
    voxels = np.argwhere(np.ones(image.shape, np.bool_))
    points_lps = nib.affines.apply_affine(image.affine, voxels) * (-1, -1, 1)
    places = nib.affines.apply_affine(np.linalg.inv(volume.affine), points_lps)
    assert np.abs(places - np.rint(places)).max() < 1e-3
    found = volume.array[tuple(np.rint(places).astype(int).T)]
    assert np.abs(found - image.get_fdata()[tuple(voxels.T)]).max() < 1e-6


def test_frames_of_one_file_in_any_order_have_their_map(predict, unsure, hu, tmp_path):
    order = np.random.default_rng(1).permutation(hu.shape[2])
    planes = np.ascontiguousarray(hu[:, :26].T[order])
    write_enhanced(tmp_path / "ct" / "file", planes, [4.0 * k for k in order])
    folder = predict(using=unsure, uncertainty=True)
    made, expected = pydicom.dcmread(folder / "uncertainty.dcm"), read_bits(folder)
    for stored, frame in zip(made.pixel_array, made.PerFrameFunctionalGroupsSequence, strict=True):
        (image,) = frame.DerivationImageSequence[0].SourceImageSequence
        depth = order[image.ReferencedFrameNumber - 1]
        assert np.array_equal(stored, np.rint(255 * expected[depth]))


def test_every_lesion_says_how_sure_it_is(write_scan, predict, unsure):
    """All of 200 HU: 1 / (1 + exp(-6 * (200 - 150) / 255)) is 195 of 255."""
    write_scan()
    report = highdicom.sr.srread(predict(using=unsure) / "measurements.dcm")
    groups = report.content.get_volumetric_roi_measurement_groups()
    assert len(groups) == 2
    p = 195 / 255
    entropy = highdicom.sr.CodedConcept("entropy", "99LIVERSEG", "Binary entropy")
    for group in groups:
        (certainty,) = group.get_measurements(name=codes.DCM.CertaintyOfFinding)
        (bits,) = group.get_measurements(name=entropy)
        assert (certainty.unit.value, bits.unit.value) == ("%", "bit")
        assert certainty.value == pytest.approx(100 * p, abs=0.01)
        expected = -p * math.log2(p) - (1 - p) * math.log2(1 - p)
        assert bits.value == pytest.approx(expected, abs=1e-4)


def test_a_map_that_is_gone_comes_back_when_asked_for_and_is_no_scan(
    write_scan, predict, unsure, tmp_path
):
    write_scan()
    folder = predict(using=unsure)
    assert not (folder / "uncertainty.dcm").exists()
    predict(using=unsure, uncertainty=True)
    content = (folder / "uncertainty.dcm").read_bytes()
    (folder / "uncertainty.dcm").unlink()
    predict(using=unsure, uncertainty=True)
    assert len((folder / "uncertainty.dcm").read_bytes()) == len(content)
    assert len(find_series([tmp_path]).series) == 1
