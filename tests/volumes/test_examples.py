"""The examples in docstrings show what comes out."""

import doctest

from liverseg.volumes import nifti


def test_the_examples_of_what_reads_files_give_what_they_show():
    results = doctest.testmod(nifti)
    assert results.attempted >= 9
    assert not results.failed
