import json

import numpy as np
import pytest

from liverseg.errors import DataError
from liverseg.grids.grid import Grid
from liverseg.slices.geometry import SliceGrid
from liverseg.slices.stacks import (
    Preprocessing,
    SliceRow,
    SliceStack,
    open_stack,
    read_index,
    read_preprocessing,
    write_index,
    write_preprocessing,
    write_stack,
)

FORMATS = ["npz", "png"]


def build_stack(case_id: str = "17") -> SliceStack:
    rng = np.random.default_rng(1)
    images = rng.integers(0, 255, (3, 2, 16, 16)).astype(np.uint8)
    labels = rng.integers(0, 2, (3, 16, 16)).astype(np.uint8)
    return SliceStack(case_id, images, labels, SliceGrid(Grid((20, 21, 3), np.eye(4)), 16))


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_stack_comes_back_to_the_bit(tmp_path, file_format):
    stack = build_stack()
    write_stack(tmp_path, stack, file_format)
    opened = open_stack(tmp_path, "17")
    for expected, actual in ((stack.images, opened.images), (stack.labels, opened.labels)):
        assert actual.shape == expected.shape
        assert len(actual) == 3
        assert actual[:].dtype == np.uint8
        assert np.array_equal(actual[:], expected)
        assert np.array_equal(actual[2], expected[2])
        assert np.array_equal(actual[0:2], expected[0:2])
    assert opened.slice_grid.to_json() == stack.slice_grid.to_json()


@pytest.mark.parametrize("file_format", FORMATS)
def test_the_same_stack_gives_the_same_bytes(tmp_path, file_format):
    contents = []
    for name in ("first", "second"):
        folder = tmp_path / name
        folder.mkdir()
        write_stack(folder, build_stack(), file_format)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        contents.append([(path.relative_to(folder), path.read_bytes()) for path in files])
    assert contents[0] == contents[1]


@pytest.mark.parametrize("file_format", FORMATS)
def test_what_a_killed_worker_left_half_written_is_written_whole(tmp_path, file_format):
    write_stack(tmp_path, build_stack(), file_format)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for number, path in enumerate(before):
        path.write_bytes(before[path][:10]) if number % 2 else path.unlink()
    write_stack(tmp_path, build_stack(), file_format)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_npz_stacks_are_memory_mapped(tmp_path):
    write_stack(tmp_path, build_stack(), "npz")
    opened = open_stack(tmp_path, "17")
    assert isinstance(opened.images, np.memmap)
    assert isinstance(opened.labels, np.memmap)


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("case_id", ["007", "a/b", "..", ".hidden", "50%", "scan.v2", "Zoë"])
def test_any_case_id_is_a_name_inside_the_folder(tmp_path, file_format, case_id):
    folder = tmp_path / "slices"
    folder.mkdir()
    write_stack(folder, build_stack(case_id), file_format)
    assert [path.name for path in tmp_path.iterdir()] == ["slices"]
    assert open_stack(folder, case_id).case_id == case_id


def test_a_case_that_was_not_written_is_named(tmp_path):
    write_stack(tmp_path, build_stack(), "npz")
    with pytest.raises(DataError, match=r"18.*dvc repro preprocess"):
        open_stack(tmp_path, "18")


def test_the_index_comes_back(tmp_path):
    rows = (
        SliceRow("007", 0, 0, 0, ()),
        SliceRow("007", 1, 12, 3, (2,)),
        SliceRow("a,b", 0, 5, 4, (1, 12)),
    )
    write_index(tmp_path, rows)
    assert read_index(tmp_path) == rows


def test_an_index_without_lesions_asks_for_the_stage_that_writes_them(tmp_path):
    (tmp_path / "index.csv").write_text("case_id,slice_index,liver_pixels,lesion_pixels\n1,0,9,2\n")
    with pytest.raises(DataError, match=r"without lesions.*dvc repro preprocess"):
        read_index(tmp_path)


def test_a_missing_index_names_the_stage_that_writes_it(tmp_path):
    with pytest.raises(DataError, match=r"index\.csv.*dvc repro preprocess"):
        read_index(tmp_path)


def test_the_preprocessing_comes_back(tmp_path):
    preprocessing = Preprocessing(((-100.0, 400.0), (-160.0, 240.0)), 128, "png")
    write_preprocessing(tmp_path, preprocessing)
    assert read_preprocessing(tmp_path) == preprocessing


def test_a_preprocessing_with_other_axes_is_refused(tmp_path):
    write_preprocessing(tmp_path, Preprocessing(((-100.0, 400.0),), 128, "npz"))
    path = tmp_path / "preprocessing.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"axis_codes": "IPL"}))
    with pytest.raises(DataError, match=r"axis_codes SPL.*IPL"):
        read_preprocessing(tmp_path)


def test_a_missing_preprocessing_is_named(tmp_path):
    with pytest.raises(DataError, match=r"preprocessing\.json.*no such file"):
        read_preprocessing(tmp_path)
