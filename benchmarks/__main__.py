"""All benchmarks beside their peers, and their tables into docs/performance.md: `make bench`.

    python -m benchmarks [--case SCAN MASK] [--quick]

Without a case, a synthetic scan of 512 x 512 x 119 voxels is drawn. Tables stand between marks in
the page, each with what made it; prose around them is left. Peers that are not installed are left
out, and benchmarks that need the results of `dvc repro` keep their tables where there are none.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

import nibabel as nib
import numpy as np
from tqdm import tqdm

from liverseg.params import PhantomParams
from liverseg.phantom.patient import draw_patient
from liverseg.phantom.scan import build_scan

PAGE = Path("docs/performance.md")
RESULTS = Path("data/slices")
PATIENT = PhantomParams(
    seed=1,
    anatomy="plain",
    num_patients=1,
    num_second_scans=0,
    field_of_view_mm=360,
    in_plane_spacing_mm=(0.703125, 0.703125),  # 512 pixels
    slice_spacing_mm=(2.0, 2.0),
)
MARK = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- /\2 -->)", re.DOTALL)
PEERS = ("monai", "torch", "medpy", "surface-distance", "keras", "tensorflow", "openvino")


@dataclass(frozen=True)
class Benchmark:
    """One script.

    Attributes:
        words: Its arguments; {scan} and {mask} are files.
        quick: Further ones for a quick run.
        needs_results: Of `dvc repro`.
    """

    words: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()
    needs_results: bool = False


BENCHMARKS = {
    "preprocess_speed": Benchmark(("{scan}", "{mask}"), ("--rounds", "2")),
    "predict_speed": Benchmark(("{scan}",), ("--rounds", "2")),
    "score_speed": Benchmark(("{mask}",), ("--rounds", "1")),
    "training_speed": Benchmark((), ("--rounds", "2", "--steps", "10")),
    "input_speed": Benchmark(needs_results=True),
    "noop_repro": Benchmark((), ("--rounds", "2"), needs_results=True),
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


def run_benchmark(name: str, words: list[str]) -> str:
    """What a benchmark prints; its failure ends this program."""
    command = [sys.executable, "-m", f"benchmarks.{name}", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def describe_run(scan: Path) -> str:
    """On which processor, beside which versions, on what scan."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    processor = next(line for line in lines if line.startswith("model name")).partition(": ")[2]
    installed = {each.metadata["name"].lower(): each.version for each in distributions()}
    peers = ", ".join(f"{name} {installed[name]}" for name in PEERS if name in installed)
    shape = " × ".join(map(str, nib.load(scan).shape))
    return (
        f"{processor}, {len(os.sched_getaffinity(0))} cores, a load of {os.getloadavg()[0]:.1f} "
        f"beforehand; {peers}; a scan of {shape} voxels."
    )


def replace_tables(page: str, tables: Mapping[str, str]) -> str:
    """The page with new tables between their marks; others stay."""

    def replace(found: re.Match[str]) -> str:
        begin, name, end = found.groups()
        return f"{begin}{tables[name]}\n{end}" if name in tables else found.group()

    return MARK.sub(replace, page)


def main() -> None:
    """Run all that can run here, write the page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--case", type=Path, nargs=2, metavar=("SCAN", "MASK"))
    parser.add_argument("--quick", action="store_true", help="few rounds: does everything run?")
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=list(BENCHMARKS))
    flags = parser.parse_args()
    tables = {}
    with tempfile.TemporaryDirectory() as folder:
        scan, mask = flags.case or write_case(Path(folder))
        tables["run"] = describe_run(scan)
        for name in tqdm(flags.only, unit="benchmark"):
            benchmark = BENCHMARKS[name]
            if benchmark.needs_results and not RESULTS.exists():
                tqdm.write(f"{name} is left out: it needs the results of `dvc repro`", sys.stderr)
                continue
            words = [*benchmark.words, *(benchmark.quick if flags.quick else ())]
            tables[name] = run_benchmark(
                name, [word.format(scan=scan, mask=mask) for word in words]
            )
            tqdm.write(f"{name}\n{tables[name]}\n")
    if flags.quick:
        return
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(replace_tables(page, tables), encoding="utf-8")


if __name__ == "__main__":
    main()
