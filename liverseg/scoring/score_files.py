"""Scores on disk: JSON that comes back as it was, and CSV with a row a case."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from liverseg.errors import DataError
from liverseg.json_files import read_json, write_json
from liverseg.scoring.case_score import CaseScore
from liverseg.tables.csv_rows import write_rows

CASE_SCORES = TypeAdapter(tuple[CaseScore, ...])

LESION_COUNTS = ("num_reference", "num_predicted", "num_matched", "num_touched", "num_touching")


def write_case_scores(path: Path, scores: Sequence[CaseScore]) -> None:
    """Write scores as JSON: ``cases``, floats in full precision, ``null`` where undefined."""
    write_document(path, {"cases": export_cases(scores)})


def write_document(path: Path, document: Mapping[str, Any]) -> None:
    """Write nested figures as JSON, ``null`` for NaN."""
    write_json(path, _nan_to_null(document), indent=1)


def export_cases(scores: Sequence[CaseScore]) -> list[dict[str, Any]]:
    """Scores as members of JSON; NaN where undefined."""
    return [_export_case(score) for score in scores]


def read_case_scores(path: Path) -> tuple[CaseScore, ...]:
    """Scores as ``write_case_scores`` got them.

    Raises:
        DataError: The file is missing or holds something else.
    """
    try:
        return CASE_SCORES.validate_python(_null_to_nan(read_json(path)["cases"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            str(path),
            expected="scores of cases as JSON",
            received=" ".join(str(error).split())[:200] or type(error).__name__,
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


def _flatten_case(score: CaseScore) -> dict[str, Any]:
    row: dict[str, Any] = {"case_id": score.case_id, "patient_id": score.patient_id}
    for region, scores in (("liver", score.liver), ("lesion", score.lesion)):
        row |= {f"{region}_{name}": value for name, value in asdict(scores).items()}
    row |= {f"lesions_{name}": getattr(score.lesions, name) for name in LESION_COUNTS}
    row |= {"burden_error": score.burden_error}
    return row


def _nan_to_null(value: Any) -> Any:
    """A value of JSON with None in the place of every NaN."""
    if isinstance(value, Mapping):
        return {name: _nan_to_null(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_nan_to_null(member) for member in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def _null_to_nan(value: Any) -> Any:
    """The same backwards."""
    if isinstance(value, dict):
        return {name: _null_to_nan(member) for name, member in value.items()}
    if isinstance(value, list):
        return list(map(_null_to_nan, value))
    return math.nan if value is None else value
