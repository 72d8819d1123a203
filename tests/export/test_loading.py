"""What of TensorFlow's words a user sees; in processes of their own, since words are for all."""

import os
import signal
import subprocess
import sys

import pytest

PROGRAM = """
import os, sys
from liverseg.export.loading import no_chatter
with no_chatter():
    {block}
print("after", file=sys.stderr)
"""


def run(block):
    return subprocess.run(
        [sys.executable, "-c", PROGRAM.format(block=block)],
        env=os.environ | {"CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_known_lines_are_left_out_and_all_others_pass():
    chatter = "I0000 00:00:1 port.cc:153] oneDNN custom operations are on. You may see"
    block = f"os.write(2, b'{chatter}\\n'); print('mind this', file=sys.stderr)"
    assert run(block).stderr == "mind this\nafter\n"


@pytest.mark.parametrize(("death", "code"), [("os.abort()", -signal.SIGABRT), ("os._exit(3)", 3)])
def test_the_last_words_of_a_crash_are_heard(death, code):
    result = run(f"os.write(2, b'no such instruction\\n'); {death}")
    assert (result.returncode, result.stderr) == (code, "no such instruction\n")


def test_an_error_passes_with_its_traceback():
    result = run("raise ValueError('wrong')")
    assert result.returncode == 1
    assert result.stderr.endswith("ValueError: wrong\n")


def test_tensorflow_loads_without_a_word():
    block = "import keras; keras.ops.zeros(1)"
    assert run(block).stderr == "after\n"
