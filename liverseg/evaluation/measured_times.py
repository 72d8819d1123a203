"""Measured times beside the table: they differ from run to run, so they are shown, never kept."""

from collections.abc import Iterable
from pathlib import Path

from liverseg.pages.markdown import DASH, TITLES, format_table
from liverseg.params import ModelName
from liverseg.timings import read_timing


def describe_times(folder: Path, models: Iterable[ModelName]) -> str:
    """A table of what was measured on this machine; a dash where nothing was."""
    rows = []
    for model in models:
        training, prediction = (
            read_timing(folder / f"{step}_{model}.json") for step in ("train", "predict")
        )
        minutes = f"{training.seconds / 60:.1f}" if training else DASH
        seconds = f"{prediction.seconds / prediction.num_items:.2f}" if prediction else DASH
        rows.append([TITLES[model], minutes, seconds])
    return format_table(["Measured here", "Training, minutes", "Seconds a volume"], rows)
