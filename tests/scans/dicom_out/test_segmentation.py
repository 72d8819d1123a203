"""The DICOM-SEG, read back by highdicom, by ITK and by plain arithmetic."""

import highdicom
import nibabel as nib
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk  # noqa: N813 (its own documentation calls it so)
from scipy.spatial import cKDTree

from liverseg.dicom.masks import Patterns, build_labels
from liverseg.dicom.series import find_series, order_series
from liverseg.scans.options import Options
from liverseg.scans.predict import predict_scans
from liverseg.scans.scans import find_scans
from tests.dicom.test_enhanced import write_enhanced
from tests.made.dicom import change, rotate

TILTED = rotate(15, 25)
ORIENTATIONS = {
    "head last": {},
    "feet last": {"step": (0, 0, -4.0), "origin": (-30.0, -40.0, 60.0)},
    "mirrored rows": {"axes": [[1, 0, 0], [0, -1, 0]], "origin": (-30.0, 40.0, -60.0)},
    "mirrored rows, feet last": {"axes": [[1, 0, 0], [0, -1, 0]], "step": (0, 0, -4.0)},
    "prone": {"axes": [[-1, 0, 0], [0, -1, 0]], "origin": (30.0, 40.0, -60.0)},
    "coronal": {"axes": [[1, 0, 0], [0, 0, -1]], "step": (0, 4.0, 0)},
    "sagittal": {"axes": [[0, 1, 0], [0, 0, -1]], "step": (-4.0, 0, 0)},
    "turned about two axes": {"axes": TILTED, "step": 4.0 * np.cross(*TILTED)},
    "pixels that are not square": {"spacing": (1.5, 2.0)},
    "tilted gantry": {"step": (0, 1.2, 4.0)},
}


def list_voxels(path):
    """Where the voxels of each label of a NIfTI file lie, in LPS."""
    image = nib.load(path)
    labels = np.asarray(image.dataobj)
    return {
        label: nib.affines.apply_affine(image.affine, np.argwhere(labels == label)) * (-1, -1, 1)
        for label in (1, 2)
    }


def list_pixels(path):
    """Where the pixels of each segment lie, as its frames alone say; lesions are label 2."""
    seg = pydicom.dcmread(path)
    shared = seg.SharedFunctionalGroupsSequence[0]
    along_row, along_column = np.reshape(
        shared.PlaneOrientationSequence[0].ImageOrientationPatient, (2, 3)
    ).astype(float)
    between_rows, between_columns = shared.PixelMeasuresSequence[0].PixelSpacing
    found = {1: [], 2: []}
    for pixels, frame in zip(seg.pixel_array, seg.PerFrameFunctionalGroupsSequence, strict=True):
        position = np.array(frame.PlanePositionSequence[0].ImagePositionPatient, float)
        number = frame.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        rows, columns = np.nonzero(pixels)
        found[min(number, 2)].append(
            position
            + rows[:, None] * along_column * between_rows
            + columns[:, None] * along_row * between_columns
        )
    return {label: np.concatenate(points) for label, points in found.items()}


def read_by_image(folder, files):
    """The segments (image, row, column) by highdicom, for images in the order of ``files``."""
    seg = highdicom.seg.segread(folder / "segmentation.dcm")
    uids = [pydicom.dcmread(file).SOPInstanceUID for file in files]
    return seg.get_pixels_by_source_instance(
        uids, combine_segments=True, assert_missing_frames_are_empty=True
    )


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_the_mask_comes_back_voxel_for_voxel(orientation, write_scan, predict):
    """Each voxel has a pixel of its own at its place, to within what decimal strings round away."""
    write_scan(**ORIENTATIONS[orientation])
    folder = predict()
    voxels = list_voxels(folder / "labels.nii.gz")
    pixels = list_pixels(folder / "segmentation.dcm")
    for label in (1, 2):
        apart_mm, nearest = cKDTree(voxels[label]).query(pixels[label])
        assert apart_mm.max() < 0.01
        assert sorted(nearest) == list(range(len(voxels[label])))


@pytest.mark.parametrize("orientation", ["head last", "mirrored rows, feet last"])
def test_highdicom_finds_each_mask_on_its_image(orientation, write_scan, predict, labels):
    """The network sees every pixel as it is, so that the labels are known."""
    files = write_scan(**ORIENTATIONS[orientation])
    segments = read_by_image(predict(), files)
    assert np.array_equal(np.minimum(segments, 2), labels[:, :26].T)
    first, second = (np.argwhere(segments == number) for number in (2, 3))
    assert (len(first), len(second)) == (32, 6)  # 4 x 4 x 2 and 2 x 3 x 1 voxels: the larger first
    assert np.array_equal(second.min(axis=0), [3, 18, 5])


def test_itk_reads_the_frames_that_are_there(write_scan, predict, labels):
    """Segment by segment, from the head: the liver on six slices, the lesions on two and one."""
    write_scan()
    frames = sitk.GetArrayFromImage(sitk.ReadImage(str(predict() / "segmentation.dcm")))
    labels = labels[:, :26].T
    first = np.zeros_like(labels)
    first[4:6] = labels[4:6] == 2
    second = (labels == 2) & (first == 0)
    expected = np.concatenate([(labels == 1)[7:1:-1], first[5:3:-1], second[3:4]])
    assert np.array_equal(frames != 0, expected)


def test_import_makes_the_same_labels_of_it(write_scan, predict, labels, tmp_path):
    write_scan()
    predict()
    found = find_series([tmp_path])
    (series,) = found.series
    named = build_labels(series, order_series(series), found.masks, Patterns())
    assert np.array_equal(named.labels, labels[:, :26])
    assert named.liver == ("Liver",)
    assert named.lesion == ("Liver lesion 1", "Liver lesion 2")


def test_frames_of_one_file_in_any_order_have_their_masks(predict, hu, labels, tmp_path):
    order = np.random.default_rng(1).permutation(hu.shape[2])
    planes = np.ascontiguousarray(hu[:, :26].T[order])
    write_enhanced(tmp_path / "ct" / "file", planes, [4.0 * k for k in order])
    folder = predict()
    seg = highdicom.seg.segread(folder / "segmentation.dcm")
    (uid,) = {each[2] for each in seg.get_source_image_uids()}
    segments = seg.get_pixels_by_source_frame(
        uid,
        list(range(1, 11)),
        combine_segments=True,
        assert_missing_frames_are_empty=True,
    )
    assert np.array_equal(np.minimum(segments, 2), labels[:, :26].T[order])
    voxels, pixels = list_voxels(folder / "labels.nii.gz"), list_pixels(folder / "segmentation.dcm")
    assert cKDTree(voxels[2]).query(pixels[2])[0].max() < 0.01


def test_of_two_phases_in_one_file_each_has_its_masks_on_its_own_frames(
    predictor, hu, labels, tmp_path
):
    planes = np.ascontiguousarray(hu[:, :26].T)
    write_enhanced(
        tmp_path / "ct" / "file",
        np.concatenate([planes, planes]),
        [4.0 * k for k in range(10)] * 2,
        FrameAcquisitionNumber=[7] * 10 + [9] * 10,
    )
    found = find_scans([tmp_path / "ct"], tmp_path / "out")
    assert predict_scans(found.scans, predictor, tmp_path / "out", Options(dicom=True)) == ()
    for name, first in (("ct-acquisition-7", 1), ("ct-acquisition-9", 11)):
        seg = highdicom.seg.segread(tmp_path / "out" / name / "segmentation.dcm")
        referred = [
            frame.DerivationImageSequence[0].SourceImageSequence[0].ReferencedFrameNumber
            for frame in seg.PerFrameFunctionalGroupsSequence
        ]
        assert set(referred) == {first + k for k in range(2, 8)}
        assert np.count_nonzero(seg.pixel_array) == np.count_nonzero(labels[:, :26])


def test_liver_and_lesions_are_coded_and_tracked(write_scan, predict):
    write_scan()
    seg = highdicom.seg.segread(predict() / "segmentation.dcm")
    liver, first, second = (seg.get_segment_description(number) for number in (1, 2, 3))
    assert (liver.segmented_property_type.value, liver.segment_label) == ("10200004", "Liver")
    for number, lesion in enumerate((first, second), start=1):
        assert lesion.segmented_property_type.value == "52988006"
        assert lesion.segmented_property_category.value == "49755003"
        assert [region.value for region in lesion.anatomic_regions] == ["10200004"]
        assert lesion.tracking_id == lesion.segment_label == f"Liver lesion {number}"
    assert len({each.tracking_uid for each in (liver, first, second)}) == 3


def test_headers_that_say_nothing_or_nonsense_of_distances_do_no_harm(write_scan, predict):
    files = write_scan(SliceThickness=None, SpacingBetweenSlices="-1")
    for number, file in enumerate(files):
        change(file, ImageOrientationPatient=[1, number * 1e-7, 0, 0, 1, 0])
    volume = highdicom.seg.segread(predict() / "segmentation.dcm").get_volume(
        combine_segments=True, rtol=1e-3
    )
    assert volume.spacing == (4.0, 2.0, 2.0)
    assert np.count_nonzero(volume.array == 2) == 32


def test_a_scan_without_liver_has_an_empty_one(write_scan, predict, hu, tmp_path):
    files = write_scan()
    for file in files:
        change(file, PixelData=np.full((26, 32), 1024 - 50, "<u2").tobytes())
    assert not read_by_image(predict(), files).any()
