"""Files made to do harm, or damaged at random: a volume or a named error, never anything else."""

import contextlib
import shutil
import zlib

import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.uid import DeflatedExplicitVRLittleEndian, RLELossless

from liverseg.dicom.masks import build_labels
from liverseg.dicom.series import find_series, order_series, read_series
from liverseg.errors import DataError
from tests.dicom.test_masks import PATTERNS, make_masks
from tests.made.dicom import change, make_hu, write_series
from tests.made.dicom_masks import write_segmentation

SHAPE = (3, 7, 9)


@pytest.fixture(scope="module")
def scan(tmp_path_factory):
    """A series of three slices, and its DICOM-SEG."""
    folder = tmp_path_factory.mktemp("scan")
    files = write_series(folder, make_hu(SHAPE))
    write_segmentation(folder / "seg", files, {"liver": make_masks()[0][1:4]})
    return folder


def try_to_read(folder):
    """Everything that an import does, without writing."""
    found = find_series([folder])
    for series in found.series:
        with contextlib.suppress(DataError):
            build_labels(series, order_series(series), found.masks, PATTERNS)
            read_series(series)


@pytest.mark.parametrize(
    "elements",
    [
        {"Rows": 65535, "Columns": 65535},
        {"Rows": 4096, "Columns": 4096},
        {"Rows": 0},
        {"NumberOfFrames": 2_000_000_000},
        {"NumberOfFrames": -1},
        {"SamplesPerPixel": 60000},
        {"BitsAllocated": 64},
        {"PixelSpacing": [0, 0]},
        {"PixelSpacing": [1e-30, 1e30]},
        {"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]},
        {"ImageOrientationPatient": [0, 0, 0, 0, 0, 0]},
        {"RescaleSlope": "1e300"},
    ],
)
def test_a_header_that_asks_for_the_impossible_is_a_named_error(tmp_path, elements):
    for file in write_series(tmp_path, make_hu(SHAPE)):
        change(file, **elements)
    found = find_series([tmp_path])
    if found.series:
        with pytest.raises(DataError):
            read_series(found.series[0])
    else:
        assert {each.path.parent for each in found.left_out} == {tmp_path}


GEOMETRY = ["PixelSpacing", "ImageOrientationPatient", "ImagePositionPatient", "Rows", "Columns"]


@pytest.mark.parametrize("keyword", GEOMETRY)
@pytest.mark.parametrize("some", [slice(2, 3), slice(None)])
def test_an_element_without_a_value_is_named(tmp_path, keyword, some):
    for file in write_series(tmp_path, make_hu(SHAPE))[some]:
        change(file, **{keyword: ""} if "Pix" in keyword or "Im" in keyword else {keyword: []})
    found = find_series([tmp_path])
    if found.series:
        with pytest.raises(DataError, match=f"1 damaged, the first .*: {keyword} is empty; "):
            read_series(found.series[0])
    else:
        assert {each.reason.split(";")[0] for each in found.left_out} == {f"{keyword} is empty"}


@pytest.mark.parametrize(
    ("keyword", "value", "shown"),
    [("PixelSpacing", ["0.7"], "0.7"), ("ImagePositionPatient", ["1"] * 4, r"1\\\\1\\\\1\\\\1")],
)
def test_an_element_of_another_length_is_named(tmp_path, keyword, value, shown):
    change(write_series(tmp_path, make_hu(SHAPE))[1], **{keyword: value})
    with pytest.raises(DataError, match=f"{keyword} is '{shown}'; . finite number"):
        read_series(find_series([tmp_path]).series[0])


def test_a_deflated_bomb_is_not_unpacked(tmp_path):
    file = write_series(tmp_path, make_hu(SHAPE))[1]
    dataset = pydicom.dcmread(file)
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    dataset.PixelData = b""
    dataset.save_as(file)
    compressor = zlib.compressobj(wbits=-15)
    bomb = compressor.compress(bytes(50_000_000)) + compressor.flush()  # a thousandth of that
    content = file.read_bytes()
    file.write_bytes(content[: 144 + dataset.file_meta.FileMetaInformationGroupLength] + bomb)
    with pytest.raises(DataError, match=r"1 damaged.*Deflated Explicit VR"):
        read_series(find_series([tmp_path]).series[0])


def test_a_run_length_that_fills_a_huge_frame_is_a_named_error(tmp_path):
    for file in write_series(tmp_path, make_hu(SHAPE)):
        dataset = pydicom.dcmread(file)
        dataset.compress(RLELossless, generate_instance_uid=False)
        dataset.Rows = dataset.Columns = 6000
        dataset.save_as(file)
    with pytest.raises(DataError, match="at most 16777216 pixels"):
        read_series(find_series([tmp_path]).series[0])


def test_sequences_nested_a_thousand_deep_are_a_named_error(tmp_path):
    file = write_series(tmp_path, make_hu(SHAPE))[1]
    nested = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff" * 5000
    content = file.read_bytes()
    start = content.index(b"\x08\x00\x60\x00CS")  # Modality, before the sequences
    file.write_bytes(content[:start] + nested + content[start:])
    with pytest.raises(DataError, match="damaged"):
        read_series(find_series([tmp_path]).series[0])


@settings(max_examples=150)
@given(
    name=st.sampled_from(["IM0000", "IM0001", "IM0002", "seg"]),
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=4)),
        max_size=5,
    ),
    kept=st.floats(0.1, 1),
)
def test_any_damage_ends_in_a_volume_or_a_named_error(scan, tmp_path_factory, name, changes, kept):
    folder = tmp_path_factory.mktemp("damaged") / "scan"
    shutil.copytree(scan, folder)
    content = bytearray((folder / name).read_bytes())
    for place, values in changes:
        start = int(place * len(content))
        content[start : start + len(values)] = values
    (folder / name).write_bytes(content[: int(kept * len(content))])
    try_to_read(folder)
    shutil.rmtree(folder)
