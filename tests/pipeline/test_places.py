"""The chain runs wherever a clone and its data lie."""

from pathlib import Path

import pytest

from tests.pipeline.clone import AROUND_THE_LIVER, TINY, copy_working_tree

ROOT = "data/eigene Fälle & mehr"


@pytest.mark.slow
def test_the_whole_chain_runs_in_folders_with_spaces_and_umlauts(tmp_path: Path) -> None:
    clone = copy_working_tree(tmp_path / "Ordner für Bilder" / "mein Klon (1)")
    clone.set_params(TINY | AROUND_THE_LIVER | {"data.root": ROOT})
    clone.run("python", "-m", "stages.phantom", "--out", ROOT)
    with (clone.folder / "data" / ".gitignore").open("a", encoding="utf-8") as file:
        file.write("/eigene*\n")
    clone.commit("tiny params")  # DVCLive asks git for a commit
    clone.run("dvc", "repro")
    assert (clone.folder / "models" / "final" / "model.weights.h5").is_file()
    assert not (clone.folder / "data" / "phantom").exists()
    scan = next((clone.folder / ROOT).rglob("volume-*.nii"))
    clone.run("liverseg", "predict", str(scan), "-o", "vorher gesagt")
    assert (clone.folder / "vorher gesagt" / "scans.csv").is_file()
    assert "up to date" in clone.run("dvc", "repro", "--dry")
