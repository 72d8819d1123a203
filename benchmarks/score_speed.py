"""Speed and memory of scoring one case, beside MedPy and surface-distance.

    python benchmarks/score_speed.py --reference segmentation-17.nii.gz

The prediction is the reference, shifted by a few voxels. liverseg computes all its scores of both
regions and of every lesion; MedPy computes ASSD and HD95 of both regions alone, surface-distance
the average surface distance of both alone. Their figures differ, since each defines the surface in
its own way.

Each contender runs alone in a process of its own, pinned to the same core, in turns. Seconds are
those of the work on masks in memory; memory is the peak resident size of the whole process, imports
and reading included, as the kernel counts it.

Neither peer is needed by liverseg. Where they cannot be installed beside it, give them a virtual
environment of their own and name its interpreter:

    python -m venv ../peers && ../peers/bin/pip install medpy surface-distance nibabel
    python benchmarks/score_speed.py --reference ... --peer-python ../peers/bin/python
"""

import argparse
import importlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

SHIFT_VOXELS = (4, -3, 1)
THRESHOLDS = (1, 2)  # the liver with its lesions, and the lesions
MISSING = 3  # exit code of a process whose contender is not installed
Work = Callable[[], object]


def prepare_liverseg(reference: Any, predicted: Any, affine: Any, _: Any) -> Work:
    """All scores of a case."""
    from liverseg.grids.grid import Grid
    from liverseg.scoring.case_score import score_case

    grid = Grid(reference.shape, affine)
    return lambda: score_case("case", "case", reference, predicted, grid, 6)


def prepare_medpy(reference: Any, predicted: Any, _: Any, spacing_mm: Any) -> Work:
    """ASSD and HD95 of both regions."""
    metric = importlib.import_module("medpy.metric.binary")

    def work() -> None:
        for threshold in THRESHOLDS:
            masks = predicted >= threshold, reference >= threshold
            metric.assd(*masks, voxelspacing=spacing_mm)
            metric.hd95(*masks, voxelspacing=spacing_mm)

    return work


def prepare_surface_distance(reference: Any, predicted: Any, _: Any, spacing_mm: Any) -> Work:
    """The average surface distance of both regions."""
    metrics = importlib.import_module("surface_distance.metrics")

    def work() -> None:
        for threshold in THRESHOLDS:
            masks = reference >= threshold, predicted >= threshold
            distances = metrics.compute_surface_distances(*masks, spacing_mm)
            metrics.compute_average_surface_distance(distances)

    return work


CONTENDERS = {
    "liverseg": prepare_liverseg,
    "MedPy": prepare_medpy,
    "surface-distance": prepare_surface_distance,
}


def run_here(name: str, reference_file: Path, core: int) -> float:
    """Seconds that one contender works, in this process, on one core."""
    os.sched_setaffinity(0, {core})
    import nibabel as nib
    import numpy as np

    image = nib.load(reference_file)
    reference = np.asarray(image.dataobj, np.uint8)
    predicted = np.roll(reference, SHIFT_VOXELS, axis=(0, 1, 2))
    spacing_mm = tuple(map(float, image.header.get_zooms()))
    work = CONTENDERS[name](reference, predicted, image.affine, spacing_mm)
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def run_alone(
    name: str, python: str, reference_file: Path, core: int
) -> tuple[float, float] | None:
    """Seconds and peak MB of one contender in a fresh process; None where it is not installed."""
    command = [python, __file__, "--reference", str(reference_file)]
    command += ["--only", name, "--core", str(core)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode == MISSING:
        return None
    if process.returncode:
        raise SystemExit(f"{name} ended with exit code {process.returncode}")
    return float(printed), usage.ru_maxrss / 1024


def print_table(runs: dict[str, list[tuple[float, float]]]) -> None:
    """A markdown table of medians, and of their ratios to liverseg's."""
    seconds, megabytes = (
        {name: median(run[column] for run in of_one) for name, of_one in runs.items()}
        for column in (0, 1)
    )
    print("| | seconds | times ours | peak MB | times ours |")
    print("| --- | --- | --- | --- | --- |")
    for name in runs:
        slower, larger = (column[name] / column["liverseg"] for column in (seconds, megabytes))
        cells = f"{seconds[name]:.2f} | {slower:.1f} | {megabytes[name]:.0f} | {larger:.1f}"
        print(f"| {name} | {cells} |")


def main() -> None:
    """Run every contender that is installed, in turns, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reference", type=Path, required=True, help="mask of labels 0, 1 and 2")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument("--peer-python", default=sys.executable, help="interpreter of the peers")
    parser.add_argument("--only", choices=CONTENDERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        try:
            print(run_here(options.only, options.reference, options.core))
        except ModuleNotFoundError:
            raise SystemExit(MISSING) from None
        return
    pythons = dict.fromkeys(CONTENDERS, options.peer_python) | {"liverseg": sys.executable}
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in CONTENDERS}
    for _ in range(options.repeats):
        for name in list(runs):
            run = run_alone(name, pythons[name], options.reference, options.core)
            if run is None:
                print(f"{name} is left out: not installed, see --help")
                del runs[name]
            else:
                runs[name].append(run)
    print_table(runs)


if __name__ == "__main__":
    main()
