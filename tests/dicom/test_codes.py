"""Segments known by what their codes say, whatever their names."""

import numpy as np
import pytest
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from liverseg.dicom.masks import Patterns, build_labels
from liverseg.dicom.series import find_series, order_series
from liverseg.errors import DataError
from tests.dicom.test_masks import SHAPE, make_labels, make_masks
from tests.made.dicom import make_hu, write_series
from tests.made.dicom_masks import write_segmentation

LIVER, LESION = "Leber", "Herd 1"
BY_CODE = Patterns()


def read_labels(folder, types, regions=None, patterns=BY_CODE, names=(LIVER, LESION)):
    files = write_series(folder, make_hu(SHAPE))
    masks = dict(zip(names, make_masks(), strict=True))
    write_segmentation(folder / "seg", files, masks, types=types, regions=regions)
    found = find_series([folder])
    (series,) = found.series
    return build_labels(series, order_series(series), found.masks, patterns)


@pytest.mark.parametrize(
    ("liver", "lesion"),
    [
        (codes.SCT.Liver, codes.SCT.Mass),
        (codes.SCT.Liver, codes.SCT.Lesion),
        (codes.SCT.Liver, codes.SCT.Neoplasm),
        (codes.SCT.Liver, codes.SCT.NeoplasmPrimary),
        (codes.SCT.Liver, codes.SCT.NeoplasmSecondary),
        (codes.SCT.Liver, Code("86049000", "SCT", "Neoplasm, Primary")),
        # as files of before 2018 have them (SNOMED-RT)
        (Code("T-62000", "SRT", "Liver"), Code("M-03000", "SRT", "Mass")),
        (Code("T-62000", "SRT", "Foie"), Code("M-8FFFF", "SRT", "Tumeur")),
    ],
)
def test_codes_tell_liver_and_lesion(tmp_path, liver, lesion):
    named = read_labels(tmp_path, {LIVER: liver, LESION: lesion})
    assert np.array_equal(named.labels, make_labels(*make_masks()).T)
    assert (named.liver, named.lesion) == ((LIVER,), (LESION,))


@pytest.mark.parametrize("lesion", [codes.SCT.Cyst, codes.SCT.Spleen, codes.SCT.Tissue])
def test_other_codes_are_neither(tmp_path, lesion):
    named = read_labels(tmp_path, {LIVER: codes.SCT.Liver, LESION: lesion})
    assert (named.lesion, named.unused) == ((), (LESION,))


@pytest.mark.parametrize(
    ("region", "used"),
    [
        (codes.SCT.Liver, True),
        (Code("362875007", "SCT", "Entire right lobe of liver"), True),
        (codes.SCT.Lung, False),
        (codes.SCT.Kidney, False),
    ],
)
def test_a_mass_counts_where_it_is_said_to_be_in_the_liver(tmp_path, region, used):
    types = {LIVER: codes.SCT.Liver, LESION: codes.SCT.Mass}
    named = read_labels(tmp_path, types, regions={LESION: region})
    assert named.lesion == ((LESION,) if used else ())


def test_names_still_tell_what_no_code_does(tmp_path):
    named = read_labels(tmp_path, {LIVER: codes.SCT.Liver}, names=(LIVER, "Liver tumour"))
    assert named.lesion == ("Liver tumour",)


def test_patterns_go_by_names_alone(tmp_path):
    types = {LIVER: codes.SCT.Liver, LESION: codes.SCT.Mass}
    named = read_labels(tmp_path, types, patterns=Patterns(("leber",), ("nothing",)))
    assert (named.lesion, named.unused) == ((), (LESION,))


def test_codes_of_another_scheme_say_nothing(tmp_path):
    types = {LIVER: Code("10200004", "99LOCAL", "Liver")}
    with pytest.raises(DataError, match="named like liver"):
        read_labels(tmp_path, types)
