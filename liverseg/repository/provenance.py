"""Where a model comes from: the commits and experiments whose ``dvc.lock`` holds it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dvc_data.hashfile.build import build
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from liverseg.errors import DataError
from liverseg.git import SETTINGS, find_repository, read_blob, read_text, run_git
from liverseg.repository.opening import opened_repo
from liverseg.text import format_columns

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
    origins = list(_search_history(find_repository(root) or root, name))
    if not origins:
        raise DataError(
            str(model),
            expected="a model that some commit or experiment of this repository recorded",
            received=f"{name}, in no dvc.lock of any",
            next_step="Fetch what others made, `git fetch --all` and `dvc exp pull origin --all`, "
            "and look whether a file was added to the folder or changed.",
        )
    return origins


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


def _search_history(top: Path, name: str) -> Iterator[Origin]:
    """Commits in which a lock file has an output with a hash that it has in none of their parents.

    Git names the commits, and of each the files, that hold the hash more or less often than every
    parent: a stage may have begun or ended to depend on it, so the outputs are compared.

    Raises:
        DataError: Git fails: there is no repository, say.
    """
    done = run_git(
        top, "log", *(f"--exclude={pattern}" for pattern in QUEUES), "--all", "--full-history",
        f"-S{name}", "-c", "--name-only", "--no-renames", "--decorate-refs=refs/exps/*",
        "--format=%x00%H%x00%P%x00%as%x00%D%x00%s", "--", LOCK_FILES,
        settings=SETTINGS | {"core.quotePath": "false"},
    )  # fmt: skip
    if done.returncode != 0:
        raise DataError(
            str(top),
            expected="a git repository with a history",
            received=read_text(done.stderr) or f"git ended with {done.returncode}",
            next_step="Run it in a clone of the project.",
        )
    commit = parents = date = refs = subject = ""
    for line in read_text(done.stdout).split("\n"):
        if line.startswith("\0"):
            _, commit, parents, date, refs, subject = line.split("\0")
        elif line:
            before = [_list_outputs(read_blob(top, each, line), name) for each in parents.split()]
            for output in _list_outputs(read_blob(top, commit, line), name):
                if not any(output in outputs for outputs in before):
                    path = PurePosixPath(line).parent / output
                    experiment = ", ".join(EXPERIMENT.findall(refs))
                    yield Origin(commit, date, subject, experiment, str(path))


def _list_outputs(content: bytes | None, name: str) -> list[str]:
    """Outputs of a lock file with a hash; none where there is no file or it cannot be read."""
    try:
        stages = YAML(typ="safe", pure=True).load(content or b"")["stages"].values()
        outs = [out for stage in stages for out in stage.get("outs", [])]
        return list(dict.fromkeys(out["path"] for out in outs if out.get("md5") == name))
    except (YAMLError, KeyError, TypeError, AttributeError):
        return []
