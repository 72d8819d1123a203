import json
import zipfile

import numpy as np
import pytest

from liverseg.errors import DataError
from liverseg.grids.grid import Grid
from liverseg.postprocess.probabilities import (
    CaseProbabilities,
    PredictedCase,
    quantise,
    read_predicted_cases,
    read_probabilities,
    write_predicted_cases,
    write_probabilities,
)
from liverseg.slices.geometry import SliceGrid

AFFINE = np.array([[-0.7, 0.1, 0, 90], [0, -0.8, 0, 1 / 3], [0, 0, 2.5, -7], [0, 0, 0, 1]])


def build_probabilities() -> CaseProbabilities:
    values = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 2), np.uint8)
    return CaseProbabilities(values, SliceGrid(Grid((20, 21, 3), AFFINE), 16))


def test_probabilities_are_rounded_to_the_nearest_of_256_steps():
    """0.5 · 255 = 127.5 goes to the even 128; 0.1 · 255 = 25.5 in float32 is just above."""
    values = np.array([0.0, 1.0, 0.5, 1 / 255, 0.4 / 255, 0.6 / 255], np.float32)
    assert quantise(values).tolist() == [0, 255, 128, 1, 0, 1]
    assert quantise(values).dtype == np.uint8


def test_rounding_is_off_by_at_most_half_a_step():
    values = np.linspace(0, 1, 10001, dtype=np.float32)
    error = np.abs(quantise(values) / 255 - values.astype(float)).max()
    assert error == pytest.approx(1 / 510, rel=1e-2)


@pytest.mark.parametrize("case_id", ["007", "a/b", ".hidden"])
def test_probabilities_come_back_to_the_bit_under_any_case_id(tmp_path, case_id):
    probabilities = build_probabilities()
    write_probabilities(tmp_path, case_id, probabilities)
    assert [path.suffix for path in tmp_path.iterdir()] == [".npz"]
    restored = read_probabilities(tmp_path, case_id)
    assert restored.values.dtype == np.uint8
    assert np.array_equal(restored.values, probabilities.values)
    assert restored.slice_grid.image_size == 16
    assert np.array_equal(restored.slice_grid.grid.affine, AFFINE)


def test_the_file_holds_a_named_array_a_region_and_no_pickle(tmp_path):
    probabilities = build_probabilities()
    write_probabilities(tmp_path, "7", probabilities)
    with np.load(tmp_path / "7.npz", allow_pickle=False) as members:
        assert set(members.files) == {"grid", "liver", "lesion"}
        assert np.array_equal(members["liver"], probabilities.values[..., 0])
        assert np.array_equal(members["lesion"], probabilities.values[..., 1])
        assert json.loads(str(members["grid"]))["shape"] == [20, 21, 3]


def test_equal_probabilities_give_equal_bytes(tmp_path):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        write_probabilities(tmp_path / name, "7", build_probabilities())
    first, second = ((tmp_path / name / "7.npz").read_bytes() for name in ("first", "second"))
    assert first == second


def test_uniform_probabilities_take_little_space(tmp_path):
    """They are compressed: most of a volume is background."""
    grid = SliceGrid(Grid((64, 64, 50), np.eye(4)), 64)
    write_probabilities(tmp_path, "7", CaseProbabilities(np.zeros((50, 64, 64, 2), np.uint8), grid))
    assert (tmp_path / "7.npz").stat().st_size < 64 * 64


def test_a_missing_case_is_named(tmp_path):
    with pytest.raises(DataError, match=r"7\.npz: expected probabilities of liver and lesion"):
        read_probabilities(tmp_path, "7")


@pytest.mark.parametrize("num_bytes", [0, 10, 300, -30])
def test_a_file_that_was_cut_off_is_named(tmp_path, num_bytes):
    write_probabilities(tmp_path, "7", build_probabilities())
    content = (tmp_path / "7.npz").read_bytes()
    (tmp_path / "7.npz").write_bytes(content[:num_bytes])
    with pytest.raises(DataError, match=r"7\.npz.*dvc repro"):
        read_probabilities(tmp_path, "7")


def test_a_file_with_damaged_content_is_named(tmp_path):
    write_probabilities(tmp_path, "7", build_probabilities())
    content = bytearray((tmp_path / "7.npz").read_bytes())
    content[len(content) // 2] ^= 0xFF
    (tmp_path / "7.npz").write_bytes(bytes(content))
    with pytest.raises(DataError, match=r"7\.npz.*dvc repro"):
        read_probabilities(tmp_path, "7")


def test_a_file_without_one_of_the_regions_is_named(tmp_path):
    np.savez(tmp_path / "7.npz", liver=np.zeros(3, np.uint8))
    with pytest.raises(DataError, match=r"7\.npz.*lesion"):
        read_probabilities(tmp_path, "7")


def test_another_numpy_file_is_named(tmp_path):
    with (tmp_path / "7.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(DataError, match=r"7\.npz.*dvc repro"):
        read_probabilities(tmp_path, "7")


def test_another_zip_file_is_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "7.npz", "w") as archive:
        archive.writestr("readme.txt", "no arrays")
    with pytest.raises(DataError, match=r"7\.npz.*dvc repro"):
        read_probabilities(tmp_path, "7")


def test_the_index_of_predicted_cases_comes_back_in_its_order(tmp_path):
    cases = (PredictedCase("007", "p,1", "validation"), PredictedCase("1", "p2", "test"))
    write_predicted_cases(tmp_path, cases)
    assert read_predicted_cases(tmp_path) == cases


def test_a_missing_index_is_named(tmp_path):
    with pytest.raises(DataError, match=r"index\.csv.*dvc repro"):
        read_predicted_cases(tmp_path)
