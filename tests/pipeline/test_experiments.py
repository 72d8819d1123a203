"""What DVC trains again, and what it takes from its cache: real runs of a tiny chain.

A model was trained if its measured time is there: the timings are no output of any stage, so DVC
never restores them.
"""

import json
from pathlib import Path

import pytest

from tests.pipeline.clone import Clone

pytestmark = pytest.mark.slow

MODELS = {"simple_cnn", "unet", "resnet"}


def read_headline(clone: Clone) -> dict[str, float]:
    content: dict[str, float] = json.loads((clone.folder / "metrics/evaluation.json").read_text())
    return content


def append_comment(clone: Clone, name: str) -> None:
    path = clone.folder / name
    path.write_text(path.read_text(encoding="utf-8") + "\n# edited\n", encoding="utf-8")


def test_a_finished_chain_leaves_the_repository_clean(finished_chain: Clone) -> None:
    assert finished_chain.run("git", "status", "--porcelain") == ""
    assert "up to date" in finished_chain.run("dvc", "status")


def test_one_model_after_a_full_run_trains_nothing_and_back_on_all_neither(chain: Clone) -> None:
    before = read_headline(chain)
    chain.run("dvc", "exp", "run", "-S", "model=unet")
    assert chain.list_trained() == set()
    only_unet = read_headline(chain)
    assert {name.split(".")[0] for name in only_unet} == {"final", "unet"}
    assert only_unet["final.lesion_dice_per_case"] == before["unet.lesion_dice_per_case"]
    chain.run("dvc", "exp", "run", "-S", "model=all")
    assert chain.list_trained() == set()
    assert read_headline(chain) == before


def test_one_model_on_a_fresh_clone_trains_it_and_nothing_else(fresh_chain: Clone) -> None:
    fresh_chain.run("dvc", "exp", "run", "-S", "model=unet")
    assert fresh_chain.list_trained() == {"unet"}
    assert {name.split(".")[0] for name in read_headline(fresh_chain)} == {"final", "unet"}
    comparison = (fresh_chain.folder / "metrics/comparison.md").read_text(encoding="utf-8")
    assert "ResNet" not in comparison.split("Initial weights")[0]


def test_queued_experiments_compare_under_the_same_metric_names(chain: Clone) -> None:
    chain.run("dvc", "exp", "run", "--queue", "-S", "model=simple_cnn,unet")
    chain.run("dvc", "queue", "start")
    chain.wait_for_queue(2)
    shown = json.loads(chain.run("dvc", "exp", "show", "--json"))
    names = [each["name"] for each in shown[1]["experiments"]]
    first, second = (each["revs"][0]["name"] for each in shown[1]["experiments"])
    assert len(names) == 2
    diff = json.loads(chain.run("dvc", "metrics", "diff", "--json", "--all", first, second))
    figures = diff["metrics/evaluation.json"]
    for score in ("lesion_dice_per_case", "liver_dice_per_case", "burden_rmse"):
        assert {"old", "new"} <= set(figures[f"final.{score}"])


def test_a_change_of_one_models_params_retrains_that_model_alone(chain: Clone) -> None:
    chain.set_params({"models.unet.dropout": 0.2})
    chain.run("dvc", "repro")
    assert chain.list_trained() == {"unet"}


def test_an_edit_of_one_models_code_retrains_that_model_alone(chain: Clone) -> None:
    append_comment(chain, "liverseg/models/simple_cnn.py")
    chain.run("dvc", "repro")
    assert chain.list_trained() == {"simple_cnn"}


def test_a_change_of_augmentation_retrains_every_model(chain: Clone) -> None:
    chain.set_params({"augment.noise.probability": 0.5})
    chain.run("dvc", "repro")
    assert chain.list_trained() == MODELS | {"pretrain"}


def test_a_change_of_scoring_retrains_nothing(chain: Clone) -> None:
    append_comment(chain, "liverseg/scoring/surface.py")
    chain.set_params({"score.rules.lesion_connectivity": 26})
    output = chain.run("dvc", "repro")
    assert "Running stage 'score@unet'" in output
    assert chain.list_trained() == set()


def test_two_models_as_a_list_are_trained_and_compared(chain: Clone) -> None:
    chain.run("dvc", "exp", "run", "-S", "model=[unet,resnet]")
    assert {name.split(".")[0] for name in read_headline(chain)} == {"final", "unet", "resnet"}
    assert chain.list_trained() == set()


def test_plots_are_drawn_from_the_reports(chain: Clone) -> None:
    chain.run("dvc", "plots", "show", "--out", "plots")
    page = (chain.folder / "plots/index.html").read_text(encoding="utf-8")
    assert "lesion_dice" in page
    assert Path(chain.folder / "reports/overlays.png").stat().st_size > 1000
