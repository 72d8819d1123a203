"""One function over many cases in several processes: order, errors, killed workers, Ctrl-C."""

import math
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import psutil
import pytest

from liverseg.errors import DataError, LiversegError
from liverseg.parallel import WORKERS_VARIABLE, count_workers, map_cases
from liverseg.tables.case_table import read_cases

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


UNGUARDED = """
import math
from liverseg.parallel import map_cases

print("begun", flush=True)
print(list(map_cases(math.factorial, [1, 2, 3], description="test")))
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


def test_where_no_process_is_bound_to_cores_all_of_the_machine_work(monkeypatch):
    monkeypatch.delenv(WORKERS_VARIABLE)
    monkeypatch.delattr(os, "sched_getaffinity")  # as on macOS
    assert count_workers() == os.cpu_count()


def test_it_works_in_a_thread_as_in_a_notebook_or_a_server():
    with ThreadPoolExecutor(1) as pool:
        results = pool.submit(
            lambda: list(map_cases(math.factorial, [1, 2, 3], description="test"))
        )
        assert results.result() == [1, 2, 6]


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


def stop_group(
    process: subprocess.Popen[str], number: signal.Signals = signal.SIGINT
) -> tuple[int, str]:
    """Exit code and standard error after what a terminal or `timeout` sends to the whole group."""
    os.killpg(process.pid, number)
    _, stderr = process.communicate(timeout=30)
    return process.returncode, stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_group_ends_all_processes_at_once_and_without_tracebacks(tmp_path, number):
    process = start_sleep(tmp_path)
    assert process.stdout is not None
    for _ in range(2):
        assert process.stdout.readline() == "one is done\n"
    code, stderr = stop_group(process, number)
    assert code == -number
    assert stderr.rstrip().endswith("interrupted")
    assert "Traceback" not in stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_workers_end_with_the_process_that_started_them(tmp_path, number):
    process = start_sleep(tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline() == "one is done\n"
    workers = psutil.Process(process.pid).children(recursive=True)
    assert len(workers) >= 2
    process.send_signal(number)  # to it alone, as a scheduler does for want of memory
    process.communicate(timeout=30)
    assert psutil.wait_procs(workers, timeout=10)[1] == []


def test_a_script_without_a_guard_does_its_work_once(tmp_path):
    """``spawn`` would run it again in every worker, which would start workers of its own."""
    script = tmp_path / "script.py"
    script.write_text(UNGUARDED)
    done = subprocess.run(
        [sys.executable, str(script)],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY), "TQDM_DISABLE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "begun\n[1, 2, 6]\n", "")


def test_ctrl_c_while_workers_start_leaves_no_tracebacks_of_theirs(tmp_path):
    process = start_sleep(tmp_path)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while len(children.read_text().split()) < 3:  # the workers, and the one that tracks semaphores
        time.sleep(0.01)
    time.sleep(0.05)  # while it starts them, the parent does not listen
    code, stderr = stop_group(process)
    assert code == -signal.SIGINT
    assert "Traceback" not in stderr
