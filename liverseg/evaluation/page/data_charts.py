"""Plots of the data set: how large the lesions are, and how coarse the scans."""

import numpy as np

from liverseg.evaluation.page.charts import NEUTRAL, Chart, Style, Trace, build_axis, escape_text
from liverseg.evaluation.page.data_set import ROLE_TITLES, find_roles, split_spacing
from liverseg.evaluation.results import Results
from liverseg.pages.colours import REDDISH_PURPLE, SKY_BLUE
from liverseg.scoring.case_score import CaseScore
from liverseg.tables.case_table import natural_key
from liverseg.tables.split import Role

STEP_MM = 5
"""Of the diameters that are counted together."""

# Colours that none of the models has.
ROLE_STYLES: dict[Role, Style] = {
    "train": Style(NEUTRAL, "circle"),
    "validation": Style(SKY_BLUE, "diamond"),
    "test": Style(REDDISH_PURPLE, "square"),
}


def draw_diameters(results: Results) -> Chart:
    """How many reference lesions there are of which size."""
    scored: dict[Role, tuple[CaseScore, ...]] = {  # of any model: their references are the same
        "validation": results.models[0].validation,
        "test": results.models[0].test,
    }
    diameters = {
        role: [lesion.diameter_mm for score in scores for lesion in score.lesions.reference]
        for role, scores in scored.items()
    }
    largest = max((each for some in diameters.values() for each in some), default=0.0)
    edges = np.arange(0, largest + 2 * STEP_MM, STEP_MM)
    traces: list[Trace] = [
        {
            "type": "bar",
            "name": ROLE_TITLES[role],
            "x": (edges[:-1] + STEP_MM / 2).tolist(),
            "y": np.histogram(some, edges)[0].tolist(),
            "width": 0.92 * STEP_MM,
            "marker": {"color": ROLE_STYLES[role].colour},
            "customdata": [f"{start:.0f} to {start + STEP_MM:.0f} mm" for start in edges[:-1]],
            "hovertemplate": "%{customdata}: %{y}<extra>%{fullData.name}</extra>",
        }
        for role, some in diameters.items()
    ]
    return Chart(
        "chart-diameters",
        "Reference lesions by size",
        f"Of the validation and test cases, in steps of {STEP_MM} mm.",
        traces,
        build_axis("largest axial diameter, mm", rangemode="tozero"),
        build_axis("lesions", rangemode="tozero"),
        {"barmode": "stack"},
    )


def draw_spacings(results: Results) -> Chart:
    """The spacing of every scan, within and between its slices."""
    roles = find_roles(results)
    traces: list[Trace] = []
    for role, style in ROLE_STYLES.items():
        case_ids = sorted((name for name in roles if roles[name] == role), key=natural_key)
        spacings = [split_spacing(results.cases[case_id]) for case_id in case_ids]
        trace = {
            "type": "scatter",
            "mode": "markers",
            "name": ROLE_TITLES[role],
            "marker": {"color": style.colour, "symbol": style.symbol, "size": 8},
            "x": [in_plane_mm for in_plane_mm, _ in spacings],
            "y": [slice_mm for _, slice_mm in spacings],
            "text": [escape_text(case_id) for case_id in case_ids],
            "hovertemplate": "case %{text}: %{x:.2f} mm in plane, %{y:.2f} mm between slices"
            "<extra>%{fullData.name}</extra>",
        }
        traces.append(trace)
    return Chart(
        "chart-spacings",
        "Spacing of the scans",
        "Coarse slices hide small lesions; roles should spread alike.",
        traces,
        build_axis("within slices, mm", rangemode="tozero"),
        build_axis("between slices, mm", rangemode="tozero"),
        {},
    )
