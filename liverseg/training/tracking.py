"""The curves of a training in MLflow, where MLflow's own variable names a server or a database."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from liverseg.errors import LiversegError, build_missing_extra

VARIABLE = "MLFLOW_TRACKING_URI"

Track = Callable[[dict[str, float], int], object]
"""Takes the metrics of an epoch by name, and its step."""


@contextmanager
def open_tracking(name: str) -> Iterator[Track]:
    """A new run in MLflow for as long as the block; without the variable nothing is tracked.

    Args:
        name: Of the run.

    Raises:
        LiversegError: MLflow is not installed, or it refuses, or it no longer answers.
    """
    if not os.environ.get(VARIABLE):
        yield lambda *_: None
        return
    try:
        import mlflow
    except ModuleNotFoundError as error:
        raise build_missing_extra(VARIABLE, "mlflow", error.name) from None
    try:
        with mlflow.start_run(run_name=name):
            yield mlflow.log_metrics
    except mlflow.MlflowException as error:
        raise LiversegError(
            f"{VARIABLE}: expected MLflow to take the metrics. Received: {error}. Train again, and "
            "it goes on after its last finished epoch; unset the variable to track nothing."
        ) from None
