"""Whatever the headers of a folder say: a data set or a named error, in bounded time and memory.

Ten thousand inputs:

    pytest tests/dicom/test_header_fuzz.py --hypothesis-profile=long
"""

import contextlib
import re
import warnings
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pydicom
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.sr.codedict import codes
from pydicom.tag import BaseTag, Tag

from liverseg.dicom.import_set import describe_left_out, describe_notes, import_dicom
from liverseg.dicom.masks import Patterns
from liverseg.errors import LiversegError
from liverseg.volumes.nifti import read_labels, read_scan
from tests.bounds import bounded
from tests.dicom.test_enhanced import write_enhanced
from tests.made.dicom import make_hu, write_series
from tests.made.dicom_masks import write_contours, write_segmentation

NUM_INPUTS = max(300, settings().max_examples)
SECONDS, MEBIBYTES = 10, 256
SHAPE = (4, 5, 6)
TEXTS = ["", " ", "0", "-1", "1", "2", "nan", "inf", "1e400", "-1e30", "999999999999", "abc"]
TEXTS += ["1\\2", "1\\2\\3", "0\\0", "1e-30\\1e30", "1\\0\\0\\0\\1\\0", "0\\0\\0\\0\\0\\0"]
TEXTS += ["é\x1b[31m\n", "9" * 5000, "LOCALIZER", "1.2.840.10008.5.1.4.1.1.481.3", "CT", "MR"]
NUMBERS = [0, 1, 7, 16, 64, 255, 32767, 65535]
VRS = ["AE", "AS", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "OB", "OW", "PN", "SH", "SL"]
VRS += ["SQ", "SS", "TM", "UI", "UL", "UN", "US", "UT"]
ADDED = ["PixelPaddingValue", "PixelPaddingRangeLimit", "NumberOfFrames", "AcquisitionNumber"]
ADDED += ["AcquisitionTime", "ContentTime", "SpecificCharacterSet", "ImageType", "PatientID"]
ADDED += ["PerFrameFunctionalGroupsSequence", "FrameAcquisitionNumber", "InstanceNumber"]

contents = (
    st.sampled_from([text.encode() for text in TEXTS])
    | st.sampled_from([number.to_bytes(size, "little") for number in NUMBERS for size in (2, 4, 8)])
    | st.binary(max_size=12)
)
changes = st.tuples(
    st.integers(0, 10**6),  # which element of which file
    st.sampled_from(["remove", "empty", "fill", "fill", "other VR", "add"]),
    contents,
    st.sampled_from(VRS),
    st.sampled_from(ADDED),
)


@pytest.fixture(scope="module", autouse=True)
def one_process():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIVERSEG_WORKERS", "1")
        yield


@pytest.fixture(scope="module")
def templates(tmp_path_factory):
    """Bytes of a scan in slices, of one in frames, and of masks of either kind, by name."""
    folder = tmp_path_factory.mktemp("templates")
    files = write_series(folder / "scan", make_hu(SHAPE), AcquisitionNumber=1)
    liver, lesion = np.zeros((2, *SHAPE), np.uint8)
    liver[1:3, 1:4, 1:5] = 1
    lesion[2, 2, 2:4] = 1
    types = {"Herd": codes.SCT.Mass}
    box = [(-49.6, -59.65, 102.5), (-47, -59.65, 102.5), (-47, -57, 102.5), (-49.6, -57, 102.5)]
    write_enhanced(folder / "scan" / "enhanced", make_hu(SHAPE), [100, 102, 104, 106])
    masks = {"liver": liver, "Herd": lesion}
    write_segmentation(folder / "scan" / "seg", files, masks, types=types)
    write_contours(folder / "scan" / "rt", files, {"liver": [box]}, types=types)
    return {path.name: path.read_bytes() for path in sorted((folder / "scan").iterdir())}


def list_elements(dataset, way=()):
    """The way to each element: items of sequences, then its tag."""
    for element in dataset:
        yield (*way, element.tag)
        if element.VR == "SQ":
            for index, item in enumerate(element.value):
                yield from list_elements(item, (*way, element.tag, index))


def change_element(dataset, way, kind, content, vr, added):
    """Take away, empty, fill with something else, or add an element."""
    *above, tag = way
    try:
        for step in above:
            dataset = dataset[step].value if isinstance(step, BaseTag) else dataset[step]
        own_vr = dataset[tag].VR
    except Exception:
        return
    if kind == "remove":
        del dataset[tag]
        return
    if kind == "add":
        tag = Tag(tag_for_keyword(added))
        own_vr = dictionary_VR(tag)[:2]
    vr = vr if kind == "other VR" else own_vr
    value = b"" if kind == "empty" or vr == "SQ" else content + b" " * (len(content) % 2)
    dataset._dict[tag] = RawDataElement(tag, vr, len(value), value, 0, False, True)


def spoil(templates, names, plan):
    """The data sets of some files after the changes of a plan."""
    datasets = {name: pydicom.dcmread(BytesIO(templates[name])) for name in names}
    ways = [(name, way) for name, dataset in datasets.items() for way in list_elements(dataset)]
    for number, *change in plan:
        name, way = ways[number % len(ways)]
        change_element(datasets[name], way, *change)
    return datasets


def write(path, dataset, *, bare):
    """Write what can be written: pydicom refuses some of what it would read."""
    with contextlib.suppress(Exception):
        dataset.save_as(path, enforce_file_format=False)
        content = path.read_bytes()
        if bare and content[128:132] == b"DICM":
            path.write_bytes(content[132:])


def read(folder, resampled):
    """The journey of a folder; where it ended."""
    output = folder / "set"
    try:
        imported = import_dicom(
            [folder / "dicom"], output, Patterns(), straightened=True, resampled=resampled
        )
    except LiversegError as error:
        return re.sub("[0-9]+", "N", type(error).__name__)
    assert all(line.isprintable() for line in describe_left_out(imported.left_out))
    assert all(line.isprintable() for line in describe_notes(imported.cases))
    assert all(failure.isprintable() for failure in imported.failures)
    for case in imported.cases:
        scan = read_scan(output / "images" / f"{case.job.case_id}.nii.gz")
        assert scan.data.shape == case.shape
        mask = output / "masks" / f"{case.job.case_id}.nii.gz"
        assert mask.exists() == bool(case.liver)
        if case.liver:
            assert read_labels(mask).grid.matches(scan.grid)
    return f"{len(imported.cases)} read, {len(imported.failures)} not"


NAMES = {"slices": ["IM0000", "IM0001", "IM0002", "IM0003"]}
NAMES |= {name: [name] for name in ("enhanced", "seg", "rt")}


@given(
    kinds=st.sets(st.sampled_from(sorted(NAMES)), min_size=1),
    plan=st.lists(changes, min_size=1, max_size=6),
    bare=st.booleans(),
    resampled=st.booleans(),
)
@settings(max_examples=NUM_INPUTS)
def test_a_folder_with_any_headers_is_a_data_set_or_a_named_error(
    templates, kinds, plan, bare, resampled
):
    names = [name for kind in sorted(kinds) for name in NAMES[kind]]
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "dicom").mkdir()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pydicom, of what is made here
            for name, dataset in spoil(templates, names, plan).items():
                write(folder / "dicom" / name, dataset, bare=bare)
        with bounded(SECONDS, MEBIBYTES):
            event(read(folder, resampled))
