"""Warnings of what is read, in several threads: filters are those of the whole process."""

import warnings
from pathlib import Path

from liverseg.dicom.dicom_file import report_damage


def test_threads_that_read_at_once_leave_the_filters_as_they_were():
    before = list(warnings.filters)
    for _ in range(2):
        one, other = report_damage(Path("one.dcm")), report_damage(Path("other.dcm"))
        one.__enter__()
        other.__enter__()
        one.__exit__(None, None, None)  # in the order in which threads may leave it
        warnings.warn("a value that breaks the standard", stacklevel=1)  # else an error
        other.__exit__(None, None, None)
        assert list(warnings.filters) == before
