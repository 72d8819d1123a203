"""Scores on disk: JSON that comes back as it was, and CSV with a row a case."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from liverseg.cases.csv_rows import write_rows
from liverseg.errors import DataError
from liverseg.outputs import whole_file
from liverseg.scoring.case_score import CaseScore
from liverseg.scoring.lesions import LesionScores, MatchedLesion, PredictedLesion, ReferenceLesion
from liverseg.scoring.overlap import Overlap
from liverseg.scoring.region import RegionScore
from liverseg.scoring.summary import Summary

Record = TypeVar("Record")

LESION_COUNTS = ("num_reference", "num_predicted", "num_matched", "num_touched", "num_touching")


def write_case_scores(
    path: Path, scores: Sequence[CaseScore], summary: Summary | None = None
) -> None:
    """Write scores as JSON: ``cases``, and ``summary`` where there is one.

    Floats in full precision, ``null`` where undefined. A summary can be computed again; only
    ``cases`` is read back.
    """
    document: dict[str, Any] = {"cases": [_export_case(score) for score in scores]}
    if summary is not None:
        document["summary"] = asdict(summary)
    text = json.dumps(_nan_to_null(document), indent=1, allow_nan=False)
    with whole_file(path) as partial:
        partial.write_text(text + "\n", encoding="utf-8")


def read_case_scores(path: Path) -> tuple[CaseScore, ...]:
    """Scores as ``write_case_scores`` got them.

    Raises:
        DataError: The file is missing or holds something else.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return tuple(_import_case(case) for case in document["cases"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            str(path),
            expected="scores of cases as JSON",
            received=" ".join(str(error).split()) or type(error).__name__,
            next_step="Score the cases again.",
        ) from None


def write_score_table(path: Path, scores: Sequence[CaseScore]) -> None:
    """Write scores as CSV, a row a case; an empty field where undefined."""
    rows = [_nan_to_null(_flatten_case(score)) for score in scores]
    write_rows(path, list(rows[0]), [list(row.values()) for row in rows])


def _export_case(score: CaseScore) -> dict[str, Any]:
    counts = {name: getattr(score.lesions, name) for name in LESION_COUNTS}
    case = asdict(score)
    return case | {"lesions": counts | case["lesions"]}


def _import_case(case: dict[str, Any]) -> CaseScore:
    lesions = case["lesions"]
    return CaseScore(
        case_id=case["case_id"],
        patient_id=case["patient_id"],
        liver=_build(RegionScore, case["liver"]),
        lesion=_build(RegionScore, case["lesion"]),
        lesions=LesionScores(
            reference=tuple(_build(ReferenceLesion, row) for row in lesions["reference"]),
            predicted=tuple(_build(PredictedLesion, row) for row in lesions["predicted"]),
            matched=tuple(_build(MatchedLesion, row) for row in lesions["matched"]),
        ),
        burden_error=case["burden_error"],
        liver_voxels=_build(Overlap, case["liver_voxels"]),
        lesion_voxels=_build(Overlap, case["lesion_voxels"]),
    )


def _build(kind: type[Record], row: dict[str, Any]) -> Record:
    return kind(**{name: math.nan if value is None else value for name, value in row.items()})


def _flatten_case(score: CaseScore) -> dict[str, Any]:
    row: dict[str, Any] = {"case_id": score.case_id, "patient_id": score.patient_id}
    for region, scores in (("liver", score.liver), ("lesion", score.lesion)):
        row |= {f"{region}_{name}": value for name, value in asdict(scores).items()}
    row |= {f"lesions_{name}": getattr(score.lesions, name) for name in LESION_COUNTS}
    row |= {"burden_error": score.burden_error}
    return row


def _nan_to_null(value: Any) -> Any:
    """A value of JSON with None in the place of every NaN."""
    if isinstance(value, dict):
        return {name: _nan_to_null(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_nan_to_null(member) for member in value]
    return None if isinstance(value, float) and math.isnan(value) else value
