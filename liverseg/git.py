"""The one place where git is started, in a repository that the user works in or in a clone of it.

The configuration of a repository names commands that git runs: hooks, a monitor of the file system,
filters, drivers of diffs, viewers of signatures, helpers that fetch. A folder that came from
elsewhere may bring its own, so none of them counts here; and nobody asks for a folder that merely
lies in another repository than the one that the user works in (``find_repository``).
"""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

SETTINGS = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "log.showSignature": "false",
    "safe.bareRepository": "explicit",
}
"""What a configuration may say otherwise, each the name of a program or a place of its own."""

ENVIRONMENT = {
    "GIT_NO_LAZY_FETCH": "1",  # a missing object of a partial clone is fetched by a command
    "GIT_OPTIONAL_LOCKS": "0",  # a refreshed index would be written, and call a hook
}
NO_DRIVERS = ("--no-ext-diff", "--no-textconv")
DIFFERING = frozenset({"diff", "log", "show"})
"""Commands to which ``NO_DRIVERS`` is said."""

NO_GIT = 127


def find_repository(path: Path) -> Path | None:
    """The top folder of the git repository around a path; None outside of any. Starts nothing."""
    folder = path.resolve()
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)


def run_git(
    folder: Path, *arguments: str, settings: Mapping[str, str] = SETTINGS, protocol: str = ""
) -> subprocess.CompletedProcess[bytes]:
    """Run a git command.

    Args:
        folder: In a repository that the user works in, or a clone of it that we made.
        arguments: The command and its own.
        settings: That count instead of any configuration.
        protocol: By which it may reach another repository: ``file``; by default none.

    Returns:
        The ended process and its output, whatever its exit code; ``NO_GIT`` where there is no git.
    """
    command, *rest = arguments
    whole = ["git", "--no-pager", command, *(NO_DRIVERS if command in DIFFERING else ()), *rest]
    environment = os.environ | ENVIRONMENT | {"GIT_ALLOW_PROTOCOL": protocol}
    environment["GIT_CONFIG_COUNT"] = str(len(settings))
    for number, (key, value) in enumerate(settings.items()):  # unlike -c, a key may hold a `=`
        environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    try:
        return subprocess.run(whole, cwd=folder, env=environment, capture_output=True, check=False)
    except FileNotFoundError:
        return subprocess.CompletedProcess(whole, NO_GIT, b"", b"git is not installed")


def read_blob(folder: Path, revision: str, path: str) -> bytes | None:
    """A file as a commit holds it; None where it holds none.

    Args:
        folder: Where ``path`` starts.
        revision: Any name of the commit.
        path: POSIX path.
    """
    done = run_git(folder, "cat-file", "blob", f"{revision}:./{path}")
    return done.stdout if done.returncode == 0 else None


def read_commit(folder: Path) -> str | None:
    """The commit that is checked out; None where there is none."""
    done = run_git(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    return done.stdout.decode().strip() if done.returncode == 0 else None


def has_changes(folder: Path) -> bool | None:
    """Whether tracked files differ from the commit that is checked out; None where git fails.

    Filters are off: a file that goes through one counts as changed once its time of writing has.
    Submodules are left out, since git would read their own configurations.
    """
    listed = run_git(folder, "config", "--null", "--name-only", "--get-regexp", r"^filter\.")
    filters = {
        key: "false" if key.endswith(".required") else ""
        for key in listed.stdout.decode("utf-8", "surrogateescape").split("\0")
        if key
    }
    status = ("status", "--porcelain", "--untracked-files=no", "--ignore-submodules=all")
    done = run_git(folder, *status, settings=SETTINGS | filters)
    return bool(done.stdout) if done.returncode == 0 else None


def read_text(output: bytes) -> str:
    """What git printed, as text on the lines that it has; bytes that are no UTF-8 are marked."""
    return output.decode("utf-8", "replace").strip()
