"""The examples in docstrings show what comes out."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize(
    "name", ["scoring.case_score", "statistics.summary", "statistics.comparison"]
)
def test_the_examples_of_a_module_give_what_they_show(name):
    results = doctest.testmod(importlib.import_module(f"liverseg.{name}"))
    assert results.attempted
    assert not results.failed
