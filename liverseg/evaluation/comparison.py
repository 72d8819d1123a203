"""The comparison for machines: a wide table of every figure, and the few that runs go by."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from liverseg.evaluation.figures import Figures
from liverseg.json_files import write_json
from liverseg.pages.markdown import ALL_BACKGROUND
from liverseg.params import ModelName
from liverseg.statistics.score_table import HEADLINE, OF_EACH_MODEL, SCORES
from liverseg.tables.csv_rows import write_rows


def build_comparison(figures: Sequence[Figures]) -> pd.DataFrame:
    """One row a model, then all background; None or NaN where a figure is undefined.

    Columns are those of ``model.json``, the metrics of the kept epoch with ``training_`` before
    their names, the lesion Dice per case of the validation cases that the selection went by, and
    every score over the test cases. A score over cases takes four columns: its value, its 95 %
    interval (``_low``, ``_high``) and the number of cases behind it (``_num_cases``).
    """
    rows = [_build_row(each) for each in figures]
    return pd.DataFrame(rows, dtype=object)  # keeps whole numbers whole beside an empty field


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV without its index, an empty field where a figure is undefined."""
    write_rows(path, list(map(str, table)), table.itertuples(index=False))


def build_headline(figures: Sequence[Figures], final: ModelName) -> dict[str, float]:
    """Figures by their dotted name, on test cases but for the one by which the model was chosen.

    Those of the selected model stand under ``final``, whichever it is, so that two runs compare
    like with like; then three of each model of the run under its own name. NaN where undefined.
    """
    of_model = {each.name: each for each in figures if each.name != ALL_BACKGROUND}
    chosen = of_model[final]
    headline = {f"final.{SCORES[key].column}": chosen.test.get_value(key) for key in HEADLINE}
    headline["final.val_lesion_dice_per_case"] = chosen.validation.get_value("lesion.dice_per_case")
    for model, each in of_model.items():
        headline |= {
            f"{model}.{SCORES[key].column}": each.test.get_value(key) for key in OF_EACH_MODEL
        }
    return headline


def write_headline(path: Path, headline: Mapping[str, float]) -> None:
    """Write the figures as flat JSON, ``null`` where undefined."""
    content = {name: None if math.isnan(value) else value for name, value in headline.items()}
    write_json(path, content)


def _build_row(figures: Figures) -> dict[str, Any]:
    selected_by = figures.validation["lesion.dice_per_case"]
    return {
        **(asdict(figures.description) if figures.description else {}),
        "model": figures.name,
        **{f"training_{name}": value for name, value in figures.training.items()},
        **_flatten({"validation_lesion_dice_per_case": asdict(selected_by)}),
        **_flatten(figures.test.export()),
        "liver_ece": figures.liver_ece,
        "lesion_ece": figures.lesion_ece,
    }


def _flatten(scores: Mapping[str, Any]) -> dict[str, float]:
    """Columns of nested scores: ``lesion`` of ``dice`` becomes ``lesion_dice``."""
    (columns,) = pd.json_normalize(dict(scores), sep="_").to_dict("records")
    return {str(name).removesuffix("_value"): value for name, value in columns.items()}
