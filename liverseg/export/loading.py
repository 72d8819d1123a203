"""The loading of TensorFlow, which is talkative."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

CHATTER = (
    "All log messages before absl::InitializeLog()",
    "oneDNN custom operations are on",
    "Could not find cuda drivers",
    "failed call to cuInit: UNKNOWN ERROR (303)",  # the library of CUDA's driver is not installed
    "failed call to cuInit: INTERNAL: CUDA error: Failed call to cuInit: UNKNOWN ERROR (303)",
)
"""What TensorFlow prints on any machine without a GPU, before it looks at its own variable for
quiet, ``TF_CPP_MIN_LOG_LEVEL``."""

FILTER = """
import signal, sys
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
for line in sys.stdin.buffer:
    if not any(words.encode() in line for words in sys.argv[1:]):
        sys.stderr.buffer.write(line)
        sys.stderr.buffer.flush()
"""


@contextmanager
def no_chatter() -> Iterator[None]:
    """Keep the lines of ``CHATTER`` off standard error; all others pass as they come.

    A process of its own picks them out, so that the last words of one that crashes are heard too.
    """
    sys.stderr.flush()
    terminal = os.dup(2)
    command = [sys.executable, "-I", "-S", "-c", FILTER, *CHATTER]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as picker:
        assert picker.stdin is not None  # asked for above; mypy cannot know
        os.dup2(picker.stdin.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(terminal, 2)
            os.close(terminal)
