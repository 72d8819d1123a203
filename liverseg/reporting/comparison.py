"""The comparison for machines: one wide row a model with every figure that there is."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from liverseg.reporting.figures import Figures


def build_comparison(figures: Sequence[Figures]) -> pd.DataFrame:
    """One row a model, then all background; None or NaN where a figure is undefined.

    Columns are those of ``model.json``, the metrics of the kept epoch with ``training_`` before
    their names, the lesion Dice per case of the validation cases that the selection went by, and
    every score over the test cases. A score over cases takes four columns: its value, its 95 %
    interval (``_low``, ``_high``) and the number of cases behind it (``_num_cases``).
    """
    rows = [_build_row(each) for each in figures]
    return pd.DataFrame(rows, dtype=object)  # keeps whole numbers whole beside an empty field


def _build_row(figures: Figures) -> dict[str, Any]:
    selected_by = figures.validation.lesion.dice_per_case
    return {
        **(asdict(figures.description) if figures.description else {}),
        "model": figures.name,
        **{f"training_{name}": value for name, value in figures.training.items()},
        **_flatten("validation_lesion_dice_per_case", asdict(selected_by)),
        **_flatten("", asdict(figures.test)),
        "liver_ece": figures.liver_ece,
        "lesion_ece": figures.lesion_ece,
    }


def _flatten(name: str, value: Mapping[str, Any] | float) -> dict[str, float]:
    """Columns of a nested score: ``lesion`` of ``dice`` becomes ``lesion_dice``."""
    if not isinstance(value, Mapping):
        return {name: value}
    columns: dict[str, float] = {}
    for key, member in value.items():
        parts = [part for part in (name, key) if part not in ("", "value")]
        columns |= _flatten("_".join(parts), member)
    return columns
