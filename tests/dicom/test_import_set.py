"""DICOM folders turned into data sets: names, patients, failures, and what ingest makes of it."""

import csv
import gzip

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 (its own documentation calls it so)
from pydicom.uid import generate_uid

from liverseg.cases.ingest import ingest_cases
from liverseg.dicom.import_set import describe_left_out, describe_notes, import_dicom
from liverseg.dicom.masks import Patterns
from liverseg.errors import DataError, LiversegError
from liverseg.params import read_params
from tests.conftest import REPOSITORY
from tests.made.dicom import make_hu, write_series
from tests.made.dicom_masks import write_segmentation, write_structure

PATTERNS = Patterns(("liver",), ("liver*tumo*r*",))
SHAPE = (6, 8, 8)


@pytest.fixture(autouse=True)
def one_process(monkeypatch):
    monkeypatch.setenv("LIVERSEG_WORKERS", "1")


def make_masks():
    """A liver with a lesion in it (slice, row, column)."""
    liver, lesion = np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.uint8)
    liver[1:5, 2:7, 1:7] = 1
    lesion[2:4, 3:5, 3:5] = 1
    return {"liver": liver, "liver tumour": lesion}


def make_body(seed):
    """HU (slice, row, column): a body in air that ingest takes for one."""
    hu = np.random.default_rng(seed).integers(-20, 80, SHAPE).astype(np.int16)
    hu[:, :1] -= 1000
    return hu


def write_case(folder, *, seed=1, mask=True, **elements):
    hu = make_body(seed)
    files = write_series(folder, hu, **elements)
    if mask:
        write_segmentation(folder / "seg", files, make_masks())
    return hu


def read_patients(root):
    with (root / "patients.csv").open(newline="") as file:
        return {row["case_id"]: row["patient_id"] for row in csv.DictReader(file)}


def test_scans_and_masks_stand_where_ingest_finds_them(tmp_path):
    hu = write_case(tmp_path / "dicom" / "10")
    write_case(tmp_path / "dicom" / "9", seed=2, PatientID="MRN-2")
    write_case(tmp_path / "dicom" / "11", seed=3)
    root = tmp_path / "set"
    imported = import_dicom([tmp_path / "dicom"], root, PATTERNS)
    assert imported.failures == ()
    # in natural order of the folders: 9, 10, 11
    patients = {"case_001": "patient_001", "case_002": "patient_002", "case_003": "patient_002"}
    assert read_patients(root) == patients
    params = read_params(REPOSITORY / "params.yaml").data
    cases = ingest_cases(root, params).cases
    assert {case.case_id: case.patient_id for case in cases} == patients
    assert {case.num_lesions for case in cases} == {1}
    scan = nib.load(root / "images" / "case_002.nii.gz")
    assert scan.get_data_dtype() == np.int16
    assert np.array_equal(np.asarray(scan.dataobj), hu.T)
    assert scan.header["sform_code"] == scan.header["qform_code"] == 1
    itk = sitk.ReadImage(str(root / "images" / "case_002.nii.gz"))
    assert itk.GetOrigin() == pytest.approx((-50, -60, 100))
    assert itk.GetSpacing() == pytest.approx((0.8, 0.7, 2.5))
    assert itk.GetDirection() == pytest.approx(np.eye(3).ravel())


def test_nothing_that_is_written_names_anybody(tmp_path):
    write_case(tmp_path / "Doe_Jane")
    import_dicom([tmp_path / "Doe_Jane"], tmp_path / "set", PATTERNS)
    files = [path for path in (tmp_path / "set").rglob("*") if path.is_file()]
    assert len(files) == 3
    for file in files:
        content = file.read_bytes()
        content = gzip.decompress(content) if file.suffix == ".gz" else content
        for secret in (b"Doe", b"Jane", b"4711", b"2020", b"1961", b"1.2.826", b"ACC1", b"House"):
            assert secret not in content, (file, secret)
            assert secret.decode() not in str(file.relative_to(tmp_path / "set"))


def test_importing_twice_gives_the_same_bytes(tmp_path):
    write_case(tmp_path / "dicom")
    for name in ("first", "second"):
        import_dicom([tmp_path / "dicom"], tmp_path / name, PATTERNS)
    for file in ("images/case_001.nii.gz", "masks/case_001.nii.gz", "patients.csv"):
        assert (tmp_path / "first" / file).read_bytes() == (tmp_path / "second" / file).read_bytes()


def test_the_key_tells_who_is_who(tmp_path):
    write_case(tmp_path / "dicom", PatientID="=cmd()")
    import_dicom([tmp_path / "dicom"], tmp_path / "set", PATTERNS, key=tmp_path / "key.csv")
    with (tmp_path / "key.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["case_id"], row["patient_id"]) == ("case_001", "patient_001")
    assert row["source"] == str(tmp_path / "dicom")
    assert row["original_patient"].endswith("=cmd()")


def test_the_key_is_its_owners_alone_whatever_stood_there(tmp_path):
    write_case(tmp_path / "dicom")
    key = tmp_path / "key.csv"
    key.write_text("older")
    key.chmod(0o666)
    import_dicom([tmp_path / "dicom"], tmp_path / "set", PATTERNS, key=key)
    assert key.stat().st_mode & 0o777 == 0o600
    assert "MRN-4711" in key.read_text()


def test_two_acquisitions_of_one_series_are_two_cases_of_one_patient(tmp_path):
    uid = generate_uid()
    for number in (1, 2):
        folder = tmp_path / "dicom" / str(number)
        write_case(folder, seed=number, mask=False, series_uid=uid, AcquisitionNumber=number)
    key = tmp_path / "key.csv"
    imported = import_dicom([tmp_path / "dicom"], tmp_path / "set", PATTERNS, key=key)
    assert [case.job.patient_id for case in imported.cases] == ["patient_001"] * 2
    sources = [case.job.series.name for case in imported.cases]
    assert sources == [f"{tmp_path / 'dicom' / '1'} (acquisition {n})" for n in (1, 2)]
    assert all(source in key.read_text() for source in sources)
    for number in (1, 2):
        scan = nib.load(tmp_path / "set" / "images" / f"case_00{number}.nii.gz")
        assert np.array_equal(np.asarray(scan.dataobj), make_body(number).T)


def test_uneven_slices_are_resampled_with_their_masks(tmp_path):
    hu = make_body(1)
    files = write_series(tmp_path / "dicom", hu)
    write_segmentation(tmp_path / "dicom" / "seg", files, make_masks())
    files[1].unlink()  # of the liver; what the mask says of it has no slice to lie on
    with pytest.raises(LiversegError, match="--resample-slices"):
        import_dicom([tmp_path / "dicom"], tmp_path / "set", PATTERNS)
    write_segmentation(
        tmp_path / "dicom" / "seg",
        [files[0], *files[2:]],
        {name: mask[[0, 2, 3, 4, 5]] for name, mask in make_masks().items()},
    )
    imported = import_dicom([tmp_path / "dicom"], tmp_path / "set", PATTERNS, resampled=True)
    assert (
        "5 slices at distances of 2.50 to 5.00 mm are resampled to 6" in imported.cases[0].notes[0]
    )
    scan, mask = (
        np.asarray(nib.load(tmp_path / "set" / name / "case_001.nii.gz").dataobj).T
        for name in ("images", "masks")
    )
    assert np.array_equal(scan[[0, 2, 3, 4, 5]], hu[[0, 2, 3, 4, 5]])
    liver, lesion = make_masks().values()
    assert np.array_equal(mask[[0, 2, 3, 4, 5]], (liver + lesion)[[0, 2, 3, 4, 5]])
    params = read_params(REPOSITORY / "params.yaml").data
    assert ingest_cases(tmp_path / "set", params).cases[0].num_lesions == 1


def test_what_holds_for_many_is_said_once(tmp_path):
    for number in range(8):
        folder = tmp_path / "dicom" / f"p{number}"
        write_case(folder, seed=number, mask=False, PatientID=f"P{number}")
        for name in ("notes.txt", "report.txt"):
            (folder / name).write_text("")
    imported = import_dicom([tmp_path / "dicom"], tmp_path / "set", PATTERNS)
    first = f"{tmp_path / 'dicom' / 'p0'} and 7 other folders"
    assert describe_left_out(imported.left_out) == [
        f"{first}: 16 left out, no DICOM file (notes.txt, ...)"
    ]
    assert describe_notes(imported.cases) == [
        "case_001, case_002, case_003, case_004, case_005 and 3 more: no mask"
    ]


def test_a_bad_series_leaves_a_gap_and_the_others_go_on(tmp_path):
    write_series(tmp_path / "a", make_hu(SHAPE))[2].unlink()
    write_case(tmp_path / "b", mask=False)
    imported = import_dicom([tmp_path / "a", tmp_path / "b"], tmp_path / "set", PATTERNS)
    assert [case.job.case_id for case in imported.cases] == ["case_002"]
    (failure,) = imported.failures
    assert failure.startswith(f"case_001: {tmp_path / 'a'}: expected 5 evenly spaced slices")
    assert imported.cases[0].notes == ("no mask",)


def test_nothing_is_written_where_nothing_can_be_imported(tmp_path):
    write_series(tmp_path / "dicom", make_hu((1, 8, 8)))
    with pytest.raises(LiversegError, match="none of 1 series can be imported:\n  case_001: "):
        import_dicom([tmp_path / "dicom"], tmp_path / "set", PATTERNS)
    assert [path.name for path in tmp_path.iterdir()] == ["dicom"]


def test_a_folder_without_ct_says_what_is_there(tmp_path):
    write_series(tmp_path / "mr", make_hu(), Modality="MR")
    (tmp_path / "mr" / "a.json").write_text("{}")
    with pytest.raises(DataError, match=r"4 left out, an image of modality 'MR'.*; .*no DICOM"):
        import_dicom([tmp_path / "mr"], tmp_path / "set", PATTERNS)


def test_a_folder_with_files_is_never_written_over(tmp_path):
    write_case(tmp_path / "dicom")
    with pytest.raises(DataError, match="a folder with files"):
        import_dicom([tmp_path / "dicom"], tmp_path / "dicom", PATTERNS)


def test_a_segmentation_of_no_series_is_named(tmp_path):
    write_case(tmp_path / "scan", mask=False)
    others = write_series(tmp_path / "elsewhere", make_hu(SHAPE))
    write_segmentation(tmp_path / "scan" / "seg", others, make_masks())
    imported = import_dicom([tmp_path / "scan"], tmp_path / "set", PATTERNS)
    assert describe_left_out(imported.left_out) == [
        f"{tmp_path / 'scan'}: 1 left out, a DICOM-SEG of no series that was found (seg)"
    ]


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
def test_headers_never_become_paths(tmp_path):
    hostile = "../../evil"
    write_case(tmp_path / "dicom", PatientID=hostile, StudyInstanceUID=hostile, series_uid=hostile)
    import_dicom([tmp_path / "dicom"], tmp_path / "deep" / "set", PATTERNS)
    written = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*.nii.gz")}
    assert written == {"deep"}


def test_a_tilted_gantry_is_written_as_a_sheared_sform_alone(tmp_path):
    write_case(tmp_path / "dicom", step=(0, 1.0, 3.0))
    import_dicom([tmp_path / "dicom"], tmp_path / "set", PATTERNS)
    for name in ("images", "masks"):
        image = nib.load(tmp_path / "set" / name / "case_001.nii.gz")
        assert (image.header["sform_code"], image.header["qform_code"]) == (1, 0)
        assert image.affine[:3, 2] == pytest.approx([0, -1, 3])


def test_straightened_it_is_what_ingest_takes(tmp_path):
    hu = write_case(tmp_path / "dicom", step=(0, 0.7, 3.0))  # a voxel along j with each slice
    imported = import_dicom([tmp_path / "dicom"], tmp_path / "set", PATTERNS, straightened=True)
    assert imported.cases[0].shape == (8, 8 + 5, 6)
    scan = np.asarray(nib.load(tmp_path / "set" / "images" / "case_001.nii.gz").dataobj)
    for k in range(6):
        assert np.array_equal(scan[:, k : k + 8, k], hu[k].T)
    (case,) = ingest_cases(tmp_path / "set", read_params(REPOSITORY / "params.yaml").data).cases
    liver, _ = make_masks().values()
    assert case.liver_ml == pytest.approx(liver.sum() * 0.8 * 0.7 * 3 / 1000, abs=1e-3)


def test_3d_ircadb_is_imported_a_patient_a_folder(tmp_path):
    """Its headers share a patient id and a series; the folders tell the patients apart."""
    uid = generate_uid()
    for number in (1, 2, 10):
        folder = tmp_path / "3Dircadb1" / f"3Dircadb1.{number}"
        scan = folder / "PATIENT_DICOM"
        hu = make_body(number)
        files = write_series(scan, hu, PatientID="", series_uid=uid, Modality="OT")
        masks = make_masks()
        write_structure(folder / "MASKS_DICOM" / "liver", masks["liver"], files)
        if number != 10:
            write_structure(folder / "MASKS_DICOM" / "livertumor", masks["liver tumour"], files)
        write_structure(folder / "LABELLED_DICOM", masks["liver"], files)
        (folder / "MESHES_VTK").mkdir()
        (folder / "MESHES_VTK" / "liver.vtk").write_text("# vtk DataFile Version 3.0\n")
    imported = import_dicom([tmp_path / "3Dircadb1"], tmp_path / "set", PATTERNS)
    assert read_patients(tmp_path / "set") == {
        f"case_{number:03}": f"patient_{number:03}" for number in (1, 2, 3)
    }
    assert imported.cases[2].notes == ("no lesion: no other structure besides the liver",)
    params = read_params(REPOSITORY / "presets/ircadb.yaml").data
    cases = ingest_cases(tmp_path / "set", params).cases
    assert [case.num_lesions for case in cases] == [1, 1, 0]


@pytest.mark.slow
def test_a_real_ct_comes_back_from_dicom_as_it_was(shared_data, tmp_path):
    folder = shared_data / "3dircadb-17"
    scan, mask = (nib.load(folder / f"{name}-17.nii.gz") for name in ("volume", "segmentation"))
    labels = np.asarray(mask.dataobj).T
    lps = np.diag([-1, -1, 1, 1]) @ scan.affine  # its axes are LPS: rows along x, columns along y
    files = write_series(
        tmp_path / "3Dircadb1.17" / "PATIENT_DICOM",
        np.asarray(scan.dataobj).T,
        spacing=(lps[1, 1], lps[0, 0]),
        step=lps[:3, 2],
        origin=lps[:3, 3],
    )
    masks = tmp_path / "3Dircadb1.17" / "MASKS_DICOM"
    write_structure(masks / "liver", labels > 0, files)
    write_structure(masks / "livertumor1", labels == 2, files)
    import_dicom([tmp_path / "3Dircadb1.17"], tmp_path / "set", PATTERNS)
    for expected, name in ((scan, "images"), (mask, "masks")):
        written = nib.load(tmp_path / "set" / name / "case_001.nii.gz")
        assert np.array_equal(np.asarray(written.dataobj), np.asarray(expected.dataobj))
        np.testing.assert_allclose(written.affine, expected.affine, atol=1e-4)
