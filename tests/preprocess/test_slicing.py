from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import SimpleITK

from liverseg.errors import DataError
from liverseg.grids.grid import Grid
from liverseg.preprocess.framing import frame_scans
from liverseg.preprocess.slicing import build_images, list_lesions, preprocess_cases
from liverseg.slices.geometry import SliceGrid, build_label_slices
from liverseg.slices.stacks import (
    Preprocessing,
    SliceRow,
    open_stack,
    read_index,
    read_preprocessing,
)
from liverseg.tables.case_table import Case
from liverseg.volumes.nifti import Volume, read_scan

LPS = np.diag([-1.0, -1.0, 2.0, 1.0])


def build_case(case_id: str) -> Case:
    return Case(
        case_id=case_id,
        patient_id=case_id,
        scan=f"{case_id}-scan.nii.gz",
        mask=f"{case_id}-mask.nii.gz",
        shape=(32, 32, 3),
        spacing_mm=(1, 1, 2),
        axis_codes="LPS",
        dtype="int16",
        hu_min=-1000,
        hu_max=400,
        liver_ml=0,
        lesion_ml=0,
        num_lesions=0,
        liver_slice_fraction=0,
        lesion_slice_fraction=0,
    )


def write_case(root: Path, case: Case, seed: int) -> None:
    """Noise, with a liver of 4 x 4 pixels (at half size) and a lesion of 2 x 1 in slice 1."""
    hu = np.random.default_rng(seed).integers(-200, 500, (32, 32, 3)).astype(np.int16)
    labels = np.zeros((32, 32, 3), np.uint8)
    labels[8:16, 4:12, 1] = 1
    labels[8:12, 4:6, 1] = 2
    for name, data in ((case.scan, hu), (case.mask, labels)):
        nib.save(nib.Nifti1Image(data, LPS), root / name)


@pytest.fixture
def cases(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVERSEG_WORKERS", "1")
    cases = tuple(build_case(case_id) for case_id in ("b", "007"))
    for seed, case in enumerate(cases):
        write_case(tmp_path, case, seed)
    return cases


def run(root: Path, cases, name: str, file_format="npz") -> Path:
    folder = root / name
    folder.mkdir()
    preprocessing = Preprocessing(((-100.0, 400.0),), 16, file_format)
    regions = {each.case_id: each for each in frame_scans(root, cases, preprocessing)}
    preprocess_cases(root, cases, regions, preprocessing, folder)
    return folder


def read_all(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_the_index_has_a_row_for_every_slice_in_the_order_of_the_cases(tmp_path, cases):
    assert read_index(run(tmp_path, cases, "slices")) == tuple(
        SliceRow(case_id, slice_index, *shown)
        for case_id in ("b", "007")
        for slice_index, shown in enumerate([(0, 0), (16, 2, (1,)), (0, 0)])
    )


def test_each_slice_knows_the_lesions_that_it_shows_a_part_of():
    """Feet to head: one lesion on slices 0 and 1, which touches itself by a corner only; beside it
    one on slice 1; above a slice with liver alone one more on slice 3."""
    labels = np.ones((4, 5, 5), np.uint8)
    labels[0, 0, 0] = labels[1, 1, 1] = labels[1, 4, 3:] = labels[3, 0, 0] = 2
    assert list_lesions(labels) == [(1,), (1, 2), (), (3,)]
    assert list_lesions(np.zeros((2, 5, 5), np.uint8)) == [(), ()]


def test_the_folder_says_how_it_was_made(tmp_path, cases):
    expected = Preprocessing(((-100.0, 400.0),), 16, "npz")
    assert read_preprocessing(run(tmp_path, cases, "slices")) == expected


def test_png_and_npz_hold_the_same_pixels(tmp_path, cases):
    npz, png = (run(tmp_path, cases, name, name) for name in ("npz", "png"))
    assert read_index(npz) == read_index(png)
    for case in cases:
        in_npz, in_png = open_stack(npz, case.case_id), open_stack(png, case.case_id)
        assert np.array_equal(in_npz.images[:], in_png.images[:])
        assert np.array_equal(in_npz.labels[:], in_png.labels[:])


def test_the_number_of_workers_changes_no_byte(tmp_path, cases, monkeypatch):
    contents = []
    for workers in ("1", "2"):
        monkeypatch.setenv("LIVERSEG_WORKERS", workers)
        contents.append(read_all(run(tmp_path, cases, f"with_{workers}")))
    assert contents[0] == contents[1]


def test_a_mask_on_another_grid_is_refused(tmp_path, cases):
    moved = LPS.copy()
    moved[2, 3] = 5
    mask = nib.Nifti1Image(np.zeros((32, 32, 3), np.uint8), moved)
    nib.save(mask, tmp_path / cases[1].mask)
    with pytest.raises(
        DataError,
        match=r"007-mask\.nii\.gz, the mask of 007-scan\.nii\.gz: expected labels on the grid",
    ):
        run(tmp_path, cases[1:], "slices")


def test_a_scan_of_air_is_black_and_so_is_what_pads_it():
    scan = Volume(np.full((32, 20, 2), -1000, np.int16), Grid((32, 20, 2), LPS))
    images, _ = build_images(scan, Preprocessing(((-1000.0, 0.0),), 16, "npz"))
    assert images.shape == (2, 1, 16, 16)
    assert not images.any()


def test_all_windows_are_those_of_the_same_resized_hu():
    # the mean of -1000 and 1000 HU is 0 HU: grey 128 of -100 to 100, 0 of 0 to 100
    hu = np.where(np.arange(32) % 2, 1000, -1000).astype(np.int16)
    scan = Volume(np.broadcast_to(hu[:, None, None], (32, 32, 1)), Grid((32, 32, 1), LPS))
    windows = ((-100.0, 100.0), (0.0, 100.0))
    images, _ = build_images(scan, Preprocessing(windows, 16, "npz"))
    assert (images[0, 0] == 128).all()
    assert (images[0, 1] == 0).all()


def test_one_image_in_twelve_axis_orders_gives_the_same_slices(shared_data):
    preprocessing = Preprocessing(((0.0, 90.0),), 64, "npz")
    paths = sorted((shared_data / "odd_nifti").glob("nifti_space_*.nii.gz"))
    first, *others = (build_images(read_scan(path), preprocessing)[0] for path in paths)
    assert len(others) == 11
    assert first.any()
    for other in others:
        assert np.array_equal(first, other)


def test_a_real_scan_at_full_resolution_is_its_windowed_hu(shared_data):
    # 122 columns and 101 rows of 3 mm: 21 rows of air, 10 of them in front
    path = shared_data / "ct_3mm" / "ct.nii.gz"
    images, _ = build_images(read_scan(path), Preprocessing(((-100.0, 400.0),), 122, "npz"))
    oriented = SimpleITK.DICOMOrient(SimpleITK.ReadImage(path), "LPS")
    hu = np.clip(SimpleITK.GetArrayFromImage(oriented), -100, 400)
    expected = np.pad(np.rint((hu + 100) * 255 / 500), ((0, 0), (10, 11), (0, 0)))
    assert np.array_equal(images[:, 0], expected)


def test_no_label_is_made_up_between_two_others():
    labels = np.zeros((32, 32, 1), np.uint8)
    labels[5:23, 7:25] = 2
    slices = build_label_slices(labels, SliceGrid(Grid((32, 32, 1), LPS), 48))
    assert np.unique(slices).tolist() == [0, 2]
