"""NRRD and MetaImage: what SimpleITK writes is read voxel for voxel where SimpleITK places it."""

import sys

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 (as its own documents call it)

from liverseg.errors import DataError, LiversegError
from liverseg.volumes.itk import read_itk_scan

SUFFIXES = (".nrrd", ".nhdr", ".mha", ".mhd")
NHDR = (
    "NRRD0004\ntype: short\ndimension: 3\nspace: {space}\nsizes: 2 3 4\n"
    "space directions: {directions}\nspace origin: (10,20,30)\nendian: little\nencoding: raw\n"
    "data file: {voxels}\n\n"
)
STRAIGHT = "(1,0,0) (0,2,0) (0,0,3)"
HU = np.arange(24, dtype="<i2").reshape(2, 3, 4, order="F")


def make_image(kind=np.int16):
    """5 x 6 x 7 voxels, turned about two axes, nowhere near the origin."""
    values = np.random.default_rng(5).integers(-1024, 3000, (7, 6, 5)).astype(kind)
    image = sitk.GetImageFromArray(values)
    turn = sitk.Euler3DTransform()
    turn.SetRotation(0.3, -0.2, 0.7)
    image.SetDirection(turn.GetMatrix())
    image.SetSpacing((0.7, 0.8, 2.5))
    image.SetOrigin((-120.5, 33.25, 801.0))
    return image


def write_nhdr(folder, *, space="left-posterior-superior", directions=STRAIGHT, voxels="x.raw"):
    path = folder / "x.nhdr"
    path.write_text(NHDR.format(space=space, directions=directions, voxels=voxels))
    (folder / "x.raw").write_bytes(HU.tobytes(order="F"))
    return path


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_voxels_of_an_oblique_scan_lie_where_simpleitk_says(tmp_path, suffix, compressed):
    image = make_image()
    path = tmp_path / f"scan{suffix}"
    sitk.WriteImage(image, path, compressed)
    scan = read_itk_scan(path)
    assert scan.data.dtype == np.int16
    assert scan.grid.shape == (5, 6, 7)
    assert scan.grid.spacing_mm == pytest.approx((0.7, 0.8, 2.5))
    for voxel in np.random.default_rng(6).integers(0, (5, 6, 7), (20, 3)).tolist():
        x, y, z = image.TransformIndexToPhysicalPoint(voxel)  # LPS
        placed = scan.grid.affine @ [*voxel, 1]
        assert placed[:3] == pytest.approx((-x, -y, z), abs=1e-6)
        assert scan.data[tuple(voxel)] == image[voxel]


@pytest.mark.parametrize(
    ("space", "directions", "affine"),
    [
        # in LPS x and y change sign on the way to RAS
        (
            "left-posterior-superior",
            STRAIGHT,
            [[-1, 0, 0, -10], [0, -2, 0, -20], [0, 0, 3, 30], [0, 0, 0, 1]],
        ),
        (
            "right-anterior-superior",
            STRAIGHT,
            [[1, 0, 0, 10], [0, 2, 0, 20], [0, 0, 3, 30], [0, 0, 0, 1]],
        ),
        # 3-4-5 triangles: i goes 0.6 left and 0.8 back, j 1.6 right and 1.2 back, k 3 up
        (
            "left-posterior-superior",
            "(0.6,0.8,0) (-1.6,1.2,0) (0,0,3)",
            [[-0.6, 1.6, 0, -10], [-0.8, -1.2, 0, -20], [0, 0, 3, 30], [0, 0, 0, 1]],
        ),
    ],
)
def test_an_affine_worked_out_by_hand(tmp_path, space, directions, affine):
    scan = read_itk_scan(write_nhdr(tmp_path, space=space, directions=directions))
    assert scan.grid.affine == pytest.approx(np.array(affine, float), abs=1e-9)
    assert np.array_equal(scan.data, HU)


def test_a_sheared_grid_stays_sheared_as_ingest_expects_to_find_it(tmp_path):
    scan = read_itk_scan(write_nhdr(tmp_path, directions="(1,0,0) (0,1,0) (0,0.5,1)"))
    assert scan.grid.shear == pytest.approx(0.5 / np.sqrt(1.25))


def test_values_beyond_int16_are_floats(tmp_path):
    image = sitk.Cast(make_image(), sitk.sitkFloat64) + 0.5
    sitk.WriteImage(image, tmp_path / "x.mha")
    scan = read_itk_scan(tmp_path / "x.mha")
    assert scan.data.dtype == np.float32
    assert np.array_equal(scan.data.T, sitk.GetArrayFromImage(image))


@pytest.mark.parametrize("share", [0.3, 0.7, 0.99])
@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_that_is_cut_off_is_named(tmp_path, suffix, compressed, share):
    path = tmp_path / f"scan{suffix}"
    sitk.WriteImage(make_image(), path, compressed)
    cut = next((each for each in tmp_path.iterdir() if "raw" in each.name), path)
    content = cut.read_bytes()
    cut.write_bytes(content[: int(share * len(content))])
    with pytest.raises(DataError, match=rf"scan\{suffix}: expected .* save it again"):
        read_itk_scan(path)


@pytest.mark.parametrize(
    "voxels",
    [
        *("/etc/hostname", "../x.raw", "a/../../x.raw", "..\\x.raw", "C:x.raw"),
        *("LIST", "x%02d.raw 1 4 1", "gone.raw", ""),
    ],
)
@pytest.mark.parametrize("suffix", [".nhdr", ".nrrd", ".mhd", ".mha"])
def test_voxels_elsewhere_than_beside_the_header_are_never_opened(tmp_path, suffix, voxels):
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "x.raw").write_bytes(HU.tobytes())
    path = folder / f"x{suffix}"
    if suffix in {".nhdr", ".nrrd"}:
        header = NHDR.format(space="LPS", directions=STRAIGHT, voxels=voxels)
    else:
        header = (
            "ObjectType = Image\nNDims = 3\nDimSize = 2 3 4\nElementType = MET_SHORT\n"
            f"ElementDataFile = {voxels}\n"
        )
    path.write_text(header)
    with pytest.raises(DataError, match=r"in/x\..*: expected .*with its voxels|its voxels|beside"):
        read_itk_scan(path)


def test_a_second_name_of_voxels_further_down_is_refused(tmp_path):
    path = write_nhdr(tmp_path)
    path.write_text(path.read_text().replace("endian", "DataFile: ../x.raw\nendian"))
    with pytest.raises(DataError, match="two files of voxels"):
        read_itk_scan(path)


@pytest.mark.parametrize(
    ("image", "received"),
    [
        (sitk.Image([4, 4, 4, 2], sitk.sitkInt16), r"shape \(4, 4, 4, 2\)"),
        (sitk.Image([4, 4], sitk.sitkInt16), r"shape \(4, 4\)"),
        (sitk.Image([4, 4, 4], sitk.sitkVectorInt16, 3), "one number a voxel. Received: 3"),
        (sitk.Image([4, 4, 4], sitk.sitkComplexFloat32), "one number a voxel. Received: 2"),
    ],
)
def test_what_is_no_volume_of_numbers_is_refused(tmp_path, image, received):
    sitk.WriteImage(image, tmp_path / "x.nrrd")
    with pytest.raises(DataError, match=received):
        read_itk_scan(tmp_path / "x.nrrd")


def test_a_header_that_promises_more_than_its_file_can_hold_is_refused_unread(tmp_path):
    path = write_nhdr(tmp_path)
    path.write_text(path.read_text().replace("2 3 4", "20000 30000 40000"))
    with pytest.raises(DataError, match="the 48000000000000 bytes that its header promises"):
        read_itk_scan(path)


def test_axes_in_one_plane_are_refused(tmp_path):
    path = write_nhdr(tmp_path, directions="(1,0,0) (0,2,0) (1,2,0)")
    with pytest.raises(DataError, match=r"x\.nhdr: .*determinant is 0"):
        read_itk_scan(path)


@pytest.mark.parametrize("name", ["gone.nrrd", "text.mha", "empty.nrrd"])
def test_what_is_no_such_file_is_named(tmp_path, name):
    (tmp_path / "text.mha").write_text("no header")
    (tmp_path / "empty.nrrd").touch()
    with pytest.raises(DataError, match=name):
        read_itk_scan(tmp_path / name)


def test_of_a_long_reason_the_end_is_told_from_the_beginning_of_a_word(tmp_path):
    path = tmp_path / f"{'long' * 40}.nrrd"
    path.write_text("NRRD0004\n")
    with pytest.raises(RuntimeError) as told:
        sitk.ReadImage(str(path), imageIO="NrrdImageIO")
    with pytest.raises(DataError) as caught:
        read_itk_scan(path)
    assert " ".join(str(told.value).split()).endswith(f" {caught.value.received}")
    assert 100 < len(caught.value.received) <= 200


def test_without_simpleitk_one_line_says_what_to_install(tmp_path, monkeypatch):
    sitk.WriteImage(make_image(), tmp_path / "x.mha")
    monkeypatch.setitem(sys.modules, "SimpleITK", None)
    with pytest.raises(LiversegError, match=r'pip install "liverseg\[itk\]"'):
        read_itk_scan(tmp_path / "x.mha")
