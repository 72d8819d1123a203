import base64
import os

import nibabel as nib
import pytest

from liverseg.errors import DataError
from liverseg.scans.pictures import draw_scan
from liverseg.scans.report.writing import write_reports
from liverseg.volumes.nifti import read_labels, read_scan
from tests.commands import run_liverseg
from tests.made.predictions import (
    AFFINE,
    build_lesion,
    read_summary,
    write_lesions,
    write_prediction,
    write_summary,
)


@pytest.fixture
def folder(tmp_path):
    return write_prediction(tmp_path / "predicted" / "patient 1")


@pytest.fixture
def drawn(folder):
    """The picture that the prediction should have, in place of which it has none."""
    path = folder / "overlay.png"
    scan, labels = read_scan(folder.parent / "scan.nii.gz"), read_labels(folder / "labels.nii.gz")
    draw_scan(path, scan, labels.data, 6)
    picture = path.read_bytes()
    path.unlink()
    return picture


def embed(picture):
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"


def test_the_report_of_one_scan_lies_beside_its_results(folder):
    assert write_reports(folder, None, None).path == folder / "report.html"
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "<h1>patient 1</h1>" in page
    # 16 x 12 x 6 voxels of 0.02 ml; lesions of 13 x 2 and 12 x 2 voxels: 0.52 and 0.48 ml
    for text in ("23.0 ml", "1.0 ml", "4.3 %", "<td>0.52</td>", "<td>0.48</td>"):
        assert text in page
    # hypot(26, 4) = 26.31 mm; 4 x 26.31 / 26 = 4.05 mm
    for text in ("<td>26.3</td>", "<td>4.0</td>", "<td>2</td>", "22.0, 17.0, 10.0", "40 ± 0"):
        assert text in page
    assert page.count('<td class="words">subcapsular right caudal</td>') == 2
    for text in ("unet, models/final, MD5 0123abcd.dir", "commit fedc9876", "numpy 2.3.1"):
        assert text in page


def test_the_agreement_of_passes_has_a_column_where_there_are_several(folder):
    page = write_reports(folder, None, None).path.read_text(encoding="utf-8")
    assert "Passes agree" not in page
    write_lesions(folder, [build_lesion(number) | {"agreement": 0.875} for number in (1, 2)])
    page = write_reports(folder, None, None).path.read_text(encoding="utf-8")
    assert page.count("Passes agree") == 1
    assert page.count("<td>0.88</td>") == 2


def test_what_looked_wrong_with_the_scan_stands_on_its_page(tmp_path):
    finding = {"level": "warning", "reason": "a <leg>", "next_step": "Look."}
    for name, findings in (("sound", ()), ("leg", (finding,))):
        folder = write_prediction(tmp_path / name / name, findings=findings)
        page = write_reports(folder, None, None).path.read_text(encoding="utf-8")
        assert ("<strong>warning</strong>: a &lt;leg&gt;. Look." in page) == bool(findings)


@pytest.mark.parametrize("name", ["mine.html", "folder"])
def test_the_report_of_one_scan_goes_where_it_is_asked_for(folder, tmp_path, name):
    expected = {"mine.html": tmp_path / "mine.html", "folder": tmp_path / "folder" / "report.html"}
    assert write_reports(folder, tmp_path / name, None).path == expected[name]
    assert expected[name].is_file()


def test_the_same_prediction_gives_the_same_bytes(folder, tmp_path):
    for name in ("first.html", "second.html"):
        write_reports(folder, tmp_path / name, None)
    assert (tmp_path / "first.html").read_bytes() == (tmp_path / "second.html").read_bytes()


def test_the_picture_of_the_prediction_is_shown_without_a_look_at_the_scan(folder):
    (folder.parent / "scan.nii.gz").unlink()
    page = write_reports(folder, None, None).path.read_text(encoding="utf-8")
    assert embed((folder / "overlay.png").read_bytes()) in page


def test_a_lost_picture_is_drawn_again_from_the_scan(folder, drawn):
    page = write_reports(folder, None, folder.parent).path.read_text(encoding="utf-8")
    assert embed(drawn) in page


def test_another_scan_of_that_name_is_not_drawn(folder):
    (folder / "overlay.png").unlink()
    scan = folder.parent / "scan.nii.gz"
    nib.save(nib.Nifti1Image(nib.load(scan).get_fdata() + 1, AFFINE), scan)
    with pytest.raises(DataError, match="the scan that was predicted"):
        write_reports(folder, None, folder.parent)


def test_a_lost_picture_without_its_scan_asks_for_the_scan(folder):
    (folder / "overlay.png").unlink()
    with pytest.raises(DataError, match="--scans"):
        write_reports(folder, None, None)


def damage_json(folder):
    (folder / "summary.json").write_text("{", encoding="utf-8")


def drop_liver_volume(folder):
    summary = read_summary(folder)
    del summary["liver_ml"]
    write_summary(folder, summary)


def write_words(folder):
    write_lesions(folder, [build_lesion(1), build_lesion(2) | {"mean_hu": "grey"}])


def drop_lesion(folder):
    write_lesions(folder, [build_lesion(1)])


def cut_table(folder):
    path = folder / "lesions.csv"
    path.write_text(path.read_text(encoding="utf-8")[:-30], encoding="utf-8")


def cut_picture(folder):
    path = folder / "overlay.png"
    path.write_bytes(path.read_bytes()[:-5])


def put_pipe(name):
    def harm(folder):
        (folder / name).unlink(missing_ok=True)
        os.mkfifo(folder / name)

    return harm


def remove(name):
    return lambda folder: (folder / name).unlink()


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (remove("labels.nii.gz"), "Received: no labels.nii.gz"),
        (remove("lesions.csv"), "Received: no lesions.csv"),
        (remove("summary.json"), "Received: no summary.json"),
        (damage_json, "summary.json: expected .* Invalid JSON"),
        (drop_liver_volume, "summary.json: expected .*liver_ml: Field required"),
        (write_words, "lesions.csv: expected .*in row 1.mean_hu: .* valid number"),
        (drop_lesion, r"lesions.csv: expected .*\(2\)\. Received: 1"),
        (cut_table, "lesions.csv: expected .* values in row 2"),
        (cut_picture, "overlay.png: expected a whole PNG"),
        (put_pipe("overlay.png"), "overlay.png: expected a whole PNG"),
        (put_pipe("summary.json"), "Received: no summary.json"),
    ],
)
def test_half_a_prediction_and_damaged_files_are_named(folder, harm, message):
    harm(folder)
    with pytest.raises(DataError, match=message):
        write_reports(folder, None, None)
    assert not (folder / "report.html").exists()


@pytest.mark.parametrize("name", ["missing", "empty", "file"])
def test_what_is_no_prediction_is_refused(tmp_path, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="expected scans that `liverseg predict` has predicted"):
        write_reports(tmp_path / name, None, None)


def test_slices_are_a_range_where_there_are_several(folder):
    write_lesions(folder, [build_lesion(1) | {"last_slice": 5}, build_lesion(2)])
    assert "<td>2–5</td>" in write_reports(folder, None, None).path.read_text(encoding="utf-8")


def test_undefined_figures_are_dashes(folder):
    write_lesions(folder, [build_lesion(1) | {"distance_to_liver_surface_mm": ""}, build_lesion(2)])
    assert "<td>–</td>" in write_reports(folder, None, None).path.read_text(encoding="utf-8")


def test_the_smaller_ones_of_many_lesions_are_counted(tmp_path):
    folder = write_prediction(tmp_path / "many", num_lesions=12)
    page = write_reports(folder, None, None).path.read_text(encoding="utf-8")
    assert page.count('<th scope="row">') == 10
    # 3 x 0.04 and 2 x 0.04 ml
    assert "2 smaller ones, 0.20 ml in all, only in lesions.csv" in " ".join(page.split())


def test_many_scans_get_a_page_each_and_one_that_lists_them(tmp_path):
    out = tmp_path / "out"
    for name in ("scan 2", "scan 10"):
        write_prediction(out / name)
    (out / ".partial.scan 3").mkdir()
    (out / "lesions.csv").touch()
    result = run_liverseg("report", out, "-o", tmp_path / "reports")
    assert result.returncode == 0, result.stderr
    assert result.stdout == f"{tmp_path / 'reports' / 'index.html'}\n"
    assert "2/2" in result.stderr  # the progress bar
    page = (tmp_path / "reports" / "index.html").read_text(encoding="utf-8")
    links = [f'<a href="{name}/report.html">' for name in ("scan%202", "scan%2010")]
    assert page.index(links[0]) < page.index(links[1])
    assert (tmp_path / "reports" / "scan 10" / "report.html").is_file()


def test_of_many_scans_the_failed_ones_are_listed(tmp_path):
    out = tmp_path / "out"
    write_prediction(out / "good")
    remove("lesions.csv")(write_prediction(out / "half"))
    result = run_liverseg("report", out, "--quiet")
    assert result.returncode == 1
    assert result.stderr.startswith(f"failed: {out / 'half'}: expected")
    assert "Received: no lesions.csv" in (out / "index.html").read_text(encoding="utf-8")


def test_where_all_scans_fail_there_is_nothing_to_list(tmp_path):
    out = tmp_path / "out"
    remove("lesions.csv")(write_prediction(out / "half"))
    result = run_liverseg("report", out, "--quiet")
    assert result.returncode == 2
    assert "Received: no lesions.csv" in result.stderr
    assert not (out / "index.html").exists()


def test_many_reports_do_not_fit_into_one_file(tmp_path):
    write_prediction(tmp_path / "out" / "scan")
    with pytest.raises(DataError, match="Name a folder"):
        write_reports(tmp_path / "out", tmp_path / "all.html", None)
