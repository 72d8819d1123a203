"""The few figures by which runs are compared: what ``dvc metrics`` and ``dvc exp show`` print."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from liverseg.outputs import whole_file
from liverseg.params import ModelName
from liverseg.reporting.figures import ALL_BACKGROUND, Figures


def build_headline(figures: Sequence[Figures], final: ModelName) -> dict[str, float]:
    """Figures by their dotted name, on test cases but for the one by which the model was chosen.

    Those of the selected model stand under ``final``, whichever it is, so that two runs compare
    like with like; then three of each model of the run under its own name. NaN where undefined.
    """
    of_model = {each.name: each for each in figures if each.name != ALL_BACKGROUND}
    headline = {f"final.{name}": value for name, value in _list_final(of_model[final]).items()}
    for model, each in of_model.items():
        headline[f"{model}.lesion_dice_per_case"] = each.test.lesion.dice_per_case.value
        headline[f"{model}.liver_dice_per_case"] = each.test.liver.dice_per_case.value
        headline[f"{model}.lesion_f1"] = each.test.lesions.f1.value
    return headline


def write_headline(path: Path, headline: Mapping[str, float]) -> None:
    """Write the figures as flat JSON, ``null`` where undefined."""
    content = {name: None if math.isnan(value) else value for name, value in headline.items()}
    with whole_file(path) as partial:
        partial.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def _list_final(figures: Figures) -> dict[str, float]:
    test, validation = figures.test, figures.validation
    return {
        "lesion_dice_per_case": test.lesion.dice_per_case.value,
        "lesion_dice_global": test.lesion.dice_global.value,
        "liver_dice_per_case": test.liver.dice_per_case.value,
        "lesion_recall": test.lesions.recall.value,
        "lesion_precision": test.lesions.precision.value,
        "lesion_f1": test.lesions.f1.value,
        "lesion_assd_mm": test.lesion.assd_mm.value,
        "burden_rmse": test.burden_rmse.value,
        "val_lesion_dice_per_case": validation.lesion.dice_per_case.value,
    }
