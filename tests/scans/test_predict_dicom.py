import re

import numpy as np
import pytest

from liverseg.dicom.series import read_series
from liverseg.errors import DataError
from liverseg.grids.grid import Grid
from liverseg.scans.ensemble import read_ensemble
from liverseg.scans.predict import predict_scans
from liverseg.scans.predictor import Predictor
from liverseg.scans.scans import find_scans
from liverseg.volumes.alignment import align_labels
from liverseg.volumes.nifti import read_labels
from tests.commands import run_liverseg
from tests.dicom.test_enhanced import write_enhanced
from tests.made.dicom import write_series
from tests.scans.conftest import AFFINE


def write_dicom(folder, hu, **elements):
    """The scan of the fixtures (i, j, k) as slices: its axes are those of DICOM, LPS."""
    origin = [-AFFINE[0, 3], -AFFINE[1, 3], AFFINE[2, 3]]
    return write_series(
        folder, hu.T, origin=origin, step=[0, 0, 4.0], spacing=(2.0, 2.0), **elements
    )


def predict(found, model, out):
    return predict_scans(found.scans, Predictor(read_ensemble([model])), out)


def test_a_series_comes_out_as_the_same_scan_in_nifti(model, hu, labels, tmp_path):
    write_dicom(tmp_path / "scans" / "ct 1", hu)
    found = find_scans([tmp_path / "scans"], tmp_path / "out")
    assert [(scan.name, len(scan.files)) for scan in found.scans] == [("ct%201", 10)]
    assert predict(found, model, tmp_path / "out") == ()
    written = read_labels(tmp_path / "out" / "ct%201" / "labels.nii.gz")
    aligned = align_labels(written, Grid(labels.shape, AFFINE), "series")
    assert np.array_equal(aligned, labels)


def test_two_series_of_one_folder_are_told_apart_by_their_numbers(hu, tmp_path):
    for number in (3, 4):
        folder = tmp_path / f"written {number}"
        for file in write_dicom(folder, hu, series_uid=f"1.2.{number}", SeriesNumber=number):
            (tmp_path / "ct").mkdir(exist_ok=True)
            file.rename(tmp_path / "ct" / f"{number}-{file.name}")
    found = find_scans([tmp_path / "ct"], tmp_path / "out")
    assert [scan.name for scan in found.scans] == ["ct-series-3", "ct-series-4"]


def test_two_acquisitions_of_one_series_are_told_apart_by_their_numbers(hu, tmp_path):
    folder = tmp_path / "ct (new)"
    folder.mkdir()
    for number in (1, 2):
        written = tmp_path / f"written {number}"
        for file in write_dicom(written, hu, series_uid="1.2.3", AcquisitionNumber=number):
            file.rename(folder / f"{number}-{file.name}")
    found = find_scans([folder], tmp_path / "out")
    names = [f"ct%20%28new%29-acquisition-{number}" for number in (1, 2)]
    assert [scan.name for scan in found.scans] == names


def test_a_multi_frame_file_is_one_file_of_a_scan(hu, tmp_path):
    depths = [AFFINE[2, 3] + 4.0 * k for k in range(hu.shape[2])]
    path = write_enhanced(tmp_path / "ct", hu.T, depths)
    (scan,) = find_scans([path.parent], tmp_path / "out").scans
    assert scan.files == (path,)
    assert np.array_equal(read_series(scan.series).data, hu)


def test_files_without_a_preamble_are_a_series(model, hu, labels, tmp_path):
    for file in write_dicom(tmp_path / "ct", hu):
        file.write_bytes(file.read_bytes()[132:])
    found = find_scans([tmp_path / "ct"], tmp_path / "out")
    assert [scan.name for scan in found.scans] == ["ct"]
    assert predict(found, model, tmp_path / "out") == ()
    written = read_labels(tmp_path / "out" / "ct" / "labels.nii.gz")
    assert np.array_equal(align_labels(written, Grid(labels.shape, AFFINE), "series"), labels)


def test_a_series_with_a_missing_slice_fails(model, hu, tmp_path):
    files = write_dicom(tmp_path / "ct", hu)
    files[4].unlink()
    (failed,) = predict(find_scans([tmp_path / "ct"], tmp_path / "out"), model, tmp_path / "out")
    assert failed.scan.name == "ct"


def test_what_the_error_advises_makes_a_scan_of_a_series_with_a_missing_slice(
    model, hu, labels, tmp_path
):
    files = write_dicom(tmp_path / "ct", hu)
    files[4].unlink()
    (failed,) = predict(find_scans([tmp_path / "ct"], tmp_path / "out"), model, tmp_path / "out")
    advised = re.search(
        r"liverseg (import FOLDER -o SET --resample-slices), and go on with (SET/images)\.",
        failed.error.next_step,
    )
    places = {"FOLDER": tmp_path / "ct", "SET": tmp_path / "set"}
    done = run_liverseg(*(places.get(word, word) for word in advised[1].split()))
    assert done.returncode == 0, done.stderr
    found = find_scans([tmp_path / advised[2].lower()], tmp_path / "out")
    assert predict(found, model, tmp_path / "out") == ()
    written = read_labels(tmp_path / "out" / "case_001" / "labels.nii.gz")
    aligned = align_labels(written, Grid(labels.shape, AFFINE), "series")
    there = [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert np.array_equal(aligned[..., there], labels[..., there])


def test_beside_nifti_files_dicom_files_are_passed_over(write_scan, hu, tmp_path):
    write_dicom(tmp_path / "dicom", hu)
    write_scan(tmp_path / "a.nii")
    found = find_scans([tmp_path], tmp_path / "out")
    assert [scan.name for scan in found.scans] == ["a"]


def test_dicom_without_ct_is_an_error(hu, tmp_path):
    write_dicom(tmp_path / "mr", hu, Modality="MR")
    with pytest.raises(DataError, match="10 files that are no CT slices"):
        find_scans([tmp_path / "mr"], tmp_path / "out")
