"""Clones that experiments run in, and what comes back of them."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from liverseg.errors import LiversegError
from liverseg.git import read_text, run_git
from liverseg.repository.experiment_queue import QueuedExperiment, SharedRepository

BASELINE = "refs/exps/exec/EXEC_BASELINE"
"""Where DVC looks for the commit that an experiment belongs to."""


@dataclass(frozen=True)
class Clone:
    """A clone of the whole repository, there to run one experiment in.

    Attributes:
        folder: Of git.
        dvc_folder: Of DVC in it.
        info: What DVC is told of the experiment, and tells of its end.
    """

    folder: Path
    dvc_folder: Path
    info: Path


def make_clone(
    shared: SharedRepository, experiment: QueuedExperiment, folder: Path, local_config: Path
) -> Clone:
    """A clone with the files of a queued experiment, as DVC's own queue makes one.

    It borrows the objects of the repository, and shares DVC's cache by its local configuration.

    Args:
        shared: That the experiment is queued in.
        experiment: Of its queue.
        folder: Where nothing is yet.
        local_config: That becomes the clone's ``.dvc/config.local``.

    Raises:
        LiversegError: Git does not get it done; a full disk, say.
    """
    clone = Clone(
        folder,
        folder / shared.dvc_root.relative_to(shared.root),
        folder.with_name(f"{folder.name}.json"),
    )
    source = str(shared.root)
    change(shared.root, "clone", "--quiet", "--shared", "--no-checkout", source, str(folder))
    change(folder, "checkout", "--quiet", "--detach", experiment.head)
    everything = ("--source", experiment.revision, "--staged", "--worktree", ":/")
    change(folder, "restore", *everything)
    change(folder, "update-ref", BASELINE, experiment.baseline)
    _copy_git_config(shared.root, folder)
    shutil.copyfile(local_config, clone.dvc_folder / ".dvc" / "config.local")
    info = {
        "git_url": folder.as_uri(),
        "baseline_rev": experiment.baseline,
        "location": "tempdir",
        "root_dir": str(folder),
        "dvc_dir": str(clone.dvc_folder.relative_to(folder) / ".dvc"),
        "name": experiment.name,
        "wdir": str(clone.dvc_folder.relative_to(folder)),
    }
    clone.info.write_text(json.dumps(info))  # as dvc.repo.experiments.executor.base.ExecutorInfo
    return clone


@dataclass(frozen=True)
class Finished:
    """An experiment that was run in a clone.

    Attributes:
        ref: As which it is known to git.
        commit: What it left behind.
        bundle: Git's bundle of that commit.
        replaces: Whether it may take the place of another one of its name.
    """

    ref: str
    commit: str
    bundle: bytes
    replaces: bool


def pack_finished(clone: Clone, experiment: QueuedExperiment) -> Finished:
    """What is to come back, once DVC ended well.

    Raises:
        LiversegError: Git does not get it done.
    """
    info = json.loads(clone.info.read_text())
    ref = info["result_ref"]
    commit = read_text(change(clone.folder, "rev-parse", "--verify", ref))
    bundle = change(clone.folder, "bundle", "create", "-", ref, f"^{experiment.head}")
    return Finished(ref, commit, bundle, info["result_force"])


def bring_back(root: Path, finished: Finished, scratch: Path) -> None:
    """Make an experiment one of the repository.

    Args:
        root: Of the repository.
        finished: The experiment.
        scratch: For a file.

    Raises:
        LiversegError: There is another one of its name with other results, or git does not get it
            done.
    """
    known = run_git(root, "rev-parse", "--verify", "--quiet", f"{finished.ref}^{{tree}}")
    bundle = scratch / f"{finished.commit}.bundle"
    bundle.write_bytes(finished.bundle)
    try:
        if known.returncode:
            fetch(root, bundle, f"{finished.ref}:{finished.ref}")
        elif finished.replaces:
            fetch(root, bundle, f"+{finished.ref}:{finished.ref}")
        else:
            fetch(root, bundle, finished.ref)
            _require_equal(root, finished, known.stdout)
    finally:
        bundle.unlink()


def fetch(root: Path, bundle: Path, refspec: str) -> None:
    """Fetch from a bundle, nothing else touched."""
    change(root, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", str(bundle), refspec)


def change(folder: Path, *arguments: str) -> bytes:
    """What a git command printed that has to end well.

    Raises:
        LiversegError: It did not.
    """
    done = run_git(folder, *arguments, protocol="file")
    if done.returncode:
        raise LiversegError(f"git {arguments[0]}: {_get_complaint(done)}")
    return done.stdout


def _require_equal(root: Path, finished: Finished, known_tree: bytes) -> None:
    if change(root, "rev-parse", f"{finished.commit}^{{tree}}") != known_tree:
        name = finished.ref.rpartition("/")[2]
        raise LiversegError(
            f"experiment {name}: expected a name of its own. Received: that of another experiment "
            f"with other results. `dvc exp remove {name}`, or queue it again with `--name`."
        )


def _copy_git_config(root: Path, folder: Path) -> None:
    """Who commits, and what else the repository's configuration says, but for its place."""
    common = read_text(change(root, "rev-parse", "--git-common-dir"))
    own = folder / ".git" / "config"
    shutil.copyfile(root / common / "config", own)
    run_git(folder, "config", "--file", str(own), "--unset-all", "core.worktree")


def _get_complaint(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = read_text(done.stderr).splitlines()
    return lines[-1] if lines else f"ended with code {done.returncode}"
