"""The curves of a training in MLflow, where MLflow's own variable names a server or a database."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from liverseg.errors import LiversegError, build_missing_extra

VARIABLE = "MLFLOW_TRACKING_URI"
RETRIES = ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")  # 7 by itself, which take four minutes
LONGEST_REASON = 300

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
    os.environ.setdefault(*RETRIES)
    try:
        import mlflow
        from sqlalchemy.exc import SQLAlchemyError
    except ModuleNotFoundError as error:
        raise build_missing_extra(VARIABLE, "mlflow", error.name) from None
    troubles = (mlflow.MlflowException, SQLAlchemyError, ImportError)  # the last: of a database
    _ask(troubles, mlflow.start_run, run_name=name)
    try:
        yield partial(_ask, troubles, mlflow.log_metrics)
    except BaseException:
        with suppress(*troubles):  # what stopped the training is what is told
            mlflow.end_run("FAILED")
        raise
    _ask(troubles, mlflow.end_run)


def _ask(
    troubles: tuple[type[Exception], ...], call: Callable[..., object], *given: Any, **named: Any
) -> None:
    try:
        call(*given, **named)
    except troubles as error:
        raise LiversegError(
            f"{VARIABLE}: expected MLflow to take the metrics. "
            f"Received: {' '.join(str(error).split())[:LONGEST_REASON]}. Train again, and it goes "
            "on after its last finished epoch; unset the variable to track nothing."
        ) from None
