"""How often ``liverseg compare`` pairs the lesions of synthetic patients right, and their growth.

    python -m benchmarks.followup_pairs --patients 24

Each patient is scanned twice, on grids, in postures and with noise of their own; the second time
also turned and shifted as a whole. In between, lesions grow and shrink, the smallest is gone, as in
the second scans of the phantom, and in --wide they change more, one in four patients has a new one,
and neighbours merge and come apart. Which component of the labels is which lesion is known by
painting each lesion alone.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.spatial.transform import Rotation
from tqdm import tqdm

from liverseg.followup.changes import BORDER_VOXELS
from liverseg.followup.comparison import Comparison, compare_studies
from liverseg.followup.study import Study, build_study
from liverseg.grids.grid import Grid
from liverseg.labels import BACKGROUND, LESION
from liverseg.params import PhantomParams
from liverseg.phantom.lesions import Lesion, follow_up
from liverseg.phantom.patient import Patient, draw_patient
from liverseg.phantom.scan import PhantomScan, build_scan
from liverseg.volumes.nifti import Volume

PARAMS = PhantomParams(
    seed=0,
    anatomy="plain",
    num_patients=1,
    num_second_scans=1,
    field_of_view_mm=320,
    in_plane_spacing_mm=(1.4, 2.0),
    slice_spacing_mm=(2.5, 5.0),
)
LARGEST_TURN_DEGREES, LARGEST_SHIFT_MM = 6.0, 30.0
WIDE = (0.6, 1.5)  # range of the factor on a lesion's radii
NEW_ONE_IN = 4
LEAST_PIECE = 0.1  # of a lesion; less, which the liver's surface cuts off, is not judged

Owners = dict[int, frozenset[int]]
"""Which lesions of the patient a numbered lesion of the labels consists of, at least one."""


@dataclass(frozen=True)
class Followed:
    """What was found for one patient, and for how many lesions the pair holds what it should.

    ``border_errors`` say of pairs of one and one away from the liver's surface by how many edges of
    a voxel of the coarser scan the radius of a ball would be off, to have the volume found.
    """

    comparison: Comparison
    num_right: int
    num_wrong: int
    border_errors: tuple[float, ...]


def follow_patient(seed: int, params: PhantomParams, *, wide: bool) -> Followed:
    """A patient scanned twice, and how well both scans were compared."""
    rng, *scan_seeds = np.random.SeedSequence(seed).spawn(3)
    change = np.random.default_rng(rng)
    patient = draw_patient(change, has_lesions=True)
    known = {id(lesion): number for number, lesion in enumerate(patient.lesions)}
    first, second = _change_lesions(change, patient.lesions, wide=wide)
    numbers = [known[id(lesion)] for lesion in first]
    studies, owners = [], []
    for lesions, names, scan_seed in (
        (first, numbers, scan_seeds[0]),
        (list(second.values()), list(second), scan_seeds[1]),
    ):
        scan = _scan(patient, lesions, scan_seed, params)
        grid = scan.grid if lesions is first else _turn(change, scan.grid)
        study = build_study("phantom", Volume(scan.labels, grid), connectivity=6)
        alone = [_scan(patient, [lesion], scan_seed, params).labels == LESION for lesion in lesions]
        studies.append(study)
        owners.append(_find_owners(study, dict(zip(names, alone, strict=True))))
    comparison = compare_studies(*studies)
    verdicts = list(_judge_pairs(comparison, *owners))
    factors = {
        number: second[number].outline.radii[0] / patient.lesions[number].outline.radii[0]
        for number in second
    }
    return Followed(
        comparison,
        sum(verdicts),
        len(verdicts) - sum(verdicts),
        tuple(_measure_border_errors(comparison, owners[0], factors)),
    )


def _change_lesions(
    rng: np.random.Generator, lesions: tuple[Lesion, ...], *, wide: bool
) -> tuple[list[Lesion], dict[int, Lesion]]:
    """The lesions of the first scan, and by their numbers those of the second."""
    if not wide:
        return list(lesions), dict(enumerate(follow_up(rng, lesions)))
    second = {
        number: replace(lesion, outline=lesion.outline.scaled(rng.uniform(*WIDE)))
        for number, lesion in enumerate(lesions[: max(len(lesions) - 1, 1)])
    }
    is_new = len(lesions) > 2 and rng.integers(NEW_ONE_IN) == 0
    return [each for number, each in enumerate(lesions) if not (is_new and number == 1)], second


def _scan(
    patient: Patient,
    lesions: Sequence[Lesion],
    seed: np.random.SeedSequence,
    params: PhantomParams,
) -> PhantomScan:
    rng = np.random.default_rng(seed)
    return build_scan(rng, replace(patient, lesions=tuple(lesions)), params)


def _turn(rng: np.random.Generator, grid: Grid) -> Grid:
    """The grid turned about each axis in turn, and shifted."""
    motion = np.eye(4)
    angles = rng.uniform(-LARGEST_TURN_DEGREES, LARGEST_TURN_DEGREES, 3)
    motion[:3, :3] = Rotation.from_euler("xyz", angles, degrees=True).as_matrix()
    motion[:3, 3] = rng.uniform(-LARGEST_SHIFT_MM, LARGEST_SHIFT_MM, 3)
    return Grid(grid.shape, motion @ grid.affine)


def _find_owners(study: Study, alone: dict[int, npt.NDArray[np.bool_]]) -> Owners:
    owners: dict[int, set[int]] = {lesion.number: set() for lesion in study.lesions}
    for name, mask in alone.items():
        sizes = np.bincount(study.numbers[mask], minlength=1)
        for number in {*np.flatnonzero(sizes >= LEAST_PIECE * mask.sum()).tolist()} - {0}:
            owners[number].add(name)
    return {number: frozenset(names) for number, names in owners.items() if names}


def _judge_pairs(comparison: Comparison, before: Owners, after: Owners) -> Iterator[bool]:
    """For each lesion of both scans, whether its pair is right.

    All of the pair must consist of the same lesions of the patient, and a side may be empty only
    where the scan shows none of them.
    """
    for each in comparison.compared:
        found = (
            {lesion.number for lesion in each.baseline} & set(before),
            {lesion.number for lesion in each.followup} & set(after),
        )
        for side, numbers in enumerate(found):
            for number in numbers:
                group = _find_group(before, after, (before, after)[side][number])
                yield all(
                    ours <= true and bool(ours) == bool(true)
                    for ours, true in zip(found, group, strict=True)
                )


def _find_group(before: Owners, after: Owners, names: frozenset[int]) -> tuple[set[int], set[int]]:
    """All lesions of both scans that these lesions of the patient are part of, and their like."""
    group = tuple({number for number in one if one[number] & names} for one in (before, after))
    more = names.union(
        *(before[number] for number in group[0]), *(after[number] for number in group[1])
    )
    return (group[0], group[1]) if more == names else _find_group(before, after, more)


def _measure_border_errors(
    comparison: Comparison, owners: Owners, factors: dict[int, float]
) -> Iterator[float]:
    grids = (comparison.baseline.labels.grid, comparison.followup.labels.grid)
    edge_mm = np.cbrt(1000 * max(grid.voxel_ml for grid in grids))
    for each in comparison.compared:
        if not len(each.baseline) == len(each.followup) == 1:
            continue
        sides = ((comparison.baseline, each.baseline), (comparison.followup, each.followup))
        names = owners.get(each.baseline[0].number, frozenset())
        if len(names) != 1 or any(_is_cut(study, lesions[0].number) for study, lesions in sides):
            continue
        radii = [np.cbrt(3000 * ml / (4 * np.pi)) for ml in (each.baseline_ml, each.followup_ml)]
        yield float(abs(radii[1] - radii[0] * factors[next(iter(names))]) / edge_mm)


def _is_cut(study: Study, number: int) -> bool:
    """Whether a lesion reaches the surface of the liver, which then ends it."""
    around = ndimage.binary_dilation(study.numbers == number)
    return bool((study.labels.data[around] == BACKGROUND).any())


def main() -> None:
    """Follow some patients and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--patients", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1, help="of the first; the others follow")
    parser.add_argument("--wide", action="store_true")
    options = parser.parse_args()
    seeds = range(options.seed, options.seed + options.patients)
    followed = [
        follow_patient(seed, PARAMS, wide=options.wide) for seed in tqdm(seeds, unit="patient")
    ]
    right = sum(each.num_right for each in followed)
    judged = right + sum(each.num_wrong for each in followed)
    changes = Counter(one.change.value for each in followed for one in each.comparison.compared)
    errors = np.array([error for each in followed for error in each.border_errors])
    print(f"{right} of {judged} lesions in the right pair ({right / judged:.1%})")
    print(", ".join(f"{count} {name}" for name, count in changes.most_common()))
    print(
        f"border off by {np.median(errors):.2f} voxels (median of {len(errors)}), 95 % below "
        f"{np.quantile(errors, 0.95):.2f}, all below {errors.max():.2f}; "
        f"{np.mean(errors <= BORDER_VOXELS):.1%} within the {BORDER_VOXELS} of the limits"
    )


if __name__ == "__main__":
    main()
