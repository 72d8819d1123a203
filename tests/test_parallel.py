"""One function over many cases in several processes: order, errors, killed workers, Ctrl-C."""

import math
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from liverseg.cases.case_table import read_cases
from liverseg.errors import DataError, LiversegError
from liverseg.parallel import WORKERS_VARIABLE, count_workers, map_cases

REPOSITORY = Path(__file__).resolve().parent.parent

SLEEP_IN_TWO_WORKERS = """
import time
from liverseg.parallel import map_cases
from stages import run_stage

def main():
    for _ in map_cases(time.sleep, [0.5, 0.5, 60, 60, 60], description="sleep"):
        print("one is done", flush=True)

if __name__ == "__main__":
    run_stage(main)
"""


@pytest.fixture(autouse=True)
def two_workers(monkeypatch):
    monkeypatch.setenv(WORKERS_VARIABLE, "2")


def test_results_come_in_the_order_of_the_items_not_in_that_of_their_completion():
    numbers = [20000, 3, 2, 1]  # the first takes much longer than the others
    results = list(map_cases(math.factorial, numbers, description="test"))
    assert results == [math.factorial(number) for number in numbers]


def test_the_number_of_workers_does_not_change_the_results(monkeypatch):
    monkeypatch.setenv(WORKERS_VARIABLE, "1")
    assert list(map_cases(math.factorial, range(5), description="test")) == [1, 1, 2, 6, 24]


def test_no_items_give_no_results():
    assert list(map_cases(math.factorial, [], description="test")) == []


def test_one_worker_is_this_process_and_several_are_others(monkeypatch):
    def list_processes() -> set[int]:
        calls = map_cases(partial(eval, "__import__('os').getpid()"), [{}, {}], description="test")
        return set(calls)

    assert os.getpid() not in list_processes()
    monkeypatch.setenv(WORKERS_VARIABLE, "1")
    assert list_processes() == {os.getpid()}


def test_an_error_in_a_worker_is_raised_here_with_its_type_and_text(tmp_path):
    paths = [tmp_path / f"{number}.csv" for number in range(50)]
    with pytest.raises(DataError, match=r"0\.csv.*no such file") as caught:
        list(map_cases(read_cases, paths, description="test"))
    assert caught.value.subject == str(paths[0])


def test_a_killed_worker_is_a_users_error_that_speaks_of_memory():
    with pytest.raises(LiversegError, match="killed, most often for want of memory") as caught:
        list(map_cases(signal.raise_signal, [signal.SIGKILL] * 2, description="ingest"))
    assert str(caught.value).endswith(f"Try again with {WORKERS_VARIABLE}=1.")


def test_whoever_stops_to_listen_does_not_wait_for_the_rest():
    start = time.monotonic()
    results = map_cases(time.sleep, [0, 60, 60, 60], description="test")
    next(results)
    results.close()
    assert time.monotonic() - start < 30


def test_without_the_variable_every_core_works(monkeypatch):
    monkeypatch.delenv(WORKERS_VARIABLE)
    assert count_workers() == len(os.sched_getaffinity(0))


@pytest.mark.parametrize("text", ["0", "-1", "abc", "1.5", " "])
def test_a_number_of_workers_that_is_none_is_a_users_error(monkeypatch, text):
    monkeypatch.setenv(WORKERS_VARIABLE, text)
    with pytest.raises(LiversegError, match=f"expected a whole number above 0.*{text!r}"):
        list(map_cases(math.factorial, [1], description="test"))


def start_sleep(folder: Path) -> subprocess.Popen[str]:
    script = folder / "sleep.py"
    script.write_text(SLEEP_IN_TWO_WORKERS)
    return subprocess.Popen(
        [sys.executable, str(script)],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a group of its own, as a terminal gives to a command
    )


def press_ctrl_c(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit code and standard error after what a terminal sends to the whole group."""
    os.killpg(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    return process.returncode, stderr


def test_ctrl_c_ends_all_processes_at_once_and_without_tracebacks(tmp_path):
    process = start_sleep(tmp_path)
    assert process.stdout is not None
    for _ in range(2):
        assert process.stdout.readline() == "one is done\n"
    code, stderr = press_ctrl_c(process)
    assert code == -signal.SIGINT
    assert stderr.rstrip().endswith("interrupted")
    assert "Traceback" not in stderr


def test_ctrl_c_while_workers_start_leaves_no_tracebacks_of_theirs(tmp_path):
    process = start_sleep(tmp_path)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while len(children.read_text().split()) < 3:  # the workers, and the one that tracks semaphores
        time.sleep(0.01)
    time.sleep(0.05)  # while it starts them, the parent does not listen
    code, stderr = press_ctrl_c(process)
    assert code == -signal.SIGINT
    assert "Traceback" not in stderr
