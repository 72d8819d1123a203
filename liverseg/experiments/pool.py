"""Experiments brought together that differ in one param: the fold, or the seed of training."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from liverseg.errors import DataError
from liverseg.experiments.revisions import Experiment
from liverseg.experiments.runs import Run
from liverseg.tables.case_table import natural_key

NUM_KEYS_SHOWN = 5


class Axis(StrEnum):
    """What the experiments of a pool differ in."""

    FOLD = "fold"
    SEED = "seed"

    @property
    def key(self) -> str:
        """The param, by its dotted key."""
        return {"fold": "split.fold", "seed": "train.seed"}[self.value]


@dataclass(frozen=True, eq=False)
class Part:
    """One experiment of a pool.

    Attributes:
        number: The fold, from 0, or the seed.
        experiment: Its name and commit.
        rows: Its test cases as in a ``Run``, at least one, in natural order of their ids.
    """

    number: int
    experiment: Experiment
    rows: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Pool:
    """Experiments with one model.

    Attributes:
        axis: What they differ in. Over folds no case and no patient stands in two parts; over seeds
            every part has the same cases.
        model: Its name.
        parts: In the order of their numbers.
    """

    axis: Axis
    model: str
    parts: tuple[Part, ...]

    @property
    def rows(self) -> pd.DataFrame:
        """The tests of all parts, in natural order of their cases; ``part`` says of which."""
        named = [part.rows.assign(part=self.name_part(part)) for part in self.parts]
        return _sort_rows(pd.concat(named))

    def name_part(self, part: Part) -> str:
        """``fold 1 (experiment)``."""
        return f"{self.axis} {part.number} ({part.experiment.name})"


def build_pool(runs: Sequence[Run], axis: Axis, model: str | None) -> Pool:
    """Runs as the parts of a pool.

    Args:
        runs: At least one.
        axis: What they may differ in.
        model: Whose scores are pooled; None for the only one.

    Raises:
        DataError: A run did not test the model, or none is named and there are several; the runs
            differ in more than the axis, as far as it bears on the model's scores; or two have one
            number.
    """
    model = model or _find_model(runs)
    for run in runs:
        if model not in run.models:
            raise DataError(
                f"experiment {run.name}",
                expected=f"test cases of {model}",
                received=f"those of {', '.join(run.models) or 'no model'}",
                next_step="Name the experiments of one model.",
            )
    _check_params(runs, axis, model)
    numbers = [run.fold if axis is Axis.FOLD else run.seed for run in runs]
    names = pd.Series([run.name for run in runs], numbers)
    for number, doubled in names[names.index.duplicated(keep=False)].groupby(level=0):
        raise DataError(
            f"{axis} {number}",
            expected="one experiment",
            received=f"{len(doubled)}: {', '.join(doubled)}",
            next_step=f"Name one experiment a {axis}.",
        )
    parts = [
        Part(number, run.experiment, _sort_rows(run.rows[run.rows["model"] == model]))
        for number, run in sorted(zip(numbers, runs, strict=True), key=lambda pair: pair[0])
    ]
    return Pool(axis, model, tuple(parts))


def _check_params(runs: Sequence[Run], axis: Axis, model: str) -> None:
    table = pd.DataFrame([run.params for run in runs]).fillna("missing")
    differences = [
        f"{key} is {_list_holders(runs, table[key])}"
        for key in sorted({key for run in runs for key in run.params})
        if len(table[key].unique()) > 1 and _bears_on_scores(key, axis, model)
    ]
    if differences:
        more = "; ..." if differences[NUM_KEYS_SHOWN:] else ""
        raise DataError(
            "experiments",
            expected=f"params that differ in {axis.key} alone",
            received="; ".join(differences[:NUM_KEYS_SHOWN]) + more,
            next_step="Name the experiments that belong together.",
        )


def _find_model(runs: Sequence[Run]) -> str:
    models = [", ".join(run.models) or "none" for run in runs]
    if len(set(models)) == 1 and len(runs[0].models) == 1:
        return models[0]
    next_step = "Name the one that is meant with --model"
    if len(set(models)) > 1:
        next_step += ", or name the experiments of one model"
    raise DataError(
        "models",
        expected="test cases of one",
        received=_list_holders(runs, models, "; "),
        next_step=f"{next_step}.",
    )


def _list_holders(runs: Sequence[Run], values: Iterable[str], separator: str = " and ") -> str:
    """``1 in first, third and 2 in second``: each value with the runs that have it."""
    names = pd.Series([run.name for run in runs]).groupby(list(values), sort=False)
    return separator.join(f"{value} in {', '.join(having)}" for value, having in names)


def _bears_on_scores(key: str, axis: Axis, model: str) -> bool:
    """Not the choice of models, what is another model's own, or how figures are summarised."""
    section, *rest = key.split(".")
    if section == "models":
        return rest[:1] == [model]
    return section not in {"model", "evaluate"} and key != axis.key


def _sort_rows(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values(
        "case_id", key=lambda ids: ids.map(natural_key), kind="stable", ignore_index=True
    )
