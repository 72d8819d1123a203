"""A run of the evaluation made by hand: slices, labels, scores and models on disk."""

import json
from pathlib import Path

import nibabel as nib
import numpy as np

from liverseg.grids.grid import Grid
from liverseg.networks.causes import Causes
from liverseg.networks.description import ModelDescription, write_description, write_no_model
from liverseg.networks.model_folder import ModelFolder
from liverseg.scoring.case_score import score_case
from liverseg.scoring.score_files import write_case_scores
from liverseg.slices.geometry import SliceGrid, build_label_slices
from liverseg.slices.stacks import (
    Preprocessing,
    SliceRow,
    SliceStack,
    write_index,
    write_preprocessing,
    write_stack,
)
from liverseg.tables.case_table import Case, SkippedCase, file_stem, write_cases
from liverseg.tables.split import CaseRole, write_split

SIZE = 16
AFFINE = np.diag([-1.0, -1.0, 2.0, 1.0])
GRID = Grid((SIZE, SIZE, 3), AFFINE)
HOSTILE_ID = "<script>alert('7')</script>"
CASE_IDS = [*(f"{number:03d}" for number in range(12)), HOSTILE_ID]
ROLES = [
    CaseRole(case_id, f"patient-{number}", role, None)
    for number, (case_id, role) in enumerate(
        zip(CASE_IDS, ["train", *["validation"] * 6, *["test"] * 6], strict=True)
    )
]
PREPROCESSING = Preprocessing(((-100, 400),), SIZE, "npz")
SKIPPED = [SkippedCase("100", "no mask")]


def build_labels(lesion_rows: int) -> np.ndarray:
    labels = np.zeros(GRID.shape, np.uint8)
    labels[3:13, 3:13] = 1
    labels[5:10, 5 : 5 + lesion_rows, 1] = 2
    return labels


REFERENCE = build_labels(5)


def write_run(root: Path) -> None:
    """A run of two models: the U-Net finds three of five rows of the lesion, the ResNet all."""
    write_data(root)
    write_model(root, "unet", build_labels(3))
    write_model(root, "resnet", REFERENCE)
    for folder in (root / "models" / "simple_cnn", root / "scores" / "simple_cnn"):
        folder.mkdir()
        write_no_model(folder, "simple_cnn")


def write_data(root: Path) -> None:
    slices = root / "data" / "slices"
    slices.mkdir(parents=True)
    slice_grid = SliceGrid(GRID, SIZE)
    labels = build_label_slices(REFERENCE, slice_grid)
    images = labels[:, None] * 100
    cases, rows = [], []
    for role in ROLES:
        write_stack(slices, SliceStack(role.case_id, images, labels, slice_grid), "npz")
        rows += [SliceRow(role.case_id, k, 100, 25 * (k == 1)) for k in range(3)]
        cases.append(
            Case(
                case_id=role.case_id,
                patient_id=role.patient_id,
                scan=f"volume-{role.case_id}.nii.gz",
                mask=f"segmentation-{role.case_id}.nii.gz",
                shape=GRID.shape,
                spacing_mm=(1, 1, 2),
                axis_codes="LPS",
                dtype="int16",
                hu_min=0,
                hu_max=200,
                liver_ml=0.6,
                lesion_ml=0.05,
                num_lesions=1,
                liver_slice_fraction=1,
                lesion_slice_fraction=1 / 3,
            )
        )
    write_index(slices, rows)
    write_preprocessing(slices, PREPROCESSING)
    write_cases(root / "data" / "cases.csv", cases, SKIPPED)
    write_split(root / "data" / "split.csv", ROLES)


def write_model(root: Path, name: str, predicted: np.ndarray) -> None:
    model, scores = root / "models" / name, root / "scores" / name
    (scores / "labels").mkdir(parents=True)
    model.mkdir(parents=True)
    description = ModelDescription(name, 1, "random", "bce", "float32", 1000, 2 * 10**9)
    write_description(model, description)
    write_description(scores, description)
    ModelFolder(model).write_metrics({"kept_epoch": 1, "num_epochs": 2, "lesion_precision": None})
    (model / "model.weights.h5").write_bytes(name.encode())
    ModelFolder(model).write_causes(
        Causes({"split": "0" * 32}, {"train": {"seed": 1}}, {"numpy": "2.0"})
    )
    write_preprocessing(model, PREPROCESSING)
    tested = [role for role in ROLES if role.role != "train"]
    for path, labels in (("cases.json", predicted), ("all_background.json", 0 * predicted)):
        write_case_scores(
            scores / path,
            [
                score_case(role.case_id, role.patient_id, REFERENCE, labels, GRID, 6)
                for role in tested
            ],
        )
    for role in tested:
        volume = nib.Nifti1Image(predicted, AFFINE)
        nib.save(volume, scores / "labels" / f"{file_stem(role.case_id)}.nii.gz")
    (scores / "rules.json").write_text(json.dumps({"lesion_threshold": 0.4}))
    (scores / "calibration.json").write_text('{"liver_ece": 0.1, "lesion_ece": null}')
    (scores / "precision_recall.csv").write_text("threshold,precision,recall\n")
    columns = "region,mean_probability,observed_share,num_pixels\n"
    (scores / "calibration.csv").write_text(columns)
    (scores / "calibrated.csv").write_text(columns)
