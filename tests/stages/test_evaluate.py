import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from stages import run_stage
from stages.evaluate import main
from tests.made.chain import write_run

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def root(tmp_path):
    write_run(tmp_path)
    shipped = (REPOSITORY / "params.yaml").read_text(encoding="utf-8")
    (tmp_path / "params.yaml").write_text(shipped, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(root, monkeypatch):
    """The stage on that run, in this process: it is all reading and writing."""
    command = ["evaluate", "--models", "models", "--scores", "scores"]
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
    assert "simple_cnn.lesions_f1" not in figures
    assert {path.name for path in (root / "metrics").iterdir()} == {
        *("comparison.csv", "comparison.md", "cases.csv", "selection.md", "evaluation.json")
    }
    assert {path.name for path in (root / "reports").iterdir()} == {
        *("curves", "cases", "recall_by_size", "precision_recall", "calibration"),
        *("calibrated", "froc"),
        *("overlays.png", "index.html"),
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
    (root / "scores" / "unet" / "labels" / "007.nii.gz").unlink()
    with pytest.raises(SystemExit) as exit_info:
        run()
    assert exit_info.value.code == 2
    assert "007.nii.gz" in capsys.readouterr().err
    assert [Path(path).name for path in hash_outputs(root)] == ["old"] * 3


def test_the_stage_loads_no_tensorflow():
    program = "import sys, stages.evaluate; print('tensorflow' in sys.modules)"
    finished = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert finished.stdout.strip() == "False"
