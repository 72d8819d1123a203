"""One row a model and case: the figures that the verdict can be checked with by hand."""

import math
from typing import Any

import pandas as pd

from liverseg.evaluation.results import ModelResult, Results
from liverseg.scoring.case_score import CaseScore
from liverseg.statistics.case_columns import list_figures
from liverseg.statistics.score_table import COUNTS_OF_A_CASE, SCORES_OF_A_CASE
from liverseg.tables.case_table import Case, natural_key
from liverseg.tables.split import Role

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
    voxel_ml = math.prod(case.spacing_mm) / 1000
    figures = list_figures(score)
    volumes = ("liver_reference", "liver_predicted", "lesion_reference", "lesion_predicted")
    return {
        "model": result.description.model,
        "case_id": score.case_id,
        "patient_id": score.patient_id,
        "role": role,
        **{name: figures[name] for name in SCORES_OF_A_CASE},
        **{f"{name}_ml": figures[name] * voxel_ml for name in volumes},
        **{name: figures[name] for name in (*COUNTS_OF_A_CASE, "num_lesions_touched")},
    }
