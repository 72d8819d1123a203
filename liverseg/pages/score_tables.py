"""Scores of masks as tables for a terminal."""

from collections.abc import Sequence

from liverseg.labels import REGIONS
from liverseg.pages.markdown import format_count
from liverseg.pages.table import Cell, build_estimate, format_cells
from liverseg.scoring.case_score import CaseScore
from liverseg.statistics.bootstrap import MIN_PATIENTS
from liverseg.statistics.case_columns import list_figures
from liverseg.statistics.score_table import OF_A_CASE, REGION_SCORES, SCORES, SHOWN_OF_A_CASE
from liverseg.statistics.summary import Summary

SURFACE_NOTE = (
    "The surfaces behind the ASSD follow the LiTS challenge (voxels that an erosion by faces and "
    "edges removes); tools with another convention differ by 10 to 30 % on the same masks."
)


def format_case(score: CaseScore) -> str:
    """All scores of one case, liver and lesion side by side."""
    figures, lesions = list_figures(score), score.lesions
    rows = []
    for name in REGION_SCORES:
        of = OF_A_CASE[f"lesion_{name}"]
        rows.append(
            (Cell(of.label), *(Cell(figures[f"{each}_{name}"], of.spec) for each in REGIONS))
        )
    return "\n".join(
        [
            format_cells([f"case {score.case_id}", *REGIONS], rows),
            (
                f"Lesions: {lesions.num_reference} in the reference, {lesions.num_touched} "
                f"touched; {lesions.num_predicted} predicted, {lesions.num_touching} touching; "
                f"{lesions.num_matched} matched (IoU > 0.5)"
            ),
            f"Tumour burden error: {score.burden_error:+.4f}",
            SURFACE_NOTE,
        ]
    )


def format_cases(scores: Sequence[CaseScore]) -> str:
    """The main scores, a row a case."""
    rows = []
    for score in scores:
        figures = list_figures(score)
        cells = (Cell(figures[name], OF_A_CASE[name].spec) for name in SHOWN_OF_A_CASE)
        rows.append((Cell(score.case_id), *cells))
    return format_cells(["case", *(OF_A_CASE[name].title for name in SHOWN_OF_A_CASE)], rows)


def format_summary(summary: Summary) -> str:
    """Scores over cases: value, 95 % interval over patients, number of cases covered.

    Those of the regions stand side by side; then come all that are of lesions one by one.
    """

    def build_cell(key: str) -> Cell:
        return build_estimate(SCORES[key], summary[key], summary.num_cases)

    regions, others = [], []
    for key, score in SCORES.items():
        region, _, name = key.partition(".")
        if region == "lesion":
            title = f"{score.term}, {score.unit}" if score.unit else score.term
            regions.append((Cell(title), *(build_cell(f"{each}.{name}") for each in REGIONS)))
        elif region != "liver":
            others.append((Cell(score.label), build_cell(key)))
    heading = "value [95 % interval over patients] (n: cases covered, where not all)"
    if summary.num_patients < MIN_PATIENTS:
        heading = "value (n: cases covered, where not all); too few patients for intervals"
    return "\n\n".join(
        [
            f"{format_count(summary.num_cases, 'case')}: {heading}",
            format_cells(["", *REGIONS], regions),
            format_cells(["lesion by lesion", ""], others),
            SURFACE_NOTE,
        ]
    )
