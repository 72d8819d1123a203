"""A training whose cases show no lesion: the liver is learnt, and the rest is said."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from liverseg.slices.stacks import (
    Preprocessing,
    SliceStack,
    open_stack,
    read_index,
    write_index,
    write_preprocessing,
    write_stack,
)
from liverseg.training.fit import train_model
from liverseg.training.job import TrainingJob
from tests.made.lesions import build_lesion_params

UNDEFINED = (
    "no validation case shows a lesion, val_lesion_dice is undefined: val_liver_dice decides"
)
UNLEARNT = (
    "no training case shows a lesion: the liver is learnt, what is said of lesions means nothing"
)


def heal(job: TrainingJob, folder: Path, case_ids: str) -> TrainingJob:
    """The same slices, those of some cases with healthy liver in the place of lesions."""
    folder.mkdir()
    rows = []
    for row in read_index(job.slices):
        healed = replace(row, lesion_pixels=0, lesions=())
        rows.append(healed if row.case_id in case_ids else row)
    for case_id in {row.case_id for row in rows}:
        stack = open_stack(job.slices, case_id)
        labels = np.minimum(stack.labels[:], 1) if case_id in case_ids else stack.labels
        write_stack(folder, SliceStack(case_id, stack.images, labels, stack.slice_grid), "npz")
    write_index(folder, rows)
    write_preprocessing(folder, Preprocessing(((-100, 400),), 32, "npz"))
    return replace(job, slices=folder)


def train(job: TrainingJob, folder: Path, capsys, **changes: object) -> tuple[dict, list[str]]:
    """The metrics of a training by lesion Dice, and the notes it wrote."""
    changes = {"monitor": "val_lesion_dice"} | changes
    changed = replace(job, train=job.train.model_copy(update=changes))
    trained = train_model(changed, folder / "curves", folder / "logs", folder / "unfinished")
    return trained.metrics, capsys.readouterr().err.splitlines()


def test_without_any_lesion_the_epoch_of_the_best_liver_is_kept(job, tmp_path, monkeypatch, capsys):
    """By an undefined lesion Dice, 0 in each epoch here, the first would be kept and the learning
    rate would fall from the second on."""
    monkeypatch.chdir(tmp_path)
    healed = heal(job, tmp_path / "slices", "abc")
    metrics, written = train(
        healed, tmp_path, capsys, epochs=6, lesion_share=0.3, learning_rate=2e-3
    )
    assert f"note: simple_cnn: {UNDEFINED}" in written
    assert f"note: simple_cnn: {UNLEARNT}" in written
    curve = (tmp_path / "curves/plots/metrics/val/liver_dice.tsv").read_text().splitlines()[1:]
    livers = [float(line.split("\t")[1]) for line in curve]
    assert metrics["kept_epoch"] == 1 + int(np.argmax(livers)) > 1
    assert metrics["val_liver_dice"] == pytest.approx(max(livers))


@pytest.mark.parametrize(
    ("case_ids", "expected"), [("c", {UNDEFINED}), ("ab", {UNLEARNT}), ("a", set())]
)
def test_only_what_is_missing_is_said(job, tmp_path, monkeypatch, capsys, case_ids, expected):
    monkeypatch.chdir(tmp_path)
    healed = heal(job, tmp_path / "slices", case_ids)
    _, written = train(healed, tmp_path, capsys, epochs=1)
    said = {line.removeprefix("note: simple_cnn: ") for line in written if "note:" in line}
    assert said == expected


def test_of_a_monitor_that_is_defined_nothing_is_said(job, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    healed = heal(job, tmp_path / "slices", "c")
    _, written = train(healed, tmp_path, capsys, epochs=1, monitor="val_loss")
    assert not any("note:" in line for line in written)


def test_painted_lesions_are_lesions(job, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    lesions = build_lesion_params(probability=0.5)
    painting = replace(job, augment=job.augment.model_copy(update={"lesions": lesions}))
    healed = heal(painting, tmp_path / "slices", "ab")
    _, written = train(healed, tmp_path, capsys, epochs=1)
    assert not any("note:" in line for line in written)
