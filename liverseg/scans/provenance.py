"""What a prediction was made with."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import distributions, version
from pathlib import Path
from typing import Any

from liverseg.errors import DataError
from liverseg.git import find_repository, has_changes, read_commit
from liverseg.hashing import hash_files
from liverseg.params import Flips
from liverseg.scans.ensemble import Ensemble

PACKAGES = (
    *("connected-components-3d", "edt", "nibabel", "numpy"),
    *("opencv-python-headless", "openvino", "scipy"),
)
"""Those that compute something between the scan and its lesions."""

DICOM_PACKAGES = ("pydicom", "python-gdcm")
"""Those that read DICOM, where they are installed."""


@dataclass(frozen=True)
class ModelOrigin:
    """A model folder.

    Attributes:
        folder: As it was named; ``ready`` for the model of the package.
        model: Which of the three it is.
        md5: As DVC hashes the folder.
        trained_on: What scans it has seen; None where that is not known here.
    """

    folder: str
    model: str
    md5: str
    trained_on: str | None = None


@dataclass(frozen=True)
class Provenance:
    """What decides a prediction besides the scan, and what it was seen with.

    Attributes:
        liverseg_version: Of this package.
        models: Of the ensemble, in its order.
        rules: From probabilities to labels.
        flips: Mirror images that counted too.
        probabilities: Whether they were written.
        git_commit: Of the repository around the working folder; None where there is none, or where
            a model lies elsewhere: git would obey the configuration that is found there.
        git_dirty: Whether tracked files of it differed from that commit; None likewise.
        packages: Versions by name.
    """

    liverseg_version: str
    models: tuple[ModelOrigin, ...]
    rules: dict[str, Any]
    flips: Flips
    probabilities: bool
    git_commit: str | None
    git_dirty: bool | None
    packages: dict[str, str]


def collect_provenance(ensemble: Ensemble, flips: Flips, *, probabilities: bool) -> Provenance:
    """The provenance of what an ensemble will predict."""
    members = ensemble.members
    ours = find_repository(Path.cwd())
    if {find_repository(each.folder) for each in members} != {ours}:
        ours = None
    return Provenance(
        liverseg_version=version("liverseg"),
        models=tuple(
            ModelOrigin(each.name, each.description.model, each.md5, each.trained_on)
            for each in members
        ),
        rules=ensemble.rules.model_dump(mode="json", exclude={"flips"}),
        flips=flips,
        probabilities=probabilities,
        git_commit=read_commit(ours) if ours else None,
        git_dirty=has_changes(ours) if ours else None,
        packages={name: version(name) for name in (*PACKAGES, *_list_dicom_packages())},
    )


def hash_scan(paths: Sequence[Path]) -> str:
    """SHA-256 over the bytes of files, one after the other; of one file that of ``sha256sum``.

    Raises:
        DataError: One cannot be read.
    """
    try:
        return hash_files(paths, "sha256")
    except OSError as error:
        raise DataError(
            str(error.filename or paths[0]),
            expected="a file that can be read",
            received=str(error.strerror).lower(),
            next_step="Check its permissions and the disk.",
        ) from None


def _list_dicom_packages() -> list[str]:
    return [name for name in DICOM_PACKAGES if any(distributions(name=name))]
