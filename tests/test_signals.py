"""Signals that come while packages load: native modules turn them into errors of their own."""

import signal
import sys

import pytest

from tests.commands import run

LOAD = """
import os, signal, subprocess, sys

def stop_the_loading(frame, event, function):
    if event == "c_call" and function.__name__ == "exec_dynamic":
        if "_pyopenvino" in repr(frame.f_locals["args"]):
            sys.setprofile(None)
            subprocess.Popen(["kill", f"-{os.environ['NUMBER']}", str(os.getpid())])

def load():
    sys.setprofile(stop_the_loading)
    import openvino
    signal.pause()
"""
AS_A_VERB = f"""{LOAD}
from liverseg.cli.app import main, verb
verb()(load)
verb("other")(lambda: None)  # with one alone there are no names
main()
"""
AS_A_STAGE = f"""{LOAD}
from stages import run_stage
run_stage(load)
"""
WHILE_A_STAGE_IS_IMPORTED = f"""
import sys
sys.argv[0] = "-m"
from stages import run_stage
{LOAD}
load()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("script", [AS_A_VERB, AS_A_STAGE], ids=["verb", "stage"])
def test_a_signal_while_a_native_module_loads_is_one_line_and_ends_by_it(script, number):
    done = run([sys.executable, "-c", script, "load"], None, {"NUMBER": str(number.value)})
    assert (done.returncode, done.stdout, done.stderr) == (-number, "", "interrupted\n")


def test_ctrl_c_while_a_stage_imports_a_native_module_is_one_line():
    done = run([sys.executable, "-c", WHILE_A_STAGE_IS_IMPORTED], None, {"NUMBER": "2"})
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "interrupted\n")


@pytest.mark.parametrize("script", [AS_A_VERB, AS_A_STAGE], ids=["verb", "stage"])
def test_a_module_that_does_not_load_keeps_its_traceback(script):
    broken = script.replace("import openvino", "import openvino.missing")
    done = run([sys.executable, "-c", broken, "load"], None, {"NUMBER": "0"})
    assert done.returncode == 1
    assert done.stderr.endswith("ModuleNotFoundError: No module named 'openvino.missing'\n")
