"""Digests of files and folders, each read in blocks."""

import hashlib
import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

from liverseg.regular_files import open_regular

BLOCK_BYTES = 2**20


def hash_files(
    paths: Iterable[Path],
    algorithm: Literal["md5", "sha256"],
    advance: Callable[[int], object] = lambda _: None,
) -> str:
    """The digest over the bytes of files, one after the other, as hexadecimal digits.

    Args:
        paths: Of the files.
        algorithm: Of one file, MD5 is what DVC calls it by and SHA-256 what ``sha256sum`` prints.
        advance: Is told the size of each block that was read.

    Raises:
        OSError: One cannot be read, or is no regular file.
    """
    digest = hashlib.new(algorithm, usedforsecurity=False)
    for path in paths:
        with open_regular(path) as file:
            while block := file.read(BLOCK_BYTES):
                digest.update(block)
                advance(len(block))
    return digest.hexdigest()


def hash_path(path: Path) -> str:
    """MD5 of a file, or of a folder as DVC takes it: over its files' hashes and relative paths.

    A folder's ends in ``.dir``. Source: DVC's ``dvc_data.hashfile.tree.Tree.digest``.
    """
    if path.is_file():
        return hash_files([path], "md5")
    files = sorted(each for each in path.rglob("*") if each.is_file())
    with ThreadPoolExecutor() as pool:  # hashing lets go of Python's lock
        hashes = pool.map(lambda file: hash_files([file], "md5"), files)
        names = (each.relative_to(path).as_posix() for each in files)
        listed = [{"md5": md5, "relpath": name} for md5, name in zip(hashes, names, strict=True)]
    listed.sort(key=lambda entry: entry["relpath"])
    text = json.dumps(listed, sort_keys=True)
    return f"{hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()}.dir"
