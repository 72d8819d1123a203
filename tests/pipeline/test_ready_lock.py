"""The model of the package is the one that the committed rounds and their lock describe."""

import shutil
import subprocess
from pathlib import Path

from ruamel.yaml import YAML

from liverseg.hashing import hash_path
from liverseg.ready_model import READY_FOLDER
from tests.pipeline.clone import REPOSITORY

STAGES = YAML(typ="safe").load(REPOSITORY / "ready/dvc.yaml")["stages"]
LOCK = YAML(typ="safe").load(REPOSITORY / "ready/dvc.lock")["stages"]
ROUNDS = [name for name in STAGES if name.startswith("round_")]
LAST = REPOSITORY / f"ready/rounds/{len(ROUNDS)}"


def read_all(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_every_round_is_in_git_as_its_lock_says() -> None:
    assert LOCK.keys() == STAGES.keys()
    for stage in LOCK.values():
        for out in stage["outs"]:
            assert hash_path(REPOSITORY / out["path"]) == out["md5"], out["path"]


def test_the_rounds_are_frozen_and_make_thaws_and_freezes_them_again(tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "ready", tmp_path / "ready")
    shutil.copy(REPOSITORY / "Makefile", tmp_path)
    committed = (tmp_path / "ready/dvc.yaml").read_bytes()
    for target, frozen in (
        ("freeze-rounds", ROUNDS),  # a second time
        ("thaw-rounds", []),
        ("freeze-rounds", ROUNDS),
    ):
        subprocess.run(["make", target], cwd=tmp_path, check=True)
        stages = YAML(typ="safe").load(tmp_path / "ready/dvc.yaml")["stages"]
        assert [name for name, stage in stages.items() if stage.get("frozen")] == frozen
    assert (tmp_path / "ready/dvc.yaml").read_bytes() == committed


def test_the_package_holds_what_make_packs_of_the_last_rounds(tmp_path: Path) -> None:
    subprocess.run(["make", "pack-rounds", f"PACKAGE={tmp_path}"], cwd=REPOSITORY, check=True)
    assert (tmp_path / "metrics.json").read_bytes() == (LAST / "metrics.json").read_bytes()
    assert read_all(tmp_path) | {"README.md": (READY_FOLDER / "README.md").read_bytes()} == (
        read_all(READY_FOLDER)
    )
