"""What scores over cases are computed from: numbers of each case, and of each predicted lesion."""

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from liverseg.scoring.case_score import CaseScore
from liverseg.scoring.diameters import LESION_SIZES
from liverseg.statistics.score import Columns

MATCHED_SCORES = ("dice", "voe", "rvd", "assd_mm", "msd_mm")


def list_figures(score: CaseScore) -> dict[str, float]:
    """The numbers of one case; NaN where undefined.

    ``lesion_dice`` and the like for each score of a region; ``lesion_reference``,
    ``lesion_predicted`` and ``lesion_shared``, how much of the region there is; ``num_lesions_*``
    and ``num_small_*``, counts of lesions; ``matched_dice`` and the like, sums over the pairs that
    match; ``burden_error``.
    """
    figures = {"burden_error": score.burden_error}
    for region, scores, voxels in (
        ("liver", score.liver, score.liver_voxels),
        ("lesion", score.lesion, score.lesion_voxels),
    ):
        figures |= {f"{region}_{name}": value for name, value in asdict(scores).items()}
        for whose, number in asdict(voxels).items():
            figures[f"{region}_{whose.removeprefix('num_')}"] = number
    lesions = score.lesions
    figures |= {
        "num_lesions_reference": lesions.num_reference,
        "num_lesions_predicted": lesions.num_predicted,
        "num_lesions_matched": lesions.num_matched,
        "num_lesions_touched": lesions.num_touched,
        "num_lesions_touching": lesions.num_touching,
    }
    for size in LESION_SIZES:
        reference = [lesion for lesion in lesions.reference if lesion.size == size]
        predicted = [lesion for lesion in lesions.predicted if lesion.size == size]
        figures |= {
            f"num_{size}_reference": len(reference),
            f"num_{size}_matched": sum(lesion.is_matched for lesion in reference),
            f"num_{size}_false": sum(not lesion.is_matched for lesion in predicted),
        }
    for name in MATCHED_SCORES:
        figures[f"matched_{name}"] = sum(getattr(match, name) for match in lesions.matched)
    return figures


def tabulate_cases(scores: Sequence[CaseScore]) -> Columns:
    """The numbers of at least one case, column by column, in the order of the cases.

    Beside those of ``list_figures`` three columns with a number a predicted lesion:
    ``predicted_case``, the place of its case from 0, ``predicted_is_matched`` and
    ``predicted_confidence``; empty where nothing is predicted.
    """
    rows = [list_figures(score) for score in scores]
    columns = {name: np.array([row[name] for row in rows], np.float64) for name in rows[0]}
    lesions = [
        (place, lesion.is_matched, lesion.confidence)
        for place, score in enumerate(scores)
        for lesion in score.lesions.predicted
    ]
    of_lesions = np.array(lesions, np.float64).reshape(-1, 3).T
    names = ("predicted_case", "predicted_is_matched", "predicted_confidence")
    return columns | dict(zip(names, of_lesions, strict=True))
