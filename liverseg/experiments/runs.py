"""What one experiment left behind: its params, and a row a test case."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from liverseg.errors import DataError
from liverseg.experiments.revisions import Experiment
from liverseg.tables.csv_rows import unquote_formula

IDS = ("model", "case_id", "patient_id")
SCORES = ("lesion_dice", "liver_dice", "lesion_assd_mm", "lesion_hd95_mm")
"""An empty field where undefined."""

COUNTS = ("num_lesions_reference", "num_lesions_predicted", "num_lesions_matched")
NUMBERS = (*SCORES, "burden_error", "lesion_reference_ml", *COUNTS)
COLUMNS = ("role", *IDS, *NUMBERS)
"""Those of the CSV that matter here, defined by the stage evaluate, which writes it."""


@dataclass(frozen=True, eq=False)
class Run:
    """One experiment.

    Attributes:
        experiment: Its name and commit.
        num_folds: Number of folds of its split; 0 for one fixed split.
        fold: Number of the fold that it tests.
        seed: Of its training.
        params: All its params as text, by dotted key.
        rows: Its test cases under all models: texts under ``IDS``, floats under ``NUMBERS``, NaN
            where undefined.
    """

    experiment: Experiment
    num_folds: int
    fold: int
    seed: int
    params: Mapping[str, str]
    rows: pd.DataFrame

    @property
    def name(self) -> str:
        """The name of the experiment."""
        return self.experiment.name

    @property
    def models(self) -> tuple[str, ...]:
        """The models that were tested, in alphabetical order."""
        return tuple(sorted(self.rows["model"].unique()))


def build_run(experiment: Experiment, cases: str, params: str) -> Run:
    """One experiment from its two files.

    Args:
        experiment: Its name and commit.
        cases: The CSV of all cases and models; an empty field where a score is undefined.
        params: The params file.

    Raises:
        DataError: One of the files holds something else.
    """
    values = _parse_params(experiment, params)
    return Run(
        experiment=experiment,
        num_folds=_get_count(experiment, values, "split.num_folds"),
        fold=_get_count(experiment, values, "split.fold"),
        seed=_get_count(experiment, values, "train.seed"),
        params={key: repr(value) for key, value in values.items()},
        rows=_parse_rows(experiment, cases),
    )


def _parse_params(experiment: Experiment, text: str) -> dict[str, object]:
    """Leaves of nested sections by their dotted keys; a list is one leaf."""
    try:
        content = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        received = " ".join(str(error).split()) or "other text"
        raise _build_error(experiment, "params in YAML", received) from None
    if not isinstance(content, dict):
        raise _build_error(experiment, "sections of params", type(content).__name__)
    (leaves,) = pd.json_normalize([content]).to_dict("records")
    return {str(key): value for key, value in leaves.items()}


def _get_count(experiment: Experiment, values: Mapping[str, object], key: str) -> int:
    value = values.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        received = repr(value) if key in values else "no such key"
        raise _build_error(experiment, f"a number of at least 0 as {key}", received)
    return value


def _parse_rows(experiment: Experiment, text: str) -> pd.DataFrame:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    table = pd.DataFrame(list(reader), columns=list(reader.fieldnames or ()), dtype=object)
    missing = [column for column in COLUMNS if column not in table]
    if missing:
        expected, received = ", ".join(COLUMNS), ", ".join(missing)
        raise _build_error(
            experiment, f"cases with the columns {expected}", f"none named {received}"
        )
    rows = table.loc[table["role"] == "test", [*IDS, *NUMBERS]].reset_index(drop=True)
    if rows.isna().any(axis=None):
        raise _build_error(experiment, "cases with all columns", "a row that is too short")
    for column in IDS:
        rows[column] = rows[column].map(unquote_formula)
    for column in NUMBERS:
        rows[column] = _parse_numbers(experiment, rows, column)
    return rows


def _parse_numbers(experiment: Experiment, rows: pd.DataFrame, column: str) -> pd.Series:
    """A column as floats, digit for digit; NaN for what is undefined."""
    texts = rows[column]
    is_undefined = (texts == "") & (column in SCORES)
    is_wrong = ~is_undefined & ~np.isfinite(pd.to_numeric(texts, errors="coerce"))
    if is_wrong.any():
        row = rows[is_wrong].iloc[0]
        raise _build_error(
            experiment,
            f"a number as {column} of case {row['case_id']} of {row['model']}",
            repr(row[column]),
        )
    return texts.where(~is_undefined, "nan").map(float)


def _build_error(experiment: Experiment, expected: str, received: str) -> DataError:
    return DataError(
        f"experiment {experiment.name}",
        expected=expected,
        received=received,
        next_step="Run the experiment again with this version of the code.",
    )
