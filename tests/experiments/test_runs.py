import math
from pathlib import Path

import pytest

from liverseg.errors import DataError
from liverseg.experiments.revisions import Experiment
from liverseg.experiments.runs import COLUMNS, build_run

REPOSITORY = Path(__file__).resolve().parents[2]
EXPERIMENT = Experiment("icy-crow", "a" * 40, "b" * 40)
PARAMS = """\
model: [unet]
split: {seed: 1, num_folds: 3, fold: 2}
train: {learning_rate: 1e-3, seed: 4}
"""
HEADER = ",".join(COLUMNS)
ROW = "test,unet,007,p7,0.5,0.9,,3.5,-0.01,4.2,2,1,1"


def build(cases=f"{HEADER}\n{ROW}\n", params=PARAMS):
    return build_run(EXPERIMENT, cases, params)


def refuse(**files):
    with pytest.raises(DataError) as error:
        build(**files)
    message = str(error.value)
    assert message.startswith("experiment icy-crow: expected ")
    return message


def test_the_fold_and_all_params_are_read():
    run = build()
    assert (run.fold, run.num_folds, run.seed, run.name) == (2, 3, 4, "icy-crow")
    assert run.params["model"] == "['unet']"
    assert run.params["train.learning_rate"] == "0.001"


def test_ids_stay_texts_and_an_empty_score_is_undefined():
    (row,) = build().rows.itertuples()
    assert (row.model, row.case_id, row.patient_id) == ("unet", "007", "p7")
    assert math.isnan(row.lesion_assd_mm)
    assert (row.lesion_dice, row.lesion_hd95_mm, row.burden_error) == (0.5, 3.5, -0.01)
    assert (row.num_lesions_reference, row.num_lesions_matched) == (2, 1)


@pytest.mark.parametrize("text", ["0.30000000000000004", "1e-17", "0.1234567890123456", "1"])
def test_a_number_is_read_digit_for_digit(text):
    run = build(cases=f"{HEADER}\n{ROW.replace('0.9', text)}\n")
    assert run.rows["liver_dice"].iloc[0] == float(text)


@pytest.mark.parametrize("name", ["NA", "null", "None", "nan", "1e3", "", "true", "a,b"])
def test_an_id_of_any_kind_stays_as_it_is(name):
    row = ROW.replace("007", f'"{name}"')
    run = build(cases=f"{HEADER}\n{row}\n")
    assert list(run.rows["case_id"]) == [name]


def test_only_test_cases_are_read():
    run = build(cases=f"{HEADER}\n{ROW}\n{ROW.replace('test,', 'validation,')}\n")
    assert len(run.rows) == 1
    assert run.models == ("unet",)


def test_the_files_that_the_chain_writes_are_understood():
    run = build_run(
        EXPERIMENT,
        (REPOSITORY / "metrics/cases.csv").read_text(encoding="utf-8"),
        (REPOSITORY / "params.yaml").read_text(encoding="utf-8"),
    )
    assert run.num_folds == 0
    assert set(run.models) <= {"simple_cnn", "unet", "resnet"}
    assert len(run.rows) > 0


def test_another_table_is_refused_with_the_columns_that_it_lacks():
    assert "Received: none named role, model" in refuse(cases="a,b\n1,2\n")
    message = refuse(cases=HEADER.replace("burden_error", "burden") + "\n")
    assert "Received: none named burden_error." in message
    refuse(cases="")


def test_a_field_that_is_no_number_is_refused_with_its_case():
    message = refuse(cases=f"{HEADER}\n{ROW.replace('4.2', 'much')}\n")
    assert "case 007 of unet" in message
    assert "'much'" in message
    refuse(cases=f"{HEADER}\n{ROW.replace('4.2', '')}\n")
    refuse(cases=f"{HEADER}\n{ROW.replace('0.9', 'nan')}\n")
    assert "too short" in refuse(cases=f"{HEADER}\n{ROW.removesuffix(',1')}\n")
    refuse(cases=f"{HEADER}\n{ROW.replace('3.5', 'inf')}\n")


def test_params_without_a_fold_are_refused():
    assert "split.fold. Received: no such key" in refuse(params="split: {num_folds: 3}\n")
    assert "Received: 'two'" in refuse(params="split: {num_folds: 3, fold: two}\n")
    refuse(params="")
    refuse(params="- split")
    assert "YAML" in refuse(params="split: {")
