"""Queued experiments over a Dask cluster of real processes: DVC sees them as if it had run them."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from liverseg.parallel import SCHEDULER_VARIABLE
from tests.commands import LIVERSEG
from tests.made.cluster import Cluster, open_cluster
from tests.made.spread import Project, is_running, wait_until


@dataclass(frozen=True)
class Outcome:
    """A spread of four experiments, one of which fails and one of which loses its worker."""

    project: Project
    returncode: int
    stdout: str
    stderr: str
    lost_process: int


@pytest.fixture(scope="module")
def outcome(template: Project, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    project = template.copy(tmp_path_factory.mktemp("spread"))
    (project.folder / "beside.txt").touch()
    beside = ("--copy-paths", "beside.txt", "--message", "they brought files along")
    project.queue("wait,fine,fail,spare", *beside)
    folder = tmp_path_factory.mktemp("cluster")
    with (
        open_cluster(folder, 2, **project.environment) as cluster,
        start_spread(project, **{SCHEDULER_VARIABLE: cluster.address}) as process,
    ):
        wait_until(lambda: project.read_note("train", "wait"))
        (lost,) = project.read_note("train", "wait")
        find_worker(cluster, lost).kill()
        stdout, stderr = process.communicate(timeout=300)
    return Outcome(project, process.returncode, stdout, stderr, lost)


@contextmanager
def start_spread(
    project: Project, *options: str, **environment: str
) -> Iterator[subprocess.Popen[str]]:
    """The command as a process, which ends with the block."""
    with subprocess.Popen(
        [*LIVERSEG, "spread", *options],
        cwd=project.folder,
        env=project.environment | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def find_worker(cluster: Cluster, process_id: int) -> subprocess.Popen[bytes]:
    above = {each.pid for each in psutil.Process(process_id).parents()}
    (worker,) = [each for each in cluster.processes if each.pid in above]
    return worker


def test_dvc_shows_what_is_done_with_its_metrics_and_all_else_as_queued(outcome: Outcome) -> None:
    expected = {"each-1": "Queued", "each-2": "4", "each-3": "Queued", "each-4": "5"}
    assert outcome.project.show() == expected


def test_files_that_git_ignores_go_along_and_the_commit_has_its_message(outcome: Outcome) -> None:
    log = outcome.project.run("git", "log", "--format=%s", "--glob=refs/exps/*/*/each-4")
    assert log.splitlines()[0] == "they brought files along"


def test_the_table_has_a_row_each_and_the_exit_code_says_that_some_failed(
    outcome: Outcome,
) -> None:
    assert outcome.returncode == 1
    title, *rows = outcome.stdout.splitlines()
    assert title.split() == ["experiment", "state", "minutes", "worker"]
    assert {tuple(row.split()[:2]) for row in rows} == {
        ("each-2", "done"),
        ("each-4", "done"),
        ("each-3", "failed"),
        ("each-1", "failed"),
    }
    assert all(re.search(r" \d+\.\d +tcp://127\.0\.0\.1:\d+$", row) for row in rows)


def test_a_failure_is_told_by_name_with_its_reason_and_its_log(outcome: Outcome) -> None:
    found = re.search(r"^failed: each-3: (.*)\. Log: (.*)$", outcome.stderr, re.MULTILINE)
    assert found is not None, outcome.stderr
    assert found[1].startswith("failed to reproduce 'train'")
    assert found[1].endswith("(error: seed 3: expected luck)")
    assert "error: seed 3: expected luck\n" in Path(found[2]).read_text()


def test_a_killed_worker_is_told_by_the_name_of_its_experiment(outcome: Outcome) -> None:
    assert re.search(r"^failed: each-1: its worker died", outcome.stderr, re.MULTILINE)
    assert "Traceback" not in outcome.stderr


def test_what_a_killed_worker_was_doing_is_ended_and_not_begun_again(outcome: Outcome) -> None:
    wait_until(lambda: not is_running(outcome.lost_process))
    assert outcome.project.read_note("train", "wait") == [outcome.lost_process]


def test_no_clone_and_no_change_of_the_workspace_is_left(outcome: Outcome) -> None:
    assert outcome.project.list_left() == []
    assert outcome.project.run("git", "status", "--porcelain") == ""


def test_what_dvc_has_in_its_cache_is_not_run_again(outcome: Outcome) -> None:
    assert len(list(outcome.project.notes.glob("prepare.*"))) == 1
    assert len(outcome.project.read_note("prepare", "nothing")) == 1


def test_the_commit_holds_what_dvc_leaves_in_one_that_it_runs_itself(outcome: Outcome) -> None:
    project = outcome.project
    project.run("dvc", "exp", "run", "--temp", "--name", "own", "-S", "do=fine")
    refs = project.run("git", "for-each-ref", "--format=%(refname)", "refs/exps/").splitlines()
    named = {ref.rpartition("/")[2]: ref for ref in refs}
    trees = {
        project.run("git", "rev-parse", f"{named[each]}^{{tree}}") for each in ("own", "each-2")
    }
    assert len(trees) == 1
    assert len(project.read_note("train", "fine")) == 1  # DVC took it from the cache
