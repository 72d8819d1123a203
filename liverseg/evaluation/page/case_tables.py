"""Every scored case, and every lesion in it, model by model."""

import math
from collections.abc import Iterable

import pandas as pd

from liverseg.evaluation.case_rows import ROLE_ORDER
from liverseg.evaluation.results import ModelResult
from liverseg.pages.markdown import TITLES
from liverseg.pages.table import Cell, Column, Table, build_number
from liverseg.scoring.case_score import CaseScore
from liverseg.scoring.lesions import LesionScores, MatchedLesion, PredictedLesion, ReferenceLesion
from liverseg.statistics.score_table import OF_A_CASE, SHOWN_OF_A_CASE
from liverseg.tables.split import Role

CASE = Column("Case", is_number=False)
MODEL = Column("Model", is_number=False, is_choice=True)
ROLE = Column("Role", "Role", is_number=False, is_choice=True)

SHOWN = {name: OF_A_CASE[name] for name in SHOWN_OF_A_CASE}
VOLUMES = {
    "lesion_reference_ml": "Lesion, reference, ml",
    "lesion_predicted_ml": "Lesion, predicted, ml",
}
LESION_COLUMNS = (
    *(CASE, MODEL, ROLE),
    Column("Outcome", "Matched", is_number=False, is_choice=True),
    Column("Diameter, mm", "Diameter"),
    Column("Volume, ml"),
    Column("Dice", "Dice"),
    Column("IoU", "Matched"),
    Column("ASSD, mm", "ASSD"),
    Column("Confidence", "Confidence"),
)
NO_MATCH = (Cell(None), Cell(None), Cell(None))


def build_case_table(case_rows: pd.DataFrame) -> Table:
    """A row a model and case, in the order of ``build_case_rows``: worst first."""
    return Table(
        "case-table",
        "All test and validation cases, the lowest lesion Dice first.",
        (
            *(CASE, MODEL, ROLE),
            *(Column(score.title, score.term) for score in SHOWN.values()),
            *map(Column, VOLUMES.values()),
        ),
        tuple(_build_case_row(row) for _, row in case_rows.iterrows()),
        is_searchable=True,
    )


def build_lesion_table(models: Iterable[ModelResult]) -> Table:
    """A row a model and reference lesion, and a row a false positive; test cases first."""
    rows = [
        row
        for role in ROLE_ORDER
        for result in models
        for score in (result.test if role == "test" else result.validation)
        for row in _build_lesion_rows(result, role, score)
    ]
    return Table(
        "lesion-table",
        "All lesions of the references, and predicted ones that match none.",
        LESION_COLUMNS,
        tuple(rows),
        is_searchable=True,
    )


def _build_case_row(row: "pd.Series[float]") -> tuple[Cell, ...]:
    return (
        *(Cell(str(row["case_id"])), Cell(TITLES[str(row["model"])]), Cell(str(row["role"]))),
        *(Cell(row[name], score.spec) for name, score in SHOWN.items()),
        *(Cell(row[name], ".1f") for name in VOLUMES),
    )


def _build_lesion_rows(
    result: ModelResult, role: Role, score: CaseScore
) -> Iterable[tuple[Cell, ...]]:
    head = (Cell(score.case_id), Cell(TITLES[result.description.model]), Cell(role))
    predicted = score.lesions.predicted
    for lesion, outcome, match in _judge_lesions(score.lesions):
        fit = (
            (build_number(match.dice), build_number(match.iou), build_number(match.assd_mm, 2))
            if match
            else NO_MATCH
        )
        found = predicted[match.predicted_index] if match else lesion
        confidence = found.confidence if isinstance(found, PredictedLesion) else math.nan
        size = (build_number(lesion.diameter_mm, 1), build_number(lesion.volume_ml, 2))
        yield (*head, Cell(outcome), *size, *fit, build_number(confidence, 2))


def _judge_lesions(
    lesions: LesionScores,
) -> Iterable[tuple[ReferenceLesion | PredictedLesion, str, MatchedLesion | None]]:
    """What became of each reference lesion, then the false positives."""
    matches = {match.reference_index: match for match in lesions.matched}
    for index, lesion in enumerate(lesions.reference):
        match = matches.get(index)
        yield lesion, "matched" if match else "touched" if lesion.is_touched else "missed", match
    for predicted in lesions.predicted:
        if not predicted.is_matched:
            yield predicted, "false positive", None
