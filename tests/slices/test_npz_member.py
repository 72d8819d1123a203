import zipfile

import numpy as np
import pytest

from liverseg.errors import DataError
from liverseg.slices.npz_member import map_member


@pytest.fixture
def arrays():
    rng = np.random.default_rng(1)
    return {
        "images": rng.integers(0, 255, (6, 2, 5, 5)).astype(np.uint8),
        "fortran": np.asfortranarray(rng.normal(size=(3, 4))),
        "text": np.array("a text"),
    }


def test_members_are_mapped_and_equal(tmp_path, arrays):
    path = tmp_path / "case.npz"
    np.savez(path, **arrays)
    for name, array in arrays.items():
        member = map_member(path, name)
        assert isinstance(member, np.memmap)
        assert np.array_equal(member, array)
        assert member.dtype == array.dtype


def test_the_map_begins_where_the_file_holds_the_array(tmp_path, arrays):
    path = tmp_path / "case.npz"
    np.savez(path, **arrays)
    images = map_member(path, "images")
    content = path.read_bytes()
    assert content[images.offset : images.offset + images.nbytes] == arrays["images"].tobytes()


def test_reading_one_slice_does_not_look_at_another(tmp_path, arrays):
    path = tmp_path / "case.npz"
    np.savez(path, **arrays)
    content = bytearray(path.read_bytes())
    content[content.index(arrays["images"][5].tobytes())] ^= 1
    path.write_bytes(content)
    with pytest.raises(zipfile.BadZipFile, match="CRC"), np.load(path) as whole:
        whole["images"]  # numpy reads all, and so it finds the damage
    assert np.array_equal(map_member(path, "images")[0], arrays["images"][0])


def test_the_map_cannot_be_written_to(tmp_path, arrays):
    np.savez(tmp_path / "case.npz", **arrays)
    with pytest.raises(ValueError, match="read-only"):
        map_member(tmp_path / "case.npz", "images")[0] = 1


def test_a_compressed_member_is_refused(tmp_path, arrays):
    np.savez_compressed(tmp_path / "case.npz", **arrays)
    with pytest.raises(DataError, match=r"case\.npz.*uncompressed.*images is compressed"):
        map_member(tmp_path / "case.npz", "images")


def test_python_objects_are_refused_before_their_addresses_are_followed(tmp_path):
    path = tmp_path / "case.npz"
    np.savez(path, images=np.array([{"a": 1}], object))
    with pytest.raises(DataError, match="images holds Python objects"):
        map_member(path, "images")


def test_a_missing_member_is_refused(tmp_path, arrays):
    np.savez(tmp_path / "case.npz", **arrays)
    with pytest.raises(DataError, match="'labels'"):
        map_member(tmp_path / "case.npz", "labels")


@pytest.mark.parametrize("kept", [0, 100, 600])
def test_a_truncated_file_is_refused(tmp_path, arrays, kept):
    path = tmp_path / "case.npz"
    np.savez(path, **arrays)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DataError, match=r"case\.npz"):
        map_member(path, "images")
