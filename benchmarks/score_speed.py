"""Scoring one case, beside MedPy and surface-distance, one core each.

    python -m benchmarks.score_speed MASK

The prediction is the reference, shifted by a few voxels; both are in memory. liverseg computes all
its scores of both regions and of every lesion; MedPy computes ASSD and HD95 of both regions alone,
surface-distance the average surface distance of both alone. Their figures differ, since each
defines the surface in its own way.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import numpy.typing as npt

from benchmarks.contest import Contender, Work, add_contest_flags, hold_contest

SHIFT_VOXELS = (4, -3, 1)
THRESHOLDS = (1, 2)  # the liver with its lesions, and the lesions
Mask = npt.NDArray[np.bool_]


def read_masks(
    flags: argparse.Namespace,
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.float64]]:
    """Reference and prediction, labels (i, j, k), and their affine."""
    image = nib.load(flags.mask)
    reference = np.asarray(image.dataobj, np.uint8)
    return reference, np.roll(reference, SHIFT_VOXELS, axis=(0, 1, 2)), image.affine


def prepare_liverseg(flags: argparse.Namespace) -> Work:
    """All scores of a case."""
    from liverseg.grids.grid import Grid
    from liverseg.scoring.case_score import score_case

    reference, predicted, affine = read_masks(flags)
    grid = Grid(reference.shape, affine)
    return lambda: score_case("case", "case", reference, predicted, grid, 6)


def prepare_medpy(flags: argparse.Namespace) -> Work:
    """ASSD and HD95 of both regions."""
    from medpy.metric import binary

    def measure(reference: Mask, predicted: Mask, spacing_mm: tuple[float, ...]) -> None:
        binary.assd(predicted, reference, voxelspacing=spacing_mm)
        binary.hd95(predicted, reference, voxelspacing=spacing_mm)

    return _of_both_regions(flags, measure)


def prepare_surface_distance(flags: argparse.Namespace) -> Work:
    """The average surface distance of both regions."""
    from surface_distance import metrics

    def measure(reference: Mask, predicted: Mask, spacing_mm: tuple[float, ...]) -> None:
        distances = metrics.compute_surface_distances(reference, predicted, spacing_mm)
        metrics.compute_average_surface_distance(distances)

    return _of_both_regions(flags, measure)


def _of_both_regions(
    flags: argparse.Namespace, measure: Callable[[Mask, Mask, tuple[float, ...]], None]
) -> Work:
    reference, predicted, affine = read_masks(flags)
    spacing_mm = tuple(nib.affines.voxel_sizes(affine).tolist())

    def work() -> None:
        for threshold in THRESHOLDS:
            measure(reference >= threshold, predicted >= threshold, spacing_mm)

    return work


CONTENDERS = {
    "liverseg": Contender(prepare_liverseg),
    "MedPy": Contender(prepare_medpy, "medpy"),
    "surface-distance": Contender(prepare_surface_distance, "surface_distance"),
}


def main() -> None:
    """Read the flags, run all in turn."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("mask", type=Path, help="of labels 0, 1 and 2")
    add_contest_flags(parser, rounds=3)
    hold_contest(CONTENDERS, parser.parse_args())


if __name__ == "__main__":
    main()
