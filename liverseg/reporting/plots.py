"""What ``dvc plots`` draws: a folder a plot, in it a CSV file a model.

A model that is not part of the run has a header without rows, since the plots of ``dvc.yaml`` name
the files of all models. Points with an undefined value are left out: DVC would draw them at 0.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from liverseg.cases.csv_rows import read_rows
from liverseg.params import MODEL_NAMES
from liverseg.reporting.curves import CURVES, read_curves
from liverseg.reporting.figures import Figures
from liverseg.reporting.results import ModelResult
from liverseg.reporting.tables import write_table

COLUMNS: dict[str, tuple[str, ...]] = {
    "curves": ("epoch", *CURVES),
    "cases": ("case_id", "lesion_dice", "liver_dice", "lesion_reference_ml", "lesion_predicted_ml"),
    "recall_by_size": ("size", "recall", "num_matched", "num_reference"),
    "precision_recall": ("threshold", "precision", "recall"),
    "calibration": ("mean_probability", "observed_share", "num_pixels"),
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
        "precision_recall": _read_precision_recall(result.scores),
        "calibration": _read_lesion_calibration(result.scores),
    }


def _build_recall_by_size(figures: Figures) -> pd.DataFrame:
    lesions = figures.test.lesions
    sizes = {
        "0 to 10 mm": lesions.small,
        "10 to 20 mm": lesions.medium,
        "over 20 mm": lesions.large,
    }
    rows = [
        (size, each.recall.value, each.num_matched, each.num_reference)
        for size, each in sizes.items()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS["recall_by_size"])).dropna()


def _read_precision_recall(scores: Path) -> pd.DataFrame:
    return _read_points(scores / "precision_recall.csv", COLUMNS["precision_recall"])


def _read_lesion_calibration(scores: Path) -> pd.DataFrame:
    columns = COLUMNS["calibration"]
    table = _read_points(scores / "calibration.csv", ("region", *columns))
    return table.loc[table["region"] == "lesion", list(columns)]


def _read_points(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Rows of a CSV file as text, digit for digit, without those that lack a value."""
    rows = read_rows(path, columns, next_step="Write it again with the stage score: `dvc repro`.")
    defined = [row for row in rows if not {row[column] for column in columns} & {"", "nan"}]
    return pd.DataFrame(defined, columns=list(columns))
