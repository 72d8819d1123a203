"""What was read in spite of a file's faults stands among the findings."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np

from liverseg.cases.case_check import CaseCheck
from tests.made.cases import Sample


def test_a_plain_scan_that_is_named_as_a_compressed_one_is_a_warning(
    tmp_path: Path, sample: Sample, verify: Callable[..., CaseCheck]
) -> None:
    sample.save(tmp_path)
    plain = tmp_path / "plain.nii"

    plain.write_bytes(gzip.decompress((tmp_path / "volume-1.nii.gz").read_bytes()))
    plain.replace(tmp_path / "volume-1.nii.gz")
    check = verify()
    assert [(each.level, each.reason) for each in check.findings] == [
        ("warning", "the scan: volume-1.nii.gz is not compressed, unlike its name says")
    ]


def test_nan_around_the_body_is_a_warning_and_read_as_air(
    tmp_path: Path, sample: Sample, verify: Callable[..., CaseCheck]
) -> None:
    hu = sample.hu.astype(np.float32)
    hu[:3] = hu[-3:] = np.nan
    sample.hu = hu
    sample.save(tmp_path)
    check = verify()
    assert [each.reason for each in check.findings] == [
        "the scan: NaN outside the field of view is read as air"
    ]
    assert check.case is not None


def test_nan_within_the_body_is_an_error(
    tmp_path: Path, sample: Sample, verify: Callable[..., CaseCheck]
) -> None:
    hu = sample.hu.astype(np.float32)
    hu[tuple(length // 2 for length in hu.shape)] = np.nan
    sample.hu = hu
    sample.save(tmp_path)
    assert verify().verdict == "error"
