"""Cases over a Dask cluster: real schedulers and workers, each a process on the loopback."""

import math
import os
import re
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

import liverseg.cluster
from liverseg.errors import DataError, LiversegError
from liverseg.parallel import SCHEDULER_VARIABLE, WORKERS_VARIABLE, map_cases
from liverseg.tables.case_table import read_cases
from tests.commands import REPOSITORY, run_liverseg, run_stage
from tests.made.cluster import Cluster, count_tries, do_and_note, open_cluster
from tests.made.package import copy_package
from tests.scans.conftest import AFFINE, write_model_folder

ONE_SECOND = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "1s"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """Two workers that live on from test to test."""
    with open_cluster(tmp_path_factory.mktemp("cluster"), 2) as cluster:
        yield cluster


@pytest.fixture
def two_workers(shared, monkeypatch, tmp_path):
    """All cases go to the shared cluster: here they would fail."""
    monkeypatch.setenv(SCHEDULER_VARIABLE, shared.address)
    monkeypatch.setenv(WORKERS_VARIABLE, "none of this machine")
    monkeypatch.chdir(tmp_path)
    return shared


@pytest.fixture
def own(monkeypatch, tmp_path):
    """A cluster without workers yet, which a test may spoil."""
    (tmp_path / "cluster").mkdir()
    monkeypatch.chdir(tmp_path)
    with open_cluster(tmp_path / "cluster", 0) as cluster:
        monkeypatch.setenv(SCHEDULER_VARIABLE, cluster.address)
        yield cluster


def read_all(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_results_come_in_the_order_of_the_items(two_workers):
    numbers = [20000, 3, 2, 1, *range(30)]  # the first takes much longer than the others
    results = list(map_cases(math.factorial, numbers, description="test"))
    assert results == [math.factorial(number) for number in numbers]


def test_workers_are_other_processes_in_the_folder_of_this_one(two_workers, tmp_path):
    code = "__import__('os').getpid(), __import__('os').getcwd()"
    found = set(map_cases(partial(eval, code), [{}, {}, {}], description="test"))
    assert os.getpid() not in {process for process, _ in found}
    assert {folder for _, folder in found} == {str(tmp_path)}


def test_nothing_is_left_in_the_working_folder(two_workers, tmp_path):
    assert list(map_cases(math.factorial, [3], description="test")) == [6]
    assert list(tmp_path.iterdir()) == []


def test_no_items_ask_for_no_scheduler(monkeypatch):
    monkeypatch.setenv(SCHEDULER_VARIABLE, "tcp://127.0.0.1:1")
    assert list(map_cases(math.factorial, [], description="test")) == []


def test_an_error_of_a_case_is_raised_here_with_its_type_and_text(two_workers):
    paths = [Path(f"{number}.csv") for number in range(5)]
    with pytest.raises(DataError, match=r"0\.csv.*no such file") as caught:
        list(map_cases(read_cases, paths, description="test"))
    assert caught.value.subject == "0.csv"


def test_who_stops_to_listen_takes_the_rest_off_the_cluster(two_workers, tmp_path):
    (tmp_path / "tries").mkdir()
    do = partial(do_and_note, folder=tmp_path / "tries", deadly=None, seconds=0.2)
    results = map_cases(do, range(100), description="test")
    next(results)
    results.close()
    assert list(map_cases(math.factorial, [3, 4, 5], description="test")) == [6, 24, 120]
    assert len(count_tries(tmp_path / "tries")) < 20


def test_ingest_writes_the_same_bytes_as_on_one_machine(two_workers, tmp_path, sample):
    (tmp_path / "data").mkdir()
    for case_id in ("1", "2", "3"):
        sample.save(tmp_path / "data", case_id)
    params = (REPOSITORY / "params.yaml").read_text()
    params = re.sub(r"\n  patients: \S+", "\n  patients: null", params)
    (tmp_path / "params.yaml").write_text(params)
    flags = ("--root", "data", "--out")
    here = run_stage(tmp_path, "ingest", *flags, "here.csv", **{SCHEDULER_VARIABLE: ""})
    there = run_stage(tmp_path, "ingest", *flags, "there.csv", LIVERSEG_WORKERS="none")
    assert (here.returncode, there.returncode) == (0, 0), here.stderr + there.stderr
    assert (tmp_path / "there.csv").read_bytes() == (tmp_path / "here.csv").read_bytes()
    assert there.stdout == here.stdout


def test_score_writes_the_same_bytes_as_on_one_machine(two_workers, tmp_path, sample):
    for name in ("reference", "predicted"):
        (tmp_path / name).mkdir()
        for case_id in ("1", "2"):
            sample.save(tmp_path / name, case_id)
        sample.labels[sample.labels == 2] = 1  # the predictions miss all lesions
    written = []
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        files = ("--json", f"{name}/scores.json", "--csv", f"{name}/scores.csv")
        at = {SCHEDULER_VARIABLE: "", WORKERS_VARIABLE: "1"} if name == "here" else {}
        done = run_liverseg("score", "reference", "predicted", *files, cwd=tmp_path, **at)
        assert done.returncode == 0, done.stderr
        written.append((done.stdout, read_all(tmp_path / name)))
    assert written[0] == written[1]


def test_predict_writes_the_same_bytes_as_on_one_machine(two_workers, tmp_path):
    model = write_model_folder(tmp_path / "model")
    hu = np.full((32, 32, 4), -500, np.int16)
    hu[8:20, 8:20, 1:3] = 100
    hu[10:13, 10:13, 2] = 200
    (tmp_path / "scans").mkdir()
    for name in ("a.nii", "c.nii"):
        nib.save(nib.Nifti1Image(hu, AFFINE), tmp_path / "scans" / name)
    (tmp_path / "scans" / "b.nii").write_bytes(b"no NIfTI")
    written = []
    for name in ("here", "there"):
        command = ("predict", "scans", "--out", name, "--model", model)
        at = {SCHEDULER_VARIABLE: ""} if name == "here" else {}
        done = run_liverseg(*command, cwd=tmp_path, **at)
        assert done.returncode == 1, done.stderr
        assert "b.nii: expected" in done.stderr
        written.append((done.stdout, read_all(tmp_path / name)))
    assert written[0] == written[1]
    assert "a/labels.nii.gz" in written[0][1]


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


def test_without_the_variable_nothing_of_a_cluster_is_loaded():
    program = (
        "import math, sys\nfrom liverseg.parallel import map_cases\n"
        "print(list(map_cases(math.factorial, [3, 4], description='test')))\n"
        "print('distributed' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={name: text for name, text in os.environ.items() if name != SCHEDULER_VARIABLE}
        | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[6, 24]\nFalse\n"
