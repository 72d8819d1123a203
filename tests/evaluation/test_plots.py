from dataclasses import replace

import pytest

from liverseg.evaluation.case_rows import build_case_rows
from liverseg.evaluation.figures import summarize_results
from liverseg.evaluation.plots import COLUMNS, build_froc_table, write_plots
from liverseg.params import MODEL_NAMES
from liverseg.scoring.score_folder import ScoreFolder


@pytest.fixture
def plots(tmp_path, score, lesions, result, results, params):
    """The plots of a run of the U-Net alone."""
    scores = tmp_path / "scores"
    scores.mkdir()
    (scores / "precision_recall.csv").write_text(
        "threshold,precision,recall\n0.5,0.75,0.5\n0.95,nan,0.0\n"
    )
    (scores / "calibration.csv").write_text(
        "region,mean_probability,observed_share,num_pixels\n"
        "liver,0.05,0.01,100\nlesion,0.05,0.02,90\nlesion,0.95,,0\n"
    )
    (scores / "calibrated.csv").write_text(
        "region,mean_probability,observed_share,num_pixels\nlesion,0.03,0.02,90\n"
    )
    test = (score("007", (100, 50, 30), lesions=lesions(found=1, missed=3, false=0)),)
    unet = result("unet", (score("8", (1, 1, 1)),), test)
    unet = replace(unet, folder=tmp_path / "model", scores=ScoreFolder(scores))
    run = results(unet)
    folder = tmp_path / "reports"
    write_plots(folder, [unet], summarize_results(run, params), build_case_rows(run))
    return folder


def read_lines(path):
    return path.read_text(encoding="utf-8").splitlines()


def test_every_plot_has_a_file_a_model_and_the_same_header_in_each(plots):
    for plot, columns in COLUMNS.items():
        headers = {read_lines(plots / plot / f"{name}.csv")[0] for name in MODEL_NAMES}
        assert headers == {",".join(columns)}


def test_a_model_that_is_not_part_of_the_run_has_a_header_alone(plots):
    assert all(len(read_lines(plots / plot / "resnet.csv")) == 1 for plot in COLUMNS)


def test_only_test_cases_are_drawn_and_their_ids_stay_texts(plots):
    # Dice 2 * 30 / 150 = 0.4; 0.01 ml a voxel
    assert read_lines(plots / "cases" / "unet.csv")[1:] == ["007,0.4,1.0,1.0,0.5"]


def test_sizes_without_a_reference_lesion_are_left_out(plots):
    assert read_lines(plots / "recall_by_size" / "unet.csv")[1:] == ["10 to 20 mm,0.25,1,4"]


def test_points_with_an_undefined_value_are_left_out(plots):
    assert read_lines(plots / "precision_recall" / "unet.csv")[1:] == ["0.5,0.75,0.5"]


def test_the_froc_curve_begins_where_nothing_counts_and_ends_at_the_labels(plots):
    # one of four lesions found, with a confidence of 0.75, none false
    assert read_lines(plots / "froc" / "unet.csv")[1:] == ["0.0,0.0,", "0.0,0.25,0.75"]


def test_calibration_is_that_of_the_lesion(plots):
    assert read_lines(plots / "calibration" / "unet.csv")[1:] == ["0.05,0.02,90"]
    assert read_lines(plots / "calibrated" / "unet.csv")[1:] == ["0.03,0.02,90"]


def test_without_a_reference_lesion_there_is_no_froc_curve(score, lesions, result):
    test = (score("7", (0, 9, 0), lesions=lesions(found=0, missed=0, false=2)),)
    assert build_froc_table(result("unet", (), test)).empty
