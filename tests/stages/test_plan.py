"""The stage plan turns the choice of models, and the weights of the package, into a file each."""

import hashlib
from pathlib import Path

import pytest

from liverseg.params import MODEL_NAMES
from liverseg.plan import read_is_part_of_run, read_ready_sha256
from tests.commands import REPOSITORY, run_stage
from tests.pipeline.clone import Clone


@pytest.fixture
def root(tmp_path) -> Path:
    """Params by which nothing starts from the ready model; of that one only the weights matter."""
    params = (REPOSITORY / "params.yaml").read_text(encoding="utf-8")
    (tmp_path / "params.yaml").write_text(params, encoding="utf-8")
    Clone(tmp_path).set_params({"models.unet.weights": "none", "locator.network.weights": "none"})
    (tmp_path / "ready").mkdir()
    (tmp_path / "ready/model.json").write_text("{}")
    (tmp_path / "ready/model.weights.h5").write_bytes(b"weights")
    return tmp_path


def plan(root: Path, out: str = "plan", **values: object):
    Clone(root).set_params({key.replace("__", "."): value for key, value in values.items()})
    return run_stage(root, "plan", "--ready", "ready", "--out", out)


def read_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("model", "part"),
    [
        ("all", MODEL_NAMES),
        ("unet", ["unet"]),
        (["resnet", "unet"], ["unet", "resnet"]),
    ],
)
def test_the_chosen_models_are_part_of_the_run(root, model, part):
    outcome = plan(root, model=model, preprocess__region="scan")
    assert outcome.stdout == f"in this run: {', '.join(part)}\n"
    chosen = [path.stem for path in (root / "plan").iterdir() if read_is_part_of_run(path)]
    assert sorted(chosen) == sorted(part)


@pytest.mark.parametrize(("region", "is_part"), [("liver", True), ("scan", False)])
def test_a_locator_is_part_of_runs_that_see_the_surroundings_of_the_liver(root, region, is_part):
    plan(root, preprocess__region=region, preprocess__pixel_mm=2.0)
    assert read_is_part_of_run(root / "plan/locator.json") is is_part


def test_a_locator_that_starts_from_the_ready_one_changes_with_the_weights_of_that_alone(root):
    (root / "ready/locator").mkdir()
    (root / "ready/locator/model.weights.h5").write_bytes(b"of the locator")
    plan(root, "plan", locator__network__weights="ready")
    expected = hashlib.sha256(b"of the locator").hexdigest()
    assert read_ready_sha256(root / "plan/locator.json") == expected
    assert read_ready_sha256(root / "plan/unet.json") is None


def test_the_plan_of_a_model_that_starts_from_the_ready_one_changes_with_its_weights(root):
    plan(root, "random")
    plan(root, "first", models__unet__weights="ready")
    (root / "ready/metrics.json").write_text("{}")
    plan(root, "same")
    (root / "ready/model.weights.h5").write_bytes(b"others")
    plan(root, "second")
    random, first, same, second = (
        read_files(root / name) for name in ("random", "first", "same", "second")
    )
    assert first == same
    for other in (first, second):
        assert {name for name in random if random[name] != other[name]} == {"unet.json"}
    planned = [read_ready_sha256(root / name / "unet.json") for name in ("first", "second")]
    assert planned == [hashlib.sha256(content).hexdigest() for content in (b"weights", b"others")]


def test_another_ready_model_leaves_a_plan_that_does_not_start_from_it_as_it_is(root):
    plan(root, "before")
    (root / "ready/model.weights.h5").write_bytes(b"others")
    plan(root, "after")
    assert read_files(root / "before") == read_files(root / "after")
    assert read_ready_sha256(root / "after/unet.json") is None


def test_without_a_ready_model_only_a_run_that_starts_from_it_cannot_be_planned(root):
    (root / "ready/model.json").unlink()
    assert plan(root).returncode == 0
    assert plan(root, model="resnet", models__unet__weights="ready").returncode == 0
    refused = plan(root, model="unet")
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: ready: expected the model that is part of the package")
    assert "in ready. Received: no model.json there." in refused.stderr
