"""What the tables of the page say."""

from dataclasses import replace

import pytest

from liverseg.errors import DataError
from liverseg.evaluation.comparison_tables import build_comparison_tables
from liverseg.evaluation.figures import summarize_results
from liverseg.evaluation.page.case_tables import build_case_table, build_lesion_table
from liverseg.evaluation.page.data_set import (
    build_case_list,
    build_remarks,
    describe_roles,
    split_spacing,
)
from liverseg.evaluation.page.glossary import GLOSSARY
from liverseg.evaluation.page.provenance import build_provenance_tables
from liverseg.evaluation.selection_text import build_selection_tables
from liverseg.tables.case_table import SkippedCase


def list_texts(table):
    return [[cell.text for cell in row] for row in table.rows]


def test_each_reference_lesion_has_its_outcome_and_false_positives_follow(score, lesions, result):
    scores = (score("7", (9, 9, 9), lesions=lesions(found=1, missed=1, false=1)),)
    table = build_lesion_table([result("unet", (score("8", (1, 1, 1)),), scores)])
    assert list_texts(table) == [
        ["7", "U-Net", "test", "matched", "15.0", "1.00", "0.750", "0.600", "1.00", "0.75"],
        ["7", "U-Net", "test", "missed", "15.0", "1.00", "–", "–", "–", "–"],
        ["7", "U-Net", "test", "false positive", "15.0", "1.00", "–", "–", "–", "0.25"],
    ]
    assert table.list_choices(3) == ["matched", "missed", "false positive"]


def test_a_figure_is_sorted_by_its_value_and_has_its_interval_beneath(
    scores_of_dice, result, results, params
):
    run = results(result("unet", scores_of_dice(50), scores_of_dice(*range(20, 32))))
    tables = build_comparison_tables(summarize_results(run, params))
    log, volumes, *_, cost = tables
    kept_epoch = log.rows[0][-1]
    assert (kept_epoch.text, kept_epoch.note) == ("3 of 4", "")
    dice = volumes.rows[0][1]
    assert dice.text == "0.255"  # the mean of 0.20 to 0.31
    assert dice.value == pytest.approx(0.255)
    assert dice.note.startswith("[")
    assert cost.rows[0][2].value == 1000


def test_every_term_of_a_table_is_in_the_glossary(evaluation):
    tables = [
        *evaluation.comparison,
        *build_selection_tables(evaluation.selection),
        build_case_table(evaluation.case_rows),
        build_lesion_table(evaluation.results.models),
        build_case_list(evaluation.results),
    ]
    terms = {column.term for table in tables for column in table.columns if column.term}
    assert terms <= set(GLOSSARY)


def test_roles_are_counted_in_cases_and_patients(evaluation):
    assert describe_roles(evaluation.results) == (
        "13 cases of 13 patients: 1 for training (1 patient), 6 for validation (6 patients), "
        "6 for test (6 patients)."
    )


@pytest.mark.parametrize(
    ("axis_codes", "expected"), [("LPS", (2, 5)), ("SRA", (5, 1)), ("RIA", (5, 2))]
)
def test_the_slice_spacing_is_that_along_the_body(evaluation, axis_codes, expected):
    case = evaluation.results.cases["000"]
    scan = replace(case, axis_codes=axis_codes, spacing_mm=(1.0, 2.0, 5.0))
    assert split_spacing(scan) == expected


def test_what_was_left_out_and_what_looks_odd_is_said_with_its_reason(evaluation):
    cases = dict(evaluation.results.cases)
    cases["003"] = replace(cases["003"], reasons=("mirrored?", "coarse"))
    skipped = (SkippedCase("100", "no mask"),)
    left_out, warned = build_remarks(replace(evaluation.results, cases=cases, skipped=skipped))
    assert list_texts(left_out) == [["100", "no mask"]]
    assert list_texts(warned) == [["003", "mirrored?"], ["003", "coarse"]]


def test_tables_of_remarks_without_rows_are_left_out(evaluation):
    assert build_remarks(replace(evaluation.results, skipped=())) == []


def test_params_stand_side_by_side_with_a_dash_where_a_model_has_none(tmp_path, evaluation, params):
    causes = {
        "unet": '{"params": {"train": {"seed": 1}, "models.unet": {"depth": 3, "train": {}}}, '
        '"inputs": {}, "packages": {}}',
        "resnet": '{"params": {"train": {"seed": 2}}, "inputs": {}, "packages": {}}',
    }
    models = []
    for result in evaluation.results.models:
        folder = tmp_path / result.description.model
        folder.mkdir()
        (folder / "causes.json").write_text(causes[folder.name], encoding="utf-8")
        (folder / "preprocessing.json").write_text("{}", encoding="utf-8")
        models.append(replace(result, folder=folder))
    table, *_ = build_provenance_tables(models, params)
    assert [column.title for column in table.columns] == ["Name", "U-Net", "ResNet"]
    assert list_texts(table) == [
        ["train.seed", "1", "2"],
        ["models.unet.depth", "3", "–"],
        ["evaluate.seed", "1", "1"],
        ["evaluate.num_bootstraps", "200", "200"],
    ]


def test_damaged_causes_are_named(tmp_path, evaluation, params):
    (tmp_path / "causes.json").write_text("{", encoding="utf-8")
    model = replace(evaluation.results.models[0], folder=tmp_path)
    with pytest.raises(DataError, match=r"causes\.json"):
        build_provenance_tables([model], params)
