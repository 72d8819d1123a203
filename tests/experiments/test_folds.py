from dataclasses import replace

import pandas as pd
import pytest

from liverseg.errors import DataError
from liverseg.experiments.folds import pool_folds, select_folds
from tests.made.experiments import build_fold_run, build_row, build_rows, build_three_runs


def refuse(runs, model=None):
    with pytest.raises(DataError) as error:
        pool_folds(runs, model)
    return str(error.value)


def replace_run(fold, **changes):
    runs = build_three_runs()
    return [replace(run, **changes) if run.fold == fold else run for run in runs]


def change_params(fold, **params):
    return [
        build_fold_run(
            run.fold, run.rows.to_dict("records"), **(params if run.fold == fold else {})
        )
        for run in build_three_runs()
    ]


def test_folds_come_in_their_order_and_cases_in_natural_order():
    validation = pool_folds(build_three_runs())
    assert validation.model == "unet"
    assert [fold.number for fold in validation.parts] == [0, 1, 2]
    assert [fold.experiment.name for fold in validation.parts] == ["exp-0", "exp-1", "exp-2"]
    assert list(validation.rows["case_id"]) == ["1", "2", "3", "4", "5", "7", "10"]


def test_no_experiment_is_refused_with_the_command_that_makes_some():
    assert "dvc exp run --queue -S split.num_folds=5" in refuse([])


def test_a_missing_fold_is_refused_with_the_command_that_runs_it():
    message = refuse(build_three_runs()[1:])
    assert "expected 0 to 2, one experiment each" in message
    assert "fold 0 in exp-0, fold 1 in exp-1; missing: 2" in message
    assert "-S split.num_folds=3 -S split.fold=2 -S model=unet" in message


def test_a_doubled_fold_is_refused():
    runs = [*build_three_runs(), build_fold_run(1, [build_row("9", "g")], name="again")]
    message = refuse(runs)
    assert "fold 1: expected one experiment. Received: 2: exp-1, again." in message


def test_an_experiment_named_twice_is_a_doubled_fold():
    runs = build_three_runs()
    assert "Received: 2: exp-2, exp-2." in refuse([*runs, runs[0]])


def test_a_patient_in_two_folds_is_refused():
    message = refuse(replace_run(2, rows=build_rows(build_row("7", "b"))))
    assert message.startswith("patient b: expected one test, in one fold.")
    assert "fold 1 (exp-1) and fold 2 (exp-2)" in message


def test_a_case_in_two_folds_is_refused_whatever_its_patient():
    message = refuse(replace_run(2, rows=build_rows(build_row("3", "z"))))
    assert message.startswith("case 3: expected one test")


def test_a_case_twice_in_one_fold_is_refused():
    message = refuse(replace_run(2, rows=build_rows(build_row("7", "f"), build_row("7", "f"))))
    assert message.startswith("case 7: expected one test")


def test_another_number_of_folds_is_refused_with_the_values():
    message = refuse([*build_three_runs()[1:], build_fold_run(2, [build_row("9", "g")], None, 5)])
    assert "params that differ in split.fold alone" in message
    assert "split.num_folds is 3 in exp-0, exp-1 and 5 in exp-2" in message


def test_another_split_seed_is_refused_with_the_values():
    message = refuse(change_params(1, split__seed="2"))
    assert "split.seed is 1 in exp-2, exp-0 and 2 in exp-1" in message


def test_another_value_of_training_is_refused():
    assert "train.seed is" in refuse(change_params(0, train__seed="7"))
    assert "models.unet.filters is" in refuse(change_params(0, models__unet__filters="24"))


def test_a_key_that_one_experiment_lacks_is_refused():
    runs = build_three_runs()
    lacking = {key: value for key, value in runs[0].params.items() if key != "train.seed"}
    message = refuse([replace(runs[0], params=lacking), *runs[1:]])
    assert "train.seed is missing in exp-2 and 1 in exp-0, exp-1" in message


def test_what_does_not_bear_on_the_scores_may_differ():
    runs = change_params(0, model="'all'", models__resnet__depth="101", evaluate__seed="5")
    assert len(pool_folds(runs).parts) == 3


def test_a_fixed_split_is_refused_by_name():
    message = refuse([*build_three_runs(), build_fold_run(0, [build_row("9", "g")], "flat", 0)])
    assert "experiments flat: expected one fold of a cross-validation each" in message
    assert "split.num_folds is 0" in message


def test_of_several_models_one_must_be_named():
    runs = [
        replace(run, rows=pd.concat([run.rows, run.rows.assign(model="resnet")]))
        for run in build_three_runs()
    ]
    message = refuse(runs)
    assert "resnet, unet in exp-2, exp-0, exp-1" in message
    assert "--model" in message
    validation = pool_folds(runs, "resnet")
    assert validation.model == "resnet"
    assert set(validation.rows["model"]) == {"resnet"}
    assert len(validation.rows) == 7


def test_experiments_of_different_models_are_refused():
    runs = replace_run(1, rows=build_rows(build_row("3", "b", model="resnet")))
    message = refuse(runs)
    assert "unet in exp-2, exp-0; resnet in exp-1" in message
    message = refuse(runs, "unet")
    assert "experiment exp-1: expected test cases of unet. Received: those of resnet." in message


def test_an_experiment_without_test_cases_is_refused():
    assert "none in exp-1" in refuse(replace_run(1, rows=build_rows()))
    assert "Received: those of no model" in refuse(replace_run(1, rows=build_rows()), "unet")


def test_unnamed_experiments_are_part_if_they_have_a_fold_and_the_model():
    unet, resnet, flat = (
        build_fold_run(0, [build_row("1", "a")]),
        build_fold_run(0, [build_row("1", "a", model="resnet")]),
        build_fold_run(0, [build_row("1", "a")], num_folds=0),
    )
    assert select_folds([unet, resnet, flat], None) == [unet, resnet]
    assert select_folds([unet, resnet, flat], "unet") == [unet]
