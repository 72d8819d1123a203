"""One tiny chain that has run, and copies of it."""

import shutil
from pathlib import Path

import pytest

from tests.pipeline.clone import TINY, Clone, copy_working_tree


@pytest.fixture(scope="session")
def finished_chain(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """One tiny chain that ran to its end; tests take a copy of it."""
    clone = copy_working_tree(tmp_path_factory.mktemp("finished") / "clone")
    (clone.folder / "dvc.lock").unlink()  # its stages keep the order in which they once were new
    clone.set_params(TINY)
    clone.commit("tiny params")  # DVCLive asks git for a commit
    clone.run("dvc", "repro")
    clone.commit("a finished tiny chain")
    return clone


@pytest.fixture
def chain(finished_chain: Clone, tmp_path: Path) -> Clone:
    """A copy of the finished chain with its cache, nothing measured in it yet."""
    shutil.copytree(finished_chain.folder, tmp_path / "clone", symlinks=True)
    clone = Clone(tmp_path / "clone")
    clone.forget_timings()
    return clone


@pytest.fixture
def fresh_chain(finished_chain: Clone, tmp_path: Path) -> Clone:
    """A git clone of the tiny chain: its lock and metrics, but no cache and no data."""
    clone = Clone(tmp_path)
    clone.run("git", "clone", "--quiet", str(finished_chain.folder), "clone")
    return Clone(tmp_path / "clone")
