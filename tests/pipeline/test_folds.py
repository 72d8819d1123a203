"""A cross-validation of the tiny chain as a user runs it: a queue, then the pooled figures."""

import csv
import io
import json
from statistics import fmean, stdev

import pytest

from tests.pipeline.clone import Clone

pytestmark = pytest.mark.slow

NUM_FOLDS = 5


def read_test_rows(clone: Clone, experiment: str) -> list[dict[str, str]]:
    text = clone.run("git", "show", f"{experiment}:metrics/cases.csv")
    return [row for row in csv.DictReader(io.StringIO(text)) if row["role"] == "test"]


def test_queued_folds_are_pooled_with_every_patient_tested_once(chain: Clone) -> None:
    folds = ",".join(map(str, range(NUM_FOLDS)))
    changes = (f"split.num_folds={NUM_FOLDS}", f"split.fold={folds}", "model=simple_cnn")
    flags = [word for change in changes for word in ("-S", change)]
    chain.run("dvc", "exp", "run", "--queue", *flags)
    assert "experiments" in chain.run("liverseg", "folds", expect=2)  # none has run yet
    chain.run("dvc", "queue", "start", "-j", "2")  # side by side: nothing is shared
    chain.wait_for_queue(NUM_FOLDS)

    text = chain.run("liverseg", "folds", "--json", "folds.json")
    assert f"Simple CNN: cross-validation over {NUM_FOLDS} folds" in text
    document = json.loads((chain.folder / "folds.json").read_text())
    with (chain.folder / "data/cases.csv").open(newline="") as file:
        cases = list(csv.DictReader(file))
    assert document["num_cases"] == len(cases)
    assert document["num_patients"] == len({case["patient_id"] for case in cases})

    tested = [read_test_rows(chain, fold["commit"]) for fold in document["folds"]]
    by_fold = [[float(row["liver_dice"]) for row in rows] for rows in tested]
    dice = document["scores"]["liver_dice_per_case"]
    assert dice["value"] == pytest.approx(fmean(value for fold in by_fold for value in fold))
    assert dice["folds"] == pytest.approx([fmean(fold) for fold in by_fold])
    assert dice["spread"] == pytest.approx(stdev(map(fmean, by_fold)))
    assert dice["low"] <= dice["value"] <= dice["high"]
