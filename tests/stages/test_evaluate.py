import hashlib
import json
import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from liverseg.cases.case_table import Case, write_cases
from liverseg.cases.split import CaseRole, write_split
from liverseg.models.description import (
    ModelDescription,
    write_description,
    write_no_model,
    write_training_metrics,
)
from liverseg.params import MODEL_NAMES
from liverseg.scoring.case_score import score_case
from liverseg.scoring.score_files import write_case_scores
from liverseg.slices.geometry import SliceGrid
from liverseg.slices.preprocess import build_label_slices
from liverseg.slices.stacks import (
    Preprocessing,
    SliceRow,
    SliceStack,
    write_index,
    write_preprocessing,
    write_stack,
)
from liverseg.volumes.grid import Grid
from stages import run_stage
from stages.evaluate import main

REPOSITORY = Path(__file__).resolve().parents[2]
SIZE = 16
AFFINE = np.diag([-1.0, -1.0, 2.0, 1.0])
GRID = Grid((SIZE, SIZE, 3), AFFINE)
ROLES = [
    CaseRole(f"{number:03d}", f"patient-{number}", role, None)
    for number, role in enumerate(["train", *["validation"] * 6, *["test"] * 6])
]


def build_labels(lesion_rows: int) -> np.ndarray:
    labels = np.zeros(GRID.shape, np.uint8)
    labels[3:13, 3:13] = 1
    labels[5:10, 5 : 5 + lesion_rows, 1] = 2
    return labels


REFERENCE = build_labels(5)


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
    write_preprocessing(slices, Preprocessing(((-100, 400),), SIZE, "npz"))
    write_cases(root / "data" / "cases.csv", cases)
    write_split(root / "data" / "split.csv", ROLES)


def write_model(root: Path, name: str, predicted: np.ndarray) -> None:
    model, scores = root / "models" / name, root / "scores" / name
    (scores / "labels").mkdir(parents=True)
    model.mkdir(parents=True)
    description = ModelDescription(name, 1, "random", "bce", "float32", 1000, 2 * 10**9)
    write_description(model, description)
    write_description(scores, description)
    write_training_metrics(model, {"kept_epoch": 1, "num_epochs": 2, "lesion_precision": None})
    (model / "model.weights.h5").write_bytes(name.encode())
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
        nib.save(volume, scores / "labels" / f"{role.case_id}.nii.gz")
    (scores / "rules.json").write_text("{}")
    (scores / "calibration.json").write_text('{"liver_ece": 0.1, "lesion_ece": null}')
    (scores / "precision_recall.csv").write_text("threshold,precision,recall\n")
    columns = "region,mean_probability,observed_share,num_pixels\n"
    (scores / "calibration.csv").write_text(columns)


@pytest.fixture
def root(tmp_path):
    """A run of two models: the U-Net finds three of five rows of the lesion, the ResNet all."""
    write_data(tmp_path)
    write_model(tmp_path, "unet", build_labels(3))
    write_model(tmp_path, "resnet", REFERENCE)
    for folder in (tmp_path / "models" / "simple_cnn", tmp_path / "scores" / "simple_cnn"):
        folder.mkdir()
        write_no_model(folder, "simple_cnn")
    shipped = (REPOSITORY / "params.yaml").read_text(encoding="utf-8")
    (tmp_path / "params.yaml").write_text(shipped, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(root, monkeypatch):
    """The stage on that run, in this process: it is all reading and writing."""
    command = ["evaluate", "--models", *(f"models/{name}" for name in MODEL_NAMES)]
    command += ["--scores", *(f"scores/{name}" for name in MODEL_NAMES)]
    command += ["--slices", "data/slices", "--split", "data/split.csv", "--cases", "data/cases.csv"]
    command += ["--metrics", "metrics", "--reports", "reports", "--final", "models/final"]
    command += ["--timings", "timings"]
    monkeypatch.chdir(root)
    monkeypatch.setattr(sys, "argv", command)
    return lambda: run_stage(main)


def hash_outputs(root: Path) -> dict[str, str]:
    folders = (root / "metrics", root / "reports", root / "models" / "final")
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_stage_merges_all_results_and_a_second_run_gives_the_same_bytes(root, run):
    run()
    figures = json.loads((root / "metrics" / "evaluation.json").read_text(encoding="utf-8"))
    # 15 of 25 lesion voxels: Dice 2 * 15 / 40
    assert figures["unet.lesion_dice_per_case"] == pytest.approx(0.75)
    assert figures["final.lesion_dice_per_case"] == figures["resnet.lesion_dice_per_case"] == 1
    assert "simple_cnn.lesion_f1" not in figures
    assert {path.name for path in (root / "metrics").iterdir()} == {
        *("comparison.csv", "comparison.md", "cases.csv", "selection.md", "evaluation.json")
    }
    assert {path.name for path in (root / "reports").iterdir()} == {
        *("curves", "cases", "recall_by_size", "precision_recall", "calibration", "overlays.png")
    }
    assert (root / "models" / "final" / "model.weights.h5").read_bytes() == b"resnet"
    assert (root / "models" / "final" / "rules.json").exists()

    before = hash_outputs(root)
    (root / "timings").mkdir()
    (root / "timings" / "train_unet.json").write_text('{"seconds": 60.0, "num_items": 1}')
    run()
    assert hash_outputs(root) == before


def test_the_stage_prints_the_table_the_times_and_the_verdict(root, run, capsys):
    run()
    printed = capsys.readouterr().out
    comparison = (root / "metrics" / "comparison.md").read_text(encoding="utf-8")
    assert comparison.removeprefix("# Comparison\n\n") in printed
    assert "Seconds a volume" in printed
    assert "ResNet is the final model" in printed.splitlines()[-1]


def test_missing_labels_end_with_code_2_and_leave_the_older_outputs(root, run, capsys):
    for folder in (root / "metrics", root / "reports", root / "models" / "final"):
        folder.mkdir()
        (folder / "old").touch()
    (root / "scores" / "unet" / "labels" / "012.nii.gz").unlink()
    with pytest.raises(SystemExit) as exit_info:
        run()
    assert exit_info.value.code == 2
    assert "012.nii.gz" in capsys.readouterr().err
    assert [Path(path).name for path in hash_outputs(root)] == ["old"] * 3


def test_the_stage_loads_no_tensorflow():
    program = "import sys, stages.evaluate; print('tensorflow' in sys.modules)"
    finished = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert finished.stdout.strip() == "False"
