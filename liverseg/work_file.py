"""How the workers of a Dask cluster get what they run: by a file that all of them must see."""

import io
import pickle
import re
import secrets
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

from distributed import get_worker

from liverseg.errors import DataError, LiversegError
from liverseg.hashing import hash_files

SHARED = "Scheduler and workers need the folders of this machine under the same names."


class _PathFinder(pickle.Pickler):
    """Notes the paths in what it pickles."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.found: set[Path] = set()

    def persistent_id(self, pickled: Any) -> None:
        if isinstance(pickled, Path):
            self.found.add(pickled)


@contextmanager
def written_work(function: Callable[..., object], item: object) -> Iterator[Path]:
    """A file in the working folder for all workers to read, there while the block runs.

    It holds the function, with whatever table is bound to it, so that this travels once a worker
    and not once a case; that workers see it proves that they share the folder. Beside it what is
    to be the same with them: the code, and the size of every file that the first case names.
    """
    buffer = io.BytesIO()
    finder = _PathFinder(buffer)
    finder.dump(function)
    pickled = buffer.getvalue()
    finder.dump(item)
    work = Path.cwd() / f".partial.{secrets.token_hex(4)}.work"
    sizes = {path: size for path in finder.found if (size := _measure(path)) is not None}
    try:
        work.write_bytes(pickle.dumps((_list_code(), sizes, pickled)))
        yield work
    finally:
        work.unlink(missing_ok=True)


def do_case(folder: Path, work: str, item: bytes) -> tuple[Any]:
    """What a worker does: the function of a work file for one item, in a folder.

    Raises:
        DataError: It does not see the files.
        LiversegError: It runs other code, or several threads.
    """
    worker = get_worker()
    name = f"worker {worker.address} on {socket.gethostname()}"
    if worker.state.nthreads > 1:  # all would share one working folder
        raise LiversegError(
            f"{name}: expected a worker of one thread. Received: {worker.state.nthreads} threads. "
            "Start it with `--nthreads 1`, and `--nworkers` for as many as it has cores."
        )
    if not (folder / work).is_file():
        raise DataError(
            name, expected=f"the files of {folder}", received="not those", next_step=SHARED
        )
    with chdir(folder):
        return (_read_work(folder / work, name)(pickle.loads(item)),)  # noqa: S301 (our own)


@lru_cache(maxsize=1)  # a model that the function loads stays loaded for the next case
def _read_work(work: Path, worker: str) -> Callable[[Any], Any]:
    code, sizes, function = pickle.loads(work.read_bytes())  # noqa: S301 (our own)
    other = sorted(_list_code() - code)
    if other:
        raise LiversegError(
            f"{worker}: expected the code and packages of this machine. Received: "
            f"{', '.join(other)}. Start it again, from the environment that this command runs in."
        )
    for path, size in sizes.items():
        if _measure(path) != size:
            received = "another file" if path.exists() else "no such file or folder"
            raise DataError(
                worker, expected=f"{path} as it is here", received=received, next_step=SHARED
            )
    opened: Callable[[Any], Any] = pickle.loads(function)  # noqa: S301 (our own)
    return opened


def _measure(path: Path) -> int | None:
    """Bytes of a file, 0 for a folder, None for nothing."""
    if path.is_dir():
        return 0
    return path.stat().st_size if path.is_file() else None


@lru_cache(maxsize=1)
def _list_code() -> frozenset[str]:
    """What decides a result beside its data: this package, Python and the packages it needs."""
    files = sorted(Path(__file__).parent.rglob("*.py"))
    needed = [each for each in requires("liverseg") or () if "extra ==" not in each]
    names = {re.split(r"[^\w.-]", each, maxsplit=1)[0] for each in needed}
    return frozenset(
        {f"liverseg of MD5 {hash_files(files, 'md5')}", f"Python {sys.version.split()[0]}"}
        | {f"{name} {_find_version(name)}" for name in names}
    )


def _find_version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # another Python or system may need it
        return "none"
