"""The shipped params file, and what is said of one that cannot be used."""

from pathlib import Path

import pytest

from liverseg.errors import ParamsError
from liverseg.params import read_params
from tests.commands import REPOSITORY

SHIPPED = REPOSITORY / "params.yaml"
REMOVED = object()
"""In place of a value: the key is left out."""


def read_problems(path: Path) -> list[str]:
    """The lines of the error below its heading."""
    with pytest.raises(ParamsError) as caught:
        read_params(path)
    heading, *problems = str(caught.value).split("\n")
    assert heading == f"{path}: {len(problems)} value(s) cannot be used:"
    return [problem.strip() for problem in problems]
