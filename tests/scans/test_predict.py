import csv
import gc
import json
import shutil

import nibabel as nib
import numpy as np
import pytest

from liverseg.errors import DataError, ModelError
from liverseg.scans.ensemble import read_ensemble
from liverseg.scans.options import Options
from liverseg.scans.predict import predict_scans
from liverseg.scans.predictor import Predictor
from liverseg.scans.results import LESION_COLUMNS, SCAN_COLUMNS
from liverseg.scans.scans import find_scans
from liverseg.volumes.nifti import Volume
from tests.scans.conftest import (
    AFFINE,
    LESION_HU,
    RULES,
    write_body_without_liver,
    write_model_folder,
)


@pytest.fixture(scope="module")
def predictor(model) -> Predictor:
    return Predictor(read_ensemble([model]), batch_size=4)


def predict(scans, predictor, out, **options):
    return predict_scans(find_scans([scans], out).scans, predictor, out, Options(**options))


def read_table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def list_bytes(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_scan_comes_out_as_labels_on_its_grid(write_scan, labels, predictor, tmp_path):
    scan = write_scan(tmp_path / "volume-3.nii.gz")
    assert predict(scan, predictor, tmp_path / "out") == ()
    written = nib.load(tmp_path / "out" / "volume-3" / "labels.nii.gz")
    assert written.get_data_dtype() == np.uint8
    assert np.array_equal(np.asarray(written.dataobj), labels)
    assert np.array_equal(written.affine, AFFINE)


def test_every_lesion_has_its_row_the_largest_first(write_scan, predictor, tmp_path):
    predict(write_scan(tmp_path / "a.nii"), predictor, tmp_path / "out")
    first, second = read_table(tmp_path / "out" / "a" / "lesions.csv")
    assert tuple(first) == LESION_COLUMNS
    # voxels of 2 x 2 x 4 mm = 0.016 ml; 4 x 4 x 2 and 2 x 3 x 1 of them
    assert float(first["volume_ml"]) == 32 * 0.016
    assert float(second["volume_ml"]) == 6 * 0.016
    assert float(first["longest_diameter_mm"]) == round(np.hypot(8, 8), 2)
    ends = [first[f"{end}_{axis}"] for axis in "ijk" for end in ("first", "last")]
    assert ends == ["10", "13", "11", "14", "4", "5"]
    assert [float(first[f"centre_{axis}"]) for axis in "ijk"] == [11.5, 12.5, 4.5]
    # x = 30 - 2 i, y = 40 - 2 j, z = -60 + 4 k
    assert [float(first[f"centre_ras_{axis}_mm"]) for axis in "xyz"] == [7, 15, -42]
    assert [float(first[f"centre_lps_{axis}_mm"]) for axis in "xyz"] == [-7, -15, -42]
    assert (first["first_slice"], first["last_slice"]) == ("4", "5")
    assert (float(first["mean_hu"]), float(first["std_hu"])) == (LESION_HU, 0)
    # to the surface plane k = 2 from k = 4: two slices; in the plane at least 5 voxels
    assert float(first["distance_to_liver_surface_mm"]) == 8
    assert float(second["distance_to_liver_surface_mm"]) == 0
    # i and j increase to the left and to dorsal, of 20 and 18 voxels from 5 and 6 on; 6 slices
    assert (first["position"], second["position"]) == (
        "subcapsular middle",
        "subcapsular right dorsal caudal",
    )
    shares = [f"share_{way}" for way in ("right_to_left", "ventral_to_dorsal", "caudal_to_cranial")]
    assert [float(first[share]) for share in shares] == [0.35, round(7 / 18, 3), 0.5]
    assert [float(second[share]) for share in shares] == [0.05, round(13.5 / 18, 3), 0.25]
    assert float(first["left_of_liver_centre_mm"]) == 2 * (11.5 - 14.5)
    assert float(first["confidence"]) == 1


def test_the_summary_holds_volumes_and_what_it_was_made_with(
    write_scan, predictor, model, tmp_path
):
    scan = write_scan(tmp_path / "a.nii")
    predict(scan, predictor, tmp_path / "out")
    summary = json.loads((tmp_path / "out" / "a" / "summary.json").read_text())
    assert summary["liver_ml"] == 20 * 18 * 6 * 0.016
    assert summary["lesion_ml"] == 38 * 0.016
    assert summary["burden"] == round(38 / (20 * 18 * 6), 6)
    assert (summary["num_lesions"], summary["lesion_connectivity"]) == (2, 6)
    assert (summary["shape"], summary["spacing_mm"]) == ([32, 32, 10], [2, 2, 4])
    provenance = summary["provenance"]
    (made_with,) = provenance["models"]
    assert made_with["folder"] == str(model)
    assert made_with["md5"].endswith(".dir")
    assert provenance["rules"] == RULES.model_dump(exclude={"flips"})
    assert provenance["git_commit"] is None  # the model lies in no repository
    assert provenance["packages"].keys() >= {"openvino", "nibabel"}


def test_a_scan_without_liver_has_no_lesions_and_a_burden_of_zero(predictor, tmp_path):
    write_body_without_liver(tmp_path / "a.nii")
    predict(tmp_path / "a.nii", predictor, tmp_path / "out")
    assert read_table(tmp_path / "out" / "a" / "lesions.csv") == []
    summary = json.loads((tmp_path / "out" / "a" / "summary.json").read_text())
    assert (summary["liver_ml"], summary["burden"], summary["num_lesions"]) == (0, 0, 0)


def test_tables_of_all_scans_name_the_scan_first(write_scan, predictor, tmp_path):
    for name in ("scan-10", "scan-9"):
        write_scan(tmp_path / "scans" / f"{name}.nii")
    predict(tmp_path / "scans", predictor, tmp_path / "out")
    scans = read_table(tmp_path / "out" / "scans.csv")
    assert tuple(scans[0]) == SCAN_COLUMNS
    assert [row["scan"] for row in scans] == ["scan-9", "scan-10"]
    lesions = read_table(tmp_path / "out" / "lesions.csv")
    assert [(row["scan"], row["lesion"]) for row in lesions] == [
        *(("scan-9", "1"), ("scan-9", "2"), ("scan-10", "1"), ("scan-10", "2")),
    ]


def test_probabilities_read_as_numbers_from_0_to_1(write_scan, predictor, labels, tmp_path):
    predict(write_scan(tmp_path / "a.nii"), predictor, tmp_path / "out", probabilities=True)
    for region, label in (("liver", 1), ("lesion", 2)):
        image = nib.load(tmp_path / "out" / "a" / f"{region}_probability.nii.gz")
        values = np.asarray(image.dataobj)
        assert image.get_data_dtype() == np.uint8
        assert (values.min(), values.max()) == (pytest.approx(0), pytest.approx(1))
        assert np.array_equal(values >= 0.5, labels >= label)
        assert np.array_equal(image.affine, AFFINE)


def test_a_bad_scan_is_handed_back_and_the_others_are_done(write_scan, predictor, tmp_path):
    write_scan(tmp_path / "scans" / "b.nii")
    (tmp_path / "scans" / "a.nii").write_bytes(b"no NIfTI")
    (failed,) = predict(tmp_path / "scans", predictor, tmp_path / "out")
    assert failed.scan.name == "a"
    assert "a.nii" in str(failed.error)
    assert [row["scan"] for row in read_table(tmp_path / "out" / "scans.csv")] == ["b"]


def test_what_is_done_stays_and_what_is_missing_is_made(write_scan, model, predictor, tmp_path):
    """With a model that cannot be loaded: what is predicted again, fails."""
    broken = tmp_path / "broken"
    shutil.copytree(model, broken)
    out = tmp_path / "out"
    predict(write_scan(tmp_path / "a.nii"), Predictor(read_ensemble([broken])), out)
    ensemble = read_ensemble([broken])
    (broken / "architecture.json").unlink()
    again = Predictor(ensemble)
    before = list_bytes(out)
    predict(tmp_path / "a.nii", again, out)
    assert list_bytes(out) == before
    for options in ({"force": True}, {"probabilities": True}):
        with pytest.raises(ModelError):
            predict(tmp_path / "a.nii", again, out, **options)
    with pytest.raises(ModelError):
        predict(tmp_path / "a.nii", Predictor(ensemble, flips="horizontal"), out)
    (out / "a" / "labels.nii.gz").rename(tmp_path / "labels.nii.gz")
    with pytest.raises(ModelError):
        predict(tmp_path / "a.nii", again, out)
    (tmp_path / "labels.nii.gz").rename(out / "a" / "labels.nii.gz")
    (out / "a" / "summary.json").write_text("{")
    with pytest.raises(ModelError):
        predict(tmp_path / "a.nii", again, out)


def test_results_of_a_version_that_measured_less_are_made_again(write_scan, predictor, tmp_path):
    scan, out = write_scan(tmp_path / "a.nii"), tmp_path / "out"
    predict(scan, predictor, out)
    before = list_bytes(out)
    table = out / "a" / "lesions.csv"
    rows = [line.split(",") for line in table.read_text().splitlines()]
    without = [index for index, name in enumerate(rows[0]) if name != "position"]
    table.write_text("".join(",".join(row[i] for i in without) + "\n" for row in rows))
    predict(scan, predictor, out)
    assert list_bytes(out) == before


def test_another_scan_of_the_same_name_is_predicted_anew(write_scan, predictor, tmp_path):
    scan = write_scan(tmp_path / "a.nii")
    predict(scan, predictor, tmp_path / "out")
    write_body_without_liver(scan)
    predict(scan, predictor, tmp_path / "out")
    assert nib.load(tmp_path / "out" / "a" / "labels.nii.gz").shape == (9, 8, 7)


def test_the_same_scan_gives_the_same_bytes(write_scan, predictor, tmp_path):
    scan = write_scan(tmp_path / "a.nii")
    for out in ("one", "two"):
        predict(scan, predictor, tmp_path / out, probabilities=True)
    assert list_bytes(tmp_path / "one") == list_bytes(tmp_path / "two")


@pytest.mark.parametrize("name", ["notes.txt", "labels.nii.gz"])
def test_a_folder_without_a_summary_is_never_replaced(write_scan, predictor, tmp_path, name):
    scan = write_scan(tmp_path / "a.nii")
    precious = tmp_path / "a" / name
    precious.parent.mkdir()
    precious.write_text("mine")
    (failed,) = predict(scan, predictor, tmp_path)
    assert str(failed.error).startswith(f"{tmp_path / 'a'}: expected results of liverseg alone")
    assert failed.error.received == name
    assert precious.read_text() == "mine"


def test_a_file_among_the_results_keeps_them_from_being_replaced(write_scan, predictor, tmp_path):
    scan, out = write_scan(tmp_path / "a.nii"), tmp_path / "out"
    predict(scan, predictor, out)
    (out / "a" / "labels_corrected.nii.gz").write_text("mine")
    assert predict(scan, predictor, out) == ()  # all is done
    before = list_bytes(out / "a")
    (failed,) = predict(scan, predictor, out, probabilities=True)
    assert failed.error.received == "labels_corrected.nii.gz"
    assert list_bytes(out / "a") == before


def test_a_file_with_the_name_of_a_scan_is_never_replaced(write_scan, predictor, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a").write_text("mine")
    (failed,) = predict(write_scan(tmp_path / "a.nii"), predictor, tmp_path / "out")
    assert failed.error.received == "a file"
    assert (tmp_path / "out" / "a").read_text() == "mine"


def test_an_empty_folder_is_filled(write_scan, predictor, tmp_path):
    (tmp_path / "out" / "a").mkdir(parents=True)
    assert predict(write_scan(tmp_path / "a.nii"), predictor, tmp_path / "out") == ()
    assert (tmp_path / "out" / "a" / "labels.nii.gz").is_file()


@pytest.mark.parametrize("damaged", ["summary.json", "lesions.csv"])
def test_damaged_results_are_left_out_of_the_tables_and_named(
    write_scan, predictor, tmp_path, caplog, damaged
):
    out = tmp_path / "out"
    predict(write_scan(tmp_path / "old.nii"), predictor, out)
    (out / "old" / damaged).write_text("{}")
    assert predict(write_scan(tmp_path / "a.nii"), predictor, out) == ()
    for table in ("scans.csv", "lesions.csv"):
        assert {row["scan"] for row in read_table(out / table)} == {"a"}
    (record,) = caplog.records
    assert record.getMessage().startswith(f"not in the tables: {out / 'old' / damaged}: expected")


def test_older_results_of_a_scan_that_fails_leave_the_tables(
    write_scan, predictor, tmp_path, caplog
):
    out = tmp_path / "out"
    for name in ("a", "b"):
        write_scan(tmp_path / "scans" / f"{name}.nii")
    predict(tmp_path / "scans", predictor, out)
    (tmp_path / "scans" / "a.nii").write_bytes(b"no NIfTI")
    predict(tmp_path / "scans", predictor, out)
    for table in ("scans.csv", "lesions.csv"):
        assert {row["scan"] for row in read_table(out / table)} == {"b"}
    (record,) = caplog.records
    assert record.getMessage().startswith(f"not in the tables: {out / 'a'}")


def test_the_list_of_reports_goes_with_the_first_of_them(write_scan, predictor, tmp_path):
    scan, out = write_scan(tmp_path / "a.nii"), tmp_path / "out"
    predict(scan, predictor, out)
    (out / "index.html").write_text("mine")
    predict(scan, predictor, out, force=True)
    assert (out / "index.html").read_text() == "mine"  # no report was replaced
    (out / "a" / "report.html").touch()
    predict(scan, predictor, out)
    assert (out / "index.html").exists()  # all was done
    predict(scan, predictor, out, force=True)
    assert not (out / "a" / "report.html").exists()
    assert not (out / "index.html").exists()


@pytest.mark.parametrize("name", ["overlay.png", "liver_probability.nii.gz"])
def test_a_file_that_was_asked_for_and_is_gone_comes_back(write_scan, predictor, tmp_path, name):
    scan, out = write_scan(tmp_path / "a.nii"), tmp_path / "out"
    predict(scan, predictor, out, probabilities=True)
    before = list_bytes(out)
    (out / "a" / name).unlink()
    predict(scan, predictor, out, probabilities=True)
    assert list_bytes(out) == before


def test_probabilities_that_are_there_stay_when_nobody_asks(write_scan, predictor, tmp_path):
    scan, out = write_scan(tmp_path / "a.nii"), tmp_path / "out"
    predict(scan, predictor, out, probabilities=True)
    before = {path: path.stat().st_mtime_ns for path in (out / "a").iterdir()}
    predict(scan, predictor, out)
    assert {path: path.stat().st_mtime_ns for path in (out / "a").iterdir()} == before


def test_a_network_that_does_not_fit_its_preprocessing_is_refused(write_scan, tmp_path):
    folder = write_model_folder(tmp_path / "model", size=64)
    with pytest.raises(ModelError, match=r"slices of \(64, 64, 3\).*Received: \(32, 32, 3\)"):
        predict(write_scan(tmp_path / "a.nii"), Predictor(read_ensemble([folder])), tmp_path)


def test_a_model_that_is_replaced_before_it_is_loaded_is_refused(write_scan, tmp_path):
    """Else the summary would name one model, and the labels would be another one's."""
    folder = write_model_folder(tmp_path / "model")
    predictor = Predictor(read_ensemble([folder]))
    shutil.rmtree(folder)
    write_model_folder(folder, sharpness=50.0)
    with pytest.raises(ModelError, match=f"{folder}: expected a model that stays as it is"):
        predict(write_scan(tmp_path / "a.nii"), predictor, tmp_path / "out")
    assert not (tmp_path / "out" / "a").exists()


def test_a_scan_that_is_replaced_while_it_is_predicted_fails(write_scan, model, tmp_path):
    class Slow(Predictor):
        """During whose work the scan is written anew."""

        def ask_networks(self, scan):
            answer = super().ask_networks(scan)
            nib.save(nib.Nifti1Image(np.full((9, 8, 7), -500, np.int16), AFFINE), path)
            return answer

    path = write_scan(tmp_path / "a.nii.gz")
    (failed,) = predict(path, Slow(read_ensemble([model])), tmp_path / "out")
    assert "expected a scan that stays as it is while it is predicted" in str(failed.error)
    assert not (tmp_path / "out" / "a").exists()


def test_no_volume_of_a_scan_that_failed_is_held(write_scan, model, tmp_path):
    """By an error's traceback, say: of a folder of MR scans that would be all of them."""

    class Failing(Predictor):
        """In the part that comes after the networks."""

        def conclude(self, scan, answer):
            del scan, answer
            raise DataError("x", expected="a", received="b", next_step="Do c.")

    for name in "abc":
        write_scan(tmp_path / "scans" / f"{name}.nii")
    before = count_volumes()
    failed = predict(tmp_path / "scans", Failing(read_ensemble([model])), tmp_path / "out")
    assert [each.scan.name for each in failed] == ["a", "b", "c"]
    assert count_volumes() == before


def count_volumes() -> int:
    gc.collect()
    return sum(isinstance(each, Volume) for each in gc.get_objects())


def test_the_joint_table_takes_columns_by_their_names(write_scan, predictor, tmp_path):
    scan, out = write_scan(tmp_path / "a.nii"), tmp_path / "out"
    predict(scan, predictor, out)
    expected = (out / "lesions.csv").read_bytes()
    rows = [line.split(",") for line in (out / "a" / "lesions.csv").read_text().splitlines()]
    turned = "".join(",".join(["mine", *row[::-1]]) + "\n" for row in rows)
    (out / "a" / "lesions.csv").write_text(turned)
    predict(scan, predictor, out)
    assert (out / "lesions.csv").read_bytes() == expected
