"""Zip archives where verbs take files and folders: the same results, and nothing is left."""

import numpy as np
import pytest

from tests.cli.test_score import write
from tests.commands import run_liverseg
from tests.made.archives import write_zip
from tests.made.predictions import write_prediction

LABELS = np.zeros((8, 8, 8), np.uint8)
LABELS[2:5, 2:5, 2:5] = 1
LABELS[3, 3, 3] = 2


@pytest.fixture
def run(tmp_path):
    """``liverseg``, whose temporary files all have to be gone when it ends."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()

    def run(*arguments):
        result = run_liverseg(*arguments, TMPDIR=str(temporary))
        assert list(temporary.iterdir()) == []
        assert str(temporary) not in result.stdout + result.stderr
        return result

    return run


def write_results(folder, *scans):
    """What ``liverseg predict`` writes of scans that lie elsewhere."""
    for scan in scans:
        write_prediction(folder / scan)
        (folder / "scan.nii.gz").unlink()
    return folder


@pytest.fixture
def masks(tmp_path):
    """Folders of reference and predicted masks, of which the second ones differ in a voxel."""
    for name in ("reference", "predicted"):
        (tmp_path / name).mkdir()
        for number in (1, 2):
            labels = LABELS.copy()
            labels[4, 4, 4] = 2 if (name, number) == ("predicted", 2) else 1
            write(tmp_path / name / f"segmentation-{number}.nii.gz", labels)
    return tmp_path / "reference", tmp_path / "predicted"


def test_masks_in_archives_are_scored_as_their_folders_are(run, masks, tmp_path):
    (masks[1] / "segmentation-9.nii.gz").write_bytes(b"without counterpart")
    archives = [write_zip(path.with_suffix(".zip"), path) for path in masks]
    packed, plain = run("score", *archives), run("score", *masks)
    assert (packed.returncode, packed.stdout) == (0, plain.stdout)
    assert f"{archives[1]}/predicted/segmentation-9.nii.gz" in packed.stderr
    (masks[0] / "segmentation-1.nii.gz").unlink()
    write_zip(archives[0], masks[0])
    one_of_two, plain = run("score", *archives), run("score", *masks)
    assert (one_of_two.returncode, one_of_two.stdout) == (0, plain.stdout)
    assert f"{archives[1]}/predicted/segmentation-1.nii.gz" in one_of_two.stderr
    results = write_results(tmp_path / "results", "segmentation-2")
    (results / "segmentation-2/labels.nii.gz").write_bytes(
        (masks[1] / "segmentation-2.nii.gz").read_bytes()
    )
    packed = run("score", masks[0], write_zip(tmp_path / "results.zip", results))
    assert (packed.returncode, packed.stdout, packed.stderr) == (0, plain.stdout, "")
    (masks[1] / "segmentation-2.nii.gz").write_bytes(b"damaged")
    write_zip(archives[1], masks[1])
    result = run("score", masks[0], archives[1])
    assert result.returncode == 2
    assert f"{archives[1]}/predicted/segmentation-2.nii.gz: expected" in result.stderr


def test_a_mask_alone_in_an_archive_is_that_mask(run, masks, tmp_path):
    (masks[1] / "segmentation-1.nii.gz").unlink()
    (masks[1] / "README.txt").write_text("of no mask")
    archive = write_zip(tmp_path / "one.zip", masks[1])
    reference = masks[0] / "segmentation-2.nii.gz"
    packed = run("score", reference, archive)
    plain = run("score", reference, masks[1] / "segmentation-2.nii.gz")
    assert (packed.returncode, packed.stdout) == (0, plain.stdout)


def test_the_scan_and_the_mask_of_archives_are_looked_at(run, tmp_path):
    for name, values in (("scan", LABELS.astype(np.int16) * 100), ("mask", LABELS)):
        (tmp_path / name).mkdir()
        write(tmp_path / name / f"{name}.nii.gz", values)
        write_zip(tmp_path / f"{name}.zip", tmp_path / name)
    files = [tmp_path / name / f"{name}.nii.gz" for name in ("scan", "mask")]
    archives = [tmp_path / f"{name}.zip" for name in ("scan", "mask")]
    for given, page in ((files, "files.html"), (archives, "archives.html")):
        result = run("view", *given, "--html", tmp_path / page)
        assert (result.returncode, result.stderr) == (0, "")
    assert (tmp_path / "archives.html").read_bytes() == (tmp_path / "files.html").read_bytes()
    write(tmp_path / "scan/other.nii.gz", LABELS)
    write_zip(archives[0], tmp_path / "scan")
    result = run("view", *archives, "--html", tmp_path / "none.html")
    assert result.returncode == 2
    assert (
        f"{archives[0]}: expected an archive of one scan or mask. Received: one of 2."
        in result.stderr
    )


def test_predictions_and_scans_in_archives_are_compared(run, tmp_path):
    folders = [write_prediction(tmp_path / name / "case") for name in ("a", "b")]
    scans = [tmp_path / name / "scan.nii.gz" for name in ("a", "b")]
    archives = [write_zip(folder.parent / "case.zip", folder) for folder in folders]
    (tmp_path / "scans").mkdir()
    scans[0].rename(tmp_path / "scans/ct.nii.gz")
    packed = write_zip(tmp_path / "scans.zip", tmp_path / "scans")
    options = ("--baseline-scan", tmp_path / "scans/ct.nii.gz", "--followup-scan", scans[1])
    plain = run("compare", *folders, "-o", tmp_path / "plain", *options)
    options = ("--baseline-scan", packed, "--followup-scan", scans[1])
    result = run("compare", *archives, "-o", tmp_path / "out", *options)
    assert (plain.returncode, result.returncode) == (0, 0), result.stderr
    for path in (tmp_path / "plain").iterdir():
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes()


def test_labels_in_an_archive_are_compared_and_results_of_two_scans_are_not(run, tmp_path):
    results = write_results(tmp_path / "results", "one", "two")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels/README.txt").write_text("of no scan")
    (results / "one/labels.nii.gz").rename(tmp_path / "labels/labels.nii.gz")
    labels = write_zip(tmp_path / "labels.zip", tmp_path / "labels")
    result = run("compare", labels, results / "two", "-o", tmp_path / "out")
    assert result.returncode == 0, result.stderr
    write_results(tmp_path / "more", "one", "two")
    both = write_zip(tmp_path / "more.zip", tmp_path / "more")
    result = run("compare", labels, both, "-o", tmp_path / "none")
    assert result.returncode == 2
    assert f"{both}: expected an archive of one scan or mask" in result.stderr


def test_reports_of_an_archive_go_into_a_folder_that_has_to_be_named(run, tmp_path):
    for name in ("one", "two"):
        write_prediction(tmp_path / "predictions" / name)
    (tmp_path / "predictions/two/lesions.csv").unlink()
    archive = write_zip(tmp_path / "all.zip", tmp_path / "predictions")
    result = run("report", archive)
    assert result.returncode == 2
    assert f"{archive}: expected --out with it" in result.stderr
    result = run("report", archive, "-o", tmp_path / "packed")
    assert (result.returncode, result.stdout) == (1, f"{tmp_path / 'packed/index.html'}\n")
    assert f"failed: {archive}/predictions/two: expected" in result.stderr
    run("report", tmp_path / "predictions", "-o", tmp_path / "plain")
    written = tmp_path / "packed/one/report.html"
    assert written.read_bytes() == (tmp_path / "plain/one/report.html").read_bytes()


def list_names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_reports_of_one_scan_lie_as_those_of_its_folder_do(run, tmp_path):
    results = write_results(tmp_path / "results", "case")
    archive = write_zip(tmp_path / "results.zip", results)
    alone = write_zip(tmp_path / "case.zip", results / "case")
    for given in (archive, results, alone):
        out = tmp_path / f"of {given.name}"
        result = run("report", given, "-o", out, "--scans", tmp_path)
        assert result.returncode == 0, result.stderr
    assert list_names(tmp_path / "of results.zip") == ["case/report.html", "index.html"]
    assert list_names(tmp_path / "of results") == ["case/report.html", "index.html"]
    assert list_names(tmp_path / "of case.zip") == ["report.html"]
    mask = results / "case/labels.nii.gz"
    result = run("report", archive, "-o", tmp_path / "none", "--scans", mask)
    assert result.returncode == 2
    assert f"{mask}: expected a folder of scans, or a zip archive of one. Received: a file." in (
        result.stderr
    )
