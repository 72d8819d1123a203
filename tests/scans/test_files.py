import pytest

from liverseg.errors import DataError
from liverseg.outputs import LOCK
from liverseg.scans.files import PredictionsFolder, ScanFolder
from liverseg.scans.report.written import read_results
from tests.made.predictions import write_prediction


def write(folder, *names):
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).touch()
    return ScanFolder(folder)


def test_scans_are_listed_in_natural_order_even_if_half_of_them_is_missing(tmp_path):
    write(tmp_path / "scan 10", "summary.json", "lesions.csv", "labels.nii.gz")
    write(tmp_path / "scan 2", "labels.nii.gz")
    write(tmp_path / "notes", "notes.txt")
    write(tmp_path / ".partial.01234567.scan 3", "labels.nii.gz")
    (tmp_path / "lesions.csv").touch()
    names = [scan.path.name for scan in PredictionsFolder(tmp_path).list_scans()]
    assert names == ["scan 2", "scan 10"]


def test_results_and_a_place_that_is_free_may_be_replaced(tmp_path):
    ScanFolder(tmp_path / "none").refuse_others()
    write(tmp_path / "empty").refuse_others()
    scan = write(tmp_path / "scan", f"{LOCK}.overlay.png")
    for path in scan.files:
        path.touch()
    scan.refuse_others()


@pytest.mark.parametrize(
    ("names", "received"),
    [
        (["summary.json", "notes.txt"], "notes.txt"),
        (["labels.nii.gz"], "labels.nii.gz"),  # somebody's labels: there is no summary
        ([f"{number}.dcm" for number in range(6)], "0.dcm, 1.dcm, 2.dcm, 3.dcm, 4.dcm, ..."),
    ],
)
def test_what_is_somebody_elses_is_named_and_refused(tmp_path, names, received):
    with pytest.raises(DataError, match="results of liverseg alone") as caught:
        write(tmp_path / "scan", *names).refuse_others()
    assert f"Received: {received}" in str(caught.value)


def test_a_file_is_no_place_for_results(tmp_path):
    (tmp_path / "scan").touch()
    with pytest.raises(DataError, match="Received: a file"):
        ScanFolder(tmp_path / "scan").refuse_others()


def lose(folder, name):
    """Results without one of their files, and what their reader is told to do."""
    scan = ScanFolder(write_prediction(folder))
    (scan.path / name).unlink()
    with pytest.raises(DataError) as caught:
        read_results(scan.path)
    return scan, caught.value.next_step


@pytest.mark.parametrize("name", ["lesions.csv", "labels.nii.gz"])
def test_results_are_predicted_again_into_a_folder_that_may_be_replaced(tmp_path, name):
    scan, advice = lose(tmp_path / "case", name)
    scan.refuse_others()
    assert advice == "Predict the scan again with --force."


def test_results_that_may_be_somebody_elses_are_to_be_removed_first(tmp_path):
    scan, advice = lose(tmp_path / "case", "summary.json")
    with pytest.raises(DataError, match="results of liverseg alone"):
        scan.refuse_others()
    assert advice == "Remove the folder, then predict the scan again."
