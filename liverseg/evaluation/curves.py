"""How each training went, from the curves that it left behind."""

from functools import reduce
from pathlib import Path

import pandas as pd

CURVES = (
    *("loss", "lesion_dice", "liver_dice", "lesion_bce"),
    *("val_loss", "val_lesion_dice", "val_liver_dice", "val_lesion_bce"),
    "learning_rate",
)


def read_curves(model: Path) -> pd.DataFrame:
    """One row an epoch, counted from 1: ``epoch`` and, as text, the metrics of ``CURVES``.

    DVCLive writes a file a metric with a row a step; steps count from 0, and an undefined value has
    no row. A metric without a file is undefined throughout.
    """
    return reduce(
        lambda table, name: table.merge(_read_curve(model, name), how="outer", on="epoch"),
        CURVES,
        pd.DataFrame({"epoch": pd.Series(dtype=int)}),
    ).sort_values("epoch")


def _read_curve(model: Path, name: str) -> pd.DataFrame:
    role = "val/" if name.startswith("val_") else "" if name == "learning_rate" else "train/"
    folder = model / "curves" / "plots" / "metrics"
    path = folder / f"{role}{name.removeprefix('val_')}.tsv"
    if not path.exists():
        return pd.DataFrame({"epoch": pd.Series(dtype=int), name: pd.Series(dtype=str)})
    curve = pd.read_csv(path, sep="\t", dtype={path.stem: str})
    return pd.DataFrame({"epoch": curve["step"] + 1, name: curve[path.stem]})
