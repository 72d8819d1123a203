"""Scores of one model's probabilities: rules chosen on validation, labels written, cases scored."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from liverseg.labels import REGIONS
from liverseg.parallel import map_cases
from liverseg.params import Flips, ModelRules, ScoreParams
from liverseg.postprocess.labels import label_volume
from liverseg.postprocess.probabilities import (
    PredictedCase,
    read_predicted_cases,
    read_probabilities,
)
from liverseg.postprocess.way_back import restore_quantised
from liverseg.scoring.calibration import NUM_STEPS, count_probabilities
from liverseg.scoring.calibration_files import Counts, write_calibration
from liverseg.scoring.case_score import CaseScore, score_case
from liverseg.scoring.confidence import rank_lesions
from liverseg.scoring.score_files import write_case_scores
from liverseg.scoring.score_folder import ScoreFolder
from liverseg.scoring.temperature import fit_temperature
from liverseg.scoring.tuning import (
    Candidate,
    RuleScore,
    choose_rules,
    judge_rules,
    score_rules,
)
from liverseg.slices.geometry import build_label_slices
from liverseg.tables.case_table import Case
from liverseg.tables.csv_rows import write_rows
from liverseg.volumes.nifti import write_labels
from liverseg.volumes.reading import read_case_labels


@dataclass(frozen=True)
class ScoringJob:
    """What to score, and where from.

    Attributes:
        probabilities: The folder of the stage predict.
        flips: Mirror images that counted in them.
        cases: The case table, by case id.
        root: What the paths of the case table are relative to.
        scores: Where to write; must exist.
    """

    probabilities: Path
    flips: Flips
    cases: dict[str, Case]
    root: Path
    scores: ScoreFolder


@dataclass(frozen=True)
class ScoredCase:
    """What comes back of one case.

    Attributes:
        score: Of the model's labels, with the confidence of each predicted lesion.
        background: Of an empty prediction, the floor.
        counts: Slice pixels by probability and reference, see ``scoring.calibration``.
    """

    score: CaseScore
    background: CaseScore
    counts: Counts


def score_predictions(job: ScoringJob, params: ScoreParams, description: str) -> None:
    """Choose the rules on the validation cases, then label and score all predicted cases.

    Writes all that a ``ScoreFolder`` holds but the description of the model. Cases run in parallel,
    a volume at a time.

    Args:
        job: What to score.
        params: Rules, and the candidates for tuning.
        description: Names the model on the progress bar.

    Raises:
        DataError: Probabilities or reference masks cannot be read.
    """
    predicted = read_predicted_cases(job.probabilities)
    validation = [case for case in predicted if case.role == "validation"]
    rules = _choose_rules(job, params, validation, description)
    job.scores.rules.write_text(rules.model_dump_json(indent=2) + "\n", encoding="utf-8")
    job.scores.labels.mkdir()
    score = partial(_score_case, job=job, rules=rules)
    scored = list(map_cases(score, predicted, description=f"score {description}"))
    write_case_scores(job.scores.cases, [case.score for case in scored])
    write_case_scores(job.scores.all_background, [case.background for case in scored])
    test = [each for case, each in zip(predicted, scored, strict=True) if case.role == "test"]
    write_calibration(job.scores, _add_counts([each.counts for each in test]), rules)


def _choose_rules(
    job: ScoringJob, params: ScoreParams, cases: Sequence[PredictedCase], description: str
) -> ModelRules:
    rules, temperatures = params.rules, dict[str, float]()
    if params.tune:
        tune = partial(_score_rules, job=job, params=params)
        by_case = list(map_cases(tune, cases, description=f"tune {description}"))
        candidates = judge_rules(params, by_case)
        _write_candidates(job.scores.candidates, candidates)
        rules = choose_rules(candidates)
    if params.calibrate:
        count = partial(_count_case, job=job)
        counts = list(map_cases(count, cases, description=f"calibrate {description}"))
        temperatures = {
            f"{region}_temperature": fit_temperature(total)
            for region, total in _add_counts(counts).items()
        }
    chosen = rules.model_dump() | temperatures | {"flips": job.flips}
    return ModelRules.model_validate(chosen)


def _count_case(case: PredictedCase, job: ScoringJob) -> Counts:
    probabilities = read_probabilities(job.probabilities, case.case_id)
    reference = read_case_labels(job.root, job.cases[case.case_id])
    slices = build_label_slices(reference.data, probabilities.slice_grid)
    return count_probabilities(probabilities.values, slices)


def _add_counts(cases: Sequence[Counts]) -> Counts:
    """The counts of all cases together, zeros without cases."""
    nothing = np.zeros((NUM_STEPS, 2), np.int64)
    return {region: sum((case[region] for case in cases), nothing) for region in REGIONS}


def _score_rules(case: PredictedCase, job: ScoringJob, params: ScoreParams) -> list[RuleScore]:
    probabilities = read_probabilities(job.probabilities, case.case_id)
    reference = read_case_labels(job.root, job.cases[case.case_id])
    return score_rules(probabilities.values, probabilities.slice_grid, reference.data, params)


def _score_case(case: PredictedCase, job: ScoringJob, rules: ModelRules) -> ScoredCase:
    row = job.cases[case.case_id]
    probabilities = read_probabilities(job.probabilities, case.case_id)
    values, slice_grid = probabilities.values, probabilities.slice_grid
    reference = read_case_labels(job.root, row).data
    labels = label_volume(values[..., 0], values[..., 1], slice_grid, rules)
    write_labels(job.scores.labels_of(case.case_id), labels, like=job.root / row.scan)
    score = partial(
        score_case,
        case.case_id,
        case.patient_id,
        reference,
        grid=slice_grid.grid,
        lesion_connectivity=rules.lesion_connectivity,
    )
    probability = restore_quantised(values[..., 1], slice_grid)
    return ScoredCase(
        score=rank_lesions(score(labels), labels, probability, slice_grid.grid, rules),
        background=score(np.zeros_like(labels)),
        counts=count_probabilities(values, build_label_slices(reference, slice_grid)),
    )


def _write_candidates(path: Path, candidates: Sequence[Candidate]) -> None:
    rows = [
        (
            candidate.rules.largest_liver_component,
            candidate.rules.lesion_threshold,
            candidate.rules.min_lesion_ml,
            candidate.lesion_dice_per_case,
            candidate.lesions_f1,
        )
        for candidate in candidates
    ]
    columns = ("largest_liver_component", "lesion_threshold", "min_lesion_ml")
    write_rows(path, (*columns, "lesion_dice_per_case", "lesions_f1"), rows)
