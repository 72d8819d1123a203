"""DVC's lock files after a kill: unreadable ones restored or removed, readable ones untouched.

DVC writes ``dvc.lock`` and ``.dvc/tmp/rwlock`` in place. A kill in that moment leaves half a file,
on which every later ``dvc`` command fails; so nothing here opens a DVC repository.
"""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
from dvc.config import Config, ConfigError
from dvc.lock import LockError, make_lock
from dvc.rwlock import SCHEMA as RWLOCK_SCHEMA
from dvc.schema import COMPILED_LOCKFILE_SCHEMA
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from voluptuous import Invalid

from liverseg.errors import DataError
from liverseg.git import read_blob
from liverseg.outputs import whole_file

LOCK_PATTERNS = ("dvc.lock", "[!.]*/dvc.lock")
RWLOCKS = ("tmp/rwlock", "tmp/exps/rwlock")
CONFLICT = re.compile(rb"^<{7} ", re.MULTILINE)
PROCESS_ID = re.compile(rb'"pid": *(\d+)')


def mend_lock_files(folder: Path) -> list[str]:
    """Mend what a killed DVC left unreadable around ``folder``; what was done, a line a file.

    An unreadable ``dvc.lock`` (in the root or a folder of it) becomes that of ``HEAD``, from which
    DVC's run cache brings every stage forward that had finished since; where ``HEAD`` has none that
    can be read, it is removed. An unreadable ``rwlock`` is removed.

    Raises:
        DataError: No DVC repository; a merge conflict; or a process that still runs holds the file.
    """
    root = find_root(folder)
    if not _list_unreadable(root):
        return []
    with _no_other_command(root):  # which may have been in the middle of writing: look again
        return [_mend(root, path) for path in _list_unreadable(root)]


def find_root(folder: Path) -> Path:
    """The nearest folder upwards that holds ``.dvc``."""
    for candidate in (folder.resolve(), *folder.resolve().parents):
        if (candidate / ".dvc").is_dir():
            return candidate
    raise DataError(
        str(folder.resolve()),
        expected="a folder in a DVC repository",
        received="no .dvc there or above",
        next_step="Change to the repository first.",
    )


def is_readable(path: Path, content: bytes) -> bool:
    """Whether DVC can read the content of a ``dvc.lock`` or an ``rwlock``."""
    try:
        text = content.decode("utf-8")
        if path.name == "rwlock":
            RWLOCK_SCHEMA(json.loads(text))
        else:
            COMPILED_LOCKFILE_SCHEMA(YAML(typ="safe", pure=True).load(text) or {})
    except (ValueError, YAMLError, Invalid):  # ValueError: bytes that are no text, no JSON
        return False
    return True


def _list_unreadable(root: Path) -> list[Path]:
    locks = [path for pattern in LOCK_PATTERNS for path in sorted(root.glob(pattern))]
    paths = [*locks, *(root / ".dvc" / name for name in RWLOCKS)]
    return [path for path in paths if path.is_file() and not is_readable(path, path.read_bytes())]


def _mend(root: Path, path: Path) -> str:
    name = path.relative_to(root)
    content = path.read_bytes()
    if path.name == "rwlock":
        _require_dead_holders(name, content)
        path.unlink()
        return f"mended: {name} could not be read and no running process holds it; removed"
    if CONFLICT.search(content):
        raise DataError(
            str(name),
            expected="a lock file of DVC",
            received="a merge conflict",
            next_step=f"Take one side, `git checkout --ours {name}`, say, then `dvc repro`.",
        )
    committed = read_blob(root, "HEAD", name.as_posix())
    if committed is None or not is_readable(path, committed):
        path.unlink()
        return f"mended: {name} could not be read and git's HEAD has none that can; removed"
    with whole_file(path) as partial:
        partial.write_bytes(committed)
    return f"mended: {name} could not be read; restored from git's HEAD"


def _require_dead_holders(name: Path, content: bytes) -> None:
    """Refuse where what is left of an ``rwlock`` names a process that runs."""
    holders = sorted({int(found) for found in PROCESS_ID.findall(content)})
    running = [holder for holder in holders if psutil.pid_exists(holder)]
    if running:
        raise DataError(
            str(name),
            expected="no running process that holds it",
            received=f"process {', '.join(map(str, running))}",
            next_step="Let it end or stop it, then run `liverseg mend` again.",
        )


@contextmanager
def _no_other_command(root: Path) -> Iterator[None]:
    """Hold the locks that DVC takes while it writes; they die with their process."""
    folder = root / ".dvc" / "tmp"
    folder.mkdir(exist_ok=True)
    try:
        use_links = Config(str(root / ".dvc"))["core"].get("hardlink_lock", False)
        with ExitStack() as stack:
            for name in ("lock", "rwlock.lock"):
                lock = make_lock(str(folder / name), tmp_dir=str(folder), hardlink_lock=use_links)
                stack.enter_context(lock)
            yield
    except (LockError, ConfigError) as error:
        raise DataError(
            str(root / ".dvc"),
            expected="a repository in which no other DVC command is writing",
            received=" ".join(str(error).split()),
            next_step="Let that command end, then run `liverseg mend` again.",
        ) from error
