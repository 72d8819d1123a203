"""Contenders in turn, each in a process of its own, and the table of what they took.

A script of contenders calls ``hold_contest``: called by hand it starts itself once a contender and
round, pinned to one core; called so by itself it does that contender's work and prints its seconds.
Those are of the work alone, without imports; memory is the peak of the whole process, imports
included, as the kernel counts it. A contender whose package is not installed is left out.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
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
        flags: Those of ``add_contest_flags``, and what the contenders read.
    """
    if flags.only:
        os.sched_setaffinity(0, flags.cores)
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
    """Run a command that prints its seconds last; its failure ends this program too."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)}\n{printed}")
    return Run(float(printed.split()[-1]), usage.ru_maxrss / 1024)


def format_contest(runs: Mapping[str, Sequence[Run]]) -> str:
    """A Markdown table: medians, and ratios to liverseg in the same round, with their range."""
    rows = []
    for name, of_one in runs.items():
        pairs = list(zip(of_one, runs[OURS], strict=True))
        slower = [run.seconds / ours.seconds for run, ours in pairs]
        larger = [run.peak_mib / ours.peak_mib for run, ours in pairs]
        rows.append(
            (
                name,
                f"{median(run.seconds for run in of_one):.2f}",
                format_ratios(slower),
                f"{median(run.peak_mib for run in of_one):.0f}",
                format_ratios(larger),
            )
        )
    columns = ("", "seconds", "times liverseg's", "peak, MiB", "times liverseg's")
    return format_table(columns, rows)


def format_ratios(ratios: Sequence[float]) -> str:
    """Their median, least and largest."""
    return f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
