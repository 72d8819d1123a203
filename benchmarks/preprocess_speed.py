"""Speed and memory of preprocessing one case, beside what a notebook does and MONAI's transforms.

    python benchmarks/preprocess_speed.py --case volume-17.nii.gz segmentation-17.nii.gz

Each contender runs alone in a process of its own, pinned to the same core, in turns. Seconds are
those of the work, from the first byte read to the last one written, without the imports; memory is
the peak resident size of the whole process, imports included, as the kernel counts it. All write
the same: one window at 8 bit, resized in plane, and the labels. A process imports what its own
contender needs and nothing else.
"""

import argparse
import importlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

WINDOW_HU = (-100.0, 400.0)
Work = Callable[[], object]


def prepare_liverseg(scan: Path, mask: Path, folder: Path, size: int) -> Work:
    """The stage's own calls for one case."""
    from liverseg.preprocess.slicing import build_images
    from liverseg.slices.geometry import build_label_slices
    from liverseg.slices.stacks import Preprocessing, SliceStack, write_stack
    from liverseg.volumes.nifti import read_labels, read_scan

    preprocessing = Preprocessing((WINDOW_HU,), size, "npz")

    def work() -> None:
        images, slice_grid = build_images(read_scan(scan), preprocessing)
        labels = build_label_slices(read_labels(mask).data, slice_grid)
        write_stack(folder, SliceStack("case", images, labels, slice_grid), "npz")

    return work


def prepare_notebook(scan: Path, mask: Path, folder: Path, size: int) -> Work:
    """The loop that published notebooks on LiTS share."""
    import cv2
    import nibabel as nib
    import numpy as np

    low, high = WINDOW_HU

    def work() -> None:
        image = nib.load(scan).get_fdata()
        labels = nib.load(mask).get_fdata()
        image = np.clip(image, low, high)
        for k in range(image.shape[2]):
            grey = ((image[:, :, k] - low) / (high - low) * 255).astype(np.uint8)
            grey = cv2.resize(grey, (size, size), interpolation=cv2.INTER_AREA)
            plane = labels[:, :, k].astype(np.uint8)
            plane = cv2.resize(plane, (size, size), interpolation=cv2.INTER_NEAREST)
            cv2.imwrite(str(folder / f"image_{k:04d}.png"), grey)
            cv2.imwrite(str(folder / f"mask_{k:04d}.png"), plane)

    return work


def prepare_monai(scan: Path, mask: Path, folder: Path, size: int) -> Work:
    """MONAI's dictionary transforms, then one NPZ file."""
    import numpy as np

    transforms = importlib.import_module("monai.transforms")
    keys = ("image", "label")
    low, high = WINDOW_HU
    chain = transforms.Compose(
        [
            transforms.LoadImaged(keys, ensure_channel_first=True),
            transforms.Orientationd(keys, axcodes="LPS"),
            transforms.ScaleIntensityRanged("image", low, high, 0, 255, clip=True),
            transforms.Resized(keys, (size, size, -1), mode=("area", "nearest")),
            transforms.CastToTyped(keys, np.uint8),
        ]
    )

    def work() -> None:
        case = chain({"image": scan, "label": mask})
        np.savez(folder / "case.npz", images=case["image"].numpy(), labels=case["label"].numpy())

    return work


CONTENDERS = {
    "liverseg": prepare_liverseg,
    "notebook loop": prepare_notebook,
    "MONAI": prepare_monai,
}


def run_alone(name: str, scan: Path, mask: Path, size: int, core: int) -> tuple[float, float]:
    """Seconds and peak MB of one contender in a fresh process on one core."""
    command = [sys.executable, __file__, "--case", str(scan), str(mask), "--only", name]
    command += ["--image-size", str(size), "--core", str(core)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{name} ended with exit code {process.returncode}")
    return float(printed), usage.ru_maxrss / 1024


def run_here(name: str, scan: Path, mask: Path, size: int, core: int) -> float:
    """Seconds that one contender works, in this process, on one core."""
    os.sched_setaffinity(0, {core})
    with tempfile.TemporaryDirectory() as folder:
        work = CONTENDERS[name](scan, mask, Path(folder), size)
        begin = time.perf_counter()
        work()
        return time.perf_counter() - begin


def print_table(names: list[str], runs: dict[str, list[tuple[float, float]]]) -> None:
    """A markdown table of medians, and of their ratios to liverseg's."""
    seconds, megabytes = (
        {name: median(run[column] for run in runs[name]) for name in names} for column in (0, 1)
    )
    print("| | seconds | times ours | peak MB | times ours |")
    print("| --- | --- | --- | --- | --- |")
    for name in names:
        slower, larger = (column[name] / column["liverseg"] for column in (seconds, megabytes))
        cells = f"{seconds[name]:.2f} | {slower:.1f} | {megabytes[name]:.0f} | {larger:.1f}"
        print(f"| {name} | {cells} |")


def main() -> None:
    """Run every contender that is installed, in turns, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--case", type=Path, nargs=2, required=True, metavar=("VOLUME", "MASK"))
    parser.add_argument("--image-size", type=int, default=256)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument("--only", choices=CONTENDERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    scan, mask = options.case
    if options.only:
        print(run_here(options.only, scan, mask, options.image_size, options.core))
        return
    names = [name for name in CONTENDERS if name != "MONAI" or importlib.util.find_spec("monai")]
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for _ in range(options.repeats):
        for name in names:
            runs[name].append(run_alone(name, scan, mask, options.image_size, options.core))
    print_table(names, runs)


if __name__ == "__main__":
    main()
