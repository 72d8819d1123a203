"""What the stage locate does: a locator trained on coarse slices, and the region of every case."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from liverseg.grids.cropping import Box, find_box
from liverseg.grids.grid import Grid
from liverseg.inference.mean import load_network
from liverseg.labels import LIVER
from liverseg.locating.locator import Locator, frame_located
from liverseg.locating.thinning import choose_step, thin_volume
from liverseg.networks.model_folder import ModelFolder
from liverseg.parallel import map_cases
from liverseg.preprocess.framing import frame_liver, frame_scan
from liverseg.preprocess.slicing import build_stack, describe_slices
from liverseg.slices.geometry import SliceGrid, view_slices
from liverseg.slices.regions import CaseRegion
from liverseg.slices.stacks import (
    Preprocessing,
    SliceRow,
    open_stack,
    write_index,
    write_preprocessing,
    write_stack,
)
from liverseg.tables.case_table import Case
from liverseg.tables.split import CaseRole
from liverseg.training.fit import train_model
from liverseg.training.job import TrainingJob
from liverseg.volumes.reading import read_case_labels, read_case_scan

BATCH_SIZE = 16
"""Slices at a time, when cases are located."""


@dataclass(frozen=True, eq=False)
class CoarseCase:
    """A case whose coarse slices are on disk.

    Attributes:
        case_id: The scan.
        grid: Of the scan.
        step: Slices of the scan for one of the coarse ones.
        rows: What each coarse slice shows.
        liver: Slices, rows and columns of the reference's liver, with axes ``SLICE_AXES``; empty
            where there is none.
    """

    case_id: str
    grid: Grid
    step: int
    rows: Sequence[SliceRow]
    liver: Box


def write_coarse_slices(
    root: Path, cases: Sequence[Case], preprocessing: Preprocessing, folder: Path
) -> tuple[CoarseCase, ...]:
    """Write what a locator sees of all cases into an empty folder, as the stage preprocess would.

    Args:
        root: What the files of the cases are relative to.
        cases: In the order of the index.
        preprocessing: Of the locator.
        folder: Must exist.

    Raises:
        DataError: A file cannot be read, or a mask does not lie on the grid of its scan.
    """
    write = partial(_write_coarse_case, root=root, preprocessing=preprocessing, folder=folder)
    coarse = tuple(map_cases(write, cases, description="coarse slices"))
    write_index(folder, [row for each in coarse for row in each.rows])
    write_preprocessing(folder, preprocessing)
    return coarse


def train_locator(
    job: TrainingJob,
    folder: ModelFolder,
    preprocessing: Preprocessing,
    logs: Path,
    unfinished: Path,
) -> Locator:
    """Train the network on coarse slices and write it into a model folder.

    Args:
        job: Its slices are the coarse ones.
        folder: Must exist.
        preprocessing: Of the coarse slices.
        logs: A folder for TensorBoard's logs.
        unfinished: Where the state after each epoch is kept, see ``train_model``.

    Raises:
        DataError: As for ``train_model``.
        ModelError: Likewise.
    """
    trained = train_model(job, folder.curves, logs, unfinished)
    folder.write_trained(trained.model, trained.description, preprocessing)
    folder.write_metrics(trained.metrics)
    folder.write_causes(job.causes)
    network = load_network(folder.path, trained.description, job.train.num_threads)
    return Locator([network], preprocessing, BATCH_SIZE)


def choose_regions(
    coarse: Sequence[CoarseCase],
    roles: Sequence[CaseRole],
    locator: Locator,
    folder: Path,
    *,
    preprocessing: Preprocessing,
    seed: int,
) -> tuple[CaseRegion, ...]:
    """The region of every case: around the reference in training, as located elsewhere.

    The region of a training case is moved by up to half the margin, as a locator might. Where the
    reference of one shows no liver, its region is the whole scan.

    Args:
        coarse: Of all cases.
        roles: The split.
        locator: Asked about validation and test cases.
        folder: Of the coarse slices.
        preprocessing: Of the models.
        seed: Of the movement.
    """
    role_of = {each.case_id: each.role for each in roles}
    regions = []
    for number, each in enumerate(tqdm(coarse, desc="locate", unit="case")):
        if role_of[each.case_id] == "train":
            rng = np.random.default_rng([seed, number])
            region = _frame_reference(each, preprocessing, rng)
        else:
            stack = open_stack(folder, each.case_id)
            liver = locator.find_liver_on(stack.images[:], stack.slice_grid, each.step, each.grid)
            region = frame_located(each.case_id, liver, each.grid, preprocessing)
        regions.append(region)
    return tuple(regions)


def _write_coarse_case(
    case: Case, *, root: Path, preprocessing: Preprocessing, folder: Path
) -> CoarseCase:
    scan, labels = read_case_scan(root, case), read_case_labels(root, case)
    step = choose_step(scan.grid, preprocessing.slice_mm)
    coarse = thin_volume(scan, step)
    stack = build_stack(
        case.case_id,
        coarse,
        thin_volume(labels, step).data,
        preprocessing,
        frame_scan(coarse.grid, preprocessing),
    )
    write_stack(folder, stack, preprocessing.format)
    liver = find_box(view_slices(labels.data, SliceGrid(labels.grid, 1)) >= LIVER)
    return CoarseCase(case.case_id, scan.grid, step, describe_slices(stack), liver)


def _frame_reference(
    coarse: CoarseCase, preprocessing: Preprocessing, rng: np.random.Generator
) -> CaseRegion:
    if not any(along.stop for along in coarse.liver):
        return CaseRegion(coarse.case_id, "not found", None, None)
    shift_mm = rng.uniform(-0.5, 0.5, 3) * preprocessing.margin_mm
    region = frame_liver(coarse.liver, coarse.grid, preprocessing, shift_mm.tolist())
    return CaseRegion(coarse.case_id, "reference", region, None)
