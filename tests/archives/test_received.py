"""Names that clients give, and archives that they send: hostile ones too."""

import zipfile
from contextlib import suppress
from pathlib import Path, PurePosixPath

import pytest

from liverseg.archives import unpacking
from liverseg.archives.received import build_path
from liverseg.archives.unpacking import unpack_archive
from liverseg.errors import DataError
from liverseg.serving.job_budget import build_budget

GIB = 2**30


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("scan.nii.gz", "scan.nii.gz"),
        ("study 1/Série é/IM0001", "study 1/Série é/IM0001"),
        ("a\\b.nii", "a/b.nii"),
        (".hidden/..x", "_hidden/__x"),
        ("<b>&\"'\n\x00%2e.nii", "_b_______2e.nii"),
        ("C:scan.nii", "C_scan.nii"),
        ("-o.nii", "-o.nii"),
    ],
)
def test_names_lose_what_could_mean_something_else(name, path):
    assert build_path(name) == PurePosixPath(path)


@pytest.mark.parametrize(
    "name",
    [
        *("", "/etc/passwd", "../x.nii", "a/../../x.nii", "a/..", ".", "a//b", "a\\..\\b", "\\x"),
        *("\\\\server\\x", "x" * 201, "é" * 101, "a/" * 16 + "x"),
    ],
)
def test_names_that_lead_elsewhere_or_are_too_long_are_refused(name):
    with pytest.raises(DataError, match="Rename the file"):
        build_path(name)


def write_zip(path: Path, members: dict[str, bytes], **info: int) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            member = zipfile.ZipInfo(name)
            member.compress_type = zipfile.ZIP_DEFLATED
            for key, value in info.items():
                setattr(member, key, value)
            archive.writestr(member, content)
    return path


def list_files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_an_archive_is_unpacked_without_what_is_hidden(tmp_path):
    names = ("a/scan.nii", "a/.DS_Store", "__MACOSX/a/._scan.nii", "b/c/IM1")
    archive = write_zip(tmp_path / "x.zip", dict.fromkeys(names, b"content"))
    budget = build_budget(14)
    unpack_archive(archive, tmp_path / "x", budget)
    assert list_files(tmp_path / "x") == ["a/scan.nii", "b/c/IM1"]
    assert (tmp_path / "x/b/c/IM1").read_bytes() == b"content"
    assert budget.num_bytes == 0


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/evil", "..\\evil", "\\evil"])
def test_an_archive_cannot_write_outside_of_its_folder(tmp_path, name):
    archive = write_zip(tmp_path / "x.zip", {name: b"evil"})
    (tmp_path / "in").mkdir()
    with pytest.raises(DataError, match="Rename the file"):
        unpack_archive(archive, tmp_path / "in" / "x", build_budget(GIB))
    assert list_files(tmp_path) == ["x.zip"]


def test_links_in_an_archive_are_refused(tmp_path):
    archive = write_zip(tmp_path / "x.zip", {"link": b"/etc"}, external_attr=0o120777 << 16)
    with pytest.raises(DataError, match="a link or a special file, link"):
        unpack_archive(archive, tmp_path / "x", build_budget(GIB))
    assert list_files(tmp_path) == ["x.zip"]


def test_an_archive_that_unpacks_to_more_than_is_left_stops_there(tmp_path):
    archive = write_zip(tmp_path / "x.zip", {"zeros": bytes(5 * 2**20)})
    with pytest.raises(DataError, match="limit of the server"):
        unpack_archive(archive, tmp_path / "x", build_budget(3 * 2**20))
    assert (tmp_path / "x/zeros").stat().st_size <= 3 * 2**20


def test_what_an_archive_says_of_its_sizes_is_not_believed(tmp_path):
    archive = write_zip(tmp_path / "x.zip", {"zeros": bytes(5 * 2**20)})
    content = archive.read_bytes()
    size = (5 * 2**20).to_bytes(4, "little")
    archive.write_bytes(content.replace(size, (100).to_bytes(4, "little")))
    with pytest.raises(DataError, match="damaged"):
        unpack_archive(archive, tmp_path / "x", build_budget(3 * 2**20))


def test_an_archive_that_unpacks_to_hundreds_of_times_its_size_is_refused(tmp_path, monkeypatch):
    """Zeros pack a thousand times; noise would not."""
    monkeypatch.setattr(unpacking, "RATIO_FROM_BYTES", 2**20)
    archive = write_zip(tmp_path / "x.zip", {"zeros": bytes(10 * 2**20)})
    with pytest.raises(DataError, match="200 times its size"):
        unpack_archive(archive, tmp_path / "x", build_budget(GIB))


def test_too_many_files_are_refused(tmp_path):
    archive = write_zip(tmp_path / "x.zip", {f"{n}": b"" for n in range(4)})
    with pytest.raises(DataError, match="files at a time"):
        unpack_archive(archive, tmp_path / "x", build_budget(GIB, num_files=3))


def test_encrypted_and_damaged_archives_are_refused(tmp_path):
    archive = write_zip(tmp_path / "x.zip", {"a": b"content"})
    content = bytearray(archive.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1  # flags of the entry in the directory
    archive.write_bytes(content)
    with pytest.raises(DataError, match="an encrypted one"):
        unpack_archive(archive, tmp_path / "x", build_budget(GIB))
    archive.write_bytes(b"no archive")
    with pytest.raises(DataError, match="Unpack it yourself"):
        unpack_archive(archive, tmp_path / "x", build_budget(GIB))


@pytest.mark.parametrize(
    "compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_a_changed_byte_anywhere_in_an_archive_is_a_named_error_or_leaves_its_content(
    tmp_path, compression
):
    sent = b"one content of a file, as it was sent"
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w", compression) as opened:
        opened.writestr("a", sent)
    whole = archive.read_bytes()
    for place, byte in enumerate(whole):
        archive.write_bytes(whole[:place] + bytes([byte ^ 0xFF]) + whole[place + 1 :])
        folder = tmp_path / f"{place}"
        with suppress(DataError):
            unpack_archive(archive, folder, build_budget(GIB))
            assert {path.read_bytes() for path in folder.rglob("*") if path.is_file()} <= {sent}
