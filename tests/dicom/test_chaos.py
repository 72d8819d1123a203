"""CHAOS: pictures of the liver beside slices, told by the order of names alone."""

import cv2
import numpy as np
import pytest

from liverseg.dicom.import_set import import_dicom
from liverseg.dicom.masks import build_labels
from liverseg.dicom.series import find_series, order_series
from liverseg.errors import DataError
from liverseg.volumes.nifti import read_labels
from liverseg.volumes.structure_names import Patterns
from tests.made.dicom import change, make_hu, write_series

SHAPE = (5, 6, 8)  # slices, rows, columns


@pytest.fixture
def mask():
    """No two slices, rows or columns alike, so that nothing can be swapped or turned unseen."""
    liver = np.zeros(SHAPE, np.bool_)
    for k in range(SHAPE[0]):
        liver[k, 1 + k // 3 : 4, 2 : 4 + k] = True
    return liver


def write_patient(folder, mask, *, names_from_above):
    """Slices that ascend; their names, and those of the pictures, go up or down the body."""
    files = write_series(folder / "DICOM_anon", make_hu(SHAPE))
    order = range(len(files))[::-1] if names_from_above else range(len(files))
    (folder / "Ground").mkdir()
    for number, k in enumerate(order):
        files[k].rename(folder / "DICOM_anon" / f"i{number:04},0000b.dcm")
        picture = folder / "Ground" / f"liver_GT_{number:03}.png"
        cv2.imwrite(str(picture), 255 * mask[k].astype(np.uint8))
    return folder


def read(folder):
    (series,) = find_series([folder]).series
    return build_labels(series, order_series(series), (), Patterns())


@pytest.mark.parametrize("names_from_above", [False, True])
def test_pictures_lie_on_the_slices_of_their_rank(tmp_path, mask, names_from_above):
    named = read(write_patient(tmp_path / "1", mask, names_from_above=names_from_above))
    assert named.liver == ("liver",)
    assert np.array_equal(named.labels.T, mask)


def test_patients_are_told_by_their_folders_whatever_the_headers_say(tmp_path, mask, monkeypatch):
    monkeypatch.setenv("LIVERSEG_WORKERS", "1")
    for number in (1, 2):
        folder = write_patient(tmp_path / f"CT/{number}", mask, names_from_above=True)
        for n, file in enumerate(sorted((folder / "DICOM_anon").iterdir())):
            change(file, SeriesInstanceUID=f"1.2.{n}", PatientID="anonymous")
    imported = import_dicom([tmp_path / "CT"], tmp_path / "set", Patterns())
    assert [case.job.patient_id for case in imported.cases] == ["patient_001", "patient_002"]
    assert imported.left_out == ()
    labels = read_labels(tmp_path / "set/masks/case_002.nii.gz")
    assert labels.data.sum() == mask.sum()


def spoil_size(picture):
    cv2.imwrite(str(picture), np.zeros((6, 7), np.uint8))


def spoil_values(picture):
    pixels = np.zeros(SHAPE[1:], np.uint8)
    pixels[0, :2] = 63, 126
    cv2.imwrite(str(picture), pixels)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda picture: picture.unlink(), "Ground: expected 5 pictures, as slices. Received: 4"),
        (spoil_size, "GT_002.png: expected a PNG of 8 x 6 pixels. Received: 7 x 6"),
        (spoil_values, "Ground: expected one value besides 0. Received: 0, 63, 126, 255"),
        (lambda picture: picture.write_bytes(b"no PNG"), "a picture in PNG"),
        (lambda picture: picture.write_bytes(picture.read_bytes()[:40]), "cannot be unpacked"),
    ],
)
def test_pictures_that_do_not_fit_are_named(tmp_path, mask, spoil, message):
    folder = write_patient(tmp_path / "1", mask, names_from_above=False)
    spoil(folder / "Ground" / "liver_GT_002.png")
    with pytest.raises(DataError, match=message):
        read(folder)


def test_a_test_set_without_pictures_is_imported_without_a_mask(tmp_path, mask):
    folder = write_patient(tmp_path / "1", mask, names_from_above=False)
    for picture in (folder / "Ground").iterdir():
        picture.unlink()
    assert read(folder) is None
