"""The chain runs wherever a clone and its data lie."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.pipeline.clone import AROUND_THE_LIVER, TINY, copy_working_tree

ROOT = "data/eigene Fälle & mehr"
FROM_THE_READY_LOCATOR = {
    "locator.network.weights": "ready",
    "locator.network.filters": 8,
    "locator.network.depth": 4,
    "locator.train.context_mm": 4.5,
}


@pytest.mark.slow
def test_the_whole_chain_runs_in_folders_with_spaces_and_umlauts_and_names_none_of_them(
    tmp_path: Path,
) -> None:
    clone = copy_working_tree(tmp_path / "Ordner für Bilder" / "mein Klon (1)")
    clone.set_params(TINY | AROUND_THE_LIVER | FROM_THE_READY_LOCATOR | {"data.root": ROOT})
    clone.run("python", "-m", "stages.phantom", "--out", ROOT)
    with (clone.folder / "data" / ".gitignore").open("a", encoding="utf-8") as file:
        file.write("/eigene*\n")
    clone.commit("tiny params")  # DVCLive asks git for a commit
    clone.run("dvc", "repro")
    assert (clone.folder / "models" / "final" / "model.weights.h5").is_file()
    assert not (clone.folder / "data" / "phantom").exists()
    outputs = [clone.folder / name for name in ("data", "models", "probabilities", "scores")]
    files = [path for folder in outputs for path in folder.rglob("*") if path.is_file()]
    assert [path for path in files if b"mein Klon" in path.read_bytes()] == []
    scan = next((clone.folder / ROOT).rglob("volume-*.nii"))
    clone.run("liverseg", "predict", str(scan), "-o", "vorher gesagt")
    assert (clone.folder / "vorher gesagt" / "scans.csv").is_file()
    assert "up to date" in clone.run("dvc", "repro", "--dry")


def test_a_clone_with_data_of_its_own_is_checked_out_without_the_phantom(tmp_path: Path) -> None:
    """The outputs are words; DVC keeps and brings back whatever stands there."""
    clone = copy_working_tree(tmp_path / "clone")
    clone.set_params({"data.root": "data/own"})
    lock = YAML(typ="safe").load(clone.folder / "dvc.lock")
    outs = [out["path"] for stage in lock["stages"].values() for out in stage["outs"]]
    kept = [clone.folder / path for path in ("data/own", *outs) if "metrics/" not in path]
    for path in kept:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(path.name, encoding="utf-8")
    clone.run("dvc", "add", "--quiet", "data/own")
    clone.run("dvc", "commit", "--quiet", "--force", "dvc.yaml")
    for path in kept:
        path.unlink()
    clone.run("dvc", "checkout", "--with-deps", "evaluate")
    assert [path.read_text(encoding="utf-8") for path in kept] == [path.name for path in kept]
    assert not (clone.folder / "data/phantom").exists()
