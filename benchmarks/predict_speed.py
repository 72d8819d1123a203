"""Where the seconds of `liverseg predict` go on one scan, and how much memory it takes.

    python -m benchmarks.predict_speed volume-17.nii.gz --model models/final

The stages of a scan are medians of several rounds in one process. Left out are the probabilities of
--probabilities, the tables of all scans, and reading DICOM. Loading OpenVINO and the networks is
paid once, as is their first batch. Memory is the peak resident size of the process, as the kernel
counts it.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import numpy as np
import numpy.typing as npt

from liverseg.errors import EXIT_CODE, LiversegError
from liverseg.inference.flips import MIRRORED_AXES
from liverseg.pages.markdown import format_table
from liverseg.postprocess.labels import build_labels
from liverseg.postprocess.probabilities import CaseProbabilities
from liverseg.postprocess.way_back import restore_mask, restore_quantised
from liverseg.preprocess.slicing import build_images
from liverseg.scans.ensemble import read_ensemble
from liverseg.scans.files import ScanFolder
from liverseg.scans.judging import judge_labels, judge_scan
from liverseg.scans.lesions import measure_lesions
from liverseg.scans.pictures import draw_scan
from liverseg.scans.predictor import Prediction, Predictor
from liverseg.scans.provenance import Provenance, collect_provenance, hash_scan
from liverseg.scans.results import write_lesions
from liverseg.scans.summary import build_summary, write_summary
from liverseg.volumes.nifti import read_scan, write_labels


class Stopwatch:
    """Seconds by stage, a list of them over the rounds."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure the block."""
        begin = time.perf_counter()
        yield
        self.seconds[name].append(time.perf_counter() - begin)


def predict_once(
    path: Path, predictor: Predictor, provenance: Provenance, folder: Path, watch: Stopwatch
) -> npt.NDArray[np.uint8]:
    """The labels of one scan, stage by stage: the steps of ``predict_scans``."""
    from liverseg.inference.mean import predict_mean

    rules = predictor.ensemble.rules
    with watch.stage("hash the scan"):
        scan_sha256 = hash_scan([path])
    with watch.stage("read the scan"):
        scan = read_scan(path)
    with watch.stage("judge scan and labels"):
        checked = judge_scan(path, scan)
    with watch.stage("slices"):
        images, slice_grid = build_images(scan, predictor.ensemble.preprocessing)
    with watch.stage("network"):
        values = predict_mean(
            predictor.networks,
            images,
            predictor.batch_size,
            predictor.flips,
            slice_mm=slice_grid.pixel_mm[2],
        )
    liver, lesion = values[..., 0], values[..., 1]
    with watch.stage("way back to the scan's grid"):
        liver_mask = restore_mask(liver, rules.liver_threshold, slice_grid)
        lesion_mask = restore_mask(lesion, rules.lesion_threshold, slice_grid)
        lesion_probability = restore_quantised(lesion, slice_grid)
    with watch.stage("labels"):
        labels = build_labels(liver_mask, lesion_mask, rules, slice_grid.grid)
    with watch.stage("lesions"):
        lesions = measure_lesions(labels, scan, lesion_probability, rules)
    with watch.stage("judge scan and labels"):
        findings = (*checked.findings, *judge_labels(scan, checked.body, labels))
    with watch.stage("picture"):
        draw_scan(ScanFolder(folder).overlay, scan, labels, rules.lesion_connectivity)
    with watch.stage("write labels, table and summary"):
        write_labels(ScanFolder(folder).labels, labels, like=path)
        write_lesions(folder, lesions)
        on_slices = CaseProbabilities(values, slice_grid)
        prediction = Prediction(labels, lesions, on_slices, lesion_probability)
        summary = build_summary(path.name, scan_sha256, prediction, scan.grid, provenance, findings)
        write_summary(folder, summary)
    return labels


def print_table(watch: Stopwatch, start_seconds: float, start_mb: float) -> None:
    """A Markdown table of medians and shares; then the start and the memory."""
    medians = {name: median(seconds) for name, seconds in watch.seconds.items()}
    total = sum(medians.values())
    rows = [
        (name, f"{seconds:.2f}", f"{seconds / total:.0%}")
        for name, seconds in [*medians.items(), ("one scan", total)]
    ]
    print(format_table(("stage", "seconds", "share"), rows))
    print(f"\nBefore the first scan: {start_seconds:.1f} s.")
    print(f"Peak memory: {measure_peak_mb():.0f} MB, of which {start_mb:.0f} MB before it.")


def measure_peak_mb() -> float:
    """Largest resident size of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Predict one scan several times and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scan", type=Path)
    parser.add_argument("--model", type=Path, nargs="+", default=[Path("models/final")])
    parser.add_argument("--rules", type=Path)
    parser.add_argument("--flips", choices=MIRRORED_AXES, default="none")
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    ensemble = read_ensemble(options.model, options.rules)
    predictor = Predictor(ensemble, options.flips, options.batch_size, options.threads)
    provenance = collect_provenance(ensemble, options.flips, probabilities=False)
    begin = time.perf_counter()
    assert predictor.networks
    start_seconds, start_mb = time.perf_counter() - begin, measure_peak_mb()
    with tempfile.TemporaryDirectory() as folder:
        expected = predictor.predict(read_scan(options.scan)).labels  # compiles the graphs
        watch = Stopwatch()
        for _ in range(options.repeats):
            labels = predict_once(options.scan, predictor, provenance, Path(folder), watch)
    assert np.array_equal(labels, expected), "the stages are no longer those of Predictor"
    print_table(watch, start_seconds, start_mb)


if __name__ == "__main__":
    try:
        main()
    except LiversegError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(EXIT_CODE)
