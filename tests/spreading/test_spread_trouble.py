"""What becomes of experiments where a disk is full, or nobody is left to wait for them."""

import re
import subprocess
from pathlib import Path

import pytest

from liverseg.errors import LiversegError
from liverseg.parallel import SCHEDULER_VARIABLE
from liverseg.spreading.clone import Finished, bring_back
from liverseg.spreading.experiment import find_reason
from tests.commands import LIVERSEG, run_liverseg
from tests.made.cluster import open_cluster
from tests.made.spread import Project, is_running, wait_until
from tests.spreading.test_spread import start_spread


@pytest.mark.slow
def test_a_full_disk_fails_one_experiment_and_the_others_go_on(project: Project) -> None:
    project.queue("fill,fine")
    scratch = project.folder / ".dvc" / "tmp" / "spread"
    scratch.mkdir()
    command = f'mount -t tmpfs -o size=8m none "{scratch}" && exec "$@"'
    within = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", command, "sh")
    if subprocess.run([*within, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a file system of their own")
    done = subprocess.run(
        [*within, *LIVERSEG, "spread"],
        cwd=project.folder,
        env=project.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert re.search(r"^failed: each-1: .*No space left on device", done.stderr, re.MULTILINE)
    assert project.show() == {"each-1": "Queued", "each-2": "4"}


@pytest.mark.slow
@pytest.mark.parametrize("is_here", [True, False])
def test_what_a_killed_spread_leaves_ends_and_is_removed_by_the_next(
    project: Project, tmp_path: Path, is_here: bool
) -> None:
    project.queue("wait,fine")
    (tmp_path / "cluster").mkdir()
    with open_cluster(tmp_path / "cluster", 1, **project.environment) as cluster:
        at = {} if is_here else {SCHEDULER_VARIABLE: cluster.address}
        with start_spread(project, **at) as process:
            wait_until(lambda: project.read_note("train", "wait"))
            (stage,) = project.read_note("train", "wait")
            process.kill()
        wait_until(lambda: not is_running(stage))
        (project.notes / "go").touch()
        done = run_liverseg("spread", cwd=project.folder, **project.environment | at)
    assert done.returncode == 0, done.stderr
    assert project.show() == {"each-1": "4", "each-2": "4"}
    assert project.list_left() == []


def test_an_experiment_of_the_same_name_with_other_results_stays_as_it_is(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        identity = ("-c", "user.name=test", "-c", "user.email=test@example.invalid")
        command = ["git", "-C", str(tmp_path / "repository"), *identity, *arguments]
        return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()

    def commit(text: str) -> str:
        (tmp_path / "repository" / "result").write_text(text)
        git("add", "--all")
        git("commit", "--quiet", "--message", text)
        return git("rev-parse", "HEAD")

    def bundle(text: str) -> bytes:
        git("checkout", "--quiet", "--detach", base)
        commit(text)
        git("update-ref", ref, "HEAD")
        git("bundle", "create", str(tmp_path / "bundle"), ref, f"^{base}")
        git("update-ref", "-d", ref)
        return (tmp_path / "bundle").read_bytes()

    (tmp_path / "repository").mkdir()
    git("init", "--quiet")
    base = commit("base")
    ref = f"refs/exps/{base[:2]}/{base[2:]}/same"
    other = Finished(ref, commit("other"), bundle("other"), replaces=False)
    mine = commit("mine")
    git("update-ref", ref, mine)
    with pytest.raises(LiversegError, match="experiment same: expected a name of its own"):
        bring_back(tmp_path / "repository", other, tmp_path)
    assert git("rev-parse", ref) == mine


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        ("", "it ended with code 137"),
        ("Running stage 'train':\n> python x\nepoch 3\n", "it ended with code 137: epoch 3"),
        ("> python x\nERROR: failed to run\nERROR: gone\n", "gone"),
        (
            "> python x\nerror: no such scan\nERROR: failed to run\n",
            "failed to run (error: no such scan)",
        ),
    ],
)
def test_the_reason_is_what_dvc_and_the_stage_said_at_last(log: str, reason: str) -> None:
    assert find_reason(log, 137) == reason
