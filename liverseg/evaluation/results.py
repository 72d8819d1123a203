"""What the earlier stages left behind, model by model, with the floor that they stand on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from liverseg.errors import DataError
from liverseg.evaluation.floor import Floor, measure_floor, select_scores
from liverseg.networks.description import ModelDescription, read_description
from liverseg.networks.model_folder import ModelFolder
from liverseg.scoring.case_score import CaseScore
from liverseg.scoring.score_files import read_case_scores
from liverseg.scoring.score_folder import NEXT_STEP, ScoreFolder
from liverseg.tables.case_table import Case, SkippedCase, read_cases, read_skipped_cases
from liverseg.tables.split import CaseRole, read_split


@dataclass(frozen=True)
class Inputs:
    """Where the results of the earlier stages are.

    Attributes:
        models: A folder a model, of the stage train.
        scores: A folder a model, of the stage score, in the same order.
        slices: The folder of the stage preprocess.
        split: The file of the stage split.
        cases: The metadata CSV.
    """

    models: tuple[Path, ...]
    scores: tuple[Path, ...]
    slices: Path
    split: Path
    cases: Path


@dataclass(frozen=True, eq=False)
class ModelResult:
    """One model of the run.

    Attributes:
        description: What it is.
        training: Metrics of the epoch that was kept; None where undefined.
        validation: Scores of the validation cases.
        test: Scores of the test cases.
        liver_ece: Expected calibration error of the liver on the test cases; NaN where undefined.
        lesion_ece: Likewise of the lesions.
        folder: The model.
        scores: Its scores.
    """

    description: ModelDescription
    training: Mapping[str, float | None]
    validation: tuple[CaseScore, ...]
    test: tuple[CaseScore, ...]
    liver_ece: float
    lesion_ece: float
    folder: Path
    scores: ScoreFolder


@dataclass(frozen=True, eq=False)
class Results:
    """All that the evaluation is made of.

    Attributes:
        models: The models of this run, at least one.
        floor: What a prediction of background alone scores.
        cases: The rows of the case table by case id.
        slices: The folder of the slices.
        skipped: Cases of the data set that were not used.
    """

    models: tuple[ModelResult, ...]
    floor: Floor
    cases: Mapping[str, Case]
    slices: Path
    skipped: tuple[SkippedCase, ...] = ()


def read_results(inputs: Inputs) -> Results:
    """The results of every model that is part of the run.

    Raises:
        DataError: A file is missing or damaged, no model is part of the run, or scores are of other
            cases or another model than they should be.
        ModelError: A folder holds no model.
    """
    if len(inputs.models) != len(inputs.scores):
        raise DataError(
            "models and scores",
            expected="as many folders of the one as of the other",
            received=f"{len(inputs.models)} and {len(inputs.scores)}",
            next_step="Name them in the same order.",
        )
    roles = read_split(inputs.split)
    cases = {case.case_id: case for case in read_cases(inputs.cases)}
    unknown = [each.case_id for each in roles if each.case_id not in cases]
    if unknown:
        raise DataError(
            str(inputs.cases),
            expected=f"all cases of {inputs.split}",
            received=f"no case {', '.join(unknown)}",
            next_step="Split the cases again: `dvc repro split`.",
        )
    read = [
        _read_model(folder, scores, roles)
        for folder, scores in zip(inputs.models, inputs.scores, strict=True)
    ]
    models = tuple(result for result in read if result is not None)
    if not models:
        raise DataError(
            ", ".join(map(str, inputs.models)),
            expected="at least one model that is part of this run",
            received="none",
            next_step="Name one in `model` and run `dvc repro`.",
        )
    background = read_case_scores(models[0].scores.all_background)
    return Results(
        models=models,
        floor=measure_floor(inputs.slices, roles, background),
        cases=cases,
        slices=inputs.slices,
        skipped=read_skipped_cases(inputs.cases),
    )


def _read_model(folder: Path, scores: Path, roles: Sequence[CaseRole]) -> ModelResult | None:
    description = read_description(folder)
    if description != read_description(scores):
        raise DataError(
            str(scores),
            expected=f"scores of the model in {folder}",
            received="those of another one",
            next_step=NEXT_STEP,
        )
    if description is None:
        return None
    score_folder = ScoreFolder(scores)
    case_scores = score_folder.read_cases()
    _check_cases(scores, case_scores, roles)
    liver_ece, lesion_ece = score_folder.read_calibration_errors()
    return ModelResult(
        description=description,
        training=ModelFolder(folder).read_metrics(),
        validation=select_scores(case_scores, roles, "validation"),
        test=select_scores(case_scores, roles, "test"),
        liver_ece=liver_ece,
        lesion_ece=lesion_ece,
        folder=folder,
        scores=score_folder,
    )


def _check_cases(scores: Path, found: Iterable[CaseScore], roles: Iterable[CaseRole]) -> None:
    wanted = {each.case_id for each in roles if each.role != "train"}
    apart = wanted ^ {score.case_id for score in found}
    if apart:
        raise DataError(
            str(scores),
            expected="scores of the validation and test cases of the split",
            received=f"more or less than these: {', '.join(sorted(apart))}",
            next_step=NEXT_STEP,
        )
