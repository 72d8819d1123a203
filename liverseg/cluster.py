"""One function over many cases on the workers of a Dask cluster that shares a file system.

Only this module knows ``distributed``, and is imported where a scheduler is named.
"""

import io
import logging
import pickle
import re
import secrets
import socket
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import chdir, contextmanager
from functools import lru_cache, partial
from importlib.metadata import requires, version
from pathlib import Path
from typing import Any, TypeVar

from liverseg.errors import DataError, LiversegError
from liverseg.hashing import hash_files

try:
    from distributed import Client, KilledWorker, as_completed, get_worker
except ModuleNotFoundError as error:
    raise LiversegError(
        f"A cluster: expected the packages for it. Received: {error}. Install them: "
        'pip install "liverseg[cluster]", in a clone of the project pip install -e ".[cluster]"'
    ) from None

Item = TypeVar("Item")
Result = TypeVar("Result")

PATIENCE_S = 60
"""How long nothing may be heard before it is asked whether there is a worker, and any scheduler."""

POLL_S = 0.05
ITEMS_A_MESSAGE = 1000
SHARED = "Scheduler and workers need the folders of this machine under the same names."


def map_on_cluster(
    address: str, function: Callable[[Item], Result], items: Sequence[Item], *, description: str
) -> Generator[Result]:
    """Results of ``function`` for all items, in their order, as they become ready.

    Each result is fetched as soon as it is there, so that a worker which dies takes the case with
    it that it is at; another worker does that again. Workers run in the working folder of this
    process. An error of a case ends the map and is raised here; whoever stops to listen takes all
    that has not begun off the scheduler.

    Args:
        address: Of the scheduler, as ``tcp://host:8786``.
        function: Picklable by name, as the items.
        items: At least one.
        description: What errors begin with.

    Raises:
        LiversegError: There is no scheduler at the address or none any more, no worker, a worker
            of several threads or with other code, or a case whose workers were killed time and
            again.
        DataError: A worker does not see the files.
    """
    client = _connect(address)
    with client, _written_work(function, items[0]) as work:
        futures = client.map(
            partial(_do_case, work.parent, work.name),
            [pickle.dumps(item) for item in items],
            pure=False,
            batch_size=ITEMS_A_MESSAGE,
        )
        keys = [future.key for future in futures]
        finishing = _wait_for_each(client, futures, address)
        ended: dict[str, tuple[str, Any]] = {}
        for key in keys:
            while key not in ended:
                future, outcome = next(finishing)
                ended[future.key] = (future.status, outcome)
                future.release()  # else it were done again where a worker dies that did it
            yield _open_outcome(*ended.pop(key), address, description)


def _connect(address: str) -> Client:
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong is raised here
    try:
        if not re.fullmatch(r"(tcp|tls)://.+:\d+", address):
            raise OSError("no address such as tcp://host:8786")
        return Client(address, set_as_default=False)
    except OSError as error:
        raise LiversegError(
            f"{address}: expected a Dask scheduler. Received: {str(error) or 'no answer'}. Start "
            "one with `dask scheduler`, or unset LIVERSEG_SCHEDULER to work on this machine alone."
        ) from None


def _wait_for_each(
    client: Client, futures: Sequence[Any], address: str
) -> Iterator[tuple[Any, Any]]:
    """The futures with their results or errors, as they end.

    Raises:
        LiversegError: None ends, and no worker is there or the scheduler does not answer.
    """
    waiting = as_completed(futures, loop=client.loop, with_results=True, raise_errors=False)
    heard = time.monotonic()
    while True:
        batch = waiting.next_batch(block=False)
        yield from batch
        if batch:
            heard = time.monotonic()
        elif time.monotonic() - heard > PATIENCE_S:
            _require_workers(client, address)
            heard = time.monotonic()
        else:
            time.sleep(POLL_S)


def _require_workers(client: Client, address: str) -> None:
    try:
        known = client.sync(
            client.scheduler.identity, n_workers=-1, callback_timeout=min(PATIENCE_S, 10)
        )
    except (OSError, TimeoutError):
        raise _lost(address) from None
    if not known["workers"]:
        raise LiversegError(
            f"{address}: expected workers. Received: none for {PATIENCE_S} s. Start some with "
            f"`dask worker {address} --nthreads 1`, then run the same command again."
        )


def _lost(address: str) -> LiversegError:
    return LiversegError(
        f"{address}: expected a Dask scheduler that lives until the end. Received: no answer any "
        "more. Start it and its workers again, then run the same command again."
    )


def _open_outcome(status: str, outcome: Any, address: str, description: str) -> Any:
    if status == "finished":
        return outcome
    if status != "error":
        raise _lost(address)
    _, error, trace = outcome
    if isinstance(error, KilledWorker):
        raise LiversegError(
            f"{description}: expected workers of {address} to live. Received: "
            f"{error.allowed_failures + 1} were killed at one case, most often for want of memory. "
            "Give them more (`dask worker --memory-limit`)."
        ) from None
    if isinstance(error, ImportError) or "deserializ" in str(error):
        raise LiversegError(
            f"{address}: expected a scheduler and workers with this liverseg. Received: {error}. "
            "Start them from the environment that this command runs in."
        ) from error
    raise error.with_traceback(trace)


class _PathFinder(pickle.Pickler):
    """Notes the paths in what it pickles."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.found: set[Path] = set()

    def persistent_id(self, pickled: Any) -> None:
        if isinstance(pickled, Path):
            self.found.add(pickled)


@contextmanager
def _written_work(function: Callable[[Item], Result], item: Item) -> Iterator[Path]:
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


def _do_case(folder: Path, work: str, item: bytes) -> Any:
    """What a worker does: the function of a work file for one item, in a folder."""
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
        return _read_work(folder / work, name)(pickle.loads(item))  # noqa: S301 (our own)


@lru_cache(maxsize=1)  # a model that the function loads stays loaded for the next case
def _read_work(work: Path, worker: str) -> Callable[[Any], Any]:
    code, sizes, function = pickle.loads(work.read_bytes())  # noqa: S301 (our own)
    other = sorted(_list_code() - code)
    if other:
        raise LiversegError(
            f"{worker}: expected the code and packages of this machine. Received: "
            f"{', '.join(other)}. Start it from the environment that this command runs in."
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
        | {f"{name} {version(name)}" for name in names}
    )
