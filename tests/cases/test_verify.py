"""Sound cases, files that cannot be read, whole sets and real files, and the verdict on each."""

import gzip
import os
import shutil
import struct

import nibabel as nib
import numpy as np
import psutil
import pytest

from liverseg.cases.verify import verify_cases
from liverseg.errors import DataError
from liverseg.params import PhantomParams
from liverseg.phantom.data_set import PATIENTS_FILE, write_phantom
from tests.cases.verdicts import assert_found, save_image


@pytest.fixture(autouse=True)
def one_worker(monkeypatch):
    monkeypatch.setenv("LIVERSEG_WORKERS", "1")


def test_a_sound_case_is_ok(tmp_path, sample, verify):
    sample.save(tmp_path)
    check = verify()
    assert (check.verdict, check.findings) == ("ok", ())
    assert check.case.verdict == "ok"


def test_a_set_names_the_files_that_no_case_claims(tmp_path, sample, make_params):
    sample.save(tmp_path)
    for name in "abcdef":
        (tmp_path / f"{name}.NII").touch()
    (finding,) = verify_cases(tmp_path, make_params(), description="test").findings
    assert finding.level == "warning"
    assert "belong to no case and are not used, 6: a.NII, b.NII, c.NII, d.NII, e.NII, ..." in (
        finding.reason
    )


# Files that cannot be read


def truncate(content):
    return content[: len(content) // 2]


def shrink(content):
    """The header alone, and a few voxels."""
    return gzip.compress(gzip.decompress(content)[:1000])


def promise_terabytes(content):
    raw = bytearray(gzip.decompress(content))
    raw[40:56] = struct.pack("<8h", 3, 32767, 32767, 32767, 1, 1, 1, 1)
    return gzip.compress(bytes(raw))


def spoil_magic(content):
    raw = bytearray(gzip.decompress(content))
    raw[344:348] = b"what"
    return gzip.compress(bytes(raw))


def empty_dimension(content):
    raw = bytearray(gzip.decompress(content))
    raw[42:44] = struct.pack("<h", 0)
    return gzip.compress(bytes(raw))


@pytest.mark.parametrize("file", ["volume-1.nii.gz", "segmentation-1.nii.gz"])
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (truncate, "ends within its compressed data"),
        (lambda _: b"", "empty file"),
        (lambda _: b"\x89PNG no NIfTI", "no NIfTI header"),
        (lambda _: gzip.compress(b"no NIfTI" * 100), "no NIfTI header"),
        (shrink, "bytes"),
        (promise_terabytes, "its header promises"),
        (spoil_magic, "undamaged NIfTI"),
        (empty_dimension, "one three-dimensional volume"),
    ],
)
def test_a_damaged_file_cannot_be_used(tmp_path, sample, verify, file, spoil, words):
    sample.save(tmp_path)
    path = tmp_path / file
    path.write_bytes(spoil(path.read_bytes()))
    assert_found(verify(), "error", file, words, "data.exclude")


def test_a_volume_beyond_the_memory_cannot_be_used(tmp_path, sample, verify):
    sample.save(tmp_path)
    (tmp_path / "volume-1.nii.gz").unlink()
    header = nib.Nifti1Header()
    num_planes = int(psutil.virtual_memory().total / 32767**2) + 2
    header.set_data_shape((32767, 32767, num_planes))
    header.set_data_dtype(np.uint8)
    header["magic"], header["vox_offset"] = b"n+1", 352
    header.set_sform(sample.affine, 1)
    path = tmp_path / "volume-1.nii"
    path.write_bytes(header.binaryblock + bytes(4))
    os.truncate(path, 352 + 32767**2 * num_planes)  # a hole takes no place on the disk
    assert_found(verify(), "error", "volume-1.nii", "free memory")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda hu: np.stack([hu, hu], axis=-1), "one three-dimensional volume"),
        (lambda hu: hu[..., :1], "a single slice, 75 x 75 x 1"),
        (lambda hu: hu[..., 0], "one three-dimensional volume"),
        (lambda hu: hu.astype(np.complex64), "one number a voxel"),
        (lambda hu: np.zeros(hu.shape, [("R", "u1"), ("G", "u1"), ("B", "u1")]), "one number"),
        (lambda hu: np.where(hu == hu.max(), np.nan, hu).astype(np.float32), "NaN"),
        (lambda hu: np.where(hu == hu.max(), np.inf, hu).astype(np.float32), "infinity"),
    ],
    ids=["4-D", "one slice", "2-D", "complex", "RGB", "NaN", "infinite"],
)
def test_a_scan_that_is_no_volume_of_finite_numbers_cannot_be_used(
    tmp_path, sample, verify, change, words
):
    sample.save(tmp_path)
    save_image(change(sample.hu), sample.affine, tmp_path / "volume-1.nii.gz")
    assert_found(verify(), "error", words)


def test_both_files_of_a_case_are_named_where_both_are_damaged(tmp_path, sample, verify):
    sample.save(tmp_path)
    for name in ("volume-1.nii.gz", "segmentation-1.nii.gz"):
        (tmp_path / name).write_bytes(b"")
    text = " ".join(finding.reason for finding in verify().findings)
    assert "volume-1" in text
    assert "segmentation-1" in text


def test_a_link_that_leaves_the_root_is_a_warning(tmp_path, sample, verify, tmp_path_factory):
    sample.save(tmp_path)
    outside = tmp_path_factory.mktemp("outside") / "scan.nii.gz"
    shutil.move(tmp_path / "volume-1.nii.gz", outside)
    (tmp_path / "volume-1.nii.gz").symlink_to(outside)
    assert_found(verify(), "warning", "volume-1.nii.gz is a link to a file outside data.root")


def test_voxels_of_a_pair_whose_link_leaves_the_root_are_a_warning(
    tmp_path, sample, verify, tmp_path_factory
):
    sample.save(tmp_path)
    scan = nib.load(tmp_path / "volume-1.nii.gz")
    nib.save(nib.Nifti1Pair(sample.hu, sample.affine, scan.header), tmp_path / "volume-1.hdr")
    (tmp_path / "volume-1.nii.gz").unlink()
    outside = tmp_path_factory.mktemp("outside") / "scan.img"
    shutil.move(tmp_path / "volume-1.img", outside)
    (tmp_path / "volume-1.img").symlink_to(outside)
    assert_found(verify(), "warning", "volume-1.img is a link to a file outside data.root")


def test_a_file_without_permission_cannot_be_used(tmp_path, sample, verify):
    if os.geteuid() == 0:
        pytest.skip("root may read every file")
    sample.save(tmp_path)
    (tmp_path / "volume-1.nii.gz").chmod(0)
    assert_found(verify(), "error", "volume-1.nii.gz", "Permission denied")


def test_a_spacing_for_a_case_that_is_not_there_is_an_error(tmp_path, sample, verify):
    sample.save(tmp_path, "28")
    with pytest.raises(DataError, match=r"data.spacing_overrides: .*'280'. Did you mean '28'\?"):
        verify(spacing_overrides={"280": (1.0, 1.0, 1.0)})


# Real files

SPACES = "AIL ASL IPR LAS LIP LPS PIR RAS RPI RSA SLA SRP"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("anatomical.nii", "hardly any soft tissue"),  # an MRI: -610 to 30393
        ("ct_perfusion.nii.gz", "one number a voxel"),
        ("example4d.nii.gz", "one three-dimensional volume"),
        ("minimal.nii.gz", "8-bit"),  # a ramp of 0 to 63
        ("shear.nii.gz", "sheared"),
        *((f"nifti_space_{codes}.nii.gz", "8-bit") for codes in SPACES.split()),  # 0 to 93
    ],
)
def test_odd_files_are_no_scans(shared_data, tmp_path, verify, name, words):
    scan = shared_data / "odd_nifti" / name
    suffix = ".nii.gz" if name.endswith(".gz") else ".nii"
    shutil.copy(scan, tmp_path / f"volume-1{suffix}")
    image = nib.load(scan)
    labels = np.ones(image.shape[:3], np.uint8)
    save_image(labels, image.affine, tmp_path / "segmentation-1.nii.gz")
    assert_found(verify(), "error", words)


def test_organ_labels_are_a_mask_only_by_a_label_map(shared_data, tmp_path, verify):
    for name, original in (("volume-1.nii.gz", "ct"), ("segmentation-1.nii.gz", "organs")):
        shutil.copy(shared_data / "ct_3mm" / f"{original}.nii.gz", tmp_path / name)
    assert_found(verify(), "error", "expected a mask of whole values", "data.label_map")
    others = dict.fromkeys(range(1, 118), 0)
    check = verify(label_map=others | {5: 1})
    assert (check.verdict, check.findings) == ("ok", ())


def test_a_real_case_is_ok(shared_data, make_params):
    root = shared_data / "3dircadb-17"
    (check,) = verify_cases(root, make_params(), description="test").cases
    assert (check.verdict, check.findings) == ("ok", ())


def test_nothing_is_found_on_the_phantom_in_all_its_formats(tmp_path, make_params):
    params = PhantomParams(
        seed=7,
        anatomy="plain",
        num_patients=9,
        num_second_scans=1,
        field_of_view_mm=300,
        in_plane_spacing_mm=(2.5, 4.0),
        slice_spacing_mm=(4.0, 5.0),
    )
    write_phantom(tmp_path / "phantom", params)
    found = verify_cases(
        tmp_path / "phantom", make_params(patients=PATIENTS_FILE), description="test"
    )
    assert found.count("ok") == len(found.cases) == 10
    assert not found.findings
