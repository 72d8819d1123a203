"""What a prediction was made with."""

import hashlib
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import distributions, version
from pathlib import Path
from typing import Any

from liverseg.errors import DataError
from liverseg.inference.flips import Flips
from liverseg.prediction.ensemble import Ensemble

PACKAGES = (
    *("connected-components-3d", "edt", "keras", "nibabel", "numpy"),
    *("opencv-python-headless", "scipy", "tensorflow"),
)
"""Those that compute something between the scan and its lesions."""

DICOM_PACKAGES = ("pydicom", "python-gdcm")
"""Those that read DICOM, where they are installed."""


@dataclass(frozen=True)
class ModelOrigin:
    """A model folder.

    Attributes:
        folder: As it was named.
        model: Which of the three it is.
        md5: As DVC hashes the folder.
    """

    folder: str
    model: str
    md5: str


@dataclass(frozen=True)
class Provenance:
    """What decides a prediction besides the scan, and what it was seen with.

    Attributes:
        liverseg_version: Of this package.
        models: Of the ensemble, in its order.
        rules: From probabilities to labels.
        flips: Mirror images that counted too.
        probabilities: Whether they were written.
        git_commit: Of the repository around the model folders; None where they lie in none or in
            several.
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
    repositories = {_run_git(each.folder, "rev-parse", "--show-toplevel") for each in members}
    folder = members[0].folder if len(repositories) == 1 else None
    commit = _run_git(folder, "rev-parse", "HEAD") if folder else None
    changed = _run_git(folder, "status", "--porcelain", "--untracked-files=no") if folder else None
    return Provenance(
        liverseg_version=version("liverseg"),
        models=tuple(
            ModelOrigin(str(each.folder), each.description.model, each.md5) for each in members
        ),
        rules=ensemble.rules.model_dump(mode="json"),
        flips=flips,
        probabilities=probabilities,
        git_commit=commit,
        git_dirty=None if changed is None else bool(changed),
        packages={name: version(name) for name in (*PACKAGES, *_list_dicom_packages())},
    )


def hash_files(paths: Sequence[Path]) -> str:
    """SHA-256 over the bytes of files, one after the other; of one file that of ``sha256sum``.

    Raises:
        DataError: One cannot be read.
    """
    digest = hashlib.sha256()
    for path in paths:
        try:
            with path.open("rb") as file:
                while block := file.read(2**20):
                    digest.update(block)
        except OSError as error:
            raise DataError(
                str(path),
                expected="a file that can be read",
                received=str(error.strerror).lower(),
                next_step="Check its permissions and the disk.",
            ) from None
    return digest.hexdigest()


def _list_dicom_packages() -> list[str]:
    return [name for name in DICOM_PACKAGES if any(distributions(name=name))]


def _run_git(folder: Path, *arguments: str) -> str | None:
    """What a git command prints in a folder; None outside of git and without git."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, capture_output=True, encoding="utf-8", check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
