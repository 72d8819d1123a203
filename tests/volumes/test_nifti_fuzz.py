"""Whatever bytes a NIfTI file has, it is a volume or a DataError, in bounded time and memory.

Ten thousand inputs a test:

    pytest tests/volumes/test_nifti_fuzz.py tests/params/test_fuzz.py --hypothesis-profile=long
"""

import gzip
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import nibabel as nib
import numpy as np
from hypothesis import event, given, settings
from hypothesis import strategies as st
from nibabel.nifti2 import Nifti2Pair

from liverseg.errors import DataError
from liverseg.preprocess.slicing import build_images
from liverseg.slices.stacks import Preprocessing
from liverseg.volumes.content import hash_voxels
from liverseg.volumes.nifti import read_grid, read_labels, read_scan, write_labels
from liverseg.volumes.placement import read_placement
from tests.bounds import bounded

NUM_INPUTS = max(300, settings().max_examples)
SECONDS, MEBIBYTES = 10, 256
PREPROCESSING = Preprocessing(windows_hu=((-100, 400),), image_size=32, format="npz")
KINDS = {
    ".nii": (nib.Nifti1Image, nib.Nifti2Image),
    ".nii.gz": (nib.Nifti1Image, nib.Nifti2Image),
    ".hdr": (nib.Nifti1Pair, Nifti2Pair),
}
FIELDS = nib.Nifti1Header.template_dtype.names
VOXELS = bytes(range(48))  # 2 x 3 x 4 of int16
NEARLY_LABELS = st.sampled_from([0, 1, 2, 1.00001, 1.9999, 0.9, 255, -1000, np.nan, np.inf])
FLOATS = st.lists(NEARLY_LABELS, min_size=24, max_size=24) | st.lists(
    NEARLY_LABELS, min_size=12, max_size=12
).map(lambda values: [np.nan] * 6 + values + [np.nan] * 6)  # the first and the last slice


def draw_values(dtype: np.dtype) -> st.SearchStrategy:
    """Values that a field can hold: small ones, the ends of its range, and no numbers."""
    base = dtype.base
    if base.kind in "iu":
        limits = np.iinfo(base)
        lowest, highest = int(limits.min), int(limits.max)
        values = st.sampled_from([0, 1, 2, 3, 4, 5, 7, 16, 64, lowest, highest])
        values |= st.integers(lowest, highest)
    elif base.kind == "f":
        values = st.floats(width=8 * base.itemsize) | st.sampled_from([0.0, -1.0, 1e-30, 352.0])
    else:
        values = st.binary(max_size=base.itemsize)
    if not dtype.shape:
        return values
    return st.lists(values, min_size=dtype.shape[0], max_size=dtype.shape[0])


@st.composite
def headers(draw: st.DrawFn, suffix: str) -> bytes:
    """Of a small valid volume, with some fields and some bytes replaced."""
    header_class = draw(st.sampled_from(KINDS[suffix])).header_class
    header = header_class(endianness=draw(st.sampled_from("<>")))
    header.set_data_shape((2, 3, 4))
    header.set_data_dtype(draw(st.sampled_from([np.int16, np.float32])))
    header["vox_offset"] = header.single_vox_offset if suffix != ".hdr" else 0
    header.set_sform(np.diag([-0.7, -0.7, 2.5, 1]), code=1)
    for name in draw(st.lists(st.sampled_from(FIELDS), max_size=3, unique=True)):
        if name in header.structarr.dtype.names:
            header[name] = draw(draw_values(header.structarr.dtype[name]))
    content = bytearray(header.binaryblock)
    for place in draw(st.lists(st.integers(0, len(content) - 1), max_size=3)):
        content[place] = draw(st.integers(0, 255))
    return bytes(content)


def read(path: Path) -> str:
    """The journey of a scan, of a mask and of a prediction; where it ended."""
    verdicts = []
    for step in (read_as_scan, read_as_mask):
        try:
            step(path)
            verdicts.append("read")
        except DataError as error:
            verdicts.append(re.sub("[0-9]+", "N", error.expected))
    return " | ".join(verdicts)


def read_as_scan(path: Path) -> None:
    scan = read_scan(path)
    assert scan.data.dtype in (np.int16, np.float32)
    assert scan.grid.matches(read_placement(path).grid)
    hash_voxels(scan)
    output = path.with_name("labels.nii.gz")
    write_labels(output, np.zeros(scan.data.shape, np.uint8), path)
    assert np.array_equal(read_grid(output).affine, scan.grid.affine)
    build_images(scan, PREPROCESSING)


def read_as_mask(path: Path) -> None:
    assert read_labels(path).data.max() <= 2


TRAILING = st.sampled_from([b"", b"", b"</html>", bytes(512), gzip.compress(b"x")]) | st.binary(
    max_size=20
)
"""What follows a gzip stream: nothing, a text, padding, another member, or anything."""


@given(st.data())
@settings(max_examples=NUM_INPUTS)
def test_a_file_with_any_header_is_a_volume_or_a_named_error(data):
    suffix = data.draw(st.sampled_from(list(KINDS)))
    header = data.draw(headers(suffix))
    voxels = data.draw(
        st.sampled_from([VOXELS, bytes(96)])
        | FLOATS.map(lambda values: np.array(values, "<f4").tobytes())
        | st.binary(max_size=400)
    )
    with TemporaryDirectory() as folder:
        path = Path(folder, f"scan{suffix}")
        if suffix == ".hdr":
            path.write_bytes(header)
            path.with_suffix(".img").write_bytes(voxels)
        else:
            content = header + bytes(4) + voxels
            is_named_rightly = data.draw(st.integers(0, 4)) > 0
            if (suffix == ".nii.gz") == is_named_rightly:
                content = gzip.compress(content, 1) + data.draw(TRAILING)
            path.write_bytes(content)
        with bounded(SECONDS, MEBIBYTES):
            event(read(path))


COMPRESSED = gzip.compress(nib.Nifti1Image(np.zeros((9, 9, 9)), np.eye(4)).to_bytes(), mtime=0)


@given(
    st.lists(st.tuples(st.integers(0, len(COMPRESSED) - 1), st.integers(0, 255)), max_size=4),
    st.integers(0, len(COMPRESSED)) | st.just(len(COMPRESSED)),
)
@settings(max_examples=NUM_INPUTS)
def test_a_gzip_file_with_any_bytes_is_a_volume_or_a_named_error(changes, length):
    content = bytearray(COMPRESSED)
    for place, value in changes:
        content[place] = value
    with TemporaryDirectory() as folder:
        path = Path(folder, "scan.nii.gz")
        path.write_bytes(content[:length])
        with bounded(SECONDS, MEBIBYTES):
            event(read(path))
