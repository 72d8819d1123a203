"""Git is asked only in the user's own repository, and runs nothing that a configuration names."""

import subprocess
from pathlib import Path

import pytest

from liverseg import git
from liverseg.experiments.revisions import find_experiments, list_experiments, read_file
from liverseg.git import find_repository, has_changes, read_blob, read_commit, run_git
from liverseg.repository.lock_files import mend_lock_files


def run(folder: Path, *arguments: str) -> str:
    author = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    done = subprocess.run(
        ["git", *author, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit."""
    folder = tmp_path / "repository"
    folder.mkdir()
    run(folder, "init", "--quiet")
    (folder / "params.yaml").write_text("a: 1\n")
    (folder / "dvc.lock").write_text("schema: '2.0'\nstages: {}\n")
    (folder / ".dvc").mkdir()
    run(folder, "add", ".")
    run(folder, "commit", "--quiet", "--message", "first")
    return folder


@pytest.fixture
def trap(repository: Path, tmp_path: Path) -> Path:
    """A file that exists once any program has run that the repository's configuration names."""
    sprung = tmp_path / "sprung"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho ran >> '{sprung}'\ncat\n")
    program.chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "reference-transaction", "post-checkout"):
        (hooks / name).symlink_to(program)
    named = {
        "core.fsmonitor": program,
        "core.hooksPath": hooks,
        "core.pager": program,
        "diff.external": program,
        "diff.trap.textconv": program,
        "diff.trap.command": program,
        "filter.trap.clean": program,
        "filter.trap.smudge": program,
        "filter.a=b.clean": program,
        "filter.a=b.required": "true",
        "gpg.program": program,
        "log.showSignature": "true",
        "remote.origin.url": repository,
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.uploadpack": program,
    }
    for key, value in named.items():
        (section, *middle, last) = key.split(".")
        title = f'{section} "{".".join(middle)}"' if middle else section
        with (repository / ".git" / "config").open("a") as file:
            file.write(f'[{title}]\n\t{last} = "{value}"\n')
    attributes = "params.yaml filter=trap diff=trap\ndvc.lock filter=a=b\n"
    (repository / ".git" / "info" / "attributes").write_text(attributes)
    return sprung


def spring(repository: Path, trap: Path) -> None:
    """Show that the trap works: plain git falls into it."""
    subprocess.run(["git", "status"], cwd=repository, capture_output=True, check=False)
    assert trap.exists()
    trap.unlink()


def test_nothing_runs_that_a_configuration_names(repository, trap):
    (repository / "params.yaml").write_text("a: 2\n")
    spring(repository, trap)
    commit = read_commit(repository)
    assert commit == run(repository, "-c", "core.fsmonitor=false", "rev-parse", "HEAD")
    assert has_changes(repository) is True
    assert read_blob(repository, "HEAD", "params.yaml") == b"a: 1\n"
    assert run_git(repository, "log", "-p", "-S", "a: 1", "--all").returncode == 0
    assert run_git(repository, "show", "HEAD").returncode == 0
    assert run_git(repository, "cat-file", "blob", "1" * 40).returncode != 0  # of a partial clone
    assert not trap.exists()


def test_no_way_to_git_in_the_library_runs_what_a_configuration_names(repository, trap):
    (repository / "dvc.lock").write_text("schema: '2.0'\nstag")
    spring(repository, trap)
    assert list_experiments(repository) == ()
    (head,) = find_experiments(repository, ["HEAD"])
    assert read_file(repository, head, "params.yaml") == "a: 1\n"
    (repository / ".dvc" / "tmp").mkdir()
    assert "restored from git's HEAD" in mend_lock_files(repository)[0]
    assert not trap.exists()


def test_a_repository_says_what_is_committed_and_whether_files_have_changed(repository):
    assert find_repository(repository / "data" / "none") == repository
    assert has_changes(repository) is False
    (repository / "new").touch()
    assert has_changes(repository) is False  # not tracked
    (repository / "params.yaml").write_text("a: 2\n")
    assert has_changes(repository) is True
    assert read_blob(repository, "HEAD", "none") is None


def test_outside_of_git_and_without_git_there_is_no_answer(tmp_path, monkeypatch):
    assert find_repository(tmp_path) is None
    assert (read_commit(tmp_path), has_changes(tmp_path)) == (None, None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run_git(tmp_path, "status").returncode == git.NO_GIT
