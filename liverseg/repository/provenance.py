"""Where a model comes from: the commits and experiments whose ``dvc.lock`` holds it."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dvc_data.hashfile.build import build
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from liverseg.errors import DataError
from liverseg.repository.opening import opened_repo
from liverseg.repository.text_table import format_columns

EXPERIMENT = re.compile(r"refs/exps/[0-9a-f]{2}/[0-9a-f]{38}/([^\s,]+)")
QUEUES = ("refs/exps/stash", "refs/exps/apply/*", "refs/exps/celery/*", "refs/exps/exec/*")
LOCK_FILES = ":(top,glob)**/dvc.lock"
SHOWN_LENGTH = 9


@dataclass(frozen=True)
class Origin:
    """A commit that brought a model into a ``dvc.lock``.

    Attributes:
        commit: The full hash.
        date: The author's day, as ``YYYY-MM-DD``.
        subject: The first line of the message.
        experiment: The name of the DVC experiment, or empty.
        output: Path of the model in that commit, from the top of the git repository.
    """

    commit: str
    date: str
    subject: str
    experiment: str
    output: str


@dataclass(frozen=True)
class _LockChange:
    commit: str
    date: str
    subject: str
    experiment: str
    blob: str
    path: PurePosixPath


def find_origins(model: Path, folder: Path) -> list[Origin]:
    """Commits of the repository around ``folder`` that recorded a model, the newest first.

    All branches, tags and experiments count that this clone holds. The model may lie anywhere; it
    is known by its content alone.

    Raises:
        DataError: There is no such model, or no commit holds it.
    """
    if not model.exists():
        raise DataError(
            str(model),
            expected="the folder of a model",
            received="nothing there",
            next_step="Name a folder such as models/final.",
        )
    name, root = compute_dvc_hash(model, folder)
    origins = []
    for change in list_lock_changes(root):
        content = _git(root, "cat-file", "blob", change.blob)
        if name in content:
            origins += [
                Origin(change.commit, change.date, change.subject, change.experiment, str(path))
                for path in _list_outputs(content, change.path.parent, name)
            ]
    if not origins:
        raise DataError(
            str(model),
            expected="a model that some commit or experiment of this repository recorded",
            received=f"{name}, in no dvc.lock of any",
            next_step="Fetch what others made, `git fetch --all` and `dvc exp pull origin --all`, "
            "and look whether a file was added to the folder or changed.",
        )
    return list(dict.fromkeys(origins))


def compute_dvc_hash(path: Path, folder: Path) -> tuple[str, Path]:
    """The hash that DVC gives a file or folder, and the root of the repository around ``folder``.

    Nothing is added to the cache.
    """
    with opened_repo(folder) as repo:
        cache = repo.cache.local
        _, _, built = build(
            cache, str(path.resolve()), cache.fs, "md5", dry_run=True, ignore=repo.dvcignore
        )
        if built.hash_info is None or built.hash_info.value is None:
            raise TypeError(f"DVC gave {path} no hash")
        return str(built.hash_info.value), Path(repo.root_dir)


def list_lock_changes(root: Path) -> Iterator[_LockChange]:
    """Every ``dvc.lock`` as every commit left it that changed one, the newest first.

    A merge counts where its file is that of none of its parents.
    """
    hidden = [f"--exclude={pattern}" for pattern in QUEUES]
    log = _git(
        root, "log", *hidden, "--all", "--full-history", "-c", "--raw", "--no-abbrev",
        "--no-renames", "--decorate-refs=refs/exps/*", "--format=%x00%H%x00%as%x00%D%x00%s",
        "--", LOCK_FILES,
    )  # fmt: skip
    commit = date = subject = experiment = ""
    for line in log.splitlines():
        if line.startswith("\0"):
            _, commit, date, refs, subject = line.split("\0")
            experiment = ", ".join(EXPERIMENT.findall(refs))
        elif line.startswith(":"):
            record, path = line.split("\t")
            fields = record.lstrip(":").split(" ")
            num_parents = len(record) - len(record.lstrip(":"))
            blob = fields[2 * num_parents + 1]  # after all modes and the blobs of the parents
            if blob.strip("0"):
                yield _LockChange(commit, date, subject, experiment, blob, PurePosixPath(path))


def describe_origins(origins: list[Origin]) -> str:
    """A table, a row an origin."""
    rows = [
        (
            origin.commit[:SHOWN_LENGTH],
            origin.date,
            origin.output,
            f"{origin.subject} [{origin.experiment}]" if origin.experiment else origin.subject,
        )
        for origin in origins
    ]
    return format_columns(("commit", "date", "output", "subject"), rows)


def _list_outputs(content: str, folder: PurePosixPath, name: str) -> list[PurePosixPath]:
    """Outputs of a ``dvc.lock`` in ``folder`` with a hash; none where it cannot be read."""
    try:
        stages = YAML(typ="safe", pure=True).load(content)["stages"].values()
        outs = [out for stage in stages for out in stage.get("outs", [])]
        return [folder / out["path"] for out in outs if out.get("md5") == name]
    except (YAMLError, KeyError, TypeError, AttributeError):
        return []


def _git(root: Path, *arguments: str) -> str:
    """What a git command prints.

    Raises:
        DataError: It fails: the folder is in no git repository, say.
    """
    command = ["git", *arguments]
    done = subprocess.run(
        command, cwd=root, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    if done.returncode != 0:
        raise DataError(
            str(root),
            expected="a git repository with a history",
            received=done.stderr.strip() or f"git ended with {done.returncode}",
            next_step="Run it in a clone of the project.",
        )
    return done.stdout
