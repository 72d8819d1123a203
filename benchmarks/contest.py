"""Contenders in turn, each in a process of its own, and the table of what they took.

A script of contenders calls ``hold_contest``: called by hand it starts itself once a contender and
round, pinned to the same cores; called so by itself it does that contender's work and prints its
seconds. Those are of the work alone, without what prepares it; memory is the peak of the whole
process and of those that it waits for, as the kernel counts it. A contender whose package is not
installed is left out.
"""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from liverseg.pages.markdown import format_table

OURS = "liverseg"
Work = Callable[[], object]


@dataclass(frozen=True)
class Contender:
    """One way to do the work.

    Attributes:
        prepare: Imports what it needs, reads what is no part of the work, and returns the work.
        needs: The package without which it is left out.
    """

    prepare: Callable[[argparse.Namespace], Work]
    needs: str = OURS


@dataclass(frozen=True)
class Run:
    """What one process took.

    Attributes:
        seconds: Of its work.
        peak_mib: Resident.
    """

    seconds: float
    peak_mib: float


def add_contest_flags(parser: argparse.ArgumentParser, *, rounds: int, cores: int = 1) -> None:
    """How often, and on which cores."""
    available = sorted(os.sched_getaffinity(0))
    parser.add_argument("--rounds", type=int, default=rounds, help="of all contenders in turn")
    parser.add_argument("--cores", type=int, nargs="+", default=available[-cores:])
    parser.add_argument("--only", help=argparse.SUPPRESS)


def hold_contest(contenders: Mapping[str, Contender], flags: argparse.Namespace) -> None:
    """Print the table of all contenders; as one of them, the seconds of its work.

    Args:
        contenders: By name, ``liverseg`` among them.
        flags: Those of ``add_contest_flags``, and what the contenders read; these find in
            ``flags.folder`` an empty one to write into.
    """
    if flags.only:
        os.sched_setaffinity(0, flags.cores)
        with tempfile.TemporaryDirectory() as folder:
            flags.folder = Path(folder)
            work = contenders[flags.only].prepare(flags)
            begin = time.perf_counter()
            work()
            print(time.perf_counter() - begin)
        return
    names = [name for name, each in contenders.items() if find_spec(each.needs)]
    runs: dict[str, list[Run]] = {name: [] for name in names}
    for _ in range(flags.rounds):
        for name in names:
            runs[name].append(run_alone([*sys.orig_argv, "--only", name]))
    print(format_contest(runs))
    for name in contenders.keys() - runs.keys():
        print(f"{name} is left out: {contenders[name].needs} is not installed", file=sys.stderr)


def run_alone(command: Sequence[str]) -> Run:
    """Run a command whose last line is its seconds; its failure ends this program too."""
    with tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=told, text=True)
        assert process.stdout is not None
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            told.seek(0)
            sys.exit(f"{shlex.join(command)}\n{printed}{told.read()}")
    return Run(float(printed.splitlines()[-1]), usage.ru_maxrss / 1024)


def run_to_end(command: Sequence[str], folder: Path | None = None) -> str:
    """What a command prints; its failure ends this program too."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{shlex.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def format_contest(runs: Mapping[str, Sequence[Run]]) -> str:
    """A Markdown table of seconds and memory, and of their ratios to liverseg's."""
    seconds = {name: [run.seconds for run in of_one] for name, of_one in runs.items()}
    peaks = {name: [run.peak_mib for run in of_one] for name, of_one in runs.items()}
    rows = [
        (*first, *second)
        for first, (_, *second) in zip(
            compare(seconds, OURS, "{:.2f}"), compare(peaks, OURS, "{:.0f}"), strict=True
        )
    ]
    columns = ("", "seconds", "times liverseg's", "peak, MiB", "times liverseg's")
    return format_table(columns, rows)


def compare(
    measured: Mapping[str, Sequence[float]], base: str, shown: str
) -> list[tuple[str, str, str]]:
    """Of each contender its name, its median, and the ratios to the base of the same round.

    Args:
        measured: By contender, a value a round.
        base: The contender whose ratios are 1.
        shown: A format for medians.
    """
    return [
        (
            name,
            shown.format(median(values)),
            format_ratios([a / b for a, b in zip(values, measured[base], strict=True)]),
        )
        for name, values in measured.items()
    ]


def format_ratios(ratios: Sequence[float]) -> str:
    """Their median, least and largest."""
    return f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
