"""Masks from DICOM-SEGs made with highdicom, and from folders of binary slices."""

import shutil

import numpy as np
import pydicom
import pytest

from liverseg.dicom.masks import Patterns, build_labels
from liverseg.dicom.series import find_series, order_series
from liverseg.errors import DataError
from tests.made.dicom import change, make_hu, rotate, save, write_series
from tests.made.dicom_masks import write_segmentation, write_structure

PATTERNS = Patterns(("liver",), ("liver*tumo*r*",))
SHAPE = (6, 7, 9)  # no multiple of 8 pixels: the bits of a binary segmentation run on


def make_masks(shape=SHAPE):
    """A liver, and a lesion that reaches out of it (slice, row, column)."""
    liver, lesion = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    liver[1:5, 2:6, 1:7] = 1
    lesion[2:4, 3:5, 5:8] = 1
    return liver, lesion


def make_labels(liver, lesion):
    labels = liver.copy()
    labels[lesion > 0] = 2
    return labels


def read_labels(folder, patterns=PATTERNS):
    found = find_series([folder])
    (series,) = found.series
    return build_labels(series, order_series(series), found.masks, patterns)


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL", "LABELMAP"])
def test_segments_become_liver_and_lesion(tmp_path, kind):
    files = write_series(tmp_path, make_hu(SHAPE))
    liver, lesion = make_masks()
    masks = {"Liver": liver, "Liver Tumour 1": lesion, "Spleen": np.roll(liver, 2, axis=2)}
    if kind == "LABELMAP":  # one value a pixel
        masks["Liver"], masks["Spleen"] = liver & ~lesion, liver * 0
    write_segmentation(tmp_path / "seg", files, masks, kind)
    named = read_labels(tmp_path)
    assert np.array_equal(named.labels, make_labels(liver, lesion).T)
    assert (named.liver, named.lesion) == (("Liver",), ("Liver Tumour 1",))
    assert named.unused == ("Spleen",)


def test_a_fraction_counts_from_one_half(tmp_path):
    files = write_series(tmp_path, make_hu(SHAPE))
    liver = np.zeros(SHAPE, np.float32)
    liver[1, 2, :4] = (0.2, 0.49, 0.51, 1)
    write_segmentation(tmp_path / "seg", files, {"liver": liver}, "FRACTIONAL")
    assert read_labels(tmp_path).labels.T[1, 2, :4].tolist() == [0, 0, 1, 1]


def test_segments_of_an_oblique_scan_lie_on_its_voxels(tmp_path):
    axes = rotate(15, 25)
    files = write_series(tmp_path, make_hu(SHAPE), axes=axes, step=2.0 * np.cross(*axes))
    liver, lesion = make_masks()
    write_segmentation(tmp_path / "seg", files, {"liver": liver, "liver tumor": lesion})
    assert np.array_equal(read_labels(tmp_path).labels, make_labels(liver, lesion).T)


def test_segments_of_a_tilted_scan_lie_on_its_voxels(tmp_path):
    files = write_series(tmp_path, make_hu(SHAPE), step=(0, 0.9, 2.5))
    liver, lesion = make_masks()
    write_segmentation(tmp_path / "seg", files, {"liver": liver, "liver tumor": lesion})
    assert np.array_equal(read_labels(tmp_path).labels, make_labels(liver, lesion).T)


def test_flipped_frames_are_turned_back(tmp_path):
    """As tools write them that keep their volumes in another axis order."""
    files = write_series(tmp_path / "scan", make_hu(SHAPE))
    liver, lesion = make_masks()
    for file in files:
        dataset = pydicom.dcmread(file)
        x, y, z = dataset.ImagePositionPatient
        dataset.ImagePositionPatient = [x + 0.8 * (SHAPE[2] - 1), y + 0.7 * (SHAPE[1] - 1), z]
        dataset.ImageOrientationPatient = [-1, 0, 0, 0, -1, 0]
        save(dataset, tmp_path / "flipped" / file.name)
    flipped = [tmp_path / "flipped" / file.name for file in files]
    masks = {"liver": liver[:, ::-1, ::-1], "livertumor": lesion[:, ::-1, ::-1]}
    write_segmentation(tmp_path / "scan" / "seg", flipped, masks)
    assert np.array_equal(read_labels(tmp_path / "scan").labels, make_labels(liver, lesion).T)


def test_a_segmentation_beside_the_voxels_is_an_error(tmp_path):
    files = write_series(tmp_path / "scan", make_hu(SHAPE))
    liver, _ = make_masks()
    for file in files:
        dataset = pydicom.dcmread(file)
        dataset.ImagePositionPatient[0] += 0.4  # half a pixel
        save(dataset, tmp_path / "moved" / file.name)
    moved = [tmp_path / "moved" / file.name for file in files]
    write_segmentation(tmp_path / "scan" / "seg", moved, {"liver": liver})
    with pytest.raises(DataError, match=r"seg: .*0\.50 voxels beside them"):
        read_labels(tmp_path / "scan")


def test_a_segmentation_of_another_series_is_not_used(tmp_path):
    write_series(tmp_path / "scan", make_hu(SHAPE))
    others = write_series(tmp_path / "other", make_hu(SHAPE))
    write_segmentation(tmp_path / "scan" / "seg", others, {"liver": make_masks()[0]})
    assert read_labels(tmp_path / "scan") is None


def test_without_a_liver_the_names_there_are_are_listed(tmp_path):
    files = write_series(tmp_path, make_hu(SHAPE))
    liver, lesion = make_masks()
    write_segmentation(tmp_path / "seg", files, {"Hepar": liver, "Mass": lesion})
    with pytest.raises(DataError, match=r"named like liver\. Received: Hepar, Mass\. .*--liver"):
        read_labels(tmp_path)
    named = read_labels(tmp_path, Patterns(("hepar",), ("mass",)))
    assert np.array_equal(named.labels, make_labels(liver, lesion).T)


def test_a_segmentation_with_too_few_frames_is_an_error(tmp_path):
    files = write_series(tmp_path, make_hu(SHAPE))
    path = write_segmentation(tmp_path / "seg", files, {"liver": make_masks()[0]})
    change(path, NumberOfFrames=2)
    with pytest.raises(DataError, match="seg: expected an undamaged DICOM file"):
        read_labels(tmp_path)


def test_a_segmentation_that_promises_a_million_frames_is_an_error(tmp_path):
    files = write_series(tmp_path, make_hu(SHAPE))
    path = write_segmentation(tmp_path / "seg", files, {"liver": make_masks()[0]})
    change(path, NumberOfFrames=1_000_000, Rows=4096, Columns=4096)
    with pytest.raises(DataError, match="seg: expected an undamaged DICOM file"):
        read_labels(tmp_path)


@pytest.fixture
def ircadb(tmp_path):
    """A patient as 3D-IRCADb-1 comes, with a mask of everything beside the ones that are wanted."""
    folder = tmp_path / "3Dircadb1.1"
    files = write_series(folder / "PATIENT_DICOM", make_hu(SHAPE))
    liver, lesion = make_masks()
    masks = {"liver": liver, "livertumor01": lesion, "livercyst": lesion[::-1], "bone": liver * 0}
    for name, mask in masks.items():
        write_structure(folder / "MASKS_DICOM" / name, mask, files)
    write_structure(folder / "LABELLED_DICOM", liver, files)
    return folder


def test_folders_of_binary_slices_become_liver_and_lesion(ircadb):
    named = read_labels(ircadb)
    assert np.array_equal(named.labels, make_labels(*make_masks()).T)
    assert named.lesion == ("livertumor01",)
    assert named.unused == ("bone", "livercyst")


def test_cysts_are_lesions_where_the_user_says_so(ircadb):
    liver, lesion = make_masks()
    named = read_labels(ircadb, Patterns(("liver",), ("livertumor*", "livercyst")))
    assert np.array_equal(named.labels, make_labels(liver, lesion | lesion[::-1]).T)


def test_a_folder_with_too_few_slices_is_an_error(ircadb):
    next((ircadb / "MASKS_DICOM" / "liver").iterdir()).unlink()
    with pytest.raises(DataError, match=r"liver: expected 6 slices, as in its scan\. Received: 5"):
        read_labels(ircadb)


def test_a_slice_that_lies_where_another_does_is_an_error(ircadb):
    files = sorted((ircadb / "MASKS_DICOM" / "liver").iterdir())
    by_position = sorted(files, key=lambda file: pydicom.dcmread(file).ImagePositionPatient[2])
    shutil.copy(by_position[2], by_position[3])
    with pytest.raises(DataError, match=r"liver: expected one for each .*Received: none for k = 3"):
        read_labels(ircadb)


def test_structures_of_one_name_in_several_folders_are_drawn_together(ircadb):
    masks = ircadb / "MASKS_DICOM"
    files = sorted((ircadb / "PATIENT_DICOM").iterdir())
    files.sort(key=lambda file: pydicom.dcmread(file).ImagePositionPatient[2])
    liver, lesion = make_masks()
    other = np.roll(lesion, 1, axis=0)
    write_structure(masks / "segment4" / "livertumor01", other, files)
    named = read_labels(ircadb)
    assert np.array_equal(named.labels, make_labels(liver, lesion | other).T)
    assert named.lesion == ("livertumor01",)


def test_a_mask_of_several_values_is_an_error(ircadb):
    file = next((ircadb / "MASKS_DICOM" / "liver").iterdir())
    change(file, PixelData=bytes(range(SHAPE[1] * SHAPE[2])) + b"\0")
    with pytest.raises(DataError, match=r"one value besides 0\. Received: 0, 1, 2"):
        read_labels(ircadb)
