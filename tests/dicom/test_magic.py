"""Files without a preamble, files that only look like one, and what is no file at all."""

import os
import socket

import numpy as np
import pydicom
import pytest
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from liverseg.dicom.masks import Patterns, build_labels
from liverseg.dicom.series import find_series, order_series, read_series
from tests.bounds import bounded
from tests.made.dicom import make_hu, write_series
from tests.made.dicom_masks import write_segmentation, write_structure


def strip_preamble(path):
    path.write_bytes(path.read_bytes()[132:])


def strip_meta(path, *, implicit=False):
    """The data set alone, as before 1993."""
    dataset = pydicom.dcmread(path)
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, implicit
    del dataset.file_meta
    write_dataset(buffer, dataset)
    path.write_bytes(buffer.getvalue())


@pytest.mark.parametrize(
    "strip", [strip_preamble, strip_meta, lambda path: strip_meta(path, implicit=True)]
)
def test_files_without_a_preamble_are_read_alike(tmp_path, strip):
    hu = make_hu()
    for file in write_series(tmp_path, hu):
        strip(file)
        assert b"DICM" not in file.read_bytes()
    (series,) = find_series([tmp_path]).series
    assert np.array_equal(read_series(series).data, hu.T)


def test_a_segmentation_without_a_preamble_is_read_alike(tmp_path):
    files = write_series(tmp_path, make_hu())
    liver = np.zeros((4, 5, 6), np.uint8)
    liver[1:3, 2:4, 1:5] = 1
    strip_preamble(write_segmentation(tmp_path / "seg", files, {"liver": liver}))
    found = find_series([tmp_path])
    labels = build_labels(
        found.series[0], order_series(found.series[0]), found.masks, Patterns()
    ).labels
    assert np.array_equal(labels.T, liver)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x08\x00",
        b"PK\x03\x04" + bytes(200),
        b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100",  # one element is no order
        b"\x08\x00\x16\x00UI\x02\x001\x00\x08\x00\x05\x00CS\x02\x00AB",  # the wrong order
        b"\x08\x00\x05\x00CS\x02\x00AB\x10\x00\x10\x00PN\x02\x00AB",  # no second one of its group
        b"\x02\x00\x00\x00" * 100,
        np.arange(2, 200, dtype="<u2").tobytes(),
    ],
)
def test_what_only_begins_alike_is_no_dicom(tmp_path, content):
    write_series(tmp_path, make_hu())
    (tmp_path / "other").write_bytes(content)
    found = find_series([tmp_path])
    assert [(each.path.name, each.reason) for each in found.left_out] == [
        ("other", "no DICOM file")
    ]
    assert read_series(found.series[0]).data.shape == (6, 5, 4)


def add_what_is_no_file(folder, monkeypatch):
    os.mkfifo(folder / "pipe")
    (folder / "zeros").symlink_to("/dev/zero")
    with monkeypatch.context() as context, socket.socket(socket.AF_UNIX) as opened:
        context.chdir(folder)  # a socket's path is short
        opened.bind("socket")


def test_pipes_sockets_and_devices_are_never_opened(tmp_path, monkeypatch):
    files = write_series(tmp_path / "3D" / "PATIENT_DICOM", make_hu())
    mask = np.zeros((4, 5, 6), np.uint8)
    mask[1, 2, 3] = 1
    write_structure(tmp_path / "3D" / "MASKS_DICOM" / "liver", mask, files)
    for folder in (tmp_path / "3D" / "PATIENT_DICOM", tmp_path / "3D" / "MASKS_DICOM" / "liver"):
        add_what_is_no_file(folder, monkeypatch)
    with bounded(seconds=10, mebibytes=256):
        (series,) = find_series([tmp_path]).series
        assert np.array_equal(
            build_labels(series, order_series(series), (), Patterns()).labels.T, mask
        )
        assert read_series(series).data.shape == (6, 5, 4)
