"""NRRD, MetaImage and zip archives are predicted like the same scan in NIfTI."""

import sys
import zipfile

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 (its own documentation calls it so)

import liverseg
from liverseg.errors import DataError, LiversegError
from liverseg.grids.grid import Grid
from liverseg.scans.scans import find_scans
from liverseg.volumes.alignment import align_labels
from liverseg.volumes.nifti import read_labels
from tests.scans.conftest import AFFINE
from tests.scans.test_predict_dicom import write_dicom

LPS = np.diag([-1.0, -1, 1, 1]) @ AFFINE


@pytest.fixture
def write_itk(hu):
    """A function that writes the scan of the fixtures where ``AFFINE`` places it."""

    def write(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        image = sitk.GetImageFromArray(hu.T)
        spacing = np.linalg.norm(LPS[:3, :3], axis=0)
        image.SetSpacing(spacing.tolist())
        image.SetDirection((LPS[:3, :3] / spacing).ravel().tolist())
        image.SetOrigin(LPS[:3, 3].tolist())
        sitk.WriteImage(image, path)
        return path

    return write


def write_zip(path, folder):
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder))
    return path


def read_on_scan(folder, labels):
    written = read_labels(folder / "labels.nii.gz")
    return align_labels(written, Grid(labels.shape, AFFINE), "labels")


def test_each_format_comes_out_as_the_same_scan_in_nifti(model, labels, write_itk, tmp_path):
    for name in ("a.nrrd", "b.nhdr", "c.mha", "d.MHD"):
        write_itk(tmp_path / "scans" / name.lower())
    (tmp_path / "scans" / "d.mhd").rename(tmp_path / "scans" / "d.MHD")
    predicted = liverseg.predict(tmp_path / "scans", tmp_path / "out", model=model)
    assert predicted.failed == ()
    assert [scan.scan for scan in predicted.done] == ["a", "b", "c", "d"]
    for scan in predicted.done:
        assert np.array_equal(read_on_scan(tmp_path / "out" / scan.scan, labels), labels)


def test_both_files_of_a_detached_header_are_one_scan(write_itk, tmp_path):
    write_itk(tmp_path / "scans" / "a.mhd")
    (scan,) = find_scans([tmp_path / "scans"], tmp_path / "out").scans
    assert [file.name for file in scan.files] == ["a.mhd", "a.raw"]
    assert not scan.is_nifti


def test_a_bad_file_fails_and_the_others_are_done(model, write_itk, tmp_path):
    write_itk(tmp_path / "scans" / "a.nrrd")
    write_itk(tmp_path / "scans" / "b.mhd")
    (tmp_path / "scans" / "b.raw").unlink()
    predicted = liverseg.predict(tmp_path / "scans", tmp_path / "out", model=model)
    assert [scan.scan for scan in predicted.done] == ["a"]
    (failed,) = predicted.failed
    assert "b.mhd: expected the file b.raw with its voxels" in str(failed.error)
    assert not (tmp_path / "out" / "b").exists()


def test_scans_of_an_archive_are_named_after_their_folders(
    model, labels, write_scan, write_itk, tmp_path
):
    for name in ("one", "two"):
        write_scan(tmp_path / "given/study" / name / "ct.nii.gz")
    write_itk(tmp_path / "given/study/two/late.nrrd")
    (tmp_path / "given/study/three").mkdir()
    (tmp_path / "given/study/three/bad.nii").write_bytes(b"no NIfTI")
    write_scan(tmp_path / "given/study/one/segmentations/liver.nii.gz")
    archive = write_zip(tmp_path / "scans.zip", tmp_path / "given")
    predicted = liverseg.predict(archive, tmp_path / "out", model=model)
    assert [scan.scan for scan in predicted.done] == ["one-ct", "two-ct", "two-late"]
    for scan in predicted.done:
        assert np.array_equal(read_on_scan(tmp_path / "out" / scan.scan, labels), labels)
    (failed,) = predicted.failed
    assert str(failed.error).startswith(f"{archive}/study/three/bad.nii: expected")


def test_a_series_in_an_archive_has_dicom_results_too(model, hu, tmp_path):
    write_dicom(tmp_path / "given" / "patient" / "ct", hu)
    archive = write_zip(tmp_path / "patient.zip", tmp_path / "given")
    predicted = liverseg.predict([archive], tmp_path / "out", model=model, dicom=True)
    assert [scan.scan for scan in predicted.done] == ["ct"]
    assert (tmp_path / "out/ct/segmentation.dcm").is_file()


def test_slices_that_lie_free_in_an_archive_are_named_after_it(hu, tmp_path):
    write_dicom(tmp_path / "patient", hu)
    folder = tmp_path / "patient"
    archives = {folder: tmp_path / "patient.zip"}
    (scan,) = find_scans([folder], tmp_path / "out", archives=archives).scans
    assert scan.name == "patient"


def test_archives_tell_their_scans_apart_by_the_same_names_each_time(model, write_scan, tmp_path):
    given = []
    for patient in ("p1", "p2"):
        write_scan(tmp_path / patient / "ct.nii")
        given.append(write_zip(tmp_path / f"{patient}.zip", tmp_path / patient))
    given.append(write_scan(tmp_path / "p3/ct.nii"))
    for _ in range(2):
        predicted = liverseg.predict(given, tmp_path / "out", model=model)
        assert [scan.scan for scan in predicted.done] == ["p1-ct", "p2-ct", "p3-ct"]
    assert sum(path.is_dir() for path in (tmp_path / "out").iterdir()) == 3


def test_an_archive_without_scans_is_named(model, tmp_path):
    (tmp_path / "given").mkdir()
    (tmp_path / "given/notes.txt").write_text("nothing")
    archive = write_zip(tmp_path / "notes.zip", tmp_path / "given")
    with pytest.raises(DataError, match=r"notes\.zip: expected .*1 other files"):
        liverseg.predict(archive, tmp_path / "out", model=model)
    assert not (tmp_path / "out").exists()


def test_without_simpleitk_nothing_is_begun(model, write_scan, write_itk, tmp_path, monkeypatch):
    write_itk(tmp_path / "scans/b.mha")
    write_scan(tmp_path / "scans/a.nii")
    monkeypatch.setitem(sys.modules, "SimpleITK", None)
    with pytest.raises(LiversegError, match=r'pip install "liverseg\[itk\]"'):
        liverseg.predict(tmp_path / "scans", tmp_path / "out", model=model)
    assert not (tmp_path / "out").exists()


def test_a_reoriented_nifti_and_its_nrrd_have_the_same_labels_in_the_patient(
    model, write_itk, labels, tmp_path
):
    """SimpleITK itself converts: the NIfTI that it writes is read without our own affine."""
    path = write_itk(tmp_path / "a.nrrd")
    turned = sitk.DICOMOrient(sitk.ReadImage(path), "RPI")
    sitk.WriteImage(turned, tmp_path / "b.nii")
    sitk.WriteImage(turned, tmp_path / "c.nrrd")
    liverseg.predict([tmp_path / "b.nii", tmp_path / "c.nrrd"], tmp_path / "out", model=model)
    for name in ("b", "c"):
        assert np.array_equal(read_on_scan(tmp_path / "out" / name, labels), labels)
