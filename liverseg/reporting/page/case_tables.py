"""Every scored case, and every lesion in it, model by model."""

from collections.abc import Iterable

import pandas as pd

from liverseg.cases.split import Role
from liverseg.reporting.case_rows import ROLE_ORDER
from liverseg.reporting.markdown import DASH, TITLES
from liverseg.reporting.page.table import Cell, Column, Table, build_count, build_number
from liverseg.reporting.results import ModelResult
from liverseg.scoring.case_score import CaseScore
from liverseg.scoring.lesions import LesionScores, MatchedLesion, PredictedLesion, ReferenceLesion

CASE = Column("Case", is_number=False)
MODEL = Column("Model", is_number=False, is_choice=True)
ROLE = Column("Role", "Role", is_number=False, is_choice=True)

CASE_COLUMNS = (
    *(CASE, MODEL, ROLE),
    Column("Lesion Dice", "Dice"),
    Column("Liver Dice", "Dice"),
    Column("Lesion ASSD, mm", "ASSD"),
    Column("Lesion HD95, mm", "HD95"),
    Column("Burden error", "Burden"),
    Column("Lesion, reference, ml"),
    Column("Lesion, predicted, ml"),
    Column("Lesions, reference"),
    Column("Lesions, predicted"),
    Column("Matched", "Matched"),
)
LESION_COLUMNS = (
    *(CASE, MODEL, ROLE),
    Column("Outcome", "Matched", is_number=False, is_choice=True),
    Column("Diameter, mm", "Diameter"),
    Column("Volume, ml"),
    Column("Dice", "Dice"),
    Column("IoU", "Matched"),
    Column("ASSD, mm", "ASSD"),
)
NO_MATCH = (Cell(DASH), Cell(DASH), Cell(DASH))


def build_case_table(case_rows: pd.DataFrame) -> Table:
    """A row a model and case, in the order of ``build_case_rows``: worst first."""
    return Table(
        "case-table",
        "All test and validation cases, the lowest lesion Dice first.",
        CASE_COLUMNS,
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
        Cell(str(row["case_id"])),
        Cell(TITLES[str(row["model"])]),
        Cell(str(row["role"])),
        build_number(row["lesion_dice"]),
        build_number(row["liver_dice"]),
        build_number(row["lesion_assd_mm"], 2),
        build_number(row["lesion_hd95_mm"], 1),
        build_number(row["burden_error"], 4),
        build_number(row["lesion_reference_ml"], 1),
        build_number(row["lesion_predicted_ml"], 1),
        build_count(int(row["num_lesions_reference"])),
        build_count(int(row["num_lesions_predicted"])),
        build_count(int(row["num_lesions_matched"])),
    )


def _build_lesion_rows(
    result: ModelResult, role: Role, score: CaseScore
) -> Iterable[tuple[Cell, ...]]:
    head = (Cell(score.case_id), Cell(TITLES[result.description.model]), Cell(role))
    for lesion, outcome, match in _judge_lesions(score.lesions):
        fit = (
            (build_number(match.dice), build_number(match.iou), build_number(match.assd_mm, 2))
            if match
            else NO_MATCH
        )
        size = (build_number(lesion.diameter_mm, 1), build_number(lesion.volume_ml, 2))
        yield (*head, Cell(outcome), *size, *fit)


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
