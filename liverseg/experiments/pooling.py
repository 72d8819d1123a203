"""Folds brought together: every patient tested once, by one model under one set of params."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from liverseg.cases.case_table import natural_key
from liverseg.errors import DataError
from liverseg.experiments.fold_rows import CaseRow, FoldRun
from liverseg.experiments.revisions import Experiment

NUM_KEYS_SHOWN = 5
RUN_FOLDS = (
    "Run one experiment a fold: `dvc exp run --queue -S split.num_folds=5 "
    "-S split.fold=0,1,2,3,4`, then `dvc queue start`."
)


@dataclass(frozen=True)
class Fold:
    """One fold of a cross-validation.

    Attributes:
        number: Counts from 0.
        experiment: The one that tested it.
        rows: Its test cases, at least one, in natural order of their ids.
    """

    number: int
    experiment: Experiment
    rows: tuple[CaseRow, ...]


@dataclass(frozen=True)
class CrossValidation:
    """A whole cross-validation of one model.

    Attributes:
        model: Its name.
        folds: All folds in the order of their numbers; no case and no patient stands in two.
    """

    model: str
    folds: tuple[Fold, ...]

    @property
    def rows(self) -> tuple[CaseRow, ...]:
        """The cases of all folds, in natural order of their ids."""
        return _sort_rows(row for fold in self.folds for row in fold.rows)


def select_runs(runs: Sequence[FoldRun], model: str | None) -> list[FoldRun]:
    """Those experiments that can be part: they have a fold and, if one is named, test the model."""
    return [run for run in runs if run.num_folds and (model is None or model in run.models)]


def pool_folds(runs: Sequence[FoldRun], model: str | None = None) -> CrossValidation:
    """A cross-validation from its experiments in any order.

    Args:
        runs: One experiment a fold.
        model: Whose scores are pooled; None where the experiments tested one model alone.

    Raises:
        DataError: There is no experiment, one has a fixed split, they differ in their models or
            in any param that bears on the scores but ``split.fold``, a fold is missing or
            doubled, or a patient or a case was tested twice.
    """
    if not runs:
        raise DataError("folds", expected="experiments", received="none", next_step=RUN_FOLDS)
    fixed = [run.name for run in runs if not run.num_folds]
    if fixed:
        raise DataError(
            f"experiments {', '.join(fixed)}",
            expected="one fold of a cross-validation each",
            received="a fixed split (split.num_folds is 0)",
            next_step=f"Leave them out. {RUN_FOLDS}",
        )
    model = model or _find_model(runs)
    for run in runs:
        if model not in run.models:
            raise DataError(
                f"experiment {run.name}",
                expected=f"test cases of {model}",
                received=f"those of {', '.join(run.models) or 'no model'}",
                next_step="Name the experiments of one model.",
            )
    _check_params(runs, model)
    _check_numbers(runs, model)
    folds = tuple(
        Fold(run.fold, run.experiment, _sort_rows(row for row in run.rows if row.model == model))
        for run in sorted(runs, key=lambda run: run.fold)
    )
    _check_tested_once(folds)
    return CrossValidation(model, folds)


def _find_model(runs: Sequence[FoldRun]) -> str:
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


def _check_params(runs: Sequence[FoldRun], model: str) -> None:
    keys = sorted({key for run in runs for key in run.params if _bears_on_scores(key, model)})
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
            expected="params that differ in split.fold alone",
            received="; ".join(differences[:NUM_KEYS_SHOWN]) + more,
            next_step="Name the experiments of one cross-validation.",
        )


def _bears_on_scores(key: str, model: str) -> bool:
    """Not the choice of models, what is another model's own, or how figures are summarised."""
    section, *rest = key.split(".")
    if section == "models":
        return rest[:1] == [model]
    return section not in {"model", "evaluate"} and key != "split.fold"


def _check_numbers(runs: Sequence[FoldRun], model: str) -> None:
    num_folds = runs[0].num_folds
    names = defaultdict(list)
    for run in runs:
        names[run.fold].append(run.name)
    for fold, doubled in sorted(names.items()):
        if len(doubled) > 1:
            raise DataError(
                f"fold {fold}",
                expected="one experiment",
                received=f"{len(doubled)}: {', '.join(doubled)}",
                next_step="Name one experiment a fold.",
            )
    missing = ",".join(str(fold) for fold in range(num_folds) if fold not in names)
    if set(names) != set(range(num_folds)):
        present = ", ".join(f"fold {fold} in {name}" for fold, (name,) in sorted(names.items()))
        again = f"-S split.num_folds={num_folds} -S split.fold={missing} -S model={model}"
        raise DataError(
            "folds",
            expected=f"0 to {num_folds - 1}, one experiment each",
            received=f"{present}; missing: {missing or 'none'}",
            next_step=f"`dvc queue status` tells what still runs; else run `dvc exp run --queue "
            f"{again}`, then `dvc queue start`.",
        )


def _check_tested_once(folds: Sequence[Fold]) -> None:
    of_patient: dict[str, Fold] = {}
    of_case: dict[str, Fold] = {}
    for fold in folds:
        for row in fold.rows:
            if of_patient.setdefault(row.patient_id, fold) is not fold:
                raise _build_twice(f"patient {row.patient_id}", of_patient[row.patient_id], fold)
            if row.case_id in of_case:
                raise _build_twice(f"case {row.case_id}", of_case[row.case_id], fold)
            of_case[row.case_id] = fold


def _build_twice(subject: str, first: Fold, second: Fold) -> DataError:
    received = " and ".join(f"fold {f.number} ({f.experiment.name})" for f in (first, second))
    return DataError(
        subject,
        expected="one test, in one fold",
        received=received,
        next_step="Run these experiments again, all on the same data and code.",
    )


def _sort_rows(rows: Iterable[CaseRow]) -> tuple[CaseRow, ...]:
    return tuple(sorted(rows, key=lambda row: natural_key(row.case_id)))
