"""What one experiment left behind: its params, and a row a test case."""

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from liverseg.cases.csv_rows import unquote_formula
from liverseg.errors import DataError
from liverseg.experiments.revisions import Experiment


@dataclass(frozen=True)
class CaseRow:
    """One test case under one model, as the stage evaluate wrote it.

    Attributes:
        model: Who predicted.
        case_id: The scan.
        patient_id: The patient.
        lesion_dice: This and the other scores are NaN where undefined.
        liver_dice: Of the liver, lesions included.
        lesion_assd_mm: Average symmetric surface distance.
        lesion_hd95_mm: 95th percentile of the surface distances.
        burden_error: Tumour burden of the prediction minus that of the reference.
        lesion_reference_ml: Volume of the reference's lesions; 0 where it holds none.
        num_lesions_reference: Lesions of the reference.
        num_lesions_predicted: Lesions of the prediction.
        num_lesions_matched: Pairs of them with an IoU above 0.5.
    """

    model: str
    case_id: str
    patient_id: str
    lesion_dice: float
    liver_dice: float
    lesion_assd_mm: float
    lesion_hd95_mm: float
    burden_error: float
    lesion_reference_ml: float
    num_lesions_reference: float
    num_lesions_predicted: float
    num_lesions_matched: float


COLUMNS = ("role", *(field.name for field in fields(CaseRow)))


@dataclass(frozen=True)
class Run:
    """One experiment.

    Attributes:
        experiment: Its name and commit.
        num_folds: Number of folds of its split; 0 for one fixed split.
        fold: Number of the fold that it tests.
        seed: Of its training.
        params: All its params as text, by dotted key.
        rows: Its test cases, of all models.
    """

    experiment: Experiment
    num_folds: int
    fold: int
    seed: int
    params: Mapping[str, str]
    rows: tuple[CaseRow, ...]

    @property
    def name(self) -> str:
        """The name of the experiment."""
        return self.experiment.name

    @property
    def models(self) -> tuple[str, ...]:
        """The models that were tested, in alphabetical order."""
        return tuple(sorted({row.model for row in self.rows}))


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
    try:
        content = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise _build_error(
            experiment, "params in YAML", " ".join(str(error).split()) or "other text"
        ) from None
    return dict(_flatten(content))


def _flatten(value: object, key: str = "") -> list[tuple[str, object]]:
    """Leaves of nested sections with their dotted keys; a list is one leaf."""
    if not isinstance(value, dict):
        return [(key, value)]
    return [
        leaf
        for name, member in value.items()
        for leaf in _flatten(member, f"{key}.{name}" if key else str(name))
    ]


def _get_count(experiment: Experiment, values: Mapping[str, object], key: str) -> int:
    value = values.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        received = repr(value) if key in values else "no such key"
        raise _build_error(experiment, f"a number of at least 0 as {key}", received)
    return value


def _parse_rows(experiment: Experiment, text: str) -> tuple[CaseRow, ...]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise _build_error(
            experiment,
            f"cases with the columns {', '.join(COLUMNS)}",
            f"none named {', '.join(missing)}",
        )
    rows = []
    for row in reader:
        if row["role"] != "test":
            continue
        try:
            rows.append(_parse_row(row))
        except (TypeError, ValueError) as error:  # the first: a row that is too short
            place = f"case {row['case_id']} of {row['model']}"
            raise _build_error(experiment, f"numbers for {place}", str(error)) from None
    return tuple(rows)


def _parse_row(row: Mapping[str, str]) -> CaseRow:
    return CaseRow(
        model=row["model"],
        case_id=unquote_formula(row["case_id"]),
        patient_id=unquote_formula(row["patient_id"]),
        lesion_dice=_parse_score(row["lesion_dice"]),
        liver_dice=_parse_score(row["liver_dice"]),
        lesion_assd_mm=_parse_score(row["lesion_assd_mm"]),
        lesion_hd95_mm=_parse_score(row["lesion_hd95_mm"]),
        burden_error=_parse_number(row["burden_error"]),
        lesion_reference_ml=_parse_number(row["lesion_reference_ml"]),
        num_lesions_reference=_parse_number(row["num_lesions_reference"]),
        num_lesions_predicted=_parse_number(row["num_lesions_predicted"]),
        num_lesions_matched=_parse_number(row["num_lesions_matched"]),
    )


def _parse_score(text: str) -> float:
    return math.nan if text == "" else _parse_number(text)


def _parse_number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"could not use as a number: {text!r}")
    return number


def _build_error(experiment: Experiment, expected: str, received: str) -> DataError:
    return DataError(
        f"experiment {experiment.name}",
        expected=expected,
        received=received,
        next_step="Run the experiment again with this version of the code.",
    )
