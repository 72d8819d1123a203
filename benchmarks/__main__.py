"""The benchmarks of docs/performance.md, and their tables into it: `make bench`.

    python -m benchmarks [--case SCAN MASK] [--quick] [--only NAME ...]

Without a case, a synthetic scan of 512 x 512 pixels a slice is drawn. Each table stands between
marks in the page, and beneath it on what it was measured; the prose around them stays. Peers that
are not installed are left out. A benchmark that fails keeps its table, and the others go on.
"""

import argparse
import os
import platform
import re
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import nibabel as nib
import numpy as np
from tqdm import tqdm

from benchmarks.contest import run_to_end
from liverseg.params import PhantomParams
from liverseg.phantom.patient import draw_patient
from liverseg.phantom.scan import build_scan

PAGE = Path("docs/performance.md")
PATIENT = PhantomParams(
    seed=1,
    anatomy="plain",
    num_patients=1,
    num_second_scans=0,
    field_of_view_mm=360,
    in_plane_spacing_mm=(0.703125, 0.703125),  # 512 pixels
    slice_spacing_mm=(2.0, 2.0),
)
MARK = re.compile(r"(<!-- (\w+) -->\n)(.*?)(<!-- /\2 -->)", re.DOTALL)
PEERS = {
    **{name: name for name in ("tensorflow", "keras", "openvino", "torch", "monai", "medpy")},
    "surface-distance": "surface_distance",
}


@dataclass(frozen=True)
class Benchmark:
    """One script.

    Attributes:
        words: Its arguments; {scan} and {mask} are files.
        quick: Further ones for a quick run.
    """

    words: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()


BENCHMARKS = {
    "preprocess_speed": Benchmark(("{scan}", "{mask}"), ("--rounds", "2")),
    "predict_speed": Benchmark(("{scan}",), ("--rounds", "2")),
    "score_speed": Benchmark(("{mask}",), ("--rounds", "1")),
    "training_speed": Benchmark((), ("--rounds", "2", "--steps", "10")),
    "input_speed": Benchmark(),
    "noop_repro": Benchmark((), ("--rounds", "2")),
    "big_scan": Benchmark(("{scan}", "{mask}"), ("--slices", "300")),
}


def write_case(folder: Path) -> tuple[Path, Path]:
    """A synthetic scan of 512 x 512 pixels a slice, and its mask."""
    rng = np.random.default_rng(PATIENT.seed)
    phantom = build_scan(rng, draw_patient(rng, has_lesions=True), PATIENT)
    scan, mask = folder / "volume-0.nii.gz", folder / "segmentation-0.nii.gz"
    nib.save(nib.Nifti1Image(phantom.hu, phantom.grid.affine), scan)
    nib.save(nib.Nifti1Image(phantom.labels, phantom.grid.affine), mask)
    return scan, mask


def describe_run(scan: Path) -> str:
    """On which processor, beside which versions, on what scan."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = (line.partition(": ")[2] for line in lines if line.startswith("model name"))
    processor = next(names, platform.machine())
    peers = ", ".join(f"{name} {version(name)}" for name in PEERS if find_spec(PEERS[name]))
    shape = " × ".join(map(str, nib.load(scan).shape))
    return (
        f"{date.today()}: {processor}, {len(os.sched_getaffinity(0))} cores; {peers}; a scan of "
        f"{shape} voxels."
    )


def replace_tables(page: str, tables: Mapping[str, str]) -> str:
    """The page with new tables between their marks; others stay."""

    def replace(found: re.Match[str]) -> str:
        begin, name, _, end = found.groups()
        return f"{begin}{tables[name]}\n{end}" if name in tables else found.group()

    return MARK.sub(replace, page)


def main() -> None:
    """Run them one after the other, each table into the page once it is there."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--case", type=Path, nargs=2, metavar=("SCAN", "MASK"))
    parser.add_argument("--quick", action="store_true", help="few rounds: does everything run?")
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=list(BENCHMARKS))
    flags = parser.parse_args()
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        scan, mask = flags.case or write_case(Path(folder))
        run = describe_run(scan)
        for name in tqdm(flags.only, unit="benchmark"):
            benchmark = BENCHMARKS[name]
            words = [*benchmark.words, *(benchmark.quick if flags.quick else ())]
            arguments = [word.format(scan=scan, mask=mask) for word in words]
            try:
                table = run_to_end([sys.executable, "-m", f"benchmarks.{name}", *arguments])
            except SystemExit as error:
                tqdm.write(str(error), sys.stderr)
                failed.append(name)
                continue
            tqdm.write(f"{name}\n{table}\n")
            if not flags.quick:
                page = PAGE.read_text(encoding="utf-8")
                page = replace_tables(page, {name: f"{table}\n\n{run}"})
                PAGE.write_text(page, encoding="utf-8")
    if failed:
        sys.exit(f"failed, their tables are as they were: {', '.join(failed)}")


if __name__ == "__main__":
    main()
