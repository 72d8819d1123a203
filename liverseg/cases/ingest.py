"""From a folder of scans and masks to cases, or to all that is wrong with it."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from liverseg.cases.case_table import Case
from liverseg.cases.checks import check_grids
from liverseg.cases.finding import find_nifti_files
from liverseg.cases.layouts import recognise_layout
from liverseg.cases.measure import measure_case
from liverseg.cases.pairing import CaseFiles, group_files, pair_files
from liverseg.cases.patients import read_patients
from liverseg.errors import DataError, LiversegError
from liverseg.parallel import map_cases
from liverseg.params import DataParams

MAX_SHOWN_PROBLEMS = 10


def ingest_cases(root: Path, params: DataParams) -> tuple[Case, ...]:
    """All cases below ``root``, in natural order of their ids.

    Names and headers of all cases are checked before the first volume is read; then each worker
    holds one volume at a time.

    Raises:
        LiversegError: The folder is no data set, or cases cannot be used: all of them are named.
    """
    files = find_nifti_files(root)
    layout = recognise_layout(root, files)
    found = group_files(files, layout, params.exclude)
    patients = read_patients(root, params.patients) if params.patients is not None else None
    pairs, problems = [], []
    for case in found:
        try:
            pair = pair_files(case, layout, patients)
            check_grids(root, pair)
            pairs.append(pair)
        except DataError as error:
            problems.append(f"case {case.case_id}: {error}")
    _raise_problems(root, problems, len(found))
    measured = list(map_cases(partial(_try_measure, root), pairs, description="ingest"))
    _raise_problems(root, [row for row in measured if isinstance(row, str)], len(found))
    return tuple(row for row in measured if isinstance(row, Case))


def _try_measure(root: Path, files: CaseFiles) -> Case | str:
    """The case, or what is wrong with it: an error would end the work on the other cases."""
    try:
        return measure_case(root, files)
    except DataError as error:
        return f"case {files.case_id}: {error}"


def _raise_problems(root: Path, problems: Sequence[str], num_cases: int) -> None:
    if problems:
        shown = [f"  {problem}" for problem in problems[:MAX_SHOWN_PROBLEMS]]
        if problems[MAX_SHOWN_PROBLEMS:]:
            shown.append(f"  ... and {len(problems) - MAX_SHOWN_PROBLEMS} more")
        text = "\n".join(shown)
        raise LiversegError(f"{root}: {len(problems)} of {num_cases} cases cannot be used:\n{text}")
