"""What becomes of cases where a scheduler or a worker dies, hangs, or cannot do them."""

import math
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

import liverseg.cluster
from liverseg.errors import DataError, LiversegError
from liverseg.parallel import SCHEDULER_VARIABLE, map_cases
from liverseg.tables.case_table import read_cases
from tests.commands import REPOSITORY, run_liverseg
from tests.made.cluster import Cluster, count_tries, do_and_note, open_cluster
from tests.made.package import copy_package

ONE_SECOND = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "1s"}


@pytest.fixture
def own(monkeypatch, tmp_path):
    """A cluster without workers yet, which a test may spoil."""
    (tmp_path / "cluster").mkdir()
    monkeypatch.chdir(tmp_path)
    with open_cluster(tmp_path / "cluster", 0) as cluster:
        monkeypatch.setenv(SCHEDULER_VARIABLE, cluster.address)
        yield cluster


def test_a_killed_worker_costs_its_case_a_second_try_and_nothing_else(own, tmp_path):
    own.start_worker()
    own.start_worker()
    (tmp_path / "tries").mkdir()
    do = partial(do_and_note, folder=tmp_path / "tries", deadly=4, seconds=0.5)
    assert list(map_cases(do, range(10), description="test")) == [n**2 for n in range(10)]
    assert count_tries(tmp_path / "tries") == {n: 2 if n == 4 else 1 for n in range(10)}


def test_a_case_that_kills_its_workers_is_an_error_that_speaks_of_memory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    once = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with open_cluster(tmp_path, 1, **once) as cluster:
        monkeypatch.setenv(SCHEDULER_VARIABLE, cluster.address)
        with pytest.raises(LiversegError, match=r"^ingest: .*killed at one case.*memory"):
            list(map_cases(signal.raise_signal, [signal.SIGKILL], description="ingest"))


def test_where_no_scheduler_is_the_address_is_told_and_the_exit_code_is_2(tmp_path):
    for name in ("reference", "predicted"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "segmentation-1.nii.gz").touch()
    at = {SCHEDULER_VARIABLE: "tcp://127.0.0.1:1"} | ONE_SECOND
    done = run_liverseg("score", "reference", "predicted", cwd=tmp_path, **at)
    assert done.returncode == 2
    assert "error: tcp://127.0.0.1:1: expected a Dask scheduler. Received: " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("address", ["here", "tcp://here", "http://here:1"])
def test_what_is_no_address_of_a_scheduler_is_a_users_error(monkeypatch, address):
    monkeypatch.setenv(SCHEDULER_VARIABLE, address)
    with pytest.raises(LiversegError, match=f"^{address}: expected a Dask scheduler"):
        list(map_cases(math.factorial, [1], description="test"))


def start_sleep(folder: Path, cluster: Cluster) -> subprocess.Popen[str]:
    """A command that has one of its cases behind it, and minutes before it."""
    script = (
        "import time\nfrom liverseg.parallel import map_cases\nfrom stages import run_stage\n"
        "def main():\n"
        "    for _ in map_cases(time.sleep, [0.1, 3, 60, 60], description='sleep'):\n"
        "        print('one is done', flush=True)\n"
        "run_stage(main)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY), SCHEDULER_VARIABLE: cluster.address},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "one is done\n"
    return process


def test_a_scheduler_that_dies_is_named_and_the_exit_code_is_2(own, tmp_path):
    own.start_worker()
    process, address = start_sleep(tmp_path, own), own.address
    own.processes[0].kill()
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == 2
    lines = stderr.strip().splitlines()
    assert lines[-1].startswith(f"error: {address}: expected a Dask scheduler that lives")
    assert "Traceback" not in stderr
    assert "distributed" not in stderr


def test_ctrl_c_ends_the_command_at_once_and_frees_the_cluster(own, tmp_path):
    own.start_worker()
    process = start_sleep(tmp_path, own)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=20)
    assert process.returncode == -signal.SIGINT
    assert stderr.rstrip().endswith("interrupted")
    assert "Traceback" not in stderr
    began = time.monotonic()
    assert list(map_cases(math.factorial, [3], description="test")) == [6]
    assert time.monotonic() - began < 30  # its second case was let finish, its third never begun


def test_a_cluster_without_workers_is_an_error_after_a_while(own, monkeypatch):
    monkeypatch.setattr(liverseg.cluster, "PATIENCE_S", 1)
    with pytest.raises(LiversegError, match=f"^{own.address}: expected workers. Received: none"):
        list(map_cases(math.factorial, [1], description="test"))


def test_a_scheduler_that_hangs_is_an_error_after_a_while(own, monkeypatch):
    own.start_worker()
    results = map_cases(time.sleep, [0, 60, 60], description="test")
    next(results)
    monkeypatch.setattr(liverseg.cluster, "PATIENCE_S", 1)
    own.processes[0].send_signal(signal.SIGSTOP)
    with pytest.raises(LiversegError, match=f"^{own.address}: .*no answer any more"):
        next(results)


def test_a_worker_that_does_not_see_the_folder_says_so(own, tmp_path):
    hidden = tmp_path / "project"
    hidden.mkdir()
    os.chdir(hidden)
    command = f'mount -t tmpfs none "{hidden}" && exec "$@"'
    within = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", command, "sh")
    if subprocess.run([*within, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a file system of their own")
    own.start_worker(within=within)
    with pytest.raises(DataError, match=f"^worker tcp:.*expected the files of {hidden}") as caught:
        list(map_cases(math.factorial, [1], description="test"))
    assert "under the same names" in str(caught.value)


def test_a_worker_that_does_not_see_the_data_says_which(own, tmp_path):
    hidden = tmp_path / "elsewhere"
    hidden.mkdir()
    (hidden / "cases.csv").write_text("case_id\n")
    command = f'mount -t tmpfs none "{hidden}" && exec "$@"'
    within = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", command, "sh")
    if subprocess.run([*within, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a file system of their own")
    own.start_worker(within=within)
    with pytest.raises(DataError, match=r"expected .*/elsewhere/cases.csv as it is here.*no such"):
        list(map_cases(read_cases, [hidden / "cases.csv"], description="test"))


def test_a_worker_of_several_threads_is_refused(own):
    own.start_worker("--nthreads", "2")
    with pytest.raises(LiversegError, match=r"expected a worker of one thread.* 2 threads"):
        list(map_cases(math.factorial, [1], description="test"))


def test_a_worker_with_other_code_is_refused(own, tmp_path):
    changed = copy_package(tmp_path / "other", None)
    with (changed / "liverseg" / "labels.py").open("a") as file:
        file.write("# another version\n")
    own.start_worker(PYTHONPATH=str(changed))
    with pytest.raises(LiversegError, match=r"expected the code .*Received: liverseg of MD5 "):
        list(map_cases(math.factorial, [1], description="test"))
