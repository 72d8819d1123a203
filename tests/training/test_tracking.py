import shutil
import sys
from pathlib import Path

import mlflow
import pytest

from liverseg.errors import LiversegError
from liverseg.training.fit import train_model
from liverseg.training.tracking import VARIABLE, open_tracking


def read_curves(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """What DVCLive wrote: of each metric the rows of step and value."""
    return {
        str(path.relative_to(folder).with_suffix("")): [
            (int(step), float(value))
            for step, value in map(str.split, path.read_text().splitlines()[1:])
        ]
        for path in folder.rglob("*.tsv")
    }


def test_mlflow_holds_the_curves_that_dvclive_writes(job, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, (tmp_path / "mlruns").as_uri())  # what needs no server
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.chdir(tmp_path)
    train_model(job, tmp_path / "curves", tmp_path / "logs/unet", tmp_path / "unfinished")
    client = mlflow.MlflowClient()
    (run,) = client.search_runs(["0"])
    assert (run.info.run_name, run.info.status) == ("models.simple_cnn", "FINISHED")
    curves = read_curves(tmp_path / "curves/plots/metrics")
    assert {"train/loss", "val/lesion_dice", "learning_rate"} <= curves.keys()
    for name, rows in curves.items():
        history = client.get_metric_history(run.info.run_id, name)
        assert [(each.step, each.value) for each in history] == rows


def test_an_mlflow_that_does_not_answer_is_a_users_error(monkeypatch):
    monkeypatch.setenv(VARIABLE, "http://127.0.0.1:9")  # the port of discard
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    reason = f"{VARIABLE}.*127.0.0.1.*Failed to establish.*unset"
    refused = pytest.raises(LiversegError, match=reason)
    with refused, open_tracking("unet"):
        pass


@pytest.mark.filterwarnings("ignore:The ``noload`` loader")  # MLflow's use of SQLAlchemy
@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("sqlite:///{0}/words.txt", "not a database"),
        ("postgresql://nobody@localhost/mlflow", "No module named 'psycopg"),
        ("nowhere://", "nowhere"),
    ],
)
def test_an_address_that_mlflow_cannot_use_is_a_users_error(address, reason, tmp_path, monkeypatch):
    (tmp_path / "words.txt").write_text("no database, but words" * 100)
    monkeypatch.setenv(VARIABLE, address.format(tmp_path))
    monkeypatch.chdir(tmp_path)
    refused = pytest.raises(LiversegError, match=f"{VARIABLE}.*{reason}.*unset")
    with refused as told, open_tracking("unet"):
        pass
    assert "\n" not in str(told.value)


def test_an_epoch_is_not_trained_again_because_it_could_not_be_tracked(job, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, (tmp_path / "mlruns").as_uri())
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.chdir(tmp_path)
    places = tmp_path / "curves", tmp_path / "logs", tmp_path / "unfinished"

    class Full(mlflow.MlflowException):
        pass

    def refuse(values, step):
        raise Full(f"no space for step {step}")

    with monkeypatch.context() as broken:
        broken.setattr(mlflow, "log_metrics", refuse)
        with pytest.raises(LiversegError, match="no space for step 0"):
            train_model(job, *places)
    (state,) = (tmp_path / "unfinished").glob("*/epoch_*")
    assert state.name == "epoch_000001"
    shutil.rmtree(tmp_path / "curves")
    train_model(job, *places)
    statuses = {run.info.status for run in mlflow.MlflowClient().search_runs(["0"])}
    assert statuses == {"FAILED", "FINISHED"}
    steps = [step for step, _ in read_curves(tmp_path / "curves/plots/metrics")["train/loss"]]
    assert steps == list(range(job.train.epochs))


def test_a_missing_mlflow_is_a_users_error(monkeypatch):
    monkeypatch.setenv(VARIABLE, "sqlite:///mlflow.db")
    monkeypatch.setitem(sys.modules, "mlflow", None)
    refused = pytest.raises(LiversegError, match=r'no module mlflow.*"liverseg\[mlflow\]"')
    with refused, open_tracking("unet"):
        pass


def test_without_the_variable_mlflow_is_not_even_imported(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setitem(sys.modules, "mlflow", None)  # an import would fail
    with open_tracking("unet") as track:
        track({"loss": 1.0}, 0)
