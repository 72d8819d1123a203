"""Experiments of DVC as what they are in git: commits, named by refs.

DVC keeps an experiment as ``refs/exps/<2 digits>/<38 digits>/<name>``, where the digits are the
commit that it started from. They are read by git alone: DVC would wait for the lock that a running
queue holds.
"""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from liverseg.errors import DataError
from liverseg.git import read_text, run_git

EXPERIMENT_REF = re.compile(r"refs/exps/([0-9a-f]{2})/([0-9a-f]{38})/([^/]+)")


@dataclass(frozen=True)
class Experiment:
    """One finished experiment.

    Attributes:
        name: As DVC or the user named it.
        commit: What it left behind, 40 hexadecimal digits.
        baseline: The commit that it started from; of a plain revision, that revision itself.
    """

    name: str
    commit: str
    baseline: str


def list_experiments(folder: Path) -> tuple[Experiment, ...]:
    """Experiments that started from the current commit, by name; maybe none.

    Raises:
        DataError: The folder is in no git repository, or there is no commit.
    """
    head = _require_head(folder)
    return tuple(each for each in _list_all(folder) if each.baseline == head)


def find_experiments(folder: Path, names: Sequence[str]) -> tuple[Experiment, ...]:
    """The named experiments in the order of the names.

    Of equal names that of the current commit is meant. A name that is no experiment may be any
    revision of git.

    Raises:
        DataError: There is no such experiment, or there are several that started elsewhere.
    """
    head = _require_head(folder)
    known = _list_all(folder)
    return tuple(_find(folder, name, known, head) for name in names)


def read_file(folder: Path, experiment: Experiment, path: str) -> str:
    """A text file as the experiment left it, whatever the workspace holds.

    Args:
        folder: Where ``path`` starts.
        experiment: Whose commit is read.
        path: POSIX path.

    Raises:
        DataError: Its commit holds no such file.
    """
    done = run_git(folder, "show", f"{experiment.commit}:./{path}")
    if done.returncode:
        raise DataError(
            f"experiment {experiment.name}",
            expected=f"{path} in its commit",
            received=_get_complaint(done),
            next_step="Run from the repository root, on an experiment that came to its end.",
        )
    return done.stdout.decode("utf-8", "replace")


def _find(folder: Path, name: str, known: Sequence[Experiment], head: str) -> Experiment:
    alike = [each for each in known if each.name == name]
    of_head = [each for each in alike if each.baseline == head]
    if len(alike) > 1 and not of_head:
        commits = ", ".join(each.commit[:7] for each in alike)
        raise DataError(
            f"experiment {name}",
            expected="a name that stands for one experiment",
            received=f"{len(alike)} that started from other commits: {commits}",
            next_step="Give its commit instead of its name.",
        )
    if alike:
        return (of_head or alike)[0]
    done = run_git(folder, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    if done.returncode:
        here = ", ".join(each.name for each in known if each.baseline == head)
        raise DataError(
            f"experiment {name}",
            expected="the name of an experiment, or a revision of git",
            received=f"neither (experiments of the current commit: {here or 'none'})",
            next_step="`dvc exp list --all-commits` names all experiments.",
        )
    commit = read_text(done.stdout)
    return Experiment(name, commit, commit)


def _list_all(folder: Path) -> list[Experiment]:
    done = run_git(folder, "for-each-ref", "--format=%(objectname) %(refname)", "refs/exps/")
    experiments = []
    for line in read_text(done.stdout).splitlines():
        commit, ref = line.split(" ", 1)
        match = EXPERIMENT_REF.fullmatch(ref)
        if match:  # else one of DVC's own: its queue, its stash
            experiments.append(Experiment(match[3], commit, match[1] + match[2]))
    return experiments


def _require_head(folder: Path) -> str:
    done = run_git(folder, "rev-parse", "--verify", "HEAD^{commit}")
    if done.returncode:
        raise DataError(
            str(folder),
            expected="a git repository with a commit",
            received=_get_complaint(done),
            next_step="Run from the repository root.",
        )
    return read_text(done.stdout)


def _get_complaint(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = read_text(done.stderr).splitlines() or [f"git ended with code {done.returncode}"]
    return lines[0].removeprefix("fatal: ")
