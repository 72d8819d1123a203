"""Queued experiments on this machine, interrupted, twice at once, or with nothing to do."""

import signal
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import psutil
import pytest

from liverseg.cluster import open_local_cluster
from tests.commands import run_liverseg
from tests.made.spread import Project, is_running, wait_until
from tests.spreading.test_spread import start_spread


def test_nothing_queued_is_no_failure(project: Project) -> None:
    done = run_liverseg("spread", cwd=project.folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert "dvc exp run --queue" in done.stderr


def test_workers_of_this_machine_are_reached_by_nobody_else() -> None:
    process = psutil.Process()
    before = {each.laddr for each in process.net_connections()}
    with open_local_cluster(2) as client:
        opened = [each.laddr for each in process.net_connections() if each.laddr not in before]
        assert client.scheduler.address.startswith("inproc://")
        pages = [f"http://127.0.0.1:{address.port}" for address in opened]
        assert {address.ip for address in opened} <= {"127.0.0.1"}
        for page in pages:
            with pytest.raises(HTTPError, match="404"):
                urlopen(page, timeout=10)


def test_a_number_of_jobs_is_refused_beside_a_scheduler(tmp_path: Path) -> None:
    done = run_liverseg("spread", "--jobs", 2, "--scheduler", "tcp://10.0.0.1:8786", cwd=tmp_path)
    assert done.returncode == 2
    assert "--jobs is for this machine" in done.stderr


def test_ctrl_c_leaves_the_queue_no_clone_and_no_process(project: Project) -> None:
    project.queue("wait,fine")
    with start_spread(project) as process:
        wait_until(lambda: project.read_note("train", "wait"))
        (stage,) = project.read_note("train", "wait")
        other = run_liverseg("spread", cwd=project.folder)
        assert other.returncode == 2
        assert "expected a queue that no other liverseg spread works on" in other.stderr
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGINT
    assert stderr.rstrip().endswith("interrupted")
    assert "Traceback" not in stderr
    assert not is_running(stage)
    assert project.list_left() == []
    assert project.show() == {"each-1": "Queued", "each-2": "Queued"}
    (project.notes / "go").touch()
    done = run_liverseg("spread", "--jobs", 2, cwd=project.folder, **project.environment)
    assert done.returncode == 0, done.stderr
    assert project.show() == {"each-1": "4", "each-2": "4"}
