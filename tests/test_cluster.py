"""Cases over a Dask cluster, real processes on the loopback: the same as on one machine."""

import math
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from liverseg.errors import DataError
from liverseg.parallel import SCHEDULER_VARIABLE, WORKERS_VARIABLE, map_cases
from liverseg.tables.case_table import read_cases
from tests.commands import REPOSITORY, run_liverseg, run_stage
from tests.made.cluster import count_tries, do_and_note, open_cluster

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
