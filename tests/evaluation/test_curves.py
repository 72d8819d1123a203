import pandas as pd
import pytest
from dvclive import Live

from liverseg.evaluation.curves import CURVES, read_curves


@pytest.fixture
def model(tmp_path, monkeypatch):
    """Three epochs as the stage train writes them; no val_lesion_dice in the second."""
    monkeypatch.chdir(tmp_path)  # DVCLive looks for a git repository
    with Live(str(tmp_path / "curves"), dvcyaml=None, save_dvc_exp=False, report=None) as live:
        for epoch in range(3):
            live.step = epoch
            live.log_metric("train/loss", 0.5 - epoch / 10)
            if epoch != 1:
                live.log_metric("val/lesion_dice", epoch / 4)
            live.log_metric("learning_rate", 0.001)
    return tmp_path


def test_there_is_a_row_an_epoch_counted_from_one(model):
    curves = read_curves(model)
    assert list(curves.columns) == ["epoch", *CURVES]
    assert list(curves["epoch"]) == [1, 2, 3]
    assert list(curves["loss"]) == ["0.5", "0.4", "0.3"]
    assert list(curves["learning_rate"]) == ["0.001"] * 3


def test_an_undefined_value_leaves_a_gap_and_a_metric_without_a_file_is_undefined(model):
    curves = read_curves(model)
    assert list(curves["val_lesion_dice"].isna()) == [False, True, False]
    assert curves["val_loss"].isna().all()


def test_a_model_without_curves_has_no_epochs(tmp_path):
    pd.testing.assert_index_equal(read_curves(tmp_path).columns, pd.Index(["epoch", *CURVES]))
    assert read_curves(tmp_path).empty
