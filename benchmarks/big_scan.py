"""Peak memory of the commands on a scan of 1,500 slices, as multiples of its voxels as int16.

    python -m benchmarks.big_scan SCAN MASK [--slices 1500]

The scan and its mask (NIfTI, labels 0, 1, 2) are stretched to so many slices by repeats, with
noise of ±9 HU so that it compresses as a scan does. Every command runs on that and on a stretch to
64 slices, as a process of its own; the slope between the two is what a MiB of scan costs, the rest
is what the command takes by itself.
"""

import argparse
import multiprocessing
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nibabel as nib
import numpy as np
from nibabel.openers import Opener

from liverseg.pages.markdown import format_table

PROGRAM = "from liverseg.cli import main; main()"
SCENE = (
    "import sys; from pathlib import Path; from liverseg.viewing.scene import build_scene; "
    "build_scene(Path(sys.argv[1]), [Path(sys.argv[2])])"
)
FEW_SLICES = 64
COMMANDS = {
    "check": (PROGRAM, "check", "{0}"),
    "import": (PROGRAM, "import", "{0}", "-o", "{1}/imported"),
    "predict": (PROGRAM, "predict", "{0}/volume-0.nii.gz", "-o", "{1}/out", "--model", "ready"),
    "score": (PROGRAM, "score", "{0}/segmentation-0.nii.gz", "{1}/out/volume-0/labels.nii.gz"),
    "view": (SCENE, "{0}/volume-0.nii.gz", "{0}/segmentation-0.nii.gz"),
}


def write_case(folder: Path, scan_file: Path, mask_file: Path, slices: int) -> float:
    """Write ``volume-0.nii.gz`` and ``segmentation-0.nii.gz``; MiB of the scan as int16.

    In a process of its own: the kernel counts the memory of the one that starts a command for it.
    """
    scan, mask = nib.load(scan_file), nib.load(mask_file)
    num_slices = scan.shape[2]
    source = np.arange(slices) * num_slices // slices
    affine = scan.affine.copy()
    affine[:, 2] *= num_slices / slices
    hu = np.asarray(scan.dataobj)[:, :, source].astype(np.int16)
    rng = np.random.default_rng(0)
    for k in range(slices):
        hu[:, :, k] += rng.integers(-9, 10, hu.shape[:2], dtype=np.int16)
    labels = np.asarray(mask.dataobj)[:, :, source].astype(np.uint8)
    Opener.default_compresslevel = 1
    nib.save(nib.Nifti1Image(hu, affine), folder / "volume-0.nii.gz")
    nib.save(nib.Nifti1Image(labels, affine), folder / "segmentation-0.nii.gz")
    return float(hu.nbytes / 2**20)


def measure_peak(command: tuple[str, ...], data: Path, work: Path) -> float:
    """MiB that a command holds at most; the kernel counts them."""
    words = [word.format(data, work) for word in command]
    process = subprocess.Popen(
        [sys.executable, "-c", *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    told = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1) or b"Traceback" in told:  # 1: check found something
        sys.exit(told.decode(errors="replace"))
    return usage.ru_maxrss / 1024


def main() -> None:
    """Read the flags, run all commands on both scans, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("scan", type=Path)
    parser.add_argument("mask", type=Path)
    parser.add_argument("--slices", type=int, default=1500)
    flags = parser.parse_args()
    peaks, sizes = [], []
    for slices in (FEW_SLICES, flags.slices):
        with tempfile.TemporaryDirectory() as folder:
            data, work = Path(folder, "data"), Path(folder, "work")
            data.mkdir()
            work.mkdir()
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
                size = pool.submit(write_case, data, flags.scan, flags.mask, slices).result()
            sizes.append(size)
            peaks.append([measure_peak(each, data, work) for each in COMMANDS.values()])
    rows = []
    for name, small, large in zip(COMMANDS, *peaks, strict=True):
        slope = (large - small) / (sizes[1] - sizes[0])
        rows.append((name, f"{large:.0f}", f"{slope:.2f}", f"{large - slope * sizes[1]:.0f}"))
    print(format_table(("command", "peak, MiB", "times the scan", "and MiB"), rows))
    print(f"\n{flags.slices} slices, {sizes[1]:.0f} MiB as int16.")


if __name__ == "__main__":
    main()
