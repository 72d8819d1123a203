"""Digests as the tools outside give them."""

import hashlib

import pytest

from liverseg.hashing import BLOCK_BYTES, hash_files


def test_one_file_hashes_as_its_bytes_and_several_as_one_after_the_other(tmp_path):
    content = bytes(range(256)) * (BLOCK_BYTES // 256) + b"and a bit more than a block"
    (tmp_path / "a").write_bytes(content)
    (tmp_path / "b").write_bytes(b"b")
    read: list[int] = []
    assert hash_files([tmp_path / "a"], "md5", read.append) == hashlib.md5(content).hexdigest()
    assert read == [BLOCK_BYTES, 27]
    both = [tmp_path / "a", tmp_path / "b"]
    assert hash_files(both, "sha256") == hashlib.sha256(content + b"b").hexdigest()


def test_what_cannot_be_read_says_so(tmp_path):
    with pytest.raises(IsADirectoryError):
        hash_files([tmp_path], "md5")
