import json
import math

import pytest

from liverseg.evaluation.comparison import build_comparison, build_headline, write_headline
from liverseg.evaluation.figures import summarize_results


@pytest.fixture
def summarize(score, result, results, params):
    def summarize(*models, lesion=(50, 70, 30)):
        # Dice 2 * 30 / 120 = 0.5 on the test case, 0.8 on that of validation
        test, validation = (score("1", lesion),), (score("2", (100, 100, 80)),)
        run = results(*(result(model, validation, test) for model in models))
        return summarize_results(run, params)

    return summarize


@pytest.fixture
def headline(summarize):
    def headline(final, *models, lesion=(50, 70, 30)):
        return build_headline(summarize(*models, lesion=lesion), final)

    return headline


def test_figures_of_the_final_model_are_test_figures_but_for_the_one_it_was_chosen_by(headline):
    figures = headline("unet", "unet")
    assert figures["final.lesion_dice_per_case"] == figures["unet.lesion_dice_per_case"] == 0.5
    assert figures["final.val_lesion_dice_per_case"] == 0.8


def test_runs_of_different_models_have_the_same_names_under_final(headline):
    def final_names(figures):
        return [name for name in figures if name.startswith("final.")]

    unet, resnet = headline("unet", "unet"), headline("resnet", "resnet")
    assert (
        final_names(unet) == final_names(resnet) == final_names(headline("unet", "unet", "resnet"))
    )
    assert len(final_names(unet)) == 11


def test_every_model_of_the_run_has_three_figures_of_its_own_and_all_background_none(headline):
    names = [name for name in headline("unet", "unet", "resnet") if not name.startswith("final.")]
    assert names == [
        *("unet.lesion_dice_per_case", "unet.liver_dice_per_case", "unet.lesions_f1"),
        *("resnet.lesion_dice_per_case", "resnet.liver_dice_per_case", "resnet.lesions_f1"),
    ]


def test_a_name_means_the_same_in_the_headline_and_in_the_comparison(summarize):
    """Of 50 voxels 30 are found; of lesions none is known here."""
    figures = summarize("unet")
    row = build_comparison(figures).iloc[0]
    of_unet = {
        name.removeprefix("final."): value
        for name, value in build_headline(figures, "unet").items()
        if name.startswith("final.") and not name.startswith("final.val_")
    }
    assert of_unet == pytest.approx({name: row[name] for name in of_unet}, nan_ok=True)
    assert row["lesion_recall"] == 0.6
    assert math.isnan(of_unet["lesions_recall"])


def test_undefined_figures_are_null_on_disk(headline, tmp_path):
    write_headline(tmp_path / "evaluation.json", headline("unet", "unet", lesion=(0, 0, 0)))
    content = json.loads((tmp_path / "evaluation.json").read_text(encoding="utf-8"))
    assert content["final.lesions_recall"] is None
    assert content["final.lesion_assd_mm"] is None
    assert content["final.lesion_dice_per_case"] == 1
