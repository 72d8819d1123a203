"""``liverseg import`` and ``liverseg check`` of volumes in other formats and layouts, and zip."""

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 (its own documentation calls it so)

from liverseg.cases.finding import find_nifti_files
from liverseg.errors import DataError
from tests.commands import run_liverseg
from tests.dicom.test_import_set import write_case
from tests.made.archives import write_zip


@pytest.fixture
def write_structures(phantom):
    """A function that writes the phantom as TotalSegmentator lays out its data set."""

    def write(case):
        affine = phantom.grid.affine
        (case / "segmentations").mkdir(parents=True)
        nib.save(nib.Nifti1Image(phantom.hu, affine), case / "ct.nii.gz")
        for name, mask in (("liver", phantom.labels > 0), ("liver_lesion", phantom.labels == 2)):
            image = nib.Nifti1Image(mask.astype(np.uint8), affine)
            nib.save(image, case / "segmentations" / f"{name}.nii.gz")

    return write


def write_nrrd_set(root, phantom):
    for folder, values in (("images", phantom.hu), ("masks", phantom.labels)):
        (root / folder).mkdir(parents=True, exist_ok=True)
        lps = np.diag([-1.0, -1, 1, 1]) @ phantom.grid.affine
        image = sitk.GetImageFromArray(values.T)
        image.SetSpacing(phantom.grid.spacing_mm)
        image.SetDirection((lps[:3, :3] / phantom.grid.spacing_mm).ravel().tolist())
        image.SetOrigin(lps[:3, 3].tolist())
        sitk.WriteImage(image, root / folder / "1.nrrd")


def test_an_archive_of_structures_is_imported_and_checked(write_structures, phantom, tmp_path):
    write_structures(tmp_path / "total/s0001")
    archive = write_zip(tmp_path / "total.zip", tmp_path / "total")
    result = run_liverseg("import", archive, "-o", tmp_path / "set")
    assert result.returncode == 0, result.stderr
    row = result.stdout.splitlines()[1]
    assert row.split()[:2] == ["s0001", "s0001"]
    assert row.endswith(f"liver  liver_lesion  {archive}/total/s0001/ct.nii.gz")
    labels = nib.load(tmp_path / "set/masks/s0001.nii.gz")
    assert np.array_equal(np.asarray(labels.dataobj), phantom.labels)
    for root in (tmp_path / "set", archive, tmp_path / "total"):
        checked = run_liverseg("check", root)
        assert checked.returncode == 0, checked.stdout
        assert checked.stdout.splitlines()[1].split() == ["s0001", "ok"], root


def test_a_set_in_nrrd_is_checked_as_it_would_be_imported(phantom, tmp_path):
    write_nrrd_set(tmp_path / "set", phantom)
    (tmp_path / "set/images/2.nrrd").write_text("NRRD0004\ntype: short\n\n")
    (tmp_path / "set/masks/2.nrrd").write_bytes((tmp_path / "set/masks/1.nrrd").read_bytes())
    result = run_liverseg("check", tmp_path / "set", TMPDIR=str(tmp_path))
    assert result.returncode == 1
    assert "1     ok" in result.stdout
    assert "images/2.nrrd: expected an undamaged" in " ".join(result.stdout.split())
    assert {path.name for path in tmp_path.iterdir()} == {"set"}


def test_what_cannot_be_imported_is_told_and_leaves_nothing(phantom, tmp_path):
    write_nrrd_set(tmp_path / "set", phantom)
    options = [("--straighten",), ("--resample-slices",), ("--key", tmp_path / "key.csv")]
    for option in options:
        result = run_liverseg("import", tmp_path / "set", "-o", tmp_path / "out", *option)
        assert result.returncode == 2
        assert result.stderr.startswith(f"error: {option[0]}: expected a folder of DICOM files")
    (tmp_path / "set/images/1.nrrd").write_text("cut off")
    result = run_liverseg("import", tmp_path / "set", "-o", tmp_path / "out")
    assert result.returncode == 2
    assert "none of 1 cases can be imported" in result.stderr
    assert "Traceback" not in result.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"set"}


def test_dicom_in_an_archive_is_imported_but_no_key_can_name_its_places(tmp_path):
    write_case(tmp_path / "dicom")
    archive = write_zip(tmp_path / "dicom.zip", tmp_path / "dicom")
    result = run_liverseg("import", archive, "-o", tmp_path / "set", TMPDIR=str(tmp_path))
    assert result.returncode == 0, result.stderr
    assert f"{archive}/dicom" in result.stdout
    result = run_liverseg("import", archive, "-o", tmp_path / "b", "--key", tmp_path / "key.csv")
    assert result.returncode == 2
    assert "Unpack it, and import the folder" in result.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"dicom", "dicom.zip", "set"}


def test_folders_of_two_kinds_are_refused(write_structures, tmp_path):
    write_case(tmp_path / "dicom")
    write_structures(tmp_path / "total/s0001")
    result = run_liverseg("import", tmp_path / "total", tmp_path / "dicom", "-o", tmp_path / "out")
    assert result.returncode == 2
    assert "dicom: expected files of one kind in all folders" in result.stderr


def test_ingest_of_nrrd_says_that_it_has_to_be_imported(phantom, tmp_path):
    write_nrrd_set(tmp_path, phantom)
    with pytest.raises(DataError, match=r"2 are NRRD or MetaImage: .*liverseg import"):
        find_nifti_files(tmp_path)
