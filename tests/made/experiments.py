"""Experiments made by hand."""

import math
from dataclasses import replace

import pandas as pd

from liverseg.experiments.revisions import Experiment
from liverseg.experiments.runs import IDS, NUMBERS, Run

PARAMS = {
    "model": "'unet'",
    "split.seed": "1",
    "split.num_folds": "3",
    "train.seed": "1",
    "models.unet.filters": "16",
    "models.resnet.depth": "50",
    "evaluate.seed": "1",
}


def build_row(case_id, patient_id, lesion_dice=0.5, *, model="unet", lesions=(1, 1, 1), **values):
    """A case; lesions are those of the reference, the predicted and the matched."""
    scores = {
        "liver_dice": 0.9,
        "lesion_assd_mm": math.nan,
        "lesion_hd95_mm": math.nan,
        "burden_error": 0.0,
        "lesion_reference_ml": 5.0 if lesions[0] else 0.0,
    }
    names = ("num_lesions_reference", "num_lesions_predicted", "num_lesions_matched")
    counts = dict(zip(names, map(float, lesions), strict=True))
    ids = {"model": model, "case_id": case_id, "patient_id": patient_id}
    return ids | {"lesion_dice": lesion_dice} | scores | counts | values


def build_rows(*rows):
    """A table of cases, as an experiment has it."""
    return pd.DataFrame(list(rows), columns=[*IDS, *NUMBERS])


def build_fold_run(fold, rows, name=None, num_folds=3, **params):
    """One experiment; params by dotted key with __ for the dot."""
    changed = {key.replace("__", "."): value for key, value in params.items()}
    return Run(
        experiment=Experiment(name or f"exp-{fold}", f"{fold}" * 40, "f" * 40),
        num_folds=num_folds,
        fold=fold,
        seed=1,
        params=PARAMS | {"split.fold": str(fold), "split.num_folds": str(num_folds)} | changed,
        rows=build_rows(*rows),
    )


def build_seed_run(seed, rows, name=None, **params):
    """One experiment on the fixed split; params by dotted key with __ for the dot."""
    run = build_fold_run(0, rows, name or f"seed-{seed}", num_folds=0, **params)
    return replace(run, seed=seed, params=run.params | {"train.seed": str(seed)})


def build_three_runs():
    """Seven cases of six patients; the first patient has two scans."""
    return [
        build_fold_run(2, [build_row("7", "f", 0.3), build_row("10", "e", 0.7)]),
        build_fold_run(0, [build_row("1", "a", 0.2), build_row("2", "a", 0.4)]),
        build_fold_run(
            1, [build_row("3", "b", 0.5), build_row("4", "c", 0.6), build_row("5", "d", 1.0)]
        ),
    ]
