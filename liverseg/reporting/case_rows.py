"""One row a model and case: the figures that the verdict can be checked with by hand."""

from typing import Any

import pandas as pd

from liverseg.cases.case_table import Case, natural_key
from liverseg.cases.split import Role
from liverseg.reporting.results import ModelResult, Results
from liverseg.scoring.case_score import CaseScore

ROLE_ORDER: tuple[Role, Role] = ("test", "validation")


def build_case_rows(results: Results) -> pd.DataFrame:
    """Test cases, then validation cases; of all models, the lowest lesion Dice first.

    NaN where a figure is undefined.
    """
    rows = [
        _build_row(result, role, score, results.cases[score.case_id])
        for role in ROLE_ORDER
        for result in results.models
        for score in (result.test if role == "test" else result.validation)
    ]
    rows.sort(
        key=lambda row: (
            ROLE_ORDER.index(row["role"]),
            row["lesion_dice"],
            natural_key(row["case_id"]),
        )
    )
    return pd.DataFrame(rows)


def _build_row(result: ModelResult, role: Role, score: CaseScore, case: Case) -> dict[str, Any]:
    i_mm, j_mm, k_mm = case.spacing_mm
    voxel_ml = i_mm * j_mm * k_mm / 1000
    return {
        "model": result.description.model,
        "case_id": score.case_id,
        "patient_id": score.patient_id,
        "role": role,
        "lesion_dice": score.lesion.dice,
        "liver_dice": score.liver.dice,
        "lesion_assd_mm": score.lesion.assd_mm,
        "lesion_hd95_mm": score.lesion.hd95_mm,
        "burden_error": score.burden_error,
        "liver_reference_ml": score.liver_voxels.num_reference * voxel_ml,
        "liver_predicted_ml": score.liver_voxels.num_predicted * voxel_ml,
        "lesion_reference_ml": score.lesion_voxels.num_reference * voxel_ml,
        "lesion_predicted_ml": score.lesion_voxels.num_predicted * voxel_ml,
        "num_lesions_reference": score.lesions.num_reference,
        "num_lesions_predicted": score.lesions.num_predicted,
        "num_lesions_matched": score.lesions.num_matched,
        "num_lesions_touched": score.lesions.num_touched,
    }
