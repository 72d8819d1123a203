"""What ``dvc plots`` draws: a folder a plot, in it a CSV file a model.

A model that is not part of the run has a header without rows, since the plots of ``dvc.yaml`` name
the files of all models. Points with an undefined value are left out: DVC would draw them at 0.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from liverseg.evaluation.comparison import write_table
from liverseg.evaluation.curves import CURVES, read_curves
from liverseg.evaluation.figures import Figures
from liverseg.evaluation.results import ModelResult
from liverseg.params import MODEL_NAMES
from liverseg.scoring.score_folder import (
    CALIBRATION_COLUMNS,
    NEXT_STEP,
    PRECISION_RECALL_COLUMNS,
)
from liverseg.statistics.case_columns import tabulate_cases
from liverseg.statistics.froc import build_froc
from liverseg.tables.csv_rows import read_rows

COLUMNS: dict[str, tuple[str, ...]] = {
    "curves": ("epoch", *CURVES),
    "cases": ("case_id", "lesion_dice", "liver_dice", "lesion_reference_ml", "lesion_predicted_ml"),
    "recall_by_size": ("size", "recall", "num_matched", "num_reference"),
    "precision_recall": PRECISION_RECALL_COLUMNS,
    "calibration": CALIBRATION_COLUMNS[1:],  # of the lesion
    "calibrated": CALIBRATION_COLUMNS[1:],  # likewise, by the temperature
    "froc": ("false_per_scan", "sensitivity", "least_confidence"),
}


def write_plots(
    folder: Path,
    results: Sequence[ModelResult],
    figures: Sequence[Figures],
    case_rows: pd.DataFrame,
) -> None:
    """Write the tables of all plots, one folder each in an existing folder.

    Args:
        folder: Gets the folders named in ``COLUMNS``.
        results: The models of the run.
        figures: Of these models; others are not looked at.
        case_rows: Of all cases and models, see ``build_case_rows``; test cases are drawn.
    """
    results_of = {each.description.model: each for each in results}
    figures_of = {each.name: each for each in figures}
    test_rows = case_rows[case_rows["role"] == "test"]
    for name in MODEL_NAMES:
        tables = (
            build_tables(results_of[name], figures_of[name], test_rows)
            if name in results_of
            else {plot: pd.DataFrame(columns=list(columns)) for plot, columns in COLUMNS.items()}
        )
        for plot, table in tables.items():
            write_table(folder / plot / f"{name}.csv", table)


def build_tables(
    result: ModelResult, figures: Figures, test_rows: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The table of each plot for one model, see ``COLUMNS``.

    Args:
        result: The model.
        figures: Of this model.
        test_rows: Of the test cases, of this and of other models.
    """
    of_model = test_rows["model"] == result.description.model
    return {
        "curves": read_curves(result.folder),
        "cases": test_rows.loc[of_model, list(COLUMNS["cases"])],
        "recall_by_size": _build_recall_by_size(figures),
        "precision_recall": _read_points(result.scores.precision_recall, PRECISION_RECALL_COLUMNS),
        "calibration": _read_lesion_bins(result.scores.calibration),
        "calibrated": _read_lesion_bins(result.scores.calibrated),
        "froc": build_froc_table(result),
    }


def build_froc_table(result: ModelResult) -> pd.DataFrame:
    """From (0, 0), where no lesion counts yet, to the labels as they are; none where undefined."""
    froc = build_froc(tabulate_cases(result.test))
    columns = list(COLUMNS["froc"])
    if not froc.is_defined:
        return pd.DataFrame(columns=columns)
    num_false, sensitivities = froc.trace(np.ones(len(result.test)))
    points = np.column_stack([num_false, sensitivities, froc.least_confidences])
    return pd.DataFrame(points, columns=columns)


def _build_recall_by_size(figures: Figures) -> pd.DataFrame:
    titles = {"small": "0 to 10 mm", "medium": "10 to 20 mm", "large": "over 20 mm"}
    rows = [
        (
            title,
            *(
                figures.test.get_value(f"lesions.{size}.{name}")
                for name in ("recall", "num_matched", "num_reference")
            ),
        )
        for size, title in titles.items()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS["recall_by_size"])).dropna()


def _read_lesion_bins(path: Path) -> pd.DataFrame:
    table = _read_points(path, CALIBRATION_COLUMNS)
    return table.loc[table["region"] == "lesion", list(COLUMNS["calibration"])]


def _read_points(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Rows of a CSV file as text, digit for digit, without those that lack a value."""
    rows = read_rows(path, columns, next_step=NEXT_STEP)
    defined = [row for row in rows if not {row[column] for column in columns} & {"", "nan"}]
    return pd.DataFrame(defined, columns=list(columns))
