"""Archives in the place of folders: there for a command, gone after it, never in its errors."""

import tempfile
import zipfile

import pytest

from liverseg.archives.opening import unpack_archives
from liverseg.errors import DataError, ModelError


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "Scans.ZIP"
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr("a/ct.nii", b"content")
    return path


def write_archive(path, names):
    with zipfile.ZipFile(path, "w") as opened:
        for name in names:
            opened.writestr(name, name)
    return path


def test_an_archive_is_a_folder_of_its_name_until_the_block_ends(tmp_path, scratch, archive):
    with unpack_archives([tmp_path, archive]) as unpacked:
        same, folder = unpacked.paths
        assert same == tmp_path
        assert folder.name == "Scans"
        assert (folder / "a/ct.nii").read_bytes() == b"content"
        assert folder.is_relative_to(scratch)
        assert folder.parents[1].stat().st_mode & 0o077 == 0
        assert unpacked.rename(f"{folder}/a/ct.nii: bad") == f"{archive}/a/ct.nii: bad"
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("kind", ["data", "model", "bug"])
def test_errors_name_the_archive_and_leave_nothing_behind(scratch, archive, kind):
    error = {
        "data": lambda at: DataError(str(at), expected="x", received=f"{at}/a", next_step="y"),
        "model": lambda at: ModelError(f"{at}/a"),
        "bug": lambda at: KeyError(at.name),
    }[kind]
    with (
        pytest.raises((DataError, ModelError, KeyError)) as raised,
        unpack_archives([archive]) as unpacked,
    ):
        raise error(unpacked.paths[0])
    assert str(scratch) not in str(raised.value)
    assert kind == "bug" or f"{archive}/a" in str(raised.value)
    assert list(scratch.iterdir()) == []


def test_without_archives_nothing_is_made(tmp_path, scratch):
    (tmp_path / "folder.zip").mkdir()
    given = (tmp_path / "folder.zip", tmp_path / "scan.nii")
    with unpack_archives(given) as unpacked:
        assert unpacked.paths == given
        assert list(scratch.iterdir()) == []


def test_what_is_no_archive_is_named(tmp_path, scratch):
    (tmp_path / "text.zip").write_text("no archive")
    with pytest.raises(DataError, match=r"text\.zip"), unpack_archives([tmp_path / "text.zip"]):
        pass
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("names", "folder"),
    [
        ((), ""),
        (("a.nii",), ""),
        (("set/a.nii",), "set"),
        (("data/set/a.nii", "data/set/b.nii"), "data/set"),
        (("set/a.nii", "notes.txt"), ""),
        (("case/results",), "case"),  # the folder that was packed is the scan's
        (("set/case/results",), "set"),
        (("data/set/case/results", "data/set/case/a.nii"), "data/set"),
        (("set/case/results", "set/other/results"), "set"),
    ],
)
def test_an_archive_stands_for_the_folder_that_was_packed(tmp_path, scratch, names, folder):
    archive = write_archive(tmp_path / "set.zip", names)
    with unpack_archives([archive, tmp_path]) as unpacked:
        found = unpacked.find_folder(archive, lambda path: (path / "results").exists())
        assert found == unpacked.paths[0] / folder
        assert unpacked.find_folder(tmp_path, lambda _: True) == tmp_path


@pytest.mark.parametrize(
    ("names", "received"),
    [
        ((), "none in it"),
        (("README.txt", "b/b.png"), "none in it"),
        (("a.nii", "b/a.NRRD"), "one of 2"),
    ],
)
def test_an_archive_without_one_volume_is_no_file(tmp_path, scratch, names, received):
    archive = write_archive(tmp_path / "set.zip", names)
    with unpack_archives([archive]) as unpacked, pytest.raises(DataError) as raised:
        unpacked.find_file(archive)
    assert str(raised.value).startswith(f"{archive}: expected an archive of one ")
    assert raised.value.received == received


@pytest.mark.parametrize("name", ["a.hdr", "case/a.nii.gz", "deep/down/a.mha"])
def test_the_one_volume_of_an_archive_is_its_file_whatever_else_is_there(tmp_path, scratch, name):
    archive = write_archive(tmp_path / "set.zip", [name, "README.txt", "a.img"])
    with unpack_archives([archive]) as unpacked:
        assert unpacked.find_file(archive) == unpacked.paths[0] / name
