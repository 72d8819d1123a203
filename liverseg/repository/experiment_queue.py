"""DVC's queue of experiments, as ``dvc queue status`` shows it, and what it takes to run them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configobj import ConfigObj
from dvc.lock import LockError
from dvc.repo.experiments.exceptions import UnresolvedExpNamesError
from dvc.repo.experiments.refs import CELERY_STASH
from dvc.repo.experiments.utils import get_exp_rwlock

from liverseg.repository.opening import opened_repo

POLL_S = 1


@dataclass(frozen=True)
class QueuedExperiment:
    """An experiment that nobody has begun.

    Attributes:
        name: That it is to get.
        revision: The commit of DVC's stash that holds all its files.
        baseline: The commit that it belongs to.
        head: The commit that it starts from, most often the same.
        copy_paths: Files and folders that git does not know and that it needs beside them.
        message: Of its commit; None for DVC's own.
    """

    name: str
    revision: str
    baseline: str
    head: str
    copy_paths: tuple[str, ...]
    message: str | None


@dataclass(frozen=True)
class SharedRepository:
    """The repository that experiments are queued in.

    Attributes:
        root: Of git.
        dvc_root: Of DVC, the same or a folder in it.
        cache: DVC's cache, which all workers share.
    """

    root: Path
    dvc_root: Path
    cache: Path

    @property
    def scratch(self) -> Path:
        """The folder for clones and logs; DVC lets git ignore it."""
        return self.dvc_root / ".dvc" / "tmp" / "spread"


def read_queue(folder: Path) -> tuple[SharedRepository, tuple[QueuedExperiment, ...]]:
    """The repository around a folder and its queue, in the order of queueing; it may be empty.

    Raises:
        LiversegError: No repository, or one that cannot be read.
    """
    with opened_repo(folder) as repo:
        shared = SharedRepository(
            Path(repo.scm.root_dir), Path(repo.root_dir), Path(repo.cache.local_cache_dir)
        )
        messages = repo.experiments.celery_queue.celery.iter_queued()
        contents = [message.decode()[:2] for message in messages]
    return shared, tuple(_build(*arguments, **options) for arguments, options in contents)


def remove_from_queue(folder: Path, experiment: QueuedExperiment) -> None:
    """Take an experiment off the queue; one that is there no more is none of our business.

    The lock is that of ``dvc exp run --queue``, which shifts the places of what is queued.
    """
    with opened_repo(folder) as repo:
        while True:
            try:
                with get_exp_rwlock(repo, writes=[CELERY_STASH]):
                    repo.experiments.celery_queue.remove([experiment.revision])
                return
            except UnresolvedExpNamesError:
                return
            except LockError:
                time.sleep(POLL_S)


def write_local_config(folder: Path, cache: Path, file: Path) -> None:
    """Write what a clone needs as ``.dvc/config.local``: that of the repository, and its cache."""
    with opened_repo(folder) as repo:
        settings = ConfigObj(repo.config.read("local"))
    settings.merge({"cache": {"dir": str(cache)}})
    with file.open("wb") as opened:
        settings.write(opened)


def _build(
    entry_dict: Mapping[str, Any], copy_paths: list[str] | None = None, message: str | None = None
) -> QueuedExperiment:
    """From the arguments of DVC's own task, ``dvc.repo.experiments.queue.tasks.run_exp``."""
    return QueuedExperiment(
        name=entry_dict["name"],
        revision=entry_dict["stash_rev"],
        baseline=entry_dict["baseline_rev"],
        head=entry_dict["head_rev"],
        copy_paths=tuple(copy_paths or ()),
        message=message,
    )
