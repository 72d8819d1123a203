"""Experiments brought together that differ in one param: the fold, or the seed of training."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from liverseg.cases.case_table import natural_key
from liverseg.errors import DataError
from liverseg.experiments.revisions import Experiment
from liverseg.experiments.runs import CaseRow, Run

NUM_KEYS_SHOWN = 5


class Axis(StrEnum):
    """What the experiments of a pool differ in."""

    FOLD = "fold"
    SEED = "seed"

    @property
    def key(self) -> str:
        """The param, by its dotted key."""
        return {"fold": "split.fold", "seed": "train.seed"}[self.value]


@dataclass(frozen=True)
class Part:
    """One experiment of a pool.

    Attributes:
        number: The fold, from 0, or the seed.
        experiment: Its name and commit.
        rows: Its test cases, at least one, in natural order of their ids.
    """

    number: int
    experiment: Experiment
    rows: tuple[CaseRow, ...]


@dataclass(frozen=True)
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
    def rows(self) -> tuple[CaseRow, ...]:
        """The tests of all parts, in natural order of their cases."""
        return _sort_rows(row for part in self.parts for row in part.rows)


def build_pool(runs: Sequence[Run], axis: Axis, model: str) -> Pool:
    """Runs as the parts of a pool, not yet checked as one."""
    parts = tuple(
        Part(
            _get_number(run, axis),
            run.experiment,
            _sort_rows(row for row in run.rows if row.model == model),
        )
        for run in sorted(runs, key=lambda run: _get_number(run, axis))
    )
    return Pool(axis, model, parts)


def require_model(runs: Sequence[Run], model: str | None) -> str:
    """The model that all runs tested: the named one, else their only one.

    Raises:
        DataError: A run did not test it, or none is named and there are several.
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
    return model


def check_params(runs: Sequence[Run], axis: Axis, model: str) -> None:
    """Refuse runs that differ in more than the axis, as far as it bears on the model's scores.

    Raises:
        DataError: They do; it names the params and their values.
    """
    keys = sorted({key for run in runs for key in run.params if _bears_on_scores(key, axis, model)})
    differences = []
    for key in keys:
        holders = defaultdict(list)
        for run in runs:
            holders[run.params.get(key, "missing")].append(run.name)
        if len(holders) > 1:
            values = " and ".join(f"{v} in {', '.join(names)}" for v, names in holders.items())
            differences.append(f"{key} is {values}")
    if differences:
        more = "; ..." if differences[NUM_KEYS_SHOWN:] else ""
        raise DataError(
            "experiments",
            expected=f"params that differ in {axis.key} alone",
            received="; ".join(differences[:NUM_KEYS_SHOWN]) + more,
            next_step="Name the experiments that belong together.",
        )


def check_once(pool: Pool) -> None:
    """Refuse a number that two experiments have.

    Raises:
        DataError: It names them.
    """
    names = defaultdict(list)
    for part in pool.parts:
        names[part.number].append(part.experiment.name)
    for number, doubled in names.items():
        if len(doubled) > 1:
            raise DataError(
                f"{pool.axis} {number}",
                expected="one experiment",
                received=f"{len(doubled)}: {', '.join(doubled)}",
                next_step=f"Name one experiment a {pool.axis}.",
            )


def _get_number(run: Run, axis: Axis) -> int:
    return run.fold if axis is Axis.FOLD else run.seed


def _find_model(runs: Sequence[Run]) -> str:
    holders = defaultdict(list)
    for run in runs:
        holders[run.models].append(run.name)
    if len(holders) == 1 and len(runs[0].models) == 1:
        return runs[0].models[0]
    received = "; ".join(
        f"{', '.join(models) or 'none'} in {', '.join(names)}" for models, names in holders.items()
    )
    next_step = "Name the one that is meant with --model"
    if len(holders) > 1:
        next_step += ", or name the experiments of one model"
    raise DataError(
        "models", expected="test cases of one", received=received, next_step=f"{next_step}."
    )


def _bears_on_scores(key: str, axis: Axis, model: str) -> bool:
    """Not the choice of models, what is another model's own, or how figures are summarised."""
    section, *rest = key.split(".")
    if section == "models":
        return rest[:1] == [model]
    return section not in {"model", "evaluate"} and key != axis.key


def _sort_rows(rows: Iterable[CaseRow]) -> tuple[CaseRow, ...]:
    return tuple(sorted(rows, key=lambda row: natural_key(row.case_id)))
