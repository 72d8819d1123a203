"""Scores and results made by hand."""

import math
from dataclasses import fields, replace
from pathlib import Path

import pytest

from liverseg.evaluation.floor import Floor
from liverseg.evaluation.results import ModelResult, Results
from liverseg.networks.description import ModelDescription
from liverseg.params import EvaluateParams
from liverseg.scoring.burden import compute_burden_error
from liverseg.scoring.case_score import CaseScore
from liverseg.scoring.lesions import LesionScores, MatchedLesion, PredictedLesion, ReferenceLesion
from liverseg.scoring.overlap import Overlap
from liverseg.scoring.region import RegionScore
from liverseg.scoring.score_folder import ScoreFolder
from liverseg.tables.case_table import Case

LIVER = (1000, 1000, 1000)


def build_region(voxels: Overlap, assd_mm: float) -> RegionScore:
    """All distances alike, 500 mm with penalty where they are undefined; NaN what nobody asks."""
    measured = {
        name: getattr(voxels, name) for name in ("dice", "precision", "recall", "voe", "rvd")
    }
    distances = dict.fromkeys(("assd_mm", "msd_mm", "hd95_mm"), assd_mm)
    penalised = {"hd95_mm_with_penalty": 500.0 if math.isnan(assd_mm) else assd_mm}
    undefined = dict.fromkeys((field.name for field in fields(RegionScore)), math.nan)
    return RegionScore(**(undefined | measured | distances | penalised))


def build_score(
    case_id: str,
    lesion: tuple[int, int, int],
    *,
    liver: tuple[int, int, int] = LIVER,
    assd_mm: float = math.nan,
    patient_id: str | None = None,
    lesions: LesionScores | None = None,
) -> CaseScore:
    """Voxels of the reference, of the prediction and of both; a patient a case unless told."""
    lesion_voxels, liver_voxels = Overlap(*lesion), Overlap(*liver)
    return CaseScore(
        case_id=case_id,
        patient_id=patient_id or f"patient-{case_id}",
        liver=build_region(liver_voxels, assd_mm),
        lesion=build_region(lesion_voxels, assd_mm),
        lesions=lesions or LesionScores((), (), ()),
        burden_error=compute_burden_error(liver_voxels, lesion_voxels),
        liver_voxels=liver_voxels,
        lesion_voxels=lesion_voxels,
    )


def build_scores_of_dice(*percents: int) -> tuple[CaseScore, ...]:
    """A case a Dice in per cent: 100 voxels in either mask, so many shared."""
    return tuple(
        build_score(f"{number:02d}", (100, 100, percent)) for number, percent in enumerate(percents)
    )


def build_result(
    model: str, validation: tuple[CaseScore, ...], test: tuple[CaseScore, ...], **changes: object
) -> ModelResult:
    """A model of 2 GMACs and 1,000 parameters, unless told."""
    description = ModelDescription(
        model=model,
        context=1,
        initial_weights="random",
        loss="bce_dice",
        precision="float32",
        num_parameters=1000,
        macs_per_slice=2_000_000_000,
    )
    training = {
        "kept_epoch": 3,
        "num_epochs": 4,
        "lesion_accuracy": 0.996,
        "lesion_precision": 0.75,
        "val_lesion_bce": 0.0125,
        "val_lesion_accuracy": 0.995,
        "val_lesion_precision": None,
        "learning_rate": 0.0005,
    }
    return ModelResult(
        description=replace(description, **changes),
        training=training,
        validation=validation,
        test=test,
        liver_ece=0.02,
        lesion_ece=math.nan,
        folder=Path(f"models/{model}"),
        scores=ScoreFolder(Path(f"scores/{model}")),
    )


def build_case(case_id: str) -> Case:
    """Voxels of 1 x 2 x 5 mm: 0.01 ml each."""
    return Case(
        case_id=case_id,
        patient_id=f"patient-{case_id}",
        scan=f"volume-{case_id}.nii.gz",
        mask=f"segmentation-{case_id}.nii.gz",
        shape=(8, 8, 4),
        spacing_mm=(1.0, 2.0, 5.0),
        axis_codes="LPS",
        dtype="int16",
        hu_min=-1000,
        hu_max=1000,
        liver_ml=10,
        lesion_ml=1,
        num_lesions=1,
        liver_slice_fraction=1,
        lesion_slice_fraction=1,
    )


def build_results(*models: ModelResult) -> Results:
    """All background scores 0 voxels on the cases of the first model; right in 0.99 and 0.98."""
    validation, test = (
        tuple(
            build_score(
                score.case_id,
                (score.lesion_voxels.num_reference, 0, 0),
                liver=(score.liver_voxels.num_reference, 0, 0),
                patient_id=score.patient_id,
            )
            for score in scores
        )
        for scores in (models[0].validation, models[0].test)
    )
    cases = {score.case_id: build_case(score.case_id) for score in (*validation, *test)}
    return Results(models, Floor(0.99, 0.98, validation, test), cases, Path("slices"))


def build_lesions(found: int, missed: int, false: int, diameter_mm: float = 15) -> LesionScores:
    """So many lesions of a size that are matched, that no prediction touches, that are none."""
    hit = ReferenceLesion(1.0, diameter_mm, is_matched=True, is_touched=True)
    miss = ReferenceLesion(1.0, diameter_mm, is_matched=False, is_touched=False)
    right = PredictedLesion(1.0, diameter_mm, is_matched=True, is_touching=True, confidence=0.75)
    wrong = PredictedLesion(1.0, diameter_mm, is_matched=False, is_touching=False, confidence=0.25)
    matches = tuple(MatchedLesion(i, i, 0.6, 0.75, 0.4, 0.0, 1.0, 2.0) for i in range(found))
    return LesionScores(
        (hit,) * found + (miss,) * missed, (right,) * found + (wrong,) * false, matches
    )


@pytest.fixture
def params() -> EvaluateParams:
    return EvaluateParams(seed=1, num_bootstraps=200)


@pytest.fixture
def score():
    return build_score


@pytest.fixture
def scores_of_dice():
    return build_scores_of_dice


@pytest.fixture
def lesions():
    return build_lesions


@pytest.fixture
def result():
    return build_result


@pytest.fixture
def results():
    return build_results
