"""The synthetic patients of a round, as the slices that both networks see; no file of a scan."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from liverseg.grids.cropping import find_box
from liverseg.labels import LIVER
from liverseg.locating.thinning import build_coarse_view, choose_step, thin_volume
from liverseg.parallel import map_cases
from liverseg.params import Params, PhantomParams
from liverseg.phantom.data_set import PlannedScan, build_planned_scan, plan_scans
from liverseg.preprocess.framing import frame_liver, frame_scan
from liverseg.preprocess.slicing import build_stack, describe_slices
from liverseg.slices.geometry import SliceGrid, view_slices
from liverseg.slices.stacks import (
    Preprocessing,
    SliceRow,
    SliceStack,
    write_index,
    write_preprocessing,
    write_stack,
)
from liverseg.tables.split import CaseRole, Role, write_split
from liverseg.volumes.nifti import Volume

COARSE_FOLDER, FINE_FOLDER, SPLIT_FILE = "coarse", "fine", "split.csv"

VALIDATION_ONE_IN = 10
SEEDS_APART = 1000
"""Between the seeds of two rounds."""


@dataclass(frozen=True)
class Views:
    """How locator and model see a scan.

    Attributes:
        coarse: Of the locator: the whole scan.
        fine: Of the model: the surroundings of the liver.
    """

    coarse: Preprocessing
    fine: Preprocessing


def build_views(params: Params) -> Views:
    """How both networks see a scan."""
    fine = Preprocessing(**params.preprocess.model_dump())
    return Views(build_coarse_view(params.locator), fine)


def move_on(params: PhantomParams, number: int) -> PhantomParams:
    """The patients of a round, by its number from 1."""
    return params.model_copy(update={"seed": params.seed + SEEDS_APART * (number - 1)})


def write_patients(folder: Path, params: PhantomParams, views: Views) -> tuple[CaseRole, ...]:
    """Write the slices of all patients, coarse and fine, and their roles, into an empty folder.

    Memory is that of one scan a worker. A scan that shows no liver has no fine slices.

    Args:
        folder: Must exist; gets ``coarse/``, ``fine/`` and ``split.csv``.
        params: Who is scanned; their seed decides everything.
        views: How both networks see them.
    """
    for name in (COARSE_FOLDER, FINE_FOLDER):
        (folder / name).mkdir()
    plan = plan_scans(params)
    write = partial(_write_patient, folder=folder, params=params, views=views)
    written = list(map_cases(write, plan, description="patients"))
    for name, preprocessing, position in (
        (COARSE_FOLDER, views.coarse, 0),
        (FINE_FOLDER, views.fine, 1),
    ):
        write_index(folder / name, [row for rows in written for row in rows[position]])
        write_preprocessing(folder / name, preprocessing)
    roles = tuple(
        CaseRole(str(each.case), str(each.patient), _choose_role(each), None) for each in plan
    )
    write_split(folder / SPLIT_FILE, roles)
    return roles


def _choose_role(planned: PlannedScan) -> Role:
    return "validation" if planned.patient % VALIDATION_ONE_IN == 0 else "train"


def _write_patient(
    planned: PlannedScan, *, folder: Path, params: PhantomParams, views: Views
) -> tuple[Sequence[SliceRow], Sequence[SliceRow]]:
    phantom = build_planned_scan(planned, params)
    case_id = str(planned.case)
    scan, labels = Volume(phantom.hu, phantom.grid), Volume(phantom.labels, phantom.grid)
    step = choose_step(scan.grid, views.coarse.slice_mm)
    thin, thin_labels = thin_volume(scan, step), thin_volume(labels, step)
    region = frame_scan(thin.grid, views.coarse)
    coarse = build_stack(case_id, thin, thin_labels.data, views.coarse, region)
    coarse_rows = _write(folder / COARSE_FOLDER, coarse)
    liver = find_box(view_slices(labels.data, SliceGrid(labels.grid, 1)) >= LIVER)
    if not any(along.stop for along in liver):
        return coarse_rows, ()
    rng = np.random.default_rng([params.seed, planned.case])
    shift_mm = rng.uniform(-0.5, 0.5, 3) * views.fine.margin_mm
    region = frame_liver(liver, scan.grid, views.fine, shift_mm.tolist())
    fine = build_stack(case_id, scan, labels.data, views.fine, region)
    return coarse_rows, _write(folder / FINE_FOLDER, fine)


def _write(folder: Path, stack: SliceStack) -> list[SliceRow]:
    write_stack(folder, stack, "npz")
    return describe_slices(stack)
