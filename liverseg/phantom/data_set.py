"""The phantom as a folder in LiTS layout: who is scanned how often, in which format."""

import csv
import gzip
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import numpy.typing as npt
from nibabel.orientations import (
    apply_orientation,
    axcodes2ornt,
    inv_ornt_aff,
    io_orientation,
    ornt_transform,
)

from liverseg.grids.grid import Grid
from liverseg.outputs import whole_folder
from liverseg.parallel import map_cases
from liverseg.params import PhantomParams
from liverseg.phantom.lesions import follow_up
from liverseg.phantom.patient import draw_patient
from liverseg.phantom.scan import PhantomScan, build_scan
from liverseg.phantom.varied.patient import build_varied_scan, draw_varied_patient

PATIENTS_FILE = "patients.csv"
LESION_FREE_ONE_IN = 8

# Real sets mix these; taken in turn by case, so that even a small phantom has several of each.
AXIS_CODES = ("LPS", "RAS", "LAS", "RPI", "PSR")
SCAN_DTYPES = ("int16", "int16", "float32", "uint16", "int32", "int16", "int16")
MASK_DTYPES = ("uint8", "int16", "uint8", "float32")
SCAN_SUFFIXES = (".nii.gz", ".nii.gz", ".nii", ".nii.gz")
MASK_SUFFIXES = (".nii.gz", ".nii.gz", ".nii", ".nii.gz", ".nii.gz")
STORED_OFFSET_HU = -1024  # of unsigned scans, in the header's scl_inter


@dataclass(frozen=True)
class PlannedScan:
    """One case: its number, its patient, which of the patient's scans it is."""

    case: int
    patient: int
    repeat: int
    has_lesions: bool


def write_phantom(folder: Path, params: PhantomParams) -> None:
    """Write volumes, segmentations and ``patients.csv``, the whole folder or nothing."""
    plan = plan_scans(params)
    with whole_folder(folder) as new:
        write = partial(_write_case, folder=new, params=params)
        list(map_cases(write, plan, description="phantom"))
        with (new / PATIENTS_FILE).open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(("case_id", "patient_id"))
            rows.writerows((scan.case, f"patient-{scan.patient:02d}") for scan in plan)


def plan_scans(params: PhantomParams) -> tuple[PlannedScan, ...]:
    """Every scan, numbered patient by patient.

    One patient in eight has no lesions, but at least two where there are six patients or more.
    """
    rng = np.random.default_rng(params.seed)
    num_patients = params.num_patients
    num_lesion_free = min(max(2, num_patients // LESION_FREE_ONE_IN), num_patients // 3)
    lesion_free = set(rng.permutation(num_patients)[:num_lesion_free].tolist())
    scanned_twice = set(rng.permutation(num_patients)[: params.num_second_scans].tolist())
    scans = [
        (patient, repeat)
        for patient in range(num_patients)
        for repeat in range(2 if patient in scanned_twice else 1)
    ]
    return tuple(
        PlannedScan(case, patient, repeat, has_lesions=patient not in lesion_free)
        for case, (patient, repeat) in enumerate(scans)
    )


def build_planned_scan(planned: PlannedScan, params: PhantomParams) -> PhantomScan:
    """The scan of one case; it follows from the params and its own numbers alone."""
    build = {"plain": _build_plain, "varied": _build_varied}[params.anatomy]
    return build(planned, params)


def _write_case(planned: PlannedScan, *, folder: Path, params: PhantomParams) -> None:
    scan = build_planned_scan(planned, params)
    for name, data, dtypes, suffixes in (
        ("volume", scan.hu, SCAN_DTYPES, SCAN_SUFFIXES),
        ("segmentation", scan.labels, MASK_DTYPES, MASK_SUFFIXES),
    ):
        codes, dtype, suffix = (
            choices[planned.case % len(choices)] for choices in (AXIS_CODES, dtypes, suffixes)
        )
        image = _build_image(data, scan.grid, codes, dtype)
        _write_image(folder / f"{name}-{planned.case}{suffix}", image)


def _build_plain(planned: PlannedScan, params: PhantomParams) -> PhantomScan:
    rng, scan_rng = _spawn_both(planned, params)
    patient = draw_patient(rng, has_lesions=planned.has_lesions)
    if planned.repeat:
        patient = replace(patient, lesions=follow_up(rng, patient.lesions))
    return build_scan(scan_rng, patient, params)


def _build_varied(planned: PlannedScan, params: PhantomParams) -> PhantomScan:
    rng, scan_rng = _spawn_both(planned, params)
    patient = draw_varied_patient(rng, has_lesions=planned.has_lesions)
    if planned.repeat:
        patient = replace(patient, lesions=follow_up(rng, patient.lesions))
    in_plane = round(scan_rng.uniform(*params.in_plane_spacing_mm), 3)
    between = round(scan_rng.uniform(*params.slice_spacing_mm), 1)
    return build_varied_scan(scan_rng, patient, (in_plane, between))


def _spawn_both(
    planned: PlannedScan, params: PhantomParams
) -> tuple[np.random.Generator, np.random.Generator]:
    """Of the patient, and of this scan of it."""
    scan_key = (planned.patient, 1 + planned.repeat)
    return _spawn(params.seed, planned.patient, 0), _spawn(params.seed, *scan_key)


def _spawn(seed: int, *key: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def _build_image(data: npt.NDArray[Any], grid: Grid, codes: str, dtype: str) -> nib.Nifti1Image:
    """The array with its axes in another order, stored as another type."""
    order = ornt_transform(io_orientation(grid.affine), axcodes2ornt(codes))
    affine = grid.affine @ inv_ornt_aff(order, data.shape)
    data = apply_orientation(data, order)
    if dtype == "uint16":
        data = data - STORED_OFFSET_HU
    image = nib.Nifti1Image(data.astype(dtype), affine)
    if dtype == "uint16":
        image.header.set_slope_inter(1, STORED_OFFSET_HU)
    image.header.set_xyzt_units("mm")
    image.set_qform(affine, code="scanner")
    image.set_sform(affine, code="scanner")
    return image


def _write_image(path: Path, image: nib.Nifti1Image) -> None:
    content = image.to_bytes()
    if path.suffix == ".gz":
        content = gzip.compress(content, compresslevel=1, mtime=0)
    path.write_bytes(content)
