"""Where is the limit of a cluster: its workers, the scheduler, the file system, or the disk?

    python -m benchmarks.cluster_limits --case volume-17.nii.gz segmentation-17.nii.gz

Measured here are what the scheduler needs for a case, by thousands of cases that do nothing, and
what one scan needs in ``preprocess`` and in ``liverseg predict``: seconds of one core, and bytes
of files read and written. All else is arithmetic: so many scans, so many workers of one core each.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from liverseg.cluster import map_on_cluster
from liverseg.preprocess.slicing import build_images
from liverseg.slices.geometry import build_label_slices
from liverseg.slices.stacks import Preprocessing, SliceStack, write_stack
from liverseg.text import format_columns
from liverseg.volumes.nifti import read_labels, read_scan
from tests.made.cluster import open_cluster

LIVERSEG = (sys.executable, "-c", "from liverseg.cli import main; main()")
IMAGE_SIZE = 256
WINDOWS_HU = ((-100.0, 400.0),)
NUM_WARM = 3


@dataclass(frozen=True)
class SchedulerCost:
    """What a case takes of the scheduler: its CPU seconds, bytes on the network, bytes of memory.

    The bytes on the network are those of the whole cluster.
    """

    seconds: float
    network_bytes: float
    memory_bytes: float


@dataclass(frozen=True)
class ScanCost:
    """What a scan takes of a worker: seconds of one core, bytes of files."""

    name: str
    seconds: float
    read_bytes: int
    written_bytes: int


def measure_scheduler(num_cases: int, folder: Path) -> SchedulerCost:
    """Of cases that do next to nothing, two workers on this machine."""
    cases = [
        (Path(f"data/lits/volume-{n}.nii.gz"), Path(f"data/lits/segmentation-{n}.nii.gz"))
        for n in range(num_cases)
    ]
    with open_cluster(folder, 2) as cluster:
        list(map_on_cluster(cluster.address, os.path.commonpath, cases[:100], description="all"))
        scheduler = psutil.Process(cluster.processes[0].pid)
        before = scheduler.cpu_times(), count_loopback_bytes(), scheduler.memory_info().rss
        list(map_on_cluster(cluster.address, os.path.commonpath, cases, description="all"))
        after = scheduler.cpu_times(), count_loopback_bytes(), scheduler.memory_info().rss
    seconds = sum(after[0][:2]) - sum(before[0][:2])
    return SchedulerCost(
        seconds / num_cases, (after[1] - before[1]) / num_cases, (after[2] - before[2]) / num_cases
    )


def count_loopback_bytes() -> int:
    """Sent so far over the loopback, by all processes."""
    return int(psutil.net_io_counters(pernic=True)["lo"].bytes_sent)


def measure_preprocess(scan: Path, mask: Path, folder: Path) -> ScanCost:
    """The stage's own calls for one case, the median of three after a first one."""
    preprocessing = Preprocessing(WINDOWS_HU, IMAGE_SIZE, "npz")
    seconds = []
    for _ in range(1 + NUM_WARM):
        begin = time.process_time()
        images, slice_grid = build_images(read_scan(scan), preprocessing)
        labels = build_label_slices(read_labels(mask).data, slice_grid)
        write_stack(folder, SliceStack("case", images, labels, slice_grid), "npz")
        seconds.append(time.process_time() - begin)
    read = scan.stat().st_size + mask.stat().st_size
    return ScanCost("preprocess", median(seconds[1:]), read, measure_folder(folder))


def measure_predict(scan: Path, model: str, folder: Path) -> ScanCost:
    """A scan after the first one: what more of them take beyond one alone."""
    scans = folder / "scans"
    scans.mkdir()
    for number in range(1 + NUM_WARM):
        shutil.copyfile(scan, scans / f"scan{number}.nii.gz")
    one = time_predict([scans / "scan0.nii.gz"], model, folder / "one")
    all_of_them = time_predict([scans], model, folder / "all")
    written = measure_folder(folder / "all") - measure_folder(folder / "one")
    seconds = (all_of_them - one) / NUM_WARM
    return ScanCost("predict", seconds, scan.stat().st_size, written // NUM_WARM)


def time_predict(scans: Sequence[Path], model: str, out: Path) -> float:
    """CPU seconds of the command, one thread."""
    before = os.times()
    command = [*LIVERSEG, "predict", *map(str, scans), "-o", str(out), "--model", model]
    environment = os.environ | {"LIVERSEG_WORKERS": "1", "LIVERSEG_SCHEDULER": ""}
    subprocess.run(
        [*command, "--threads", "1"], env=environment, check=True, stdout=subprocess.DEVNULL
    )
    after = os.times()
    return after.children_user + after.children_system - before[2] - before[3]


def measure_folder(folder: Path) -> int:
    """Bytes of all files in it."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def describe(cost: ScanCost, scheduler: SchedulerCost, flags: argparse.Namespace) -> list[str]:
    """A row: what one scan takes, how long all take by each part, and which is the limit."""
    files_seconds = (cost.read_bytes + cost.written_bytes) / (flags.bandwidth * 1e6)
    minutes = {
        "workers": flags.scans * cost.seconds / flags.workers / 60,
        "scheduler": flags.scans * scheduler.seconds / 60,
        "file system": flags.scans * files_seconds / 60,
    }
    return [
        cost.name,
        f"{cost.seconds:.1f} s, {cost.read_bytes / 1e6:.1f} + {cost.written_bytes / 1e6:.1f} MB",
        *(f"{each:.1f} min" for each in minutes.values()),
        max(minutes, key=lambda part: minutes[part]),
        f"{cost.seconds / max(scheduler.seconds, files_seconds):.0f}",
        f"{flags.scans * cost.written_bytes / 1e9:.0f} GB",
    ]


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", type=Path, nargs=2, required=True, help="a scan and its mask")
    parser.add_argument("--model", default="ready")
    parser.add_argument("--scans", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=100)
    parser.add_argument("--bandwidth", type=float, default=1000, help="of the file system, MB/s")
    flags = parser.parse_args()
    scan, mask = (path.resolve() for path in flags.case)
    with tempfile.TemporaryDirectory() as scratch:
        folders = [Path(scratch) / name for name in ("scheduler", "preprocess", "predict")]
        for folder in folders:
            folder.mkdir()
        scheduler = measure_scheduler(flags.scans, folders[0])
        costs = [
            measure_preprocess(scan, mask, folders[1]),
            measure_predict(scan, flags.model, folders[2]),
        ]
    print(
        f"a case takes {1e3 * scheduler.seconds:.2f} ms of the scheduler, "
        f"{scheduler.network_bytes:.0f} bytes on the network and {scheduler.memory_bytes:.0f} of "
        f"its memory\n{flags.scans} scans, {flags.workers} workers:"
    )
    parts = (f"{flags.workers} workers", "scheduler", f"files at {flags.bandwidth:.0f} MB/s")
    titles = ("step", "a scan: core, read + written", *parts, "limit", "workers it feeds", "disk")
    print(format_columns(titles, [describe(cost, scheduler, flags) for cost in costs]))


if __name__ == "__main__":
    main()
