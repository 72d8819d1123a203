"""Does the memory of ``liverseg predict`` stay flat over many scans, and bounded over a long one?

    python -m benchmarks.predict_load [--model models/final] [--scans 500] [--slices 1500]

The scans are synthetic. Printed is the resident memory of the process and its children: over many
small scans at every tenth of them, over one long scan its peak, beside the size of the scan in
int16.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nibabel as nib
import numpy as np
import psutil

from liverseg.params import PhantomParams
from liverseg.phantom.patient import draw_patient
from liverseg.phantom.scan import build_scan

SMALL = PhantomParams(
    seed=1,
    anatomy="plain",
    num_patients=1,
    num_second_scans=0,
    field_of_view_mm=300,
    in_plane_spacing_mm=(3.0, 3.0),
    slice_spacing_mm=(8.0, 8.0),
)
LONG_SHAPE = (512, 512)
LONG_SPACING_MM = (0.6, 0.6, 0.4)


def write_small_scans(folder: Path, number: int) -> None:
    """Scans of about 100 x 100 x 20 voxels that differ in their noise alone."""
    rng = np.random.default_rng(SMALL.seed)
    scan = build_scan(rng, draw_patient(rng, has_lesions=True), SMALL)
    for index in range(number):
        noise = rng.integers(-3, 4, scan.hu.shape, np.int16)
        image = nib.Nifti1Image(scan.hu + noise, scan.grid.affine)
        nib.save(image, folder / f"scan-{index:04d}.nii.gz")


def write_long_scan(folder: Path, num_slices: int) -> None:
    """One scan of 512 x 512 voxels a slice, the phantom stretched to so many slices."""
    rng = np.random.default_rng(SMALL.seed)
    params = SMALL.model_copy(update={"slice_spacing_mm": (4.0, 4.0)})
    scan = build_scan(rng, draw_patient(rng, has_lesions=True), params)
    wanted = (*LONG_SHAPE, num_slices)
    picked = [
        np.linspace(0, have - 1, want).round().astype(int)
        for have, want in zip(scan.hu.shape, wanted, strict=True)
    ]
    affine = np.diag([-LONG_SPACING_MM[0], -LONG_SPACING_MM[1], LONG_SPACING_MM[2], 1.0])
    nib.save(nib.Nifti1Image(scan.hu[np.ix_(*picked)], affine), folder / "long.nii.gz")


def watch(command: list[str], out: Path) -> list[tuple[int, float, float]]:
    """(scans done, seconds, resident MiB) while a command runs, twice a second."""
    start = time.perf_counter()
    seen = []
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        main = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                family = [main, *main.children(recursive=True)]
                resident = sum(each.memory_info().rss for each in family) / 2**20
            except psutil.NoSuchProcess:  # ended in between
                continue
            done = len(list(out.glob("[!.]*/summary.json")))
            seen.append((done, time.perf_counter() - start, resident))
            time.sleep(0.5)
    if process.returncode:
        sys.exit(process.returncode)
    return seen


def main() -> None:
    """Make the scans, predict them, print what was seen as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("models/final"))
    parser.add_argument("--scans", type=int, default=500)
    parser.add_argument("--slices", type=int, default=1500)
    flags = parser.parse_args()
    result: dict[str, object] = {}
    liverseg = str(Path(sys.executable).with_name("liverseg"))
    predict = [liverseg, "predict", "--quiet", "--model", str(flags.model)]
    with tempfile.TemporaryDirectory() as name:
        many, long, out = (Path(name) / each for each in ("many", "long", "out"))
        many.mkdir()
        write_small_scans(many, flags.scans)
        seen = watch([*predict, str(many), "-o", str(out)], out)
        tenths = {done * 10 // flags.scans: resident for done, _, resident in seen if done}
        result["many"] = {
            "scans": flags.scans,
            "seconds": round(seen[-1][1], 1),
            "resident_mib_by_tenth": [round(tenths[key]) for key in sorted(tenths)],
        }
        long.mkdir()
        write_long_scan(long, flags.slices)
        seen = watch([*predict, str(long), "-o", str(out / "long")], out / "long")
        result["long"] = {
            "shape": [*LONG_SHAPE, flags.slices],
            "seconds": round(seen[-1][1], 1),
            "int16_mib": round(np.prod([*LONG_SHAPE, flags.slices]) * 2 / 2**20),
            "peak_resident_mib": round(max(resident for _, _, resident in seen)),
        }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
