"""Tables on disk: CSV with an empty field where a figure is undefined, and no formula."""

from pathlib import Path

import pandas as pd

from liverseg.cases.csv_rows import quote_formula
from liverseg.outputs import whole_file


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table without its index; floats with as many digits as bring them back exactly."""
    quoted = table.assign(
        **{
            str(name): pd.Series(map(quote_formula, column), column.index, column.dtype)
            for name, column in table.items()
        }
    )
    with whole_file(path) as partial:
        quoted.to_csv(partial, index=False, lineterminator="\n")
