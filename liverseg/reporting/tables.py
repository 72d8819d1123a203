"""Tables on disk: CSV with an empty field where a figure is undefined."""

from pathlib import Path

import pandas as pd

from liverseg.outputs import whole_file


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table without its index; floats with as many digits as bring them back exactly."""
    with whole_file(path) as partial:
        table.to_csv(partial, index=False, lineterminator="\n")
