"""What cannot be written is told before anything is predicted, and leaves nothing behind."""

import sys

import nibabel as nib
import pydicom
import pytest
from pydicom.uid import generate_uid

from liverseg.errors import DataError
from liverseg.scans.options import Options
from liverseg.scans.predict import predict_scans
from liverseg.scans.scans import find_scans
from tests.commands import PROGRAM, run, run_liverseg
from tests.dicom.test_enhanced import write_enhanced
from tests.made.dicom import change
from tests.scans.conftest import AFFINE

DICOM = Options(dicom=True)


def list_files(folder):
    return sorted(path.name for path in folder.rglob("*")) if folder.exists() else []


def test_nifti_is_refused_before_anything_is_predicted(write_scan, predictor, hu, tmp_path):
    write_scan()
    nib.save(nib.Nifti1Image(hu, AFFINE), tmp_path / "a.nii")
    found = find_scans([tmp_path / "ct", tmp_path / "a.nii"], tmp_path / "out")
    with pytest.raises(DataError, match=r"1 NIfTI files, the first .*a\.nii\. Name the folder"):
        predict_scans(found.scans, predictor, tmp_path / "out", DICOM)
    assert list_files(tmp_path / "out") == []


def test_where_scans_are_mixed_the_series_alone_has_dicom_and_what_is_done_stays(
    write_scan, predictor, hu, tmp_path
):
    write_scan()
    nib.save(nib.Nifti1Image(hu, AFFINE), tmp_path / "a.nii")
    out = tmp_path / "out"
    found = find_scans([tmp_path / "ct", tmp_path / "a.nii"], out)
    mixed = Options(dicom=True, mixed=True)
    assert predict_scans(found.scans, predictor, out, mixed) == ()
    written = {path: path.stat().st_mtime_ns for path in out.glob("*/*")}
    assert [path.parent.name for path in written if path.suffix == ".dcm"] == ["ct"] * 3
    assert predict_scans(found.scans, predictor, out, mixed) == ()
    assert {path: path.stat().st_mtime_ns for path in out.glob("*/*")} == written


def test_the_command_line_says_so_too_in_one_line(hu, tmp_path):
    nib.save(nib.Nifti1Image(hu, AFFINE), tmp_path / "a.nii")
    arguments = (tmp_path / "a.nii", "-o", tmp_path / "out", "--model", "ready", "--dicom")
    finished = run_liverseg("predict", *arguments)
    assert finished.returncode == 2
    assert len(finished.stderr.splitlines()) == 1
    assert "--dicom: expected DICOM series" in finished.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("module", ["highdicom", "fpdf"])
def test_without_its_packages_one_line_says_what_to_install(
    module, write_scan, predictor, tmp_path
):
    """And nothing else needs it."""
    write_scan()
    program = f"import sys; sys.modules['{module}'] = None; {PROGRAM}"
    model = predictor.ensemble.members[0].folder
    arguments = ("predict", tmp_path / "ct", "-o", tmp_path / "out", "--model", model, "-q")
    command = [sys.executable, "-c", program, *map(str, arguments)]
    finished = run([*command, "--dicom"], tmp_path, {})
    assert finished.returncode == 2
    assert len(finished.stderr.splitlines()) == 1
    assert 'pip install "liverseg[dicom]"' in finished.stderr
    assert not (tmp_path / "out").exists()
    assert run(command, tmp_path, {}).returncode == 0


@pytest.mark.parametrize(
    ("elements", "problem"),
    [
        ({"FrameOfReferenceUID": None}, "10 of 10 without FrameOfReferenceUID"),
        ({"SOPInstanceUID": "1.2.3"}, "two files of the same SOPInstanceUID"),
    ],
)
def test_a_series_that_nothing_can_refer_to_fails(
    elements, problem, write_scan, predictor, tmp_path
):
    write_scan(**elements)
    found = find_scans([tmp_path / "ct"], tmp_path / "out")
    (failed,) = predict_scans(found.scans, predictor, tmp_path / "out", DICOM)
    assert failed.error.received == problem
    assert "predict without --dicom" in failed.error.next_step
    assert list_files(tmp_path / "out") == ["lesions.csv", "scans.csv"]
    assert predict_scans(found.scans, predictor, tmp_path / "out") == ()


def test_slices_of_two_frames_of_reference_fail(write_scan, predictor, tmp_path):
    change(write_scan()[3], FrameOfReferenceUID=generate_uid())
    found = find_scans([tmp_path / "ct"], tmp_path / "out")
    (failed,) = predict_scans(found.scans, predictor, tmp_path / "out", DICOM)
    assert failed.error.received == "more than one FrameOfReferenceUID"


def test_two_files_of_several_frames_fail(predictor, hu, tmp_path):
    planes = hu[:, :26].T.copy()
    series_uid = generate_uid()
    for name, half in (("a", slice(0, 5)), ("b", slice(5, 10))):
        path = write_enhanced(
            tmp_path / "ct" / name, planes[half], [4.0 * k for k in range(10)][half]
        )
        change(path, SeriesInstanceUID=series_uid)
    found = find_scans([tmp_path / "ct"], tmp_path / "out")
    (failed,) = predict_scans(found.scans, predictor, tmp_path / "out", DICOM)
    assert failed.error.received == "2 files of several frames each"


def test_what_was_predicted_without_is_done_again_once_with(write_scan, predictor, tmp_path):
    write_scan()
    found, out = find_scans([tmp_path / "ct"], tmp_path / "out"), tmp_path / "out"
    assert predict_scans(found.scans, predictor, out) == ()
    assert not (out / "ct" / "segmentation.dcm").exists()
    assert predict_scans(found.scans, predictor, out, DICOM) == ()
    written = {path.name: path.read_bytes() for path in (out / "ct").iterdir()}
    assert {"segmentation.dcm", "measurements.dcm", "report.dcm"} <= set(written)
    for options in (DICOM, Options()):
        assert predict_scans(found.scans, predictor, out, options) == ()
        assert {path.name: path.read_bytes() for path in (out / "ct").iterdir()} == written
    (out / "ct" / "measurements.dcm").unlink()
    assert predict_scans(found.scans, predictor, out, DICOM) == ()
    assert pydicom.dcmread(out / "ct" / "measurements.dcm").Modality == "SR"


def test_results_within_the_folder_of_a_series_are_no_part_of_it(write_scan, predictor, tmp_path):
    ct, out = tmp_path / "ct", tmp_path / "ct" / "out"
    write_scan()
    first = find_scans([ct], out).scans
    assert predict_scans(first, predictor, out, DICOM) == ()
    assert find_scans([ct], out).scans == first
