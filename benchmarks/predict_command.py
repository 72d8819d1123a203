"""Seconds and memory of the whole command `liverseg predict`, beside those of another version.

    git worktree add ../before COMMIT
    python -m benchmarks.predict_command SCAN --before ../before [--rounds 5] [--copies 20]

Both versions run in the environment at hand, in turn, each as a process of its own: start, imports,
networks, scan, results. Printed are medians, and of the ratios of each round median, least and
largest. With --copies, one command predicts so many copies of the scan. CPU seconds and memory are
those that the kernel counts for the ended process; memory is its peak, and no child's.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import astuple, dataclass
from pathlib import Path
from statistics import median

from liverseg.pages.markdown import format_table

HERE = Path(__file__).resolve().parent.parent
PROGRAM = "from liverseg.cli import main; main()"


@dataclass(frozen=True)
class Run:
    """What one command took.

    Attributes:
        wall_s: Seconds.
        cpu_s: Of all its threads.
        peak_mib: Resident.
    """

    wall_s: float
    cpu_s: float
    peak_mib: float


def run_once(version: Path, scans: Path, out: Path) -> Run:
    """Predict with the ready model of a version into an empty folder."""
    command = [sys.executable, "-c", PROGRAM, "predict", str(scans), "-o", str(out), "--quiet"]
    environment = os.environ | {"PYTHONPATH": str(version)}
    begin = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--model", "ready", "--flips", "none"],
        cwd=version,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    told = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{version}: {told.decode(errors='replace')}")
    return Run(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def compare(before: Path, scans: Path, rounds: int) -> list[tuple[Run, Run]]:
    """Runs of the version before and of this one, in turn; the first pair warms up and is left."""
    pairs = []
    for _ in range(rounds + 1):
        with tempfile.TemporaryDirectory() as folder:
            old, new = (
                run_once(version, scans, Path(folder, name))
                for name, version in (("before", before), ("now", HERE))
            )
            names = {path.relative_to(folder).parts[1:] for path in Path(folder).rglob("*.nii.gz")}
            for name in names:
                first, second = (Path(folder, each, *name) for each in ("before", "now"))
                if first.read_bytes() != second.read_bytes():
                    print(f"other labels: {Path(*name)}", file=sys.stderr)
        pairs.append((old, new))
    return pairs[1:]


def print_table(pairs: list[tuple[Run, Run]]) -> None:
    """A row a figure, in Markdown."""
    rows = []
    for name, *values in zip(
        ("wall, s", "CPU, s", "peak, MiB"),
        zip(*(astuple(old) for old, _ in pairs), strict=True),
        zip(*(astuple(new) for _, new in pairs), strict=True),
        strict=True,
    ):
        old_values, new_values = values
        ratios = sorted(new / old for old, new in zip(old_values, new_values, strict=True))
        spread = f"{median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        rows.append((name, f"{median(old_values):.1f}", f"{median(new_values):.1f}", spread))
    print(format_table(("figure", "before", "now", "now / before"), rows))


def main() -> None:
    """Run both versions in turn and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scan", type=Path)
    parser.add_argument("--before", type=Path, required=True, help="a checkout of that version")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--copies", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.copies):
            shutil.copy(options.scan, Path(folder, f"copy-{number}-{options.scan.name}"))
        print_table(compare(options.before.resolve(), Path(folder), options.rounds))


if __name__ == "__main__":
    main()
