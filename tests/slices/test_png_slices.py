import cv2
import numpy as np
import pytest

from liverseg.errors import DataError
from liverseg.slices.png_slices import PngSlices, write_png_slices

LAYERS = ("window_0", "window_1")


@pytest.fixture
def images():
    return np.random.default_rng(1).integers(0, 255, (5, 2, 4, 4)).astype(np.uint8)


@pytest.fixture
def slices(tmp_path, images):
    write_png_slices(tmp_path, LAYERS, images)
    return PngSlices(tmp_path, LAYERS, images.shape)


def test_every_window_of_every_slice_is_one_file(slices, images):
    names = {path.name for path in slices.folder.iterdir()}
    assert names == {f"slice_{n:04d}_window_{w}.png" for n in range(5) for w in range(2)}
    plane = cv2.imread(str(slices.folder / "slice_0003_window_1.png"), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(plane, images[3, 1])


@pytest.mark.parametrize(
    "index", [0, 4, -1, slice(None), slice(1, 3), slice(3, 99), slice(2, 2), slice(None, None, -2)]
)
def test_indexing_is_that_of_an_array(slices, images, index):
    assert np.array_equal(slices[index], images[index])
    assert slices[index].shape == images[index].shape
    assert slices[index].dtype == np.uint8


def test_slices_can_be_looped_over(slices, images):
    assert len(slices) == 5
    assert np.array_equal(list(slices), images)


def test_an_index_past_the_end_is_refused(slices):
    with pytest.raises(IndexError):
        slices[5]


def test_only_the_files_of_a_slice_are_read(slices, images):
    (slices.folder / "slice_0000_window_0.png").unlink()
    assert np.array_equal(slices[1], images[1])
    with pytest.raises(DataError, match=r"slice_0000_window_0\.png.*no such file"):
        slices[0]


def test_a_damaged_file_is_named(slices):
    (slices.folder / "slice_0002_window_1.png").write_bytes(b"no PNG")
    with pytest.raises(DataError, match=r"slice_0002_window_1\.png.*damaged"):
        slices[2]
