"""``liverseg check`` of what is not NIfTI in a layout of ours: as it would be imported."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from liverseg.archives.opening import unpack_archives
from liverseg.archives.private_folder import private_folder
from liverseg.cases.case_check import CaseCheck
from liverseg.cases.finding import find_volume_files
from liverseg.cases.findings import describe_error
from liverseg.cases.verify import SetCheck, verify_cases
from liverseg.importing.kinds import hold_volumes
from liverseg.importing.volume_jobs import FailedImport, has_structures
from liverseg.importing.volume_set import import_volumes
from liverseg.params import DataParams
from liverseg.tables.case_table import natural_key
from liverseg.volumes.itk_header import find_itk_stem
from liverseg.volumes.structure_names import Patterns

PREFIX = "liverseg-checked-"


def check_set(root: Path, params: DataParams) -> SetCheck:
    """``verify_cases``, of an archive or of volumes in other formats and layouts too.

    What has to be imported first is, into a temporary folder: cases keep their names, and one that
    cannot be imported has an error.

    Raises:
        DataError: As for ``verify_cases``, ``unpack_archives`` and ``import_volumes``.
        LiversegError: Nothing can be imported, or what reads it is not installed.
    """
    with unpack_archives([root]) as given, _as_nifti(given.paths[0]) as (folder, failures):
        checked = verify_cases(folder, params, description="check")
        more = [
            CaseCheck(each.case_id, (describe_error(each.error, given.paths[0]),))
            for each in failures
        ]
    cases = sorted((*checked.cases, *more), key=lambda check: natural_key(check.case_id))
    return replace(checked, cases=tuple(cases))


@contextmanager
def _as_nifti(root: Path) -> Iterator[tuple[Path, tuple[FailedImport, ...]]]:
    """The folder itself, or one into which it was imported, and what could not be."""
    if not (root.is_dir() and hold_volumes([root]) and _has_to_be_imported(root)):
        yield root, ()
        return
    with private_folder(PREFIX) as scratch:
        imported = import_volumes([root], scratch / "set", Patterns())
        yield scratch / "set", imported.failures


def _has_to_be_imported(root: Path) -> bool:
    files = find_volume_files(root)
    return has_structures(files) or any(find_itk_stem(file.name) is not None for file in files)
