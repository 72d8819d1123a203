"""Every object of DVC's cache hashed again, and the damaged ones taken out.

DVC marks a cache file read-only once it has hashed it, and from then on takes that mark for the
proof (``LocalHashFileDB.check``): what a disk or a program damages later is checked out as good.
"""

import json
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dvc_data.hashfile.build import build
from tqdm import tqdm

from liverseg.hashing import hash_files
from liverseg.repository.opening import opened_repo

OBJECT_NAME = re.compile(r"[0-9a-f]{32}(\.dir)?")


@dataclass(frozen=True)
class Owner:
    """A file or folder of the workspace whose content an object holds, and the stage it is of.

    Attributes:
        stage: As DVC names it: ``train@unet``, ``phantom/dvc.yaml:phantom``, ``data/lits.dvc``.
        path: In the workspace, absolute; there may be nothing.
        is_source: No command makes it: it was added with ``dvc add`` or imported.
    """

    stage: str
    path: Path
    is_source: bool


@dataclass(frozen=True)
class DamagedObject:
    """An object whose content had another hash than its name; it has left the cache.

    Attributes:
        name: The hash it should have; ends in ``.dir`` for the listing of a folder.
        owners: Empty where no output of the workspace holds it: it is of an earlier run, of another
            branch, or of a folder whose listing is damaged or missing.
        put_back_from: The whole file or folder of the workspace that it was made from again.
    """

    name: str
    owners: tuple[Owner, ...]
    put_back_from: Path | None


@dataclass(frozen=True)
class CacheReport:
    """How many objects were hashed, and those that were damaged."""

    num_objects: int
    damaged: tuple[DamagedObject, ...]

    @property
    def removed(self) -> tuple[DamagedObject, ...]:
        """Damaged objects that the cache now lacks."""
        return tuple(damaged for damaged in self.damaged if damaged.put_back_from is None)


def verify_cache(folder: Path) -> CacheReport:
    """Hash the cache of the repository around ``folder``; damaged objects are removed from it.

    Where the workspace holds a whole copy, that goes back into the cache. Where it holds a damaged
    file (a link into the cache, say), the file stays but its time is set anew: DVC would otherwise
    trust its own note of the hash, and even commit the damage again.

    Raises:
        LiversegError: No repository, one that cannot be read, or another command holds it.
    """
    with opened_repo(folder) as repo:
        objects = dict(list_objects(Path(repo.cache.local.path)))
        damaged = find_damaged(objects)
        if not damaged:
            return CacheReport(len(objects), ())
        owners = find_owners(repo, damaged)
        with repo.lock:
            replaced = [_replace(repo, name, owners[name]) for name in damaged]
        return CacheReport(len(objects), tuple(replaced))


def list_objects(folder: Path) -> Iterator[tuple[str, Path]]:
    """Name and path of all objects of a cache; what DVC has not finished writing is none."""
    for path in sorted(folder.glob("??/*")):
        name = path.parent.name + path.name
        if OBJECT_NAME.fullmatch(name) and path.is_file():
            yield name, path


def find_damaged(objects: dict[str, Path]) -> list[str]:
    """Names of the objects whose content has another MD5 than the name says."""
    size = sum(path.stat().st_size for path in objects.values())
    with tqdm(total=size, desc="verify", unit="B", unit_scale=True) as bar:
        return [
            name
            for name, path in objects.items()
            if hash_files([path], "md5", bar.update) != name.removesuffix(".dir")
        ]


def find_owners(repo: Any, damaged: Iterable[str]) -> dict[str, list[Owner]]:
    """For each damaged object the outputs of the workspace, or the files in them, that it holds."""
    damaged = set(damaged)
    owners: dict[str, list[Owner]] = defaultdict(list)
    for out in repo.index.outs:
        if not out.use_cache or out.hash_info.name != "md5":
            continue
        stage, path, is_source = out.stage.addressing, Path(out.fs_path), out.stage.is_data_source
        name = out.hash_info.value
        if name in damaged:
            owners[name].append(Owner(stage, path, is_source))
        elif out.hash_info.isdir:
            for member, relative_path in _read_listing(Path(repo.cache.local.oid_to_path(name))):
                if member in damaged:
                    owners[member].append(Owner(stage, path / relative_path, is_source))
    return owners


def _replace(repo: Any, name: str, owners: list[Owner]) -> DamagedObject:
    """Remove an object, and put it back from the first owner whose content is whole."""
    cache = repo.cache.local
    source = None
    for owner in owners:
        if owner.path.is_dir() and name.endswith(".dir"):
            _, _, tree = build(
                cache, str(owner.path), cache.fs, "md5", dry_run=True, ignore=repo.dvcignore
            )
            if tree.hash_info is not None and tree.hash_info.value == name:
                source = owner.path, tree.path, tree.fs
        elif owner.path.is_file():
            if hash_files([owner.path], "md5") == name:
                source = owner.path, str(owner.path), cache.fs
            else:
                os.utime(owner.path)
    cache.delete(name)
    if source is not None:
        cache.add(source[1], source[2], name)
    return DamagedObject(name, tuple(owners), source[0] if source is not None else None)


def _read_listing(path: Path) -> list[tuple[str, str]]:
    """Hash and relative path of each file of a folder; empty where its listing cannot be read."""
    try:
        return [(entry["md5"], entry["relpath"]) for entry in json.loads(path.read_bytes())]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return []
